/** Reads a sample of the network's input back from the GPU without waiting for it, to know how bright the picture is. */
import type { Size } from './compute-size.ts';

/** Rows of the green plane that are read, evenly spaced: enough for a mean, too little to matter. */
const ROWS = 8;

/** The level of a frame is known a frame or two later, which is soon enough to see a cut. */
export class LevelProbe implements Disposable {
  readonly #answer: GPUBuffer;
  readonly #rowBytes: number;
  readonly #plane: number;
  readonly #height: number;
  #level: number | undefined;
  #busy = false;

  constructor(device: GPUDevice, { width, height }: Size) {
    this.#rowBytes = width * 4;
    this.#plane = width * height * 4;
    this.#height = height;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    this.#answer = device.createBuffer({ label: 'level probe', size: ROWS * this.#rowBytes, usage });
  }

  /** Mean of the newest sample that came back, 0…1; undefined before the first. */
  get level(): number | undefined {
    return this.#level;
  }

  /** Adds the commands that copy the sample out of `tensor` (f32 NCHW [1,3,height,width]), unless one is on its way. */
  encode(encoder: GPUCommandEncoder, tensor: GPUBuffer): void {
    if (this.#busy) return;
    for (let row = 0; row < ROWS; row++) {
      const y = Math.floor(((row + 0.5) * this.#height) / ROWS);
      encoder.copyBufferToBuffer(
        tensor,
        this.#plane + y * this.#rowBytes,
        this.#answer,
        row * this.#rowBytes,
        this.#rowBytes,
      );
    }
  }

  /** After the commands were submitted: fetches the sample in the background. */
  read(): void {
    if (this.#busy) return;
    this.#busy = true;
    void this.#read();
  }

  async #read(): Promise<void> {
    try {
      await this.#answer.mapAsync(GPUMapMode.READ);
      const sample = new Float32Array(this.#answer.getMappedRange());
      this.#level = sample.reduce((sum, value) => sum + value, 0) / sample.length;
      this.#answer.unmap();
      this.#busy = false;
    } catch (error) {
      // The device was lost or the probe disposed meanwhile: there is nothing more to read.
      if (!(error instanceof DOMException)) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#answer.destroy();
  }
}
