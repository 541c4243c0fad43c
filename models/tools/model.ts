/** A shipped network run in Node by onnxruntime-web, after its files were checked against their card. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-web';
import { NightglassError } from '#wire/nightglass-error.ts';
import type { NetworkFiles } from '../../shaders/engine/card.ts';
import type { ShaderSource } from '../../shaders/shader-source.ts';
import type { DawnDevice } from './dawn-device.ts';

/** The network's sizes are multiples of this. */
export const GRID = 8;

const ARTIFACTS = new URL('../artifacts/', import.meta.url);

/** What our own kernels run with, the device's owner's. */
export interface GpuParts {
  readonly dawn: DawnDevice;
  readonly files: NetworkFiles;
  readonly shaders: ShaderSource;
}

export interface Model extends AsyncDisposable {
  /** Where the network runs on a GPU: what videos are wholly enhanced with there. */
  readonly gpu?: GpuParts;
  /**
   * @param image f32 NCHW [1,3,height,width], sRGB-encoded RGB, full range, 0…1; sizes are multiples of GRID
   * @param mix `fusion_mix`: 1, the default, takes the picture by itself; less takes the rest of the network's global
   * decisions from the picture before
   * @returns f32 NCHW [1,12,height,width], before the pixel shuffle
   */
  subpixels(image: Float32Array, width: number, height: number, mix?: number): Promise<Float32Array>;
}

/** @throws NightglassError `enhance/no-model` when the artifact is missing or is not what its card says. */
export async function openModel(name: string, artifacts = ARTIFACTS): Promise<Model> {
  const folder = new URL(`${name}/`, artifacts);
  const session = await InferenceSession.create(await readChecked(name, folder));
  const fusionSize = fusionSizeOf(session);
  let fusion = new Float32Array(fusionSize);
  return {
    async subpixels(image, width, height, mix = 1) {
      const previous = mix === 1 ? new Float32Array(fusionSize) : fusion;
      const outputs = await session.run({
        image: new Tensor('float32', image, [1, 3, height, width]),
        fusion_previous: new Tensor('float32', previous, [1, fusionSize]),
        fusion_mix: new Tensor('float32', Float32Array.of(mix), [1]),
      });
      // A copy: the output may lie in the engine's own memory.
      fusion = Float32Array.from(outputs.fusion?.data as Float32Array);
      return outputs.subpixels?.data as Float32Array;
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

async function readChecked(name: string, folder: URL): Promise<Uint8Array> {
  const read = async (file: string): Promise<Uint8Array> => {
    try {
      return await readFile(new URL(file, folder));
    } catch (cause) {
      const path = fileURLToPath(new URL(file, folder));
      throw new NightglassError(
        'enhance/no-model',
        `there is no model named ${name}: ${path} could not be read`,
        {
          cause,
        },
      );
    }
  };
  const card = parsed(name, await read('card.json'));
  const graph = await read('model.onnx');
  const found = createHash('sha256').update(graph).digest('hex');
  const expected = card.files?.['model.onnx']?.sha256;
  if (found !== expected)
    throw new NightglassError(
      'enhance/no-model',
      `model ${name} is damaged: its card says sha256 ${expected}, its file has ${found}`,
    );
  return graph;
}

function parsed(name: string, card: Uint8Array): { files?: Record<string, { sha256?: string }> } {
  try {
    return JSON.parse(new TextDecoder().decode(card));
  } catch (cause) {
    throw new NightglassError('enhance/no-model', `model ${name} is damaged: its card.json is no JSON`, {
      cause,
    });
  }
}

function fusionSizeOf(session: InferenceSession): number {
  const input = session.inputMetadata.find(({ name }) => name === 'fusion_previous');
  const size = input?.isTensor ? input.shape[1] : undefined;
  if (typeof size !== 'number')
    throw new NightglassError('enhance/no-model', 'the model has no input fusion_previous of a fixed size');
  return size;
}
