/** The shipped model keeps its contract: its files are the ones the card names, and it computes what PyTorch computed. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, it } from 'vitest';

interface Place {
  readonly offset: number;
  readonly shape: readonly number[];
}

interface Layer {
  readonly op: string;
  readonly output: string;
  readonly inputs: readonly (string | number)[];
  readonly channels: number;
  readonly divisor: number | null;
  readonly kernel?: number;
  readonly stride?: number;
  readonly weight?: Place;
  readonly bias?: Place | null;
}

interface Card {
  readonly network: string;
  readonly parameters: number;
  readonly macsPerInputPixel: number;
  readonly fusionSize: number;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
  readonly layers: readonly Layer[];
  readonly data: { readonly licence: string };
}

interface StoredTensor {
  readonly shape: number[];
  readonly data: number[];
}

/** Multiply-accumulates per input pixel. The teacher only teaches: it may cost what it likes. */
const BUDGETS: Readonly<Record<string, number>> = {
  lite: 2500,
  base: 5000,
  quality: 10_000,
  teacher: Number.POSITIVE_INFINITY,
};
const TOLERANCE = 1e-4;
const CONTRACT_OPS = [
  'conv',
  'matmul',
  'upsample',
  'concat',
  'pool',
  'slice',
  'add',
  'sub',
  'mul',
  'reciprocal',
];

const artifacts = join(import.meta.dirname, '../../models/artifacts');

function readJson<T>(model: string, file: string): T {
  return JSON.parse(readFileSync(join(artifacts, model, file), 'utf8')) as T;
}

function macsPerPixel(layers: readonly Layer[]): number {
  return layers
    .filter(({ op }) => op === 'conv')
    .reduce((sum, { weight, divisor }) => sum + weight!.shape.reduce((a, b) => a * b) / divisor! ** 2, 0);
}

function scene(height: number, width: number): Tensor {
  const values = Float32Array.from({ length: 3 * height * width }, (_, index) => ((index * 37) % 29) / 290);
  return new Tensor('float32', values, [1, 3, height, width]);
}

function vector(values: readonly number[], shape: number[]): Tensor {
  return new Tensor('float32', Float32Array.from(values), shape);
}

function numbers(tensor: Tensor | undefined): readonly number[] {
  return Array.from(tensor?.data as Float32Array);
}

function largestDifference(actual: readonly number[], expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return actual.reduce((worst, value, index) => {
    const difference = Math.abs(value - expected[index]!) / Math.max(1, Math.abs(expected[index]!));
    return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(worst, difference);
  }, 0);
}

describe.each(readdirSync(artifacts))('the shipped model %s', (model) => {
  const card = readJson<Card>(model, 'card.json');
  let session: InferenceSession;

  async function run(image: Tensor, previous: readonly number[], mix: number) {
    const outputs = await session.run({
      image,
      fusion_previous: vector(previous, [1, card.fusionSize]),
      fusion_mix: vector([mix], [1]),
    });
    return { subpixels: outputs.subpixels, fusion: numbers(outputs.fusion) };
  }

  beforeAll(async () => {
    env.wasm.numThreads = 1;
    session = await InferenceSession.create(readFileSync(join(artifacts, model, 'model.onnx')));
  });

  it('consists of exactly the files its card names', () => {
    for (const [file, { sha256, bytes }] of Object.entries(card.files)) {
      const content = readFileSync(join(artifacts, model, file));
      expect(content.length).toBe(bytes);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    }
    expect(Object.keys(card.files)).toEqual(['model.onnx', 'weights.bin']);
  });

  it('costs no more per input pixel than its size of the family may', () => {
    expect(macsPerPixel(card.layers)).toBe(card.macsPerInputPixel);
    expect(card.macsPerInputPixel).toBeLessThanOrEqual(BUDGETS[card.network]!);
  });

  it('uses only operations that fuse, on channels that are multiples of four', () => {
    const allowed = card.network === 'teacher' ? [...CONTRACT_OPS, 'max_pool'] : CONTRACT_OPS;
    expect(allowed).toEqual(expect.arrayContaining([...new Set(card.layers.map(({ op }) => op))]));
    for (const { op, kernel, stride, channels } of card.layers.filter((layer) => layer.op === 'conv')) {
      expect([1, 3], op).toContain(kernel);
      expect([1, 2], op).toContain(stride);
      expect(channels % 4, op).toBe(0);
    }
  });

  it('places every weight inside weights.bin, aligned and without overlap', () => {
    const places = card.layers.flatMap(({ weight, bias }) => [weight, bias]).filter((place) => place != null);
    const sizes = places.map(({ shape }) => shape.reduce((a, b) => a * b));
    expect(sizes.reduce((a, b) => a + b)).toBe(card.parameters);
    let end = 0;
    const sorted = places
      .map((place, i) => ({ ...place, size: sizes[i]! }))
      .sort((a, b) => a.offset - b.offset);
    for (const { offset, size } of sorted) {
      expect(offset % 16).toBe(0);
      expect(offset).toBeGreaterThanOrEqual(end);
      end = offset + size * 4;
    }
    expect(end).toBe(card.files['weights.bin']?.bytes);
  });

  it('lists its layers so that each reads only what was computed before it', () => {
    const known = new Set(['image', 'fusion_previous', 'fusion_mix']);
    for (const { inputs, output } of card.layers) {
      for (const input of inputs) if (typeof input === 'string') expect([...known]).toContain(input);
      known.add(output);
    }
    expect([...known]).toEqual(expect.arrayContaining(['subpixels', 'fusion']));
  });

  it('says what its training data allows', () => {
    expect(card.data.licence).toMatch(model === 'base-free' ? /^Free to use/ : /^Research data/);
  });

  it('computes what PyTorch computed when it was exported', async () => {
    for (const stored of readJson<Record<string, StoredTensor>[]>(model, 'golden.json')) {
      const { image, fusion_previous, fusion_mix, subpixels, fusion } = stored;
      const result = await run(
        vector(image!.data, image!.shape),
        fusion_previous!.data,
        fusion_mix!.data[0]!,
      );
      expect(result.subpixels?.dims).toEqual(subpixels!.shape);
      expect(largestDifference(numbers(result.subpixels), subpixels!.data)).toBeLessThanOrEqual(TOLERANCE);
      expect(largestDifference(result.fusion, fusion!.data)).toBeLessThanOrEqual(TOLERANCE);
    }
  });

  it.each([
    [8, 8],
    [16, 24],
    [40, 8],
    [72, 56],
  ])('takes a picture of %i×%i, as any multiple of eight', async (height, width) => {
    const none = Array.from({ length: card.fusionSize }, () => 0);
    const { subpixels, fusion } = await run(scene(height, width), none, 1);
    expect(subpixels?.dims).toEqual([1, 12, height, width]);
    expect(fusion.length).toBe(card.fusionSize);
    expect([...numbers(subpixels), ...fusion].every(Number.isFinite)).toBe(true);
  });

  it('keeps the fusion vector of the frame before as far as it is told to', async () => {
    const none = Array.from({ length: card.fusionSize }, () => 0);
    const now = (await run(scene(16, 24), none, 1)).fusion;
    const previous = now.map((value, index) => Math.fround(value * (1 + (index % 5) / 10)));
    expect((await run(scene(16, 24), previous, 0)).fusion).toEqual(previous);
    const [exposure] = (
      await run(
        scene(16, 24),
        previous.map((value) => value * 1.5),
        0.25,
      )
    ).fusion;
    expect(exposure).toBeCloseTo(0.25 * now[0]! + 0.75 * 1.5 * previous[0]!, 3);
  });

  it('decides every global quantity in the fusion vector: with the vector held, the same pixel gives the same answer', async () => {
    const small = scene(64, 64);
    const large = new Float32Array(3 * 64 * 128).fill(0.4);
    for (let row = 0; row < 3 * 64; row++)
      large.set((small.data as Float32Array).subarray(row * 64, row * 64 + 64), row * 128);
    const none = Array.from({ length: card.fusionSize }, () => 0);
    const held = (await run(small, none, 1)).fusion;
    const alone = numbers((await run(small, held, 0)).subpixels);
    const beside = numbers((await run(new Tensor('float32', large, [1, 3, 64, 128]), held, 0)).subpixels);
    // A convolution reaches 28 columns far, so the first 16 of 64 cannot see the added half.
    const near = (map: readonly number[], width: number) => map.filter((_, index) => index % width < 16);
    expect(largestDifference(near(beside, 128), near(alone, 64))).toBeLessThan(TOLERANCE);
  });
});
