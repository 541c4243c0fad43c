/** The layers of a card, checked one against another and against the size of the weights. */
import { count, type Fields, fields, ModelError, text } from './card-fields.ts';
import type { Convolution, Layer, Operand, Output, Place, Weighted } from './layers.ts';

/** Reads the layers in their order: what one reads, an input or an earlier layer gives, in a shape that fits. */
export class LayerReader {
  readonly #known = new Map<string, Pick<Output, 'channels' | 'divisor'>>();
  readonly #bytes: number;
  readonly #fusionSize: number;

  /** @param fusionSize length of the fusion vector @param bytes of weights.bin */
  constructor(fusionSize: number, bytes: number) {
    this.#fusionSize = fusionSize;
    this.#bytes = bytes;
    this.#known.set('image', { channels: 3, divisor: 1 });
    this.#known.set('fusion_previous', { channels: fusionSize, divisor: null });
    this.#known.set('fusion_mix', { channels: 1, divisor: null });
  }

  /** @throws ModelError for the first layer that cannot be */
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
