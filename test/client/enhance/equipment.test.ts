/** What the page is equipped with after losses and failures, and what a person is told meanwhile. */
import { describe, expect, it } from 'vitest';
import type { Enhancer } from '../../../client/enhance/enhancer.ts';
import { type Equipment, type EquipmentParts, keepEquipment } from '../../../client/enhance/equipment.ts';
import type { Gpu } from '../../../client/enhance/gpu-device.ts';
import type { Model } from '../../../client/enhance/model.ts';
import type { EngineChoice } from '../../../client/player-protocol.ts';
import { WrongNumbers } from '../../../shaders/engine/tune.ts';
import type { EnhancedPicture } from '../../../shaders/pixel-shuffle.ts';

/** A GPU that can be taken away; giving it back is a loss too, as in a browser. */
function aGpu(): Gpu & { readonly lose: () => void } {
  let lose = () => {};
  const lost = new Promise<void>((resolve) => {
    lose = resolve;
  });
  return {
    device: { lost, destroy: () => lose() },
    name: 'a GPU',
    software: false,
    lose,
  } as unknown as Gpu & {
    readonly lose: () => void;
  };
}

function enhancer<Picture>(engine: 'wgsl' | 'wasm', ended: Promise<string>): Enhancer<Picture> {
  return { engine, ended, [Symbol.dispose]: () => {} } as unknown as Enhancer<Picture>;
}

const never = new Promise<never>(() => {});

/** Parts of a page on which all goes well; no time passes but what is waited for after a run that ended. */
const parts: EquipmentParts = {
  openGpu: async () => aGpu(),
  fetchModels: async () => [{ name: 'base' } as Model],
  openOnGpu: async () => enhancer<EnhancedPicture>('wgsl', never),
  openOnCpu: async () => enhancer<ImageBitmap>('wasm', never),
  wait: async () => {},
};

/** What is yielded until `until` says so, that included. */
async function equipmentUntil(
  until: (equipment: Equipment) => boolean,
  changed: Partial<EquipmentParts>,
  choice: EngineChoice = 'auto',
): Promise<readonly Equipment[]> {
  const request = {
    ...{ choice, pinned: undefined, models: '', runtime: '' },
    ...{ shaders: () => '', tunings: new Map<string, string>(), denoise: false },
  };
  const seen: Equipment[] = [];
  for await (const equipment of keepEquipment(request, { ...parts, ...changed })) {
    seen.push(equipment);
    if (until(equipment)) break;
  }
  return seen;
}

const enhancerOf = (equipment: Equipment) => (equipment.surface === 'none' ? undefined : equipment.enhancer);
const onCpu = (equipment: Equipment) => enhancerOf(equipment)?.engine === 'wasm';
const codes = (seen: readonly Equipment[]) => seen.flatMap(({ trouble }) => trouble?.code ?? []);

describe('a GPU whose driver computes the network wrongly', () => {
  it('is given up at once, and the note stands as long as the processor enhances', async () => {
    let tries = 0;
    const seen = await equipmentUntil(onCpu, {
      openOnGpu: async () => {
        tries++;
        throw new WrongNumbers('this GPU computes the network wrongly');
      },
    });
    expect(tries).toBe(1);
    expect(codes(seen)).toEqual(['enhance/wrong-numbers', 'enhance/wrong-numbers']);
    expect(seen.at(-1)!.trouble!.message).toMatch(/driver computes pictures wrongly, so the processor/);
  });

  it('is not asked for again when the processor’s run ends too, and the note comes back with the next', async () => {
    let opened = 0;
    let runs = 0;
    const seen = await equipmentUntil((equipment) => onCpu(equipment) && runs === 2, {
      openGpu: async () => {
        opened++;
        throw new WrongNumbers('this GPU draws wrongly');
      },
      openOnCpu: async () => enhancer('wasm', ++runs === 1 ? Promise.resolve('its worker fell') : never),
    });
    expect(opened).toBe(1);
    expect(codes(seen)).toContain('enhance/failed');
    expect(seen.at(-1)!.trouble?.code).toBe('enhance/wrong-numbers');
  });
});

describe('a GPU whose driver draws wrongly', () => {
  it('is told, and its canvas is left to the processor', async () => {
    const seen = await equipmentUntil(onCpu, {
      openGpu: async () => {
        throw new WrongNumbers('this GPU draws wrongly');
      },
    });
    expect(seen.map(({ surface }) => surface)).toEqual(['2d', '2d']);
    expect(codes(seen)).toEqual(['enhance/wrong-numbers', 'enhance/wrong-numbers']);
  });
});

describe('a page without a GPU', () => {
  it('is enhanced by the processor without a note', async () => {
    const seen = await equipmentUntil(onCpu, { openGpu: async () => undefined });
    expect(seen.at(-1)!.trouble).toBeUndefined();
    expect(codes(seen)).toEqual([]);
  });
});

describe('an engine that ends', () => {
  it('on a GPU that is still there is told by its own reason until the next try', async () => {
    let tries = 0;
    const seen = await equipmentUntil((equipment) => enhancerOf(equipment) !== undefined && tries === 2, {
      openOnGpu: async () => enhancer('wgsl', ++tries === 1 ? Promise.resolve('no kernel fits') : never),
    });
    expect(codes(seen)).toEqual(['enhance/failed']);
    const between = seen.find(({ surface }) => surface === 'none')!;
    expect(between.trouble!.message).toBe('The enhancement could not be run: no kernel fits.');
    expect(seen.at(-1)!.trouble).toBeUndefined();
  });

  it('with its GPU is told as the loss of the GPU, also when the loss is told a moment after', async () => {
    const first = aGpu();
    let tries = 0;
    const seen = await equipmentUntil((equipment) => enhancerOf(equipment) !== undefined && tries === 2, {
      openGpu: async () => (tries === 0 ? first : aGpu()),
      openOnGpu: async () => enhancer('wgsl', ++tries === 1 ? Promise.resolve('a run failed') : never),
      wait: async (ms) => {
        // The moment that is waited before the GPU is taken to be there still.
        if (ms < 300) first.lose();
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
    expect(codes(seen)).toEqual(['enhance/device-lost']);
  });

  it('three times within a minute leaves the rest to the processor', async () => {
    let tries = 0;
    const seen = await equipmentUntil(onCpu, {
      openOnGpu: async () => {
        tries++;
        throw new Error('no kernel fits');
      },
    });
    expect(tries).toBe(3);
    expect(codes(seen)).toEqual(['enhance/failed', 'enhance/failed', 'enhance/failed']);
  });
});
