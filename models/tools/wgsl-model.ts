/** A shipped network run in Node by this project's own kernels, on a GPU. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { NightglassError } from '#wire/nightglass-error.ts';
import { checkedFiles, type NetworkFiles } from '../../shaders/engine/card.ts';
import { ModelError } from '../../shaders/engine/card-fields.ts';
import type { Network } from '../../shaders/engine/device-network.ts';
import { openNetwork } from '../../shaders/engine/network.ts';
import type { ShaderSource } from '../../shaders/shader-source.ts';
import type { DawnDevice } from './dawn-device.ts';
import type { Model } from './model.ts';

const ARTIFACTS = new URL('../artifacts/', import.meta.url);

const shaders: ShaderSource = (name) =>
  readFileSync(new URL(`../../shaders/${name}.wgsl`, import.meta.url), 'utf8');

/**
 * The device stays the caller's, who keeps it until the model was disposed. Its buffers are made for the size of the first
 * picture, and anew when the size changes.
 * @throws NightglassError `enhance/no-model` when the artifact is missing or is not what its card says
 */
export async function openWgslModel(dawn: DawnDevice, name: string, artifacts = ARTIFACTS): Promise<Model> {
  const { device } = dawn;
  const files = await readFiles(name, new URL(`${name}/`, artifacts));
  let runner: Runner | undefined;
  return {
    gpu: { dawn, files, shaders },
    async subpixels(image, width, height, mix = 1) {
      if (runner?.network.width !== width || runner.network.height !== height) {
        runner?.[Symbol.dispose]();
        runner = undefined;
        runner = new Runner(device, await openNetwork(device, shaders, files, { width, height }));
      }
      return await runner.run(image, mix);
    },
    async [Symbol.asyncDispose]() {
      runner?.[Symbol.dispose]();
    },
  };
}

/** A network of one size, with the buffer its pictures come back in. */
class Runner implements Disposable {
  readonly network: Network;
  readonly #device: GPUDevice;
  readonly #answer: GPUBuffer;

  constructor(device: GPUDevice, network: Network) {
    this.#device = device;
    this.network = network;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    this.#answer = device.createBuffer({ label: 'answer', size: network.subpixels.size, usage });
  }

  async run(image: Float32Array, mix: number): Promise<Float32Array> {
    const { tensor, subpixels } = this.network;
    const queue = this.#device.queue;
    queue.writeBuffer(tensor, 0, image.buffer, image.byteOffset, image.byteLength);
    this.network.setMix(mix);
    const encoder = this.#device.createCommandEncoder();
    this.network.encode(encoder);
    encoder.copyBufferToBuffer(subpixels, 0, this.#answer, 0, subpixels.size);
    queue.submit([encoder.finish()]);
    await this.#answer.mapAsync(GPUMapMode.READ);
    const copy = new Float32Array(this.#answer.getMappedRange().slice(0));
    this.#answer.unmap();
    return copy;
  }

  [Symbol.dispose](): void {
    this.network[Symbol.dispose]();
    this.#answer.destroy();
  }
}

async function readFiles(name: string, folder: URL): Promise<NetworkFiles> {
  const read = async (file: string): Promise<Buffer> => {
    try {
      return await readFile(new URL(file, folder));
    } catch (cause) {
      const path = fileURLToPath(new URL(file, folder));
      throw noModel(`there is no model named ${name}: ${path} could not be read`, cause);
    }
  };
  const card = await read('card.json');
  const weights = await read('weights.bin');
  try {
    return await checkedFiles(JSON.parse(card.toString()), new Uint8Array(weights).buffer);
  } catch (cause) {
    if (!(cause instanceof ModelError || cause instanceof SyntaxError)) throw cause;
    const what = cause instanceof ModelError ? cause.message : 'its card.json is no JSON';
    throw noModel(`model ${name} is damaged: ${what}`, cause);
  }
}

const noModel = (message: string, cause: unknown): NightglassError =>
  new NightglassError('enhance/no-model', message, { cause });
