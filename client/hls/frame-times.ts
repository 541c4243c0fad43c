/** When each frame of the fragments that play begins and ends, read from their boxes, so that one frame can be stepped. */

/** Frames are kept for a quarter of an hour at 60 fps; a step is never taken further from where one plays. */
const KEPT = 54_000;

interface FrameSpan {
  /** Seconds, in the `<video>`'s time. */
  readonly start: number;
  readonly end: number;
}

/** Fed with what is appended to the SourceBuffer: init segments and fragments (ISO/IEC 14496-12, §8.8). */
export class FrameTimes {
  #timescale: number | undefined;
  #defaultDuration = 0;
  readonly #frames = new Map<number, FrameSpan>();

  /** Never throws: what cannot be read is left out, and a step there is a guess. */
  add(bytes: Uint8Array): void {
    try {
      this.#read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }

  /** The end of the frame that is shown at `seconds`. */
  endAt(seconds: number): number | undefined {
    return this.#frames.get(key(seconds))?.end;
  }

  #read(data: DataView): void {
    const mdhd = find(data, ['moov', 'trak', 'mdia', 'mdhd']);
    if (mdhd) this.#timescale = mdhd.getUint32(mdhd.getUint8(0) === 1 ? 20 : 12);
    const trex = find(data, ['moov', 'mvex', 'trex']);
    if (trex) this.#defaultDuration = trex.getUint32(12);
    for (const moof of boxes(data, 'moof')) {
      const traf = find(moof, ['traf']);
      if (traf) this.#readTrack(traf);
    }
  }

  #readTrack(traf: DataView): void {
    const [tfhd, tfdt] = [find(traf, ['tfhd']), find(traf, ['tfdt'])];
    if (!tfhd || !tfdt || !this.#timescale) return;
    let decodeTime = tfdt.getUint8(0) === 1 ? Number(tfdt.getBigUint64(4)) : tfdt.getUint32(4);
    const defaultDuration = defaultDurationOf(tfhd) ?? this.#defaultDuration;
    for (const trun of boxes(traf, 'trun'))
      for (const { duration = defaultDuration, offset } of samplesOf(trun)) {
        const start = (decodeTime + offset) / this.#timescale;
        decodeTime += duration;
        this.#keep({ start, end: start + duration / this.#timescale });
      }
  }

  #keep(frame: FrameSpan): void {
    const at = key(frame.start);
    this.#frames.delete(at);
    this.#frames.set(at, frame);
    if (this.#frames.size > KEPT) this.#frames.delete(this.#frames.keys().next().value!);
  }
}

/** Frames are known by their start in whole milliseconds: the browser rounds it, and no camera makes two in one. */
const key = (seconds: number): number => Math.round(seconds * 1000);

interface Sample {
  readonly duration: number | undefined;
  /** Of the composition, signed. */
  readonly offset: number;
}

function defaultDurationOf(tfhd: DataView): number | undefined {
  const flags = tfhd.getUint32(0) & 0xffffff;
  if ((flags & 0x8) === 0) return undefined;
  return tfhd.getUint32(8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0));
}

function* samplesOf(trun: DataView): Generator<Sample> {
  const flags = trun.getUint32(0) & 0xffffff;
  const count = trun.getUint32(4);
  let at = 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  for (let sample = 0; sample < count; sample++) {
    const duration = flags & 0x100 ? trun.getUint32(at) : undefined;
    at += (flags & 0x100 ? 4 : 0) + (flags & 0x200 ? 4 : 0) + (flags & 0x400 ? 4 : 0);
    const offset = flags & 0x800 ? trun.getInt32(at) : 0;
    at += flags & 0x800 ? 4 : 0;
    yield { duration, offset };
  }
}

function find(data: DataView, path: readonly string[]): DataView | undefined {
  let within: DataView | undefined = data;
  for (const type of path) within = within && boxes(within, type).next().value;
  return within;
}

/** The contents of the boxes of a type directly within `data`. */
function* boxes(data: DataView, type: string): Generator<DataView, undefined> {
  for (let at = 0; at + 8 <= data.byteLength; ) {
    const size = data.getUint32(at);
    if (size < 8 || at + size > data.byteLength) return undefined;
    const name = String.fromCharCode(...new Uint8Array(data.buffer, data.byteOffset + at + 4, 4));
    if (name === type) yield new DataView(data.buffer, data.byteOffset + at + 8, size - 8);
    at += size;
  }
  return undefined;
}
