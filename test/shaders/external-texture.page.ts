/// <reference types="vite/client" />
/** Runs in the browser for external-texture.test.ts: frames go through the kernels, what comes out goes back. */
import { createColorConversion } from '../../shaders/color-conversion.ts';
import { openFrameCopy } from '../../shaders/frame-copy.ts';
import { fromFrame, fromTexture } from '../../shaders/picture-source.ts';
import { openPresent } from '../../shaders/present.ts';
import { selfCheck } from '../../shaders/self-check.ts';
import { readBuffer, readTexture, storage, submit, unwritten } from './device-memory.ts';

/** A frame to make: its bytes, and the network's input to scale it to. */
export interface FrameCase {
  readonly init: VideoFrameBufferInit;
  readonly bytes: readonly number[];
  readonly tensor: readonly [width: number, height: number];
}

/** `error` is the first complaint of the device; all else is what the kernels wrote. */
export interface FrameOutcome {
  readonly error: string | undefined;
  readonly imported: readonly number[];
  readonly copied: readonly number[];
  /** Drawn from the same frame some tasks later, RGBA whatever the canvas's format. */
  readonly canvas: readonly number[];
}

const texts = import.meta.glob<string>('../../shaders/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const shaders = (name: string) => texts[`../../shaders/${name}.wgsl`] ?? '';

async function openDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('no WebGPU adapter');
  return adapter.requestDevice();
}

export async function check(): Promise<boolean> {
  return selfCheck(await openDevice(), shaders);
}

export async function convert({ init, bytes, tensor: [width, height] }: FrameCase): Promise<FrameOutcome> {
  const device = await openDevice();
  device.pushErrorScope('validation');
  const frame = new VideoFrame(new Uint8Array(bytes), init);
  const tensor = storage(device, unwritten(3 * width * height));
  const target = { width, height, tensor };
  const conversion = await createColorConversion(device, shaders, fromFrame, target);
  submit(device, (encoder) => conversion.encode(encoder, frame));
  const imported = await readBuffer(device, tensor);

  using present = await openPresent(device, shaders, fromFrame, navigator.gpu.getPreferredCanvasFormat());
  const canvas = await draw(device, frame, (encoder, canvasTexture) =>
    present.encode(encoder, { picture: frame, target: canvasTexture, strength: 1, divider: 0, detail: 0 }),
  );

  using copy = openFrameCopy(device);
  const fromCopy = await createColorConversion(device, shaders, fromTexture, target);
  const texture = copy.copy(frame);
  frame.close();
  device.queue.writeBuffer(tensor, 0, unwritten(3 * width * height));
  submit(device, (encoder) => fromCopy.encode(encoder, texture));
  const copied = await readBuffer(device, tensor);

  const error = (await device.popErrorScope())?.message;
  return { error, imported: [...imported], copied: [...copied], canvas: [...canvas] };
}

/** Whether a closed frame is answered with a DOMException. */
export async function convertClosed(): Promise<boolean> {
  const device = await openDevice();
  const frame = new VideoFrame(new Uint8Array(256), {
    format: 'RGBA',
    codedWidth: 8,
    codedHeight: 8,
    timestamp: 0,
  });
  const tensor = storage(device, unwritten(192));
  const conversion = await createColorConversion(device, shaders, fromFrame, { width: 8, height: 8, tensor });
  frame.close();
  try {
    submit(device, (encoder) => conversion.encode(encoder, frame));
    return false;
  } catch (error) {
    return error instanceof DOMException;
  }
}

/** Draws on a canvas as large as the frame and reads it back, red first. */
async function draw(
  device: GPUDevice,
  { displayWidth, displayHeight }: VideoFrame,
  encode: (encoder: GPUCommandEncoder, target: GPUTexture) => void,
): Promise<Uint8Array> {
  const context = new OffscreenCanvas(displayWidth, displayHeight).getContext('webgpu');
  if (!context) throw new Error('no WebGPU canvas');
  const format = navigator.gpu.getPreferredCanvasFormat();
  const usage = GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC;
  context.configure({ device, format, usage });
  const target = context.getCurrentTexture();
  submit(device, (encoder) => encode(encoder, target));
  const texels = await readTexture(device, target);
  return format === 'bgra8unorm' ? texels.map((_, i) => texels[i % 2 ? i : i ^ 2]!) : texels;
}
