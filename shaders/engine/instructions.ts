/** The network's vectors as instructions for `vectors.wgsl`, and where each of them lies. */
import type { Card, NetworkFiles } from './card.ts';
import type { Layer, Operand } from './layers.ts';
import { LEVEL, type Schedule } from './schedule.ts';

/** Of `vectors.wgsl`. */
const OPS = { copy: 0, add: 1, sub: 2, mul: 3, reciprocal: 4, matmul: 5, pool: 6, cut: 7 } as const;
/** Numbers in an instruction. */
const FIELDS = 12;

/** What a pool's kernel leaves: floats from the beginning of the buffer, and how far one workgroup's sums are from the next's. */
export interface PartialSums {
  readonly at: number;
  readonly groups: number;
  readonly stride: number;
  readonly pixels: number;
}

interface Instruction {
  readonly op: keyof typeof OPS;
  readonly to: number;
  readonly length: number;
  readonly a: number;
  /** 0: the one number goes with all. */
  readonly aStep?: 0 | 1;
  readonly b?: number;
  readonly bStep?: number;
  readonly matrix?: number;
  readonly bias?: number;
  readonly inputs?: number;
  readonly slope?: number;
  readonly scale?: number;
}

export interface VectorProgram {
  /** What `vectors` holds before the first picture. */
  readonly vectors: Float32Array<ArrayBuffer>;
  readonly matrices: Float32Array<ArrayBuffer>;
  readonly instructions: ArrayBuffer;
  /** For each of the schedule's steps of vectors, in order: its first instruction, and how many they are. */
  readonly spans: readonly { readonly first: number; readonly count: number }[];
  /** Numbers from the beginning of `vectors`. */
  readonly mix: number;
  /** The fusion vector used last. */
  readonly fusion: number;
  /** The means of the picture's three colours. */
  readonly level: number;
}

/** Lays out the vectors, each at a multiple of four numbers; sizes of pictures do not come into it. */
export class VectorLayout {
  readonly #places = new Map<Operand, { readonly at: number; readonly length: number }>();
  #end = 0;

  constructor({ layers, fusionSize }: Card) {
    this.#add('fusion_previous', fusionSize);
    this.#add('fusion_mix', 1);
    // What the caller asked for; `fusion_mix` is what the picture got.
    this.#add('mix asked for', 1);
    this.#add(LEVEL, 3);
    this.#add('level before', 3);
    for (const layer of layers) {
      for (const input of layer.inputs)
        if (typeof input === 'number' && !this.#places.has(input)) this.#add(input, 1);
      if (layer.divisor === null) this.#add(layer.output, layer.channels);
    }
  }

  /** Numbers in all. */
  get size(): number {
    return this.#end;
  }

  at(operand: Operand): number {
    return this.#places.get(operand)!.at;
  }

  length(operand: Operand): number {
    return this.#places.get(operand)!.length;
  }

  /** What `vectors` holds before the first picture: the numbers of the card, and no level yet. */
  initial(): Float32Array<ArrayBuffer> {
    const values = new Float32Array(this.#end);
    for (const [operand, { at }] of this.#places) if (typeof operand === 'number') values[at] = operand;
    values[this.at('mix asked for')] = 1;
    values.fill(-1, this.at('level before'), this.at('level before') + 3);
    return values;
  }

  #add(operand: Operand, length: number): void {
    this.#places.set(operand, { at: this.#end, length });
    this.#end += Math.ceil(length / 4) * 4;
  }
}

/** @param sums where the pools' kernels leave the sums of each pool */
export function vectorProgram(
  { weights }: NetworkFiles,
  { steps }: Schedule,
  layout: VectorLayout,
  sums: ReadonlyMap<string, PartialSums>,
): VectorProgram {
  const matrices = new Matrices(weights);
  const batches = steps.flatMap((step) =>
    step.kind === 'vectors'
      ? [step.layers.flatMap((layer) => instructionsOf(layer, layout, sums, matrices))]
      : [],
  );
  const level = sums.get(LEVEL);
  batches[0]!.unshift(...(level ? withCut(layout, level) : [copy(layout, 'mix asked for', 'fusion_mix')]));
  batches.at(-1)!.push(copy(layout, 'fusion', 'fusion_previous'));
  let first = 0;
  const spans = batches.map(({ length: count }) => {
    first += count;
    return { first: first - count, count };
  });
  return {
    vectors: layout.initial(),
    matrices: matrices.values(),
    instructions: encoded(batches.flat()),
    spans,
    mix: layout.at('mix asked for'),
    level: layout.at(LEVEL),
    fusion: layout.at('fusion_previous'),
  };
}

function instructionsOf(
  layer: Layer,
  layout: VectorLayout,
  sums: ReadonlyMap<string, PartialSums>,
  matrices: Matrices,
): Instruction[] {
  const { output, channels: length } = layer;
  const to = layout.at(output);
  switch (layer.op) {
    case 'pool':
      return [pool(to, length, sums.get(output)!)];
    case 'matmul': {
      const [input] = layer.inputs;
      const inputs = layer.weight.shape[1]!;
      return [
        { op: 'matmul', to, length, a: layout.at(input), inputs, slope: layer.slope, ...matrices.add(layer) },
      ];
    }
    case 'slice':
      return [{ op: 'copy', to, length, a: layout.at(layer.inputs[0]) + layer.start }];
    case 'reciprocal':
      return [{ op: 'reciprocal', to, length, a: layout.at(layer.inputs[0]) }];
    case 'concat': {
      let at = to;
      return layer.inputs.map((part) => {
        const count = layout.length(part);
        at += count;
        return { op: 'copy', to: at - count, length: count, a: layout.at(part) };
      });
    }
    case 'add':
    case 'sub':
    case 'mul': {
      const [a, b] = layer.inputs;
      const step = (side: Operand): 0 | 1 => (layout.length(side) === 1 ? 0 : 1);
      return [{ op: layer.op, to, length, a: layout.at(a), aStep: step(a), b: layout.at(b), bStep: step(b) }];
    }
    default:
      throw new Error(`${output} is no vector`);
  }
}

const pool = (to: number, length: number, { at, groups, stride, pixels }: PartialSums): Instruction => ({
  ...{ op: 'pool', to, length, a: at, bStep: stride, inputs: groups, scale: 1 / pixels },
});

const copy = (layout: VectorLayout, from: string, to: string): Instruction => ({
  ...{ op: 'copy', to: layout.at(to), length: layout.length(to), a: layout.at(from) },
});

const withCut = (layout: VectorLayout, sums: PartialSums): Instruction[] => [
  pool(layout.at(LEVEL), 3, sums),
  {
    ...{ op: 'cut', to: layout.at('fusion_mix'), length: 1, matrix: layout.at('mix asked for') },
    ...{ a: layout.at(LEVEL), b: layout.at('level before') },
  },
  copy(layout, LEVEL, 'level before'),
];

/** Matrices by columns, so that neighbouring invocations read neighbouring numbers. */
class Matrices {
  readonly #weights: Float32Array;
  readonly #values: number[] = [];

  constructor(weights: Float32Array) {
    this.#weights = weights;
  }

  add({ weight, bias, channels }: Extract<Layer, { op: 'matmul' }>): {
    readonly matrix: number;
    readonly bias: number;
  } {
    const matrix = this.#values.length;
    const columns = weight.shape[1]!;
    for (let k = 0; k < columns; k++)
      for (let i = 0; i < channels; i++)
        this.#values.push(this.#weights[weight.offset / 4 + i * columns + k]!);
    const at = this.#values.length;
    for (let i = 0; i < channels; i++) this.#values.push(bias ? this.#weights[bias.offset / 4 + i]! : 0);
    return { matrix, bias: at };
  }

  /** Never empty, which a buffer must not be. */
  values(): Float32Array<ArrayBuffer> {
    return Float32Array.from(this.#values.length > 0 ? this.#values : [0]);
  }
}

function encoded(instructions: readonly Instruction[]): ArrayBuffer {
  const bytes = new ArrayBuffer(instructions.length * FIELDS * 4);
  const whole = new Uint32Array(bytes);
  const broken = new Float32Array(bytes);
  instructions.forEach((it, n) => {
    whole.set(
      [
        ...[OPS[it.op], it.to, it.length, it.a, it.aStep ?? 1, it.b ?? 0, it.bStep ?? 1],
        ...[it.matrix ?? 0, it.bias ?? 0, it.inputs ?? 0],
      ],
      n * FIELDS,
    );
    broken[n * FIELDS + 10] = it.slope ?? 1;
    broken[n * FIELDS + 11] = it.scale ?? 1;
  });
  return bytes;
}
