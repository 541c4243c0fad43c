/** From layers to kernels: what is computed at once, and in which order. */
import type { Card } from './card.ts';
import { ModelError } from './card-fields.ts';
import type { Convolution, Layer, Operand } from './layers.ts';
import { channelsOf, type Points, type Side, type Tensor, tensorsOf, vectorsOf } from './points.ts';

/** A layer of vectors; of a pool only the last step, the sum of what its kernel left. */
export type VectorLayer = Extract<Layer, { op: Layer['op'] }>;

export type Step =
  /** A 3x3 convolution of `input` (pixels of size `divisor`), then `finish` of its outputs, written to `output`. */
  | {
      readonly kind: 'conv';
      readonly layer: Convolution;
      readonly input: Points;
      readonly inputDivisor: number;
      readonly finish: Points;
      readonly output: Tensor;
    }
  | { readonly kind: 'points'; readonly points: Points; readonly output: Tensor }
  /** Sums over the picture of several things that have its size. */
  | {
      readonly kind: 'pool';
      readonly divisor: number;
      readonly pools: readonly { readonly output: string; readonly points: Points }[];
    }
  | { readonly kind: 'vectors'; readonly layers: readonly Layer[] };

export interface Schedule {
  readonly steps: readonly Step[];
}

/** The name of the pool of the picture itself, which tells a cut from a change of light. */
export const LEVEL = 'level of the picture';

/**
 * Convolutions 3x3, what is doubled, and the sub-pixels are written to memory; all else that happens at pixels moves into the
 * kernels that need it; without `tiles`, into kernels of its own, whose results convolutions read. Vectors are computed in as few steps as their dependence on the pictures allows.
 *
 * @throws ModelError where a layer would have to do what no kernel does
 */
export function scheduled(card: Card, tiles: boolean): Schedule {
  return new Scheduler(card, tiles).run();
}

class Scheduler {
  readonly #layers: readonly Layer[];
  readonly #tiles: boolean;
  readonly #consumers = new Map<string, Layer[]>();
  /** Pictures, as what they are where they are read. */
  readonly #points = new Map<string, Points>([['image', { kind: 'image' }]]);
  readonly #divisors = new Map<string, number>([['image', 1]]);
  readonly #steps: Step[] = [];
  /** Vectors and pools that are in a step already. */
  readonly #known = new Set<string>(['fusion_previous', 'fusion_mix']);
  readonly #merged = new Set<string>();

  constructor({ layers }: Card, tiles: boolean) {
    this.#layers = layers;
    this.#tiles = tiles;
    for (const layer of layers)
      for (const input of layer.inputs)
        if (typeof input === 'string')
          this.#consumers.set(input, [...(this.#consumers.get(input) ?? []), layer]);
  }

  run(): Schedule {
    for (const layer of this.#layers)
      if (layer.divisor !== null && !this.#merged.has(layer.output)) this.#picture(layer);
    this.#vectors(new Set(['fusion']));
    return { steps: this.#steps };
  }

  #picture(layer: Layer): void {
    const divisor = layer.divisor!;
    this.#divisors.set(layer.output, divisor);
    if (layer.op === 'conv' && layer.kernel === 3) {
      this.#convolution(layer);
      return;
    }
    if (layer.op === 'upsample') {
      const tensor = this.#stored(layer.inputs[0]);
      this.#points.set(layer.output, { kind: 'load', tensor, doubled: true });
      return;
    }
    this.#points.set(
      layer.output,
      this.#pointwise(layer, (name) => this.#points.get(name)!),
    );
    if (layer.output === 'subpixels') this.#stored('subpixels');
  }

  #pointwise(layer: Layer, points: (name: string) => Points): Points {
    switch (layer.op) {
      case 'conv':
        return { kind: 'conv', input: points(layer.inputs[0]), layer };
      case 'concat':
        return { kind: 'concat', parts: layer.inputs.map(points) };
      case 'add':
      case 'sub':
      case 'mul': {
        const side = (operand: Operand): Side =>
          typeof operand === 'string' && this.#isPicture(operand)
            ? { points: points(operand) }
            : { vector: operand };
        return { kind: 'combine', op: layer.op, a: side(layer.inputs[0]), b: side(layer.inputs[1]) };
      }
      default:
        throw new ModelError(`layer ${layer.output}: ${layer.op} of a picture is more than this engine does`);
    }
  }

  /** The convolution, and what follows it at the same pixel and nowhere else. */
  #convolution(layer: Convolution): void {
    const name = layer.inputs[0];
    if (!this.#tiles) this.#stored(name);
    const input = this.#points.get(name)!;
    let finish: Points = { kind: 'given', channels: layer.channels };
    let last: Layer = layer;
    for (let next = this.#onlyConsumer(last); next; next = this.#onlyConsumer(last)) {
      const before: Points = finish;
      finish = this.#pointwise(next, () => before);
      this.#merged.add(next.output);
      this.#divisors.set(next.output, layer.divisor!);
      last = next;
    }
    this.#vectors(new Set([...vectorsOf(input), ...vectorsOf(finish)]));
    const output = { name: last.output, channels: last.channels, divisor: layer.divisor! };
    this.#points.set(last.output, { kind: 'load', tensor: output, doubled: false });
    this.#steps.push({ kind: 'conv', layer, input, inputDivisor: this.#divisors.get(name)!, finish, output });
  }

  /** The one layer that reads this one, where it works at single pixels and on nothing else that is a picture. */
  #onlyConsumer({ output }: Layer): Layer | undefined {
    const consumers = this.#consumers.get(output) ?? [];
    const [only] = consumers;
    if (output === 'subpixels' || consumers.length !== 1 || !only || only.divisor === null) return undefined;
    const isPointwise = (only.op === 'conv' && only.kernel === 1) || ['add', 'sub', 'mul'].includes(only.op);
    const pictures = only.inputs.filter((input) => typeof input === 'string' && this.#isPicture(input));
    return isPointwise && pictures.length === 1 ? only : undefined;
  }

  /** Sees to it that a picture is in memory. */
  #stored(name: string): Tensor {
    const points = this.#points.get(name)!;
    if (points.kind === 'load' && !points.doubled) return points.tensor;
    this.#vectors(vectorsOf(points));
    const output = { name, channels: channelsOf(points), divisor: this.#divisors.get(name)! };
    this.#steps.push({ kind: 'points', points, output });
    this.#points.set(name, { kind: 'load', tensor: output, doubled: false });
    return output;
  }

  /** Adds the steps after which these vectors are known, with all others that can be known by then. */
  #vectors(wanted: ReadonlySet<string>): void {
    while ([...wanted].some((name) => !this.#known.has(name))) {
      const pools = this.#layers.filter(
        (layer) => layer.op === 'pool' && !this.#known.has(layer.output) && this.#canPool(layer),
      );
      const batch = this.#batch(pools);
      if (batch.length === 0)
        throw new ModelError(
          `the model's layers depend on each other in a circle at ${[...wanted].join(', ')}`,
        );
      this.#pool(pools);
      this.#steps.push({ kind: 'vectors', layers: batch });
    }
  }

  /** Whether the picture it pools is, or can be, computed with what is known. */
  #canPool(layer: Layer): boolean {
    const points = this.#points.get(layer.inputs[0] as string);
    return points !== undefined && [...vectorsOf(points)].every((name) => this.#known.has(name));
  }

  /** Marks as known, and gives in order, all layers of vectors that follow from what is known and these pools. */
  #batch(pools: readonly Layer[]): Layer[] {
    const batch: Layer[] = [];
    for (const layer of this.#layers) {
      if (layer.divisor !== null || this.#known.has(layer.output)) continue;
      const ready =
        layer.op === 'pool'
          ? pools.includes(layer)
          : layer.inputs.every((input) => typeof input === 'number' || this.#known.has(input));
      if (!ready) continue;
      this.#known.add(layer.output);
      batch.push(layer);
    }
    return batch;
  }

  /** One kernel for all pools of a size. The first also tells how light the picture is. */
  #pool(pools: readonly Layer[]): void {
    const isFirst = !this.#steps.some(({ kind }) => kind === 'pool');
    const all = pools.map((layer) => ({
      output: layer.output,
      points: this.#points.get(layer.inputs[0] as string)!,
      divisor: this.#divisors.get(layer.inputs[0] as string)!,
    }));
    if (isFirst) all.push({ output: LEVEL, points: { kind: 'image' }, divisor: 1 });
    for (const divisor of new Set(all.map((pool) => pool.divisor)))
      this.#steps.push({ kind: 'pool', divisor, pools: all.filter((pool) => pool.divisor === divisor) });
  }

  #isPicture(name: string): boolean {
    return name === 'image' || this.#layers.some((layer) => layer.output === name && layer.divisor !== null);
  }
}

/** The tensors a step reads. */
export function readBy(step: Step): ReadonlySet<Tensor> {
  switch (step.kind) {
    case 'conv':
      return tensorsOf(step.input);
    case 'points':
      return tensorsOf(step.points);
    case 'pool':
      return new Set(step.pools.flatMap(({ points }) => [...tensorsOf(points)]));
    case 'vectors':
      return new Set();
  }
}
