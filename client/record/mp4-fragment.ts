/** One fragment of an MP4 file: a run of pictures behind a `moof` (ISO/IEC 14496-12 §8.8). */

/** One picture as the file stores it. */
export interface Sample {
  readonly data: Uint8Array;
  readonly key: boolean;
  /** Presentation time, whole µs since the file's first picture. */
  readonly time: number;
}

export interface Fragment {
  /** Counts the file's fragments from 1. */
  readonly sequence: number;
  /** In decoding order. */
  readonly samples: readonly Sample[];
  /** Decoding times of the samples, rising, and that of what follows: one more than there are samples. µs. */
  readonly decodeTimes: readonly number[];
}

/** §8.8.3.1: a picture that others do not need to decode it; and one that is no place to begin. */
const KEY_FLAGS = 0x02000000;
const DELTA_FLAGS = 0x01010000;
/** §8.8.7.1, §8.8.8.1 */
const BASE_IS_MOOF = 0x020000;
const OFFSET_DURATION_SIZE_FLAGS_COMPOSITION = 0xf01;

/** The fragment's bytes, `moof` and `mdat`. */
export function fragmentBytes({ sequence, samples, decodeTimes }: Fragment): Uint8Array {
  const rows = samples.flatMap(({ data, key, time }, index) => [
    decodeTimes[index + 1]! - decodeTimes[index]!,
    data.length,
    key ? KEY_FLAGS : DELTA_FLAGS,
    // Signed (version 1): a decoding time may be later than a picture that others were decoded before.
    time - decodeTimes[index]!,
  ]);
  const start = decodeTimes[0]!;
  const moof = (dataOffset: number): Uint8Array =>
    box('moof', [
      box('mfhd', [words(0, sequence)]),
      box('traf', [
        box('tfhd', [words(BASE_IS_MOOF, 1)]),
        box('tfdt', [words(0x01000000, Math.floor(start / 2 ** 32), start)]),
        box('trun', [
          words(0x01000000 | OFFSET_DURATION_SIZE_FLAGS_COMPOSITION, samples.length, dataOffset, ...rows),
        ]),
      ]),
    ]);
  const { length } = moof(0);
  return joined([
    moof(length + 8),
    box(
      'mdat',
      samples.map(({ data }) => data),
    ),
  ]);
}

function box(type: string, parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, { length }) => sum + length, 8);
  const name = Uint8Array.from(type, (letter) => letter.charCodeAt(0));
  return joined([words(size), name, ...parts]);
}

/** 32-bit, big-endian; of a larger number the low bits. */
function words(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value % 2 ** 32);
  return new Uint8Array(view.buffer);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
