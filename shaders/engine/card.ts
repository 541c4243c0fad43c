/** A network as its card and its weights say: read once, checked before anything is built on it. */

/** A card or a file of weights that cannot be used; the message says what was expected and what came. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

/** Where numbers lie in `weights.bin`: f32, little-endian. */
export interface Place {
  /** Bytes. */
  readonly offset: number;
  readonly shape: readonly number[];
}

/** An earlier layer's output, one of the network's inputs, or a number. */
export type Operand = string | number;

interface Output {
  readonly output: string;
  readonly channels: number;
  /** The tensor is ceil(width / divisor) x ceil(height / divisor); null: a vector. */
  readonly divisor: number | null;
}

interface Weighted {
  readonly weight: Place;
  readonly bias: Place | null;
  /** The output is max(value, slope * value): 1 for no activation, 0 for ReLU. */
  readonly slope: number;
}

/** Zeros lie around the picture of a 3x3 convolution. */
export interface Convolution extends Output, Weighted {
  readonly op: 'conv';
  readonly inputs: readonly [string];
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
}

export interface Matmul extends Output, Weighted {
  readonly op: 'matmul';
  readonly inputs: readonly [string];
}

export interface Elementwise extends Output {
  readonly op: 'add' | 'sub' | 'mul';
  /** A vector of one channel, and a number, go with every channel of the other. */
  readonly inputs: readonly [Operand, Operand];
}

export interface Unary extends Output {
  /** `pool` is the mean over the picture, `upsample` doubles it by repeating pixels. */
  readonly op: 'pool' | 'upsample' | 'reciprocal';
  readonly inputs: readonly [string];
}

export interface Slice extends Output {
  readonly op: 'slice';
  readonly inputs: readonly [string];
  /** The first channel. */
  readonly start: number;
}

export interface Concat extends Output {
  readonly op: 'concat';
  readonly inputs: readonly string[];
}

export type Layer = Convolution | Matmul | Elementwise | Unary | Slice | Concat;

export interface Card {
  readonly name: string;
  /** Length of the fusion vector. */
  readonly fusionSize: number;
  /** The network's width and height are multiples of this. */
  readonly multipleOf: number;
  /** Multiplications with their additions per pixel of the network's input. */
  readonly macsPerInputPixel: number;
  /** In the order in which they can be computed. The last to be named are `subpixels` and `fusion`. */
  readonly layers: readonly Layer[];
  readonly weights: { readonly sha256: string; readonly bytes: number };
}

export interface NetworkFiles {
  readonly card: Card;
  readonly weights: Float32Array<ArrayBuffer>;
}

/** The format of cards that this engine was written for. */
const FORMAT = 1;

/**
 * @param json `card.json`, parsed @param weights `weights.bin`
 * @throws ModelError where the card is of another format or contradicts itself, or the weights are not those it names
 */
export async function checkedFiles(json: unknown, weights: ArrayBuffer): Promise<NetworkFiles> {
  const card = readCard(json);
  const { bytes, sha256 } = card.weights;
  if (weights.byteLength !== bytes)
    throw new ModelError(
      `model ${card.name}: weights.bin has ${weights.byteLength} bytes, its card says ${bytes}`,
    );
  const found = hex(await crypto.subtle.digest('SHA-256', weights));
  if (found !== sha256)
    throw new ModelError(
      `model ${card.name}: weights.bin is not the file its card names (sha256 ${found.slice(0, 8)}…, not ${sha256.slice(0, 8)}…)`,
    );
  return { card, weights: new Float32Array(weights) };
}

/** @throws ModelError, see `checkedFiles` */
export function readCard(json: unknown): Card {
  const file = fields(json, 'the card');
  if (file.format !== FORMAT)
    throw new ModelError(
      `the model's card has format ${String(file.format)}; this version of Nightglass reads format ${FORMAT}`,
    );
  const name = text(file.name, 'name');
  const listed = fields(fields(file.files, 'files')['weights.bin'], "files['weights.bin']");
  const weights = { sha256: text(listed.sha256, 'sha256'), bytes: count(listed.bytes, 'bytes') };
  const fusionSize = count(file.fusionSize, 'fusionSize');
  const multipleOf = count(file.multipleOf, 'multipleOf');
  const macsPerInputPixel = positive(file.macsPerInputPixel, 'macsPerInputPixel');
  if (!Array.isArray(file.layers)) throw new ModelError(`model ${name}: its card has no layers`);
  const layers = new LayerReader(fusionSize, weights.bytes).read(file.layers);
  return { name, fusionSize, multipleOf, macsPerInputPixel, layers, weights };
}

class LayerReader {
  readonly #known = new Map<string, Pick<Output, 'channels' | 'divisor'>>();
  readonly #bytes: number;
  readonly #fusionSize: number;

  constructor(fusionSize: number, bytes: number) {
    this.#fusionSize = fusionSize;
    this.#bytes = bytes;
    this.#known.set('image', { channels: 3, divisor: 1 });
    this.#known.set('fusion_previous', { channels: fusionSize, divisor: null });
    this.#known.set('fusion_mix', { channels: 1, divisor: null });
  }

  read(list: readonly unknown[]): Layer[] {
    const layers = list.map((json, index) => {
      const file = fields(json, `layer ${index}`);
      const output = text(file.output, `layer ${index}: output`);
      if (this.#known.has(output)) throw new ModelError(`layer ${output} comes twice`);
      const layer = this.#layer(file, output);
      this.#known.set(output, layer);
      return layer;
    });
    this.#expect('subpixels', 12, 1);
    this.#expect('fusion', this.#fusionSize, null);
    return layers;
  }

  #expect(output: string, channels: number, divisor: number | null): void {
    const found = this.#known.get(output);
    if (found?.channels !== channels || found.divisor !== divisor)
      throw new ModelError(`the model's card has no output ${output} of ${channels} channels`);
  }

  #layer(file: Fields, output: string): Layer {
    const { op, inputs } = file;
    if (!Array.isArray(inputs) || inputs.length === 0) throw new ModelError(`layer ${output} has no inputs`);
    const operands = inputs as readonly Operand[];
    switch (op) {
      case 'conv':
        return this.#convolution(file, output, operands);
      case 'matmul': {
        const { channels: columns } = this.#input(output, operands[0]!, 'vector');
        const channels = count(file.channels, output);
        return {
          ...{ op, output, inputs: [operands[0] as string], channels, divisor: null },
          ...this.#weighted(file, output, [channels, columns]),
        };
      }
      case 'add':
      case 'sub':
      case 'mul': {
        const [a, b] = operands as readonly [Operand, Operand];
        const sides = [a, b].map((side) =>
          typeof side === 'number' ? { channels: 1, divisor: null } : this.#input(output, side, 'any'),
        );
        const channels = Math.max(...sides.map((side) => side.channels));
        const divisor = sides.find((side) => side.divisor !== null)?.divisor ?? null;
        for (const side of sides)
          if (
            (side.channels !== channels && side.channels !== 1) ||
            (side.divisor !== null && side.divisor !== divisor)
          )
            throw new ModelError(`layer ${output}: its inputs do not fit together`);
        return { op, output, inputs: [a, b], channels, divisor };
      }
      case 'pool':
      case 'upsample': {
        const { channels, divisor } = this.#input(output, operands[0]!, 'picture');
        if (op === 'upsample' && divisor! % 2 !== 0)
          throw new ModelError(`layer ${output} would be larger than the picture`);
        return {
          op,
          output,
          inputs: [operands[0] as string],
          channels,
          divisor: op === 'pool' ? null : divisor! / 2,
        };
      }
      case 'reciprocal': {
        const { channels } = this.#input(output, operands[0]!, 'vector');
        return { op, output, inputs: [operands[0] as string], channels, divisor: null };
      }
      case 'slice': {
        const { channels: available } = this.#input(output, operands[0]!, 'vector');
        const channels = count(file.channels, output);
        const start = file.start;
        if (!Number.isInteger(start) || (start as number) < 0 || (start as number) + channels > available)
          throw new ModelError(`layer ${output} slices what ${String(operands[0])} does not have`);
        return {
          op,
          output,
          inputs: [operands[0] as string],
          channels,
          divisor: null,
          start: start as number,
        };
      }
      case 'concat': {
        const parts = operands.map((part) => this.#input(output, part, 'any'));
        const divisor = parts[0]!.divisor;
        if (parts.some((part) => part.divisor !== divisor || (divisor !== null && part.channels % 4 !== 0)))
          throw new ModelError(`layer ${output}: its inputs do not fit together`);
        const channels = parts.reduce((sum, part) => sum + part.channels, 0);
        return { op, output, inputs: operands as readonly string[], channels, divisor };
      }
      default:
        throw new ModelError(`layer ${output}: this version of Nightglass has no operation ${String(op)}`);
    }
  }

  #convolution(file: Fields, output: string, operands: readonly Operand[]): Convolution {
    const input = this.#input(output, operands[0]!, 'picture');
    const { kernel, stride } = file;
    if ((kernel !== 1 && kernel !== 3) || (stride !== 1 && stride !== 2) || (kernel === 1 && stride === 2))
      throw new ModelError(
        `layer ${output}: a ${String(kernel)}x${String(kernel)} convolution of stride ${String(stride)} is unknown`,
      );
    const channels = count(file.channels, output);
    if (channels % 4 !== 0)
      throw new ModelError(`layer ${output}: ${channels} channels are not a multiple of 4`);
    const shape = [channels, input.channels, kernel, kernel];
    return {
      ...{
        op: 'conv',
        output,
        inputs: [operands[0] as string],
        channels,
        divisor: input.divisor! * stride,
        kernel,
        stride,
      },
      ...this.#weighted(file, output, shape),
    };
  }

  #input(
    output: string,
    name: Operand,
    wanted: 'picture' | 'vector' | 'any',
  ): Pick<Output, 'channels' | 'divisor'> {
    const found = typeof name === 'string' ? this.#known.get(name) : undefined;
    if (!found) throw new ModelError(`layer ${output} reads ${String(name)}, which no earlier layer gives`);
    if (wanted !== 'any' && (found.divisor === null) !== (wanted === 'vector'))
      throw new ModelError(`layer ${output} reads ${String(name)}, which is no ${wanted}`);
    return found;
  }

  #weighted(file: Fields, output: string, shape: readonly number[]): Weighted {
    const bias = file.bias === null ? null : this.#place(file.bias, output, [shape[0]!]);
    return { weight: this.#place(file.weight, output, shape), bias, slope: slopeOf(file, output) };
  }

  #place(json: unknown, output: string, shape: readonly number[]): Place {
    const { offset, shape: found } = fields(json, `layer ${output}: weights`);
    if (
      !Array.isArray(found) ||
      found.length !== shape.length ||
      shape.some((length, i) => length !== found[i])
    )
      throw new ModelError(
        `layer ${output}: weights of shape ${shape.join('x')} were expected, the card has ${String(found)}`,
      );
    const bytes = 4 * shape.reduce((a, b) => a * b);
    if (
      !Number.isInteger(offset) ||
      (offset as number) < 0 ||
      (offset as number) % 4 !== 0 ||
      (offset as number) + bytes > this.#bytes
    )
      throw new ModelError(`layer ${output}: its weights lie outside weights.bin`);
    return { offset: offset as number, shape };
  }
}

function slopeOf({ activation, slope }: Fields, output: string): number {
  if (activation === 'none') return 1;
  if (activation === 'relu') return 0;
  if (activation === 'leaky_relu' && typeof slope === 'number' && slope >= 0 && slope <= 1) return slope;
  throw new ModelError(`layer ${output}: this version of Nightglass has no activation ${String(activation)}`);
}

type Fields = Readonly<Record<string, unknown>>;

function fields(json: unknown, what: string): Fields {
  if (typeof json !== 'object' || json === null)
    throw new ModelError(`the model's card is damaged: ${what} is missing`);
  return json as Fields;
}

function text(json: unknown, what: string): string {
  if (typeof json !== 'string') throw new ModelError(`the model's card is damaged: ${what} is no text`);
  return json;
}

function count(json: unknown, what: string): number {
  if (!Number.isInteger(json))
    throw new ModelError(`the model's card is damaged: ${what} is no whole number`);
  return positive(json, what);
}

function positive(json: unknown, what: string): number {
  if (typeof json !== 'number' || !(json > 0))
    throw new ModelError(`the model's card is damaged: ${what} is not above 0`);
  return json;
}

const hex = (digest: ArrayBuffer): string =>
  [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
