/** Writes the bit fields of a raw byte sequence payload (ITU-T H.264 §7.2, §9.1). */

/** Writes from the most significant bit on. For a handful of bytes: parameter sets, not pictures. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #position = 0;

  bit(value: number): void {
    if (this.#position % 8 === 0) this.#bytes.push(0);
    this.#bytes[this.#bytes.length - 1]! |= value << (7 - (this.#position++ % 8));
  }

  /** ue(v), below 2^31. */
  unsigned(value: number): void {
    const length = 32 - Math.clz32(value + 1);
    for (let zeros = length - 1; zeros > 0; zeros--) this.bit(0);
    for (let shift = length - 1; shift >= 0; shift--) this.bit(((value + 1) >>> shift) & 1);
  }

  /** The first `count` bits of `bytes`. */
  copy(bytes: Uint8Array, count: number): void {
    for (let at = 0; at < count; at++) this.bit((bytes[at >> 3]! >> (7 - (at & 7))) & 1);
  }

  /** rbsp_trailing_bits: a one, then zeros to the end of the byte; then everything written. */
  finish(): Uint8Array {
    this.bit(1);
    return Uint8Array.from(this.#bytes);
  }
}
