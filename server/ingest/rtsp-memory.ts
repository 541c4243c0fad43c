/** The memory one connection reads into, used again and again. */

/** As much as one read brings at most. */
const CHUNK_BYTES = 65_536;
/** A read is not begun with less room than this, lest it bring little. */
const LEAST_ROOM = 16_384;
/** Chunks kept for use again; more have been needed only by a consumer that is far behind. */
const SPARE_LIMIT = 8;

/**
 * Gives a socket room to read into, and takes whole chunks back once nobody looks at them any more. Without that,
 * a hundred cameras would leave fifty megabytes of chunks a second to the garbage collector, which then takes more
 * time than everything else together (measured).
 */
export class ReadMemory {
  /** Called with what each read brought; the bytes stay as they are until `reuse` gets their chunk. */
  onRead: (bytes: Buffer) => void = () => {};
  #chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #used = 0;
  readonly #spare: Buffer[] = [];

  /** For `net.connect`: it asks for room before each read. */
  readonly onread = {
    buffer: (): Buffer => this.#room(),
    callback: (length: number, room: Uint8Array): boolean => {
      this.#used += length;
      this.onRead(Buffer.from(room.buffer, room.byteOffset, length));
      return true;
    },
  };

  /** Takes back a chunk that reads went into, by its memory; one that is still being read into is not taken. */
  reuse(memory: ArrayBufferLike): void {
    if (memory === this.#chunk.buffer || this.#spare.length >= SPARE_LIMIT) return;
    this.#spare.push(Buffer.from(memory));
  }

  #room(): Buffer {
    if (CHUNK_BYTES - this.#used < LEAST_ROOM) {
      this.#chunk = this.#spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
      this.#used = 0;
    }
    return this.#chunk.subarray(this.#used);
  }
}
