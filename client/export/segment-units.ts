/** A segment of the past → its access units, as they are stored, with the wall clock of each (ISO/IEC 14496-12 §8.8). */
import { NightglassError } from '#wire/nightglass-error.ts';
import { type Micros, micros, type WallMicros, wallMicros } from '#wire/time.ts';

/** An access unit in decoding order. */
export interface StoredUnit {
  /** NAL units behind their lengths, without parameter sets: those stand in the init segment. */
  readonly data: Uint8Array;
  readonly key: boolean;
  /** Presentation time, of the stream's own timestamps. */
  readonly timestamp: Micros;
  /** Presentation time since the first picture shown of the segment. */
  readonly offset: Micros;
  readonly duration: Micros;
  /** From `prft` of its fragment. */
  readonly capturedAt: WallMicros;
}

/** §8.8.3.1: the sample is no place to begin. */
const NON_SYNC = 0x0001_0000;
/** `trun`: of each sample its duration, size, flags and composition offset. */
const ALL_FIELDS = 0xf00;
/** From 1900, where NTP counts from, to 1970. Seconds. */
const NTP_EPOCH = 2_208_988_800;

interface Clock {
  readonly wall: number;
  readonly timestamp: number;
}

/** @param segment fragments of `prft`, `moof` and `mdat` at a timescale of 1 MHz. @throws NightglassError `packets/malformed` */
export function segmentUnits(segment: Uint8Array): readonly StoredUnit[] {
  const units: StoredUnit[] = [];
  let clock: Clock | undefined;
  let start: number | undefined;
  try {
    for (const { type, body, at } of boxes(segment)) {
      if (type === 'prft') clock = clockOf(body);
      if (type !== 'moof') continue;
      if (clock === undefined) throw malformed('a fragment without its wall clock (prft) came');
      start ??= decodeTimeOf(body);
      units.push(...fragmentUnits(segment.subarray(at), body, clock, start));
    }
  } catch (cause) {
    // DataView's own: a box that ends before its fields do.
    if (cause instanceof RangeError) throw malformed('a box shorter than its fields came');
    throw cause;
  }
  if (units.length === 0) throw malformed('no picture came');
  return units;
}

/** @param fragment from the `moof` on. @param start decode time of the segment's first sample */
function* fragmentUnits(
  fragment: Uint8Array,
  moof: DataView,
  clock: Clock,
  start: number,
): Generator<StoredUnit, void, undefined> {
  let decodeTime = decodeTimeOf(moof);
  const trun = within(within(moof, 'traf'), 'trun');
  if ((trun.getUint32(0) & ALL_FIELDS) !== ALL_FIELDS || !(trun.getUint32(0) & 1))
    throw malformed('a run of samples that leaves out fields came');
  const count = trun.getUint32(4);
  let from = trun.getInt32(8);
  // The first sample's own flags, where there are any, stand between.
  let row = trun.getUint32(0) & 4 ? 16 : 12;
  for (let sample = 0; sample < count; sample++, row += 16) {
    const [duration, size, flags] = [0, 4, 8].map((field) => trun.getUint32(row + field)) as [
      number,
      number,
      number,
    ];
    if (from < 0 || from + size > fragment.length) throw malformed('a sample outside its fragment came');
    const timestamp = decodeTime + trun.getInt32(row + 12);
    yield {
      data: fragment.subarray(from, from + size),
      key: (flags & NON_SYNC) === 0,
      timestamp: micros(timestamp),
      offset: micros(timestamp - start),
      duration: micros(duration),
      capturedAt: wallMicros(clock.wall + timestamp - clock.timestamp),
    };
    from += size;
    decodeTime += duration;
  }
}

/** ProducerReferenceTimeBox, version 1 (§8.16.5): the NTP time of one presentation time. */
function clockOf(prft: DataView): Clock {
  const seconds = prft.getUint32(8) - NTP_EPOCH;
  const wall = seconds * 1e6 + Math.round((prft.getUint32(12) / 2 ** 32) * 1e6);
  return { wall, timestamp: Number(prft.getBigUint64(16)) };
}

const decodeTimeOf = (moof: DataView): number => {
  const tfdt = within(within(moof, 'traf'), 'tfdt');
  return tfdt.getUint8(0) === 1 ? Number(tfdt.getBigUint64(4)) : tfdt.getUint32(4);
};

function within(data: DataView, type: string): DataView {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  for (const box of boxes(bytes)) if (box.type === type) return box.body;
  throw malformed(`a box ${type} was expected`);
}

function* boxes(bytes: Uint8Array): Generator<{ type: string; body: DataView; at: number }, void, undefined> {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const size = data.getUint32(at);
    if (size < 8 || at + size > bytes.length) throw malformed('a box that is cut off came');
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    yield { type, body: new DataView(bytes.buffer, bytes.byteOffset + at + 8, size - 8), at };
    at += size;
  }
}

const malformed = (what: string): NightglassError =>
  new NightglassError('packets/malformed', `in a segment of the past ${what}`);
