/** Runs every kernel once on a small picture, so that a driver that computes wrongly is found before a person sees it. */
import { tensorFromRgba } from './color-conversion.reference.ts';
import { createColorConversion } from './color-conversion.ts';
import { fromTexture } from './picture-source.ts';
import { guideFromSubpixels, nightShare, pictureFromSubpixels } from './pixel-shuffle.reference.ts';
import { openPixelShuffle } from './pixel-shuffle.ts';
import { presented } from './present.reference.ts';
import { openPresent } from './present.ts';
import type { ShaderSource } from './shader-source.ts';

// The canvas is 64 wide because a texture is read back in rows of 256 bytes.
const WIDTH = 32;
const HEIGHT = 8;
// Dark, so that the detail transfer has a gain to work with.
const CAMERA = {
  width: 50,
  height: 13,
  rgba: new Uint8ClampedArray(50 * 13 * 4).map((_, i) => noise(i) / 4),
};
const SUBPIXELS = new Float32Array(12 * WIDTH * HEIGHT).map((_, i) => noise(i) / 200 - 0.1);
/** At dusk. */
const LEVEL = 0.2;
const SETTINGS = { strength: 0.75, divider: 0.25, detail: 1 } as const;

/**
 * Whether this device's driver computes the kernels as their references say. The bar is wider than the kernels' own tolerances, by
 * what a sampler may lawfully do that weighs a pixel's neighbour with one step of 1/256: a wrong driver is far beyond it. False
 * also where it refuses a kernel or is lost meanwhile: in each case the engine must run elsewhere.
 *
 * The kernels are tried on a texture; those for a `VideoFrame` are the same text with another type of binding. The check leaves
 * nothing behind. Let nobody else use the device's error scopes meanwhile.
 */
export async function selfCheck(device: GPUDevice, shaders: ShaderSource): Promise<boolean> {
  device.pushErrorScope('validation');
  const computed = await runKernels(device, shaders).catch(() => undefined);
  const objection = await device.popErrorScope();
  if (!computed || objection) return false;
  const expected = runReferences();
  return agree(computed.tensor, expected.tensor, 1 / 255) && agree(computed.canvas, expected.canvas, 4);
}

interface Outcome {
  readonly tensor: Float32Array;
  readonly canvas: Uint8Array | Uint8ClampedArray;
}

function runReferences(): Outcome {
  const tensor = new Float32Array(3 * WIDTH * HEIGHT);
  tensorFromRgba(CAMERA.rgba, CAMERA.width, CAMERA.height, tensor, WIDTH, HEIGHT);
  const enhanced = {
    width: 2 * WIDTH,
    height: 2 * HEIGHT,
    rgba: new Uint8ClampedArray(16 * WIDTH * HEIGHT),
    guide: new Float32Array(2 * WIDTH * HEIGHT),
    night: nightShare(LEVEL),
  };
  pictureFromSubpixels(SUBPIXELS, WIDTH, HEIGHT, enhanced.rgba);
  guideFromSubpixels(SUBPIXELS, tensor, WIDTH, HEIGHT, enhanced.guide);
  const canvas = new Uint8ClampedArray(enhanced.rgba.length);
  presented(CAMERA, enhanced, SETTINGS, canvas, enhanced.width, enhanced.height);
  return { tensor, canvas };
}

async function runKernels(device: GPUDevice, shaders: ShaderSource): Promise<Outcome> {
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const { TEXTURE_BINDING, RENDER_ATTACHMENT } = GPUTextureUsage;
  const tensor = device.createBuffer({ size: 12 * WIDTH * HEIGHT, usage: STORAGE | COPY_SRC });
  const subpixels = device.createBuffer({ size: SUBPIXELS.byteLength, usage: STORAGE | COPY_DST });
  const level = device.createBuffer({ size: 12, usage: COPY_SRC | COPY_DST });
  const answer = device.createBuffer({ size: 28 * WIDTH * HEIGHT, usage: MAP_READ | COPY_DST });
  const camera = device.createTexture({
    size: [CAMERA.width, CAMERA.height],
    format: 'rgba8unorm',
    usage: TEXTURE_BINDING | GPUTextureUsage.COPY_DST,
  });
  const canvas = device.createTexture({
    size: [2 * WIDTH, 2 * HEIGHT],
    format: 'rgba8unorm',
    usage: RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC,
  });
  try {
    const size = { width: WIDTH, height: HEIGHT, tensor };
    const conversion = await createColorConversion(device, shaders, fromTexture, size);
    using shuffle = await openPixelShuffle(device, shaders, { ...size, subpixels });
    using present = await openPresent(device, shaders, fromTexture, canvas.format);

    device.queue.writeTexture({ texture: camera }, CAMERA.rgba, { bytesPerRow: CAMERA.width * 4 }, [
      CAMERA.width,
      CAMERA.height,
    ]);
    device.queue.writeBuffer(subpixels, 0, SUBPIXELS);
    device.queue.writeBuffer(level, 0, Float32Array.of(LEVEL, LEVEL, LEVEL));
    const encoder = device.createCommandEncoder();
    conversion.encode(encoder, camera);
    shuffle.encode(encoder, { buffer: level });
    present.encode(encoder, { picture: camera, enhanced: shuffle, target: canvas, ...SETTINGS });
    encoder.copyBufferToBuffer(tensor, 0, answer, 0, tensor.size);
    encoder.copyTextureToBuffer(
      { texture: canvas },
      { buffer: answer, offset: tensor.size, bytesPerRow: 8 * WIDTH },
      [canvas.width, canvas.height],
    );
    device.queue.submit([encoder.finish()]);
    await answer.mapAsync(GPUMapMode.READ);
    const bytes = answer.getMappedRange().slice(0);
    return {
      tensor: new Float32Array(bytes, 0, tensor.size / 4),
      canvas: new Uint8Array(bytes, tensor.size),
    };
  } finally {
    for (const resource of [tensor, subpixels, level, answer, camera, canvas]) resource.destroy();
  }
}

function agree(computed: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): boolean {
  for (let i = 0; i < expected.length; i++) {
    // Written so that NaN does not pass.
    if (!(Math.abs(computed[i]! - expected[i]!) <= tolerance)) return false;
  }
  return computed.length === expected.length;
}

/** 0..255, always the same for one index: an integer hash, so that neighbours have nothing in common. */
function noise(index: number): number {
  let hash = Math.imul(index + 1, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) & 255;
}
