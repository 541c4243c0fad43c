/** Reads the bit fields of a raw byte sequence payload (ITU-T H.264 and H.265, §7.2 and §9). */
import { NightglassError } from '#wire/nightglass-error.ts';

/** Reads from the most significant bit on. Every method throws `packets/malformed` past the end. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #position = 0;

  /** @param what names the bytes in errors, e.g. `SPS` */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** Bits read so far. */
  get position(): number {
    return this.#position;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  bit(): number {
    const byte = this.#bytes[this.#position >> 3];
    if (byte === undefined) throw this.malformed('it ends too early');
    return (byte >> (7 - (this.#position++ & 7))) & 1;
  }

  /** u(n), n at most 32. */
  bits(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) value = value * 2 + this.bit();
    return value;
  }

  /** ue(v), at most `max`, which the standard gives for most fields. */
  unsigned(field: string, max = 2 ** 32 - 2): number {
    let zeros = 0;
    while (this.bit() === 0) if (++zeros > 32) throw this.malformed(`${field} is no Exp-Golomb code`);
    const value = 2 ** zeros - 1 + this.bits(zeros);
    if (value > max) throw this.malformed(`${field} of at most ${max} was expected, ${value} came`);
    return value;
  }

  /** se(v). */
  signed(field: string): number {
    const code = this.unsigned(field);
    return code % 2 === 0 ? -code / 2 || 0 : (code + 1) / 2;
  }

  malformed(message: string): NightglassError {
    return new NightglassError('packets/malformed', `${this.#what}: ${message}`);
  }
}

/** What `read` gives, or nothing where the bytes are malformed: for what a stream can go on without. */
export function unlessMalformed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof NightglassError) return undefined;
    throw error;
  }
}
