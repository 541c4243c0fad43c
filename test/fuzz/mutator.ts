/** Makes inputs that are nearly right out of ones that are right. */
import type { Parts } from './parts.ts';
import type { Random } from './random.ts';

/** What a target says of its inputs. */
export interface Shape {
  /** Bytes of the longest input. */
  readonly limit: number;
  /** Words that the format knows. */
  readonly words: readonly Uint8Array[];
  readonly parts?: Parts;
  /** True for a text format, in which hardly a bit can be turned without it being refused at once. */
  readonly text?: boolean;
}

const MOST_STEPS = 6;
/** The cases of `mutateBytes` that move, repeat and replace what a text is made of. */
const ON_TEXT = [7, 8, 9, 10, 11, 11, 12, 12];
const EDGES = [0, 1, 2, 3, 4, 7, 8, 0x0f, 0x10, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0x81, 0xfe, 0xff];
const WIDE_EDGES = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x1_0000, 0x10_0000,
].concat([0x100_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff]);
const NUMBERS = ['0', '1', '-1', '255', '256', '65535', '65536', '2147483648', '4294967295', '4294967296']
  .concat(['9007199254740993', '1e309', '99999999999999999999', '0x10', '1.5', ''])
  .map((text) => Buffer.from(text));

/** One to a few changes to `input`; `others` lend it pieces. The result is new memory, at most `limit` bytes. */
export function mutate(
  random: Random,
  input: Uint8Array,
  others: readonly Uint8Array[],
  shape: Shape,
): Uint8Array {
  let bytes = input;
  // One change most often: a parser that refuses the first says nothing of the second.
  for (let step = 0; step < MOST_STEPS && (step === 0 || random.oneIn(2)); step++) {
    const whole = shape.parts !== undefined && !random.oneIn(4);
    bytes = whole
      ? mutateParts(random, bytes, random.pick(others), shape, shape.parts!)
      : mutateBytes(random, bytes, random.pick(others), shape);
  }
  return new Uint8Array(bytes.subarray(0, shape.limit));
}

function mutateParts(
  random: Random,
  input: Uint8Array,
  other: Uint8Array,
  shape: Shape,
  how: Parts,
): Uint8Array {
  const parts = how.split(input);
  if (parts.length === 0) return how.join([Uint8Array.of(random.below(256))]);
  const at = random.below(parts.length);
  const one = parts[at]!;
  switch (random.below(9)) {
    case 0:
      parts.splice(at, 1 + random.below(3));
      break;
    case 1:
      parts.splice(random.below(parts.length + 1), 0, one);
      break;
    case 2:
      parts.splice(at, 1);
      parts.splice(random.below(parts.length + 1), 0, one);
      break;
    case 3: {
      const lent = how.split(other);
      parts.splice(
        at,
        random.below(2),
        ...lent.slice(random.below(lent.length)).slice(0, 1 + random.below(4)),
      );
      break;
    }
    case 4: {
      if (!random.oneIn(64)) break;
      const times = random.below(Math.max(1, shape.limit / (one.length + 2)));
      parts.splice(at, 0, ...Array.from({ length: times }, () => one));
      break;
    }
    default:
      parts[at] = mutateBytes(random, one, random.pick(how.split(other)) ?? one, shape);
  }
  return how.join(parts);
}

function mutateBytes(random: Random, input: Uint8Array, other: Uint8Array, shape: Shape): Uint8Array {
  if (input.length === 0) return Uint8Array.of(random.below(256), random.below(256));
  const at = random.below(input.length);
  const span = 1 + random.below(Math.min(input.length - at, random.oneIn(4) ? input.length : 8));
  switch (shape.text && !random.oneIn(4) ? random.pick(ON_TEXT) : random.below(14)) {
    case 0:
    case 1:
      return changed(input, at, [input[at]! ^ (1 << random.below(8))]);
    case 2:
      return changed(input, at, [random.pick(EDGES)]);
    case 3:
      return changed(input, at, [random.below(256)]);
    case 4:
      return changed(input, at, u16(random.pick(WIDE_EDGES)));
    case 5:
      return changed(input, at, u32(random.pick(WIDE_EDGES)));
    case 6: {
      // A length that is nearly right: what is left, or the whole, and one more or less.
      const near = (random.oneIn(2) ? input.length - at : input.length) + random.below(5) - 2;
      return changed(input, at, random.oneIn(2) ? u16(near) : u32(near));
    }
    case 7:
      return random.oneIn(4) ? input.subarray(0, at) : changed(input, at, [random.pick(EDGES)]);
    case 8:
      return spliced(input, at, span, []);
    case 9: {
      const times = random.oneIn(64) ? random.below(shape.limit / span) : 1 + random.below(3);
      const piece = input.subarray(at, at + span);
      const room = Math.max(0, shape.limit - input.length);
      const repeated = new Uint8Array(Math.min(room, times * span));
      for (let to = 0; to < repeated.length; to++) repeated[to] = piece[to % span]!;
      return spliced(input, at, 0, repeated);
    }
    case 10: {
      const from = random.below(other.length);
      return spliced(
        input,
        at,
        random.oneIn(2) ? span : 0,
        other.subarray(from, from + 1 + random.below(64)),
      );
    }
    case 11:
      return spliced(input, at, random.oneIn(2) ? span : 0, random.pick(shape.words) ?? []);
    case 12:
      return withNumber(random, input, at);
    default:
      return withBitsMoved(random, input, at);
  }
}

/** Puts another number where one stands in decimal, at or after `at`. */
function withNumber(random: Random, input: Uint8Array, at: number): Uint8Array {
  const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
  let from = at;
  while (from < input.length && !isDigit(input[from])) from++;
  let to = from;
  while (isDigit(input[to])) to++;
  return to === from
    ? changed(input, at, [random.below(256)])
    : spliced(input, from, to - from, random.pick(NUMBERS));
}

/** Drops or adds a few bits, so that all that follow stand elsewhere: what Exp-Golomb codes are sensitive to. */
function withBitsMoved(random: Random, input: Uint8Array, at: number): Uint8Array {
  const bits = 1 + random.below(7);
  const by = random.oneIn(2) ? bits : -bits;
  const moved = new Uint8Array(input);
  for (let byte = at; byte < input.length; byte++) {
    const wide = ((input[byte - 1] ?? 0) << 16) | (input[byte]! << 8) | (input[byte + 1] ?? 0);
    moved[byte] = (wide >> (8 + by)) & 0xff;
  }
  return moved;
}

function changed(input: Uint8Array, at: number, values: readonly number[]): Uint8Array {
  // A Buffer's own slice() would be the same memory.
  const bytes = new Uint8Array(input);
  for (const [index, value] of values.entries()) if (at + index < bytes.length) bytes[at + index] = value;
  return bytes;
}

function spliced(input: Uint8Array, at: number, removed: number, added: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(Math.max(at, input.length - removed) + added.length);
  bytes.set(input.subarray(0, at));
  bytes.set(added, at);
  bytes.set(input.subarray(at + removed), at + added.length);
  return bytes;
}

const u16 = (value: number): number[] => [(value >>> 8) & 0xff, value & 0xff];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)];
