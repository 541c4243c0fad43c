/** Draws on a canvas without WebGPU. */
import { dividerColumns } from '../../shaders/present.reference.ts';
import { resize, type Scene, type Screen } from './screen.ts';

/** @throws Error when the canvas gives no such context: it has one of another kind */
export function openCanvasScreen(canvas: OffscreenCanvas): Screen<ImageBitmap> {
  // In memory: where this canvas is used there is mostly no GPU, and a software GPU draws slower than the CPU does.
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  if (!context) throw new Error('the browser gave no 2D context to draw on');
  return {
    draw: (scene) => draw(context, scene),
    [Symbol.dispose]() {},
  };
}

function draw(
  context: OffscreenCanvasRenderingContext2D,
  { frame, enhanced, look, size }: Scene<ImageBitmap>,
): void {
  resize(context.canvas, size);
  const { width, height } = size;
  const { divider, line } = dividerColumns(look.divider, width);
  if (!enhanced || look.strength < 1 || divider > 0) context.drawImage(frame, 0, 0, width, height);
  if (!enhanced) return;
  context.save();
  context.beginPath();
  context.rect(divider, 0, width - divider, height);
  context.clip();
  context.globalAlpha = look.strength;
  context.drawImage(enhanced, 0, 0, width, height);
  context.restore();
  context.fillStyle = 'white';
  context.fillRect(divider - line, 0, 2 * line, height);
}
