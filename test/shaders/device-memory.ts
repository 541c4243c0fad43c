/** Values to the device and back, in Node and in a browser alike. */

/** A storage buffer that holds these values; filled with NaN where a kernel is to write. */
export function storage(device: GPUDevice, values: Float32Array<ArrayBuffer>): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ size: values.byteLength, usage });
  device.queue.writeBuffer(buffer, 0, values);
  return buffer;
}

export const unwritten = (length: number) => new Float32Array(length).fill(Number.NaN);

/** A texture of any use that holds these texels, row by row. */
export function texture(
  device: GPUDevice,
  width: number,
  height: number,
  texels: Uint8ClampedArray<ArrayBuffer> | Uint16Array<ArrayBuffer>,
): GPUTexture {
  const format = texels instanceof Uint16Array ? 'rgba16float' : 'rgba8unorm';
  const { TEXTURE_BINDING, RENDER_ATTACHMENT, COPY_SRC, COPY_DST } = GPUTextureUsage;
  const usage = TEXTURE_BINDING | RENDER_ATTACHMENT | COPY_SRC | COPY_DST;
  const made = device.createTexture({ size: [width, height], format, usage });
  const layout = { bytesPerRow: texels.byteLength / height };
  device.queue.writeTexture({ texture: made }, texels, layout, [width, height]);
  return made;
}

/** Runs the commands `encode` adds, and waits for nothing: reading back does. */
export function submit(device: GPUDevice, encode: (encoder: GPUCommandEncoder) => void): void {
  const encoder = device.createCommandEncoder();
  encode(encoder);
  device.queue.submit([encoder.finish()]);
}

/** What a buffer holds. */
export async function readBuffer(device: GPUDevice, buffer: GPUBuffer): Promise<Float32Array> {
  return new Float32Array(
    await read(device, buffer.size, (encoder, answer) =>
      encoder.copyBufferToBuffer(buffer, 0, answer, 0, buffer.size),
    ),
  );
}

/** A texture's bytes, row by row without padding. */
export async function readTexture(device: GPUDevice, source: GPUTexture): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = source;
  const row = width * (source.format === 'rgba16float' ? 8 : 4);
  const bytesPerRow = Math.ceil(row / 256) * 256;
  const padded = new Uint8Array(
    await read(device, bytesPerRow * height, (encoder, buffer) =>
      encoder.copyTextureToBuffer({ texture: source }, { buffer, bytesPerRow }, [width, height]),
    ),
  );
  const texels = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    texels.set(padded.subarray(y * bytesPerRow, y * bytesPerRow + row), y * row);
  }
  return texels;
}

async function read(
  device: GPUDevice,
  size: number,
  copy: (encoder: GPUCommandEncoder, answer: GPUBuffer) => void,
): Promise<ArrayBuffer> {
  const answer = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  submit(device, (encoder) => copy(encoder, answer));
  await answer.mapAsync(GPUMapMode.READ);
  const bytes = answer.getMappedRange().slice(0);
  answer.destroy();
  return bytes;
}
