/** The worker that runs the network on the CPU: a frame comes in, an enhanced picture goes out. */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { tensorFromRgba } from '../../shaders/color-conversion.reference.ts';
import { nightShare, pictureFromSubpixels } from '../../shaders/pixel-shuffle.reference.ts';
import { pixels, type Size } from './compute-size.ts';
import { Enlarger, type NetworkResult } from './enlarge.ts';
import { FramePixelReader, type FramePixels } from './frame-pixels.ts';
import { fusionMix, type Moment } from './fusion-mix.ts';
import type { FromWasm, ToWasm, WasmMemory } from './wasm-messages.ts';

type Question<Type extends ToWasm['type']> = Extract<ToWasm, { readonly type: Type }>;

/** By the networks' names. */
const networks = new Map<string, { readonly session: InferenceSession; readonly fusionSize: number }>();
const reader = new FramePixelReader();
const enlarger = new Enlarger();
const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });

addEventListener('message', async ({ data }: MessageEvent<ToWasm>) => {
  try {
    if (data.type === 'open') answer(await open(data));
    else {
      const enhanced = await enhance(data);
      answer(enhanced, [enhanced.picture]);
    }
  } catch (error) {
    answer({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  } finally {
    if (data.type === 'enhance') data.frame.close();
  }
});

async function open(question: Question<'open'>): Promise<FromWasm> {
  env.wasm.wasmPaths = question.runtime;
  env.wasm.numThreads = question.threads;
  const session = await InferenceSession.create(new Uint8Array(question.model), {
    executionProviders: ['wasm'],
    // Threads that wait by spinning would take the cores from the decoder and from whoever draws the page.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  networks.set(question.name, { session, fusionSize: question.fusionSize });
  return { type: 'opened' };
}

async function enhance({ model, frame, compute, timestamp, stretch, before }: Question<'enhance'>) {
  const { session, fusionSize } = networks.get(model)!;
  const started = performance.now();
  const camera = await reader.read(frame);
  const { width, height } = compute;
  const tensor = new Float32Array(3 * width * height);
  tensorFromRgba(camera.rgba, camera.width, camera.height, tensor, width, height);
  const level = mean(tensor);
  const moment: Moment = { timestamp, stretch, level };

  const running = performance.now();
  const outputs = await session.run({
    image: new Tensor('float32', tensor, [1, 3, height, width]),
    fusion_previous: new Tensor('float32', before?.fusion ?? new Float32Array(fusionSize), [1, fusionSize]),
    fusion_mix: new Tensor('float32', Float32Array.of(fusionMix(before?.moment, moment)), [1]),
  });
  const network = performance.now() - running;

  const subpixels = outputs.subpixels!.data as Float32Array;
  // A copy: the output lies in the engine's own memory, which cannot be sent.
  const memory: WasmMemory = { moment, fusion: new Float32Array(outputs.fusion!.data as Float32Array) };
  const picture = compose(frame, camera, { tensor, subpixels, width, height }, nightShare(level));
  const rest = performance.now() - started - network;
  return { type: 'enhanced', picture, memory, network, rest } as const satisfies FromWasm;
}

/**
 * At the network's own size where that is the larger one, else at the camera's, with the camera's detail; by day it is the camera's own
 * picture.
 */
function compose(frame: VideoFrame, camera: FramePixels, result: NetworkResult, night: number): ImageBitmap {
  const own: Size = { width: 2 * result.width, height: 2 * result.height };
  const superResolved = pixels(own) > 1.1 * pixels(camera);
  const { width, height } = superResolved ? own : camera;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  if (superResolved) pictureFromSubpixels(result.subpixels, result.width, result.height, image.data);
  else enlarger.enlarge(camera, result, image.data);
  context!.putImageData(image, 0, 0);
  context!.globalAlpha = 1 - night;
  if (night < 1) context!.drawImage(frame, 0, 0, width, height);
  return canvas.transferToImageBitmap();
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function answer(message: FromWasm, given: Transferable[] = []): void {
  postMessage(message, { transfer: given });
}
