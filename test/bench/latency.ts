/** Capture to canvas: a number drawn into every picture, timed where the camera sends it and where the page shows it. */
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { startNightglass } from '../support/nightglass.ts';
import { openPage, statsWhen } from '../support/player-page.ts';
import { startTimecodeCamera, TIMECODES } from './timecode-camera.ts';

/** A number read off the canvas, and when, ms since the Unix epoch. */
interface Sighting {
  readonly code: number;
  readonly at: number;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { engine: { type: 'string', default: 'off' }, seconds: { type: 'string', default: '20' } },
  });
  const { engine } = values;
  const seconds = Number(values.seconds);
  await using camera = await startTimecodeCamera();
  await using server = await startNightglass('--camera', camera.url);
  const browser = await launchChromium();
  try {
    const page = await openPage(browser, server.link, engine === 'off' ? 'enhance=off' : `engine=${engine}`);
    const enhancing = engine !== 'off';
    const started = await statsWhen(
      page,
      (stats) => (enhancing ? stats.framesEnhanced : stats.framesShown) > 25,
    );
    // What compiles this file names its inner functions with a helper that the page does not have.
    await page.evaluate('globalThis.__name = (value) => value');
    const sightings = await watchCanvas(page, seconds * 1000);
    const delays = sightings.flatMap(({ code, at }) => {
      const sent = camera.sentAt(code, at);
      return sent === undefined ? [] : [at - sent];
    });
    report(engine, delays, seconds, started.firstPictureMs);
  } finally {
    await browser.close();
  }
}

/** Reads the code strip at every animation frame, as often as a person could see it change. */
const watchCanvas = (page: Page, duration: number): Promise<Sighting[]> =>
  page.locator('nightglass-player canvas').evaluate(
    (element, { ms, bits }) =>
      new Promise<Sighting[]>((done) => {
        const canvas = element as HTMLCanvasElement;
        const strip = new OffscreenCanvas(bits, 1).getContext('2d', { willReadFrequently: true })!;
        strip.imageSmoothingEnabled = false;
        const sightings: Sighting[] = [];
        const end = performance.now() + ms;
        let last = -1;
        const look = () => {
          // The strip is the top ninth of the picture; its middle row is read, one pixel a bit.
          strip.drawImage(canvas, 0, canvas.height / 18, canvas.width, 1, 0, 0, bits, 1);
          const { data } = strip.getImageData(0, 0, bits, 1);
          let code = 0;
          for (let bit = 0; bit < bits; bit++) code |= (data[bit * 4 + 1]! > 127 ? 1 : 0) << bit;
          if (code !== last) sightings.push({ code, at: performance.timeOrigin + performance.now() });
          last = code;
          if (performance.now() < end) requestAnimationFrame(look);
          // The first sighting is of a picture that may have stood there for a while.
          else done(sightings.slice(1));
        };
        look();
      }),
    { ms: duration, bits: Math.log2(TIMECODES) },
  );

function report(engine: string, delays: number[], seconds: number, firstPictureMs: number | null): void {
  const third = Math.floor(delays.length / 3);
  const rows = [
    ['pictures seen a second', delays.length / seconds],
    ['p50, ms', percentile(delays, 0.5)],
    ['p99, ms', percentile(delays, 0.99)],
    [
      'drift, ms (median of the last third less the first)',
      percentile(delays.slice(-third), 0.5) - percentile(delays.slice(0, third), 0.5),
    ],
    ['first picture after the script starts, ms', firstPictureMs ?? Number.NaN],
  ] as const;
  for (const [what, value] of rows) console.log(`${what.padEnd(56)}${value.toFixed(1).padStart(8)}`);
  const [p50Ms, p99Ms] = [percentile(delays, 0.5), percentile(delays, 0.99)].map((ms) =>
    Number(ms.toFixed(1)),
  );
  console.log(
    JSON.stringify({
      bench: 'latency',
      via: 'ws',
      engine,
      p50Ms,
      p99Ms,
      firstPictureMs: firstPictureMs && Math.round(firstPictureMs),
    }),
  );
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
