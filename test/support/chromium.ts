/** Debian's Chromium with WebGPU on its software adapter, so that the browser tests need no GPU. */
import { type Browser, chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--ignore-gpu-blocklist',
];

/**
 * Keeps the frames of a `<video>` in memory. A software GPU that is given each of them has no time left for the page's
 * canvas; Chromium without a GPU, and without the flags above, does not do that.
 */
export const VIDEO_IN_MEMORY = '--disable-gpu-memory-buffer-video-frames';

/** Opens a headless browser; the caller closes it. */
export const launchChromium = (...more: readonly string[]): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: [...FLAGS, ...more] });
