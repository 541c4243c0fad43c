/** A fragmented MP4 as it is being written → its one track and the samples (ISO/IEC 14496-12 §8.8, movie fragments). */
import { NightglassError } from '#wire/nightglass-error.ts';

export type Mp4Item =
  | {
      readonly kind: 'track';
      /** The sample entry's four letters: `avc1`, `hvc1`, `mp4v` … */
      readonly format: string;
      /** The `avcC` or `hvcC` record; empty for other formats. */
      readonly record: Uint8Array;
    }
  | {
      readonly kind: 'sample';
      /** As stored: NAL units behind lengths. A view into bytes that are never changed. */
      readonly data: Uint8Array;
      /** Presentation time, seconds on the track's own clock. */
      readonly seconds: number;
    };

/** A larger box is no picture of a camera. */
const BOX_LIMIT = 64 * 1024 * 1024;
/** Of a box: its size and type. */
const HEADER_BYTES = 8;
/** Samples of one fragment; we ask for one a fragment. */
const SAMPLES_LIMIT = 4_096;
/** Bytes of a visual sample entry before its boxes (§12.1.3.2). */
const VISUAL_SAMPLE_ENTRY = 78;

interface Box {
  readonly type: string;
  readonly body: Uint8Array;
  /** The whole box, header included, bytes. */
  readonly size: number;
}

interface Run {
  readonly offset: number;
  readonly sizes: readonly number[];
  readonly times: readonly number[];
}

/** Takes the file's bytes in any pieces; keeps no more of it than the box that is not whole yet. */
export class Mp4Fragments {
  /** Bytes that are not read yet, as they came: joined once a box is whole, lest a large one is copied with each piece. */
  #pieces: Uint8Array[] = [];
  #held = 0;
  /** Held bytes that the next box takes, as far as is known. */
  #wanted = HEADER_BYTES;
  #timescale = 0;
  #defaultDuration = 0;
  #defaultSize = 0;
  #runs: readonly Run[] = [];
  #moofSize = 0;

  /** @throws NightglassError `packets/malformed` */
  *push(bytes: Uint8Array): Generator<Mp4Item, void, undefined> {
    try {
      yield* this.#read(bytes);
    } catch (cause) {
      // DataView's own: a box that ends before its fields do.
      if (cause instanceof RangeError) throw malformed('a box shorter than its fields came');
      throw cause;
    }
  }

  *#read(bytes: Uint8Array): Generator<Mp4Item, void, undefined> {
    this.#pieces.push(bytes);
    this.#held += bytes.length;
    if (this.#held < this.#wanted) return;
    let rest = joined(this.#pieces, this.#held);
    for (let box = readBox(rest); box !== undefined; box = readBox(rest)) {
      rest = rest.subarray(box.size);
      if (box.type === 'moov') yield this.#readMovie(box.body);
      if (box.type === 'moof') this.#readFragment(box);
      if (box.type === 'mdat') yield* this.#samples(box.body);
    }
    this.#pieces = [rest];
    this.#held = rest.length;
    this.#wanted = rest.length < HEADER_BYTES ? HEADER_BYTES : view(rest).getUint32(0);
  }

  #readMovie(moov: Uint8Array): Mp4Item {
    const media = within(moov, 'trak', 'mdia');
    const mdhd = view(within(media, 'mdhd'));
    this.#timescale = mdhd.getUint32(mdhd.getUint8(0) === 1 ? 20 : 12);
    if (this.#timescale === 0) throw malformed('a track without a time scale came');
    const trex = view(within(moov, 'mvex', 'trex'));
    this.#defaultDuration = trex.getUint32(12);
    this.#defaultSize = trex.getUint32(16);
    const entry = readBox(within(media, 'minf', 'stbl', 'stsd').subarray(8));
    if (entry === undefined) throw malformed('a track without a sample entry came');
    const inner = [...boxes(entry.body.subarray(VISUAL_SAMPLE_ENTRY))];
    const record = inner.find(({ type }) => type === 'avcC' || type === 'hvcC')?.body ?? new Uint8Array(0);
    return { kind: 'track', format: entry.type, record };
  }

  #readFragment({ body, size }: Box): void {
    if (this.#timescale === 0) throw malformed('a fragment before its track came');
    const traf = within(body, 'traf');
    const header = view(within(traf, 'tfhd'));
    const flags = header.getUint32(0) & 0xffffff;
    let at = 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0);
    const duration = flags & 0x8 ? header.getUint32(at) : this.#defaultDuration;
    if (flags & 0x8) at += 4;
    const sampleSize = flags & 0x10 ? header.getUint32(at) : this.#defaultSize;
    const tfdt = view(within(traf, 'tfdt'));
    let time = tfdt.getUint8(0) === 1 ? Number(tfdt.getBigUint64(4)) : tfdt.getUint32(4);
    const runs: Run[] = [];
    let room = SAMPLES_LIMIT;
    for (const { type, body: trun } of boxes(traf))
      if (type === 'trun') {
        const run = readRun(view(trun), time, duration, sampleSize, room);
        time = run.end;
        room -= run.sizes.length;
        runs.push(run);
      }
    this.#runs = runs;
    this.#moofSize = size;
  }

  *#samples(mdat: Uint8Array): Generator<Mp4Item, void, undefined> {
    for (const { offset, sizes, times } of this.#runs) {
      // Offsets count from the start of the moof; the mdat's own header of 8 bytes lies between.
      let at = offset - this.#moofSize - 8;
      for (const [index, size] of sizes.entries()) {
        if (at < 0 || at + size > mdat.length) throw malformed('a sample outside its fragment came');
        const seconds = times[index]! / this.#timescale;
        yield { kind: 'sample', data: mdat.subarray(at, at + size), seconds };
        at += size;
      }
    }
    this.#runs = [];
  }
}

/**
 * `trun`, §8.8.8: which fields each sample has is said by the flags. There may be none: then a few bytes announce any
 * number of samples.
 */
function readRun(trun: DataView, start: number, defaultDuration: number, defaultSize: number, room: number) {
  const flags = trun.getUint32(0) & 0xffffff;
  const count = trun.getUint32(4);
  const fields = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length;
  let at = 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  if (at + count * fields * 4 > trun.byteLength) throw malformed('a run of samples longer than its box came');
  if (count > room) throw malformed(`a fragment of at most ${SAMPLES_LIMIT} samples was expected, more came`);
  const sizes: number[] = [];
  const times: number[] = [];
  let time = start;
  const next = (flag: number, otherwise: number): number => {
    if (!(flags & flag)) return otherwise;
    at += 4;
    return flag === 0x800 ? trun.getInt32(at - 4) : trun.getUint32(at - 4);
  };
  for (let sample = 0; sample < count; sample++) {
    const duration = next(0x100, defaultDuration);
    sizes.push(next(0x200, defaultSize));
    next(0x400, 0);
    times.push(time + next(0x800, 0));
    time += duration;
  }
  return { offset: flags & 0x1 ? trun.getInt32(8) : 0, sizes, times, end: time };
}

/** The box at the start of some bytes; nothing while it is not whole. */
function readBox(bytes: Uint8Array): Box | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const header = view(bytes);
  const size = header.getUint32(0);
  if (size < 8 || size > BOX_LIMIT)
    throw malformed(`a box of 8 to ${BOX_LIMIT} bytes was expected, ${size} came`);
  if (bytes.length < size) return undefined;
  return { type: String.fromCharCode(...bytes.subarray(4, 8)), body: bytes.subarray(8, size), size };
}

function* boxes(bytes: Uint8Array): Generator<Box, void, undefined> {
  for (let rest = bytes; ; ) {
    const box = readBox(rest);
    if (box === undefined) return;
    yield box;
    rest = rest.subarray(box.size);
  }
}

/** The body of a box inside boxes. @throws NightglassError `packets/malformed` when there is none */
function within(bytes: Uint8Array, ...path: readonly string[]): Uint8Array {
  let body = bytes;
  for (const wanted of path) {
    let found: Uint8Array | undefined;
    for (const box of boxes(body)) if (box.type === wanted) found ??= box.body;
    if (found === undefined) throw malformed(`a box ${path.join('/')} was expected`);
    body = found;
  }
  return body;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const filled = pieces.filter((piece) => piece.length > 0);
  if (filled.length === 1) return filled[0]!;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of filled) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const malformed = (message: string): NightglassError => new NightglassError('packets/malformed', message);
