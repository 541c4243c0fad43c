/**
 * Segments whose parameter sets stand apart → the same with the sets in each key sample too (ISO/IEC 14496-15 §5.4.2 and
 * §8.4.1: `avc3`, `hev1`), for players that keep the first init segment for good.
 */
import type { Codec } from '#wire/access-unit.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { parseAvcConfiguration } from '../packets/avcc.ts';
import { parseHvcConfiguration } from '../packets/hvcc.ts';
import { joined } from '../packets/joined.ts';
import { boxHeader, text, u32 } from './box.ts';
import { nalTypeOf } from './unit-nals.ts';

/** Of `stsd`, from its type: version and flags, the count, the size of its first entry. */
const ENTRY_TYPE = 4 + 4 + 4 + 4;
/** In `hvcC`: where the count of arrays stands, and the bit of each that says that none of its sets is in the samples. */
const HVCC_ARRAYS = 22;
const ARRAY_COMPLETE = 0x80;
/** Access unit delimiters come before all else. */
const DELIMITER = { h264: 9, h265: 35 } as const;
/** `sample_is_non_sync_sample`. */
const NON_SYNC = 0x0001_0000;

interface Track {
  readonly codec: Codec;
  /** Behind their lengths. */
  readonly sets: Uint8Array;
}

/** An init segment of ours that says that sets may stand in the samples. @throws NightglassError `packets/malformed` */
export function inBandInit(init: Uint8Array): Uint8Array {
  const bytes = Buffer.from(init);
  const { codec, entry, record } = entryOf(bytes);
  bytes.set(text(codec === 'h264' ? 'avc3' : 'hev1'), entry);
  if (codec === 'h264') return bytes;
  const hvcc = bytes.subarray(record);
  for (let at = HVCC_ARRAYS + 1, arrays = hvcc[HVCC_ARRAYS]!; arrays > 0; arrays--) {
    hvcc[at]! &= ~ARRAY_COMPLETE;
    let count = hvcc.readUInt16BE(at + 1);
    at += 3;
    for (; count > 0; count--) at += 2 + hvcc.readUInt16BE(at);
  }
  return bytes;
}

/**
 * A segment or a part of ours in pieces, most of them views of it.
 * @param init the one it names @throws NightglassError `packets/malformed`
 */
export function* inBandMedia(init: Uint8Array, media: Uint8Array): Generator<Uint8Array, void, undefined> {
  const track = trackOf(init);
  let samples: readonly Sample[] = [];
  for (const { type, bytes } of boxes(media)) {
    if (type === 'moof') {
      const moof = Buffer.from(bytes);
      samples = grown(moof, track.sets.length);
      yield moof;
    } else if (type === 'mdat') yield* grownMedia(track, samples, bytes.subarray(8));
    else yield bytes;
  }
}

interface Sample {
  /** As it was. */
  readonly size: number;
  readonly key: boolean;
}

/** Writes the new sizes into a `moof`; its own length stays, and so does where the samples begin. */
function grown(moof: Buffer, by: number): Sample[] {
  const samples: Sample[] = [];
  const trun = inside(inside(moof.subarray(8), 'traf').subarray(8), 'trun').subarray(8);
  const view = new DataView(trun.buffer, trun.byteOffset, trun.byteLength);
  for (let left = view.getUint32(4), at = 12; left > 0; left--, at += 16) {
    const sample = { size: view.getUint32(at + 4), key: (view.getUint32(at + 8) & NON_SYNC) === 0 };
    if (sample.key) view.setUint32(at + 4, sample.size + by);
    samples.push(sample);
  }
  return samples;
}

function* grownMedia(
  { codec, sets }: Track,
  samples: readonly Sample[],
  data: Uint8Array,
): Generator<Uint8Array, void, undefined> {
  yield boxHeader('mdat', data.length + samples.filter(({ key }) => key).length * sets.length);
  let from = 0;
  let at = 0;
  for (const { size, key } of samples) {
    if (key) {
      const place = at + delimiterIn(codec, data.subarray(at, at + size));
      yield data.subarray(from, place);
      yield sets;
      from = place;
    }
    at += size;
  }
  yield data.subarray(from);
}

/** The bytes of the delimiter that a sample begins with, length and all. */
function delimiterIn(codec: Codec, sample: Uint8Array): number {
  if (nalTypeOf(codec, sample.subarray(4)) !== DELIMITER[codec]) return 0;
  return 4 + Buffer.from(sample.buffer, sample.byteOffset, sample.byteLength).readUInt32BE();
}

function trackOf(init: Uint8Array): Track {
  const bytes = Buffer.from(init);
  const { codec, record } = entryOf(bytes);
  const parse = codec === 'h264' ? parseAvcConfiguration : parseHvcConfiguration;
  const { parameterSets } = parse(bytes.subarray(record));
  return { codec, sets: joined(parameterSets.flatMap((set) => [u32(set.length), set])) };
}

/** Where the type of the sample entry stands, and the body of its record: the only such letters in what comes before. */
function entryOf(bytes: Buffer): { readonly codec: Codec; readonly entry: number; readonly record: number } {
  const entry = bytes.indexOf('stsd') + ENTRY_TYPE;
  const type = bytes.toString('latin1', entry, entry + 4);
  const codec = type === 'avc1' ? 'h264' : 'h265';
  const record = bytes.indexOf(codec === 'h264' ? 'avcC' : 'hvcC', entry) + 4;
  if (!['avc1', 'hvc1'].includes(type) || record < entry)
    throw malformed('an init segment of avc1 or hvc1 was expected');
  return { codec, entry, record };
}

function inside(body: Uint8Array, wanted: string): Uint8Array {
  for (const { type, bytes } of boxes(body)) if (type === wanted) return bytes;
  throw malformed(`a box ${wanted} was expected`);
}

function* boxes(bytes: Uint8Array): Generator<{ type: string; bytes: Uint8Array }, void, undefined> {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < all.length; ) {
    const size = at + 8 > all.length ? 0 : all.readUInt32BE(at);
    if (size < 8 || at + size > all.length) throw malformed('a box that is cut off came');
    yield { type: all.toString('latin1', at + 4, at + 8), bytes: bytes.subarray(at, at + size) };
    at += size;
  }
}

const malformed = (what: string): NightglassError => new NightglassError('packets/malformed', what);
