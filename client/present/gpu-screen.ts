/** Draws on a canvas with WebGPU. */
import type { PictureSource } from '../../shaders/picture-source.ts';
import type { EnhancedPicture } from '../../shaders/pixel-shuffle.ts';
import { openPresent, type Present } from '../../shaders/present.ts';
import type { ShaderSource } from '../../shaders/shader-source.ts';
import { resize, type Scene, type Screen } from './screen.ts';

/**
 * Takes the canvas for a device, also if it had another before.
 * @throws Error when the canvas gives no such context: it has one of another kind
 */
export async function openGpuScreen(
  canvas: OffscreenCanvas,
  device: GPUDevice,
  source: PictureSource<VideoFrame>,
  shaders: ShaderSource,
): Promise<Screen<EnhancedPicture>> {
  const context = canvas.getContext('webgpu');
  if (!context) throw new Error('the browser gave no WebGPU context to draw on');
  const format = navigator.gpu.getPreferredCanvasFormat();
  const present = await openPresent(device, shaders, source, format);
  context.configure({ device, format, alphaMode: 'opaque' });
  return {
    draw: (scene) => draw(device, context, present, scene),
    [Symbol.dispose]: () => present[Symbol.dispose](),
  };
}

function draw(
  device: GPUDevice,
  context: GPUCanvasContext,
  present: Present<VideoFrame>,
  { frame, enhanced, look, size }: Scene<EnhancedPicture>,
): void {
  resize(context.canvas as OffscreenCanvas, size);
  const encoder = device.createCommandEncoder();
  present.encode(encoder, {
    picture: frame,
    ...(enhanced && { enhanced }),
    target: context.getCurrentTexture(),
    strength: look.strength,
    divider: look.divider,
    detail: enhanced && isSuperResolved(frame, enhanced) ? 0 : 1,
  });
  device.queue.submit([encoder.finish()]);
}

/** A picture larger than the camera's has finer detail than the camera could lend it. */
const isSuperResolved = (
  { displayWidth, displayHeight }: VideoFrame,
  { picture }: EnhancedPicture,
): boolean => picture.width * picture.height > 1.1 * displayWidth * displayHeight;
