/** A texture that is drawn on, and the way of its pixels back into memory. */
import type { Size } from './picture.ts';

export interface Readback extends Disposable {
  /** `rgba8unorm`, to be drawn on. */
  readonly texture: GPUTexture;
  /**
   * Submits the commands, and resolves with what they drew: RGBA, of the size that comes out, in memory of its own. One at a time.
   * Rejects when the device is lost.
   */
  submit(encoder: GPUCommandEncoder): Promise<Uint8ClampedArray<ArrayBuffer>>;
}

/** WebGPU copies rows of whole multiples of this. */
const ROW_BYTES = 256;

/** @param out how much comes back, from the top left */
export function openReadback(device: GPUDevice, size: Size, out: Size): Readback {
  const texture = device.createTexture({
    label: 'drawn picture',
    size: [size.width, size.height],
    format: 'rgba8unorm',
    usage: GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC,
  });
  const row = 4 * out.width;
  const bytesPerRow = Math.ceil(row / ROW_BYTES) * ROW_BYTES;
  const answer = device.createBuffer({
    label: 'drawn pixels',
    size: bytesPerRow * out.height,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  return {
    texture,
    async submit(encoder) {
      encoder.copyTextureToBuffer({ texture }, { buffer: answer, bytesPerRow }, [out.width, out.height]);
      device.queue.submit([encoder.finish()]);
      await answer.mapAsync(GPUMapMode.READ);
      const padded = new Uint8Array(answer.getMappedRange());
      const rgba = new Uint8ClampedArray(row * out.height);
      for (let y = 0; y < out.height; y++)
        rgba.set(padded.subarray(y * bytesPerRow, y * bytesPerRow + row), y * row);
      answer.unmap();
      return rgba;
    },
    [Symbol.dispose]() {
      texture.destroy();
      answer.destroy();
    },
  };
}
