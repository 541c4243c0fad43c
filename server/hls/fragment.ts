/** Samples → one movie fragment with its wall clock: `prft`, `moof`, `mdat` (ISO/IEC 14496-12 §8.8 and §8.16.5). */
import type { Micros, WallMicros } from '#wire/time.ts';
import { joined } from '../packets/joined.ts';
import { box, boxHeader, fullBox, u32, u64 } from './box.ts';
import { TRACK_ID } from './init-segment.ts';

/** One picture in decoding order, with all its times. */
export interface Sample {
  /** Without parameter sets. */
  readonly nals: readonly Uint8Array[];
  /** Of all NAL units, with their lengths. */
  readonly bytes: number;
  readonly key: boolean;
  /** Presentation time. */
  readonly timestamp: Micros;
  readonly decodeTime: Micros;
  /** Up to the next sample's decode time. */
  readonly duration: Micros;
  readonly capturedAt: WallMicros;
}

/** Bytes of the length before each NAL unit. */
export const NAL_LENGTH_BYTES = 4;
/** sample_depends_on 2: on no other (§8.8.3.1). */
const KEY_FLAGS = 0x0200_0000;
/** sample_depends_on 1, sample_is_non_sync_sample. */
const DELTA_FLAGS = 0x0101_0000;
/** default-base-is-moof. */
const TFHD_FLAGS = 0x02_0000;
/** Data offset; and of each sample its duration, size, flags and composition offset. */
const TRUN_FLAGS = 0x00_0f01;
/** The wall clock is the moment of capture. */
const PRFT_CAPTURED = 24;
/** From 1900, where NTP counts from, to 1970. */
const NTP_EPOCH_SECONDS = 2_208_988_800n;

/** @param samples one or more, in decoding order. @param sequence counts fragments from 1 on; it is taken modulo 2^32 */
export function fragment(sequence: number, samples: readonly Sample[]): Uint8Array {
  const [first] = samples;
  const media = samples.reduce((sum, { bytes }) => sum + bytes, 0);
  const moofBytes = movieFragment(sequence, samples, 0).length;
  return joined([
    wallClock(first!),
    movieFragment(sequence, samples, moofBytes + 8),
    boxHeader('mdat', media),
    ...samples.flatMap(({ nals }) => nals.flatMap((nal) => [u32(nal.length), nal])),
  ]);
}

const movieFragment = (sequence: number, samples: readonly Sample[], dataOffset: number): Uint8Array =>
  box(
    'moof',
    fullBox('mfhd', 0, 0, u32(sequence >>> 0)),
    box(
      'traf',
      fullBox('tfhd', 0, TFHD_FLAGS, u32(TRACK_ID)),
      fullBox('tfdt', 1, 0, u64(samples[0]!.decodeTime)),
      fullBox('trun', 1, TRUN_FLAGS, u32(samples.length, dataOffset), u32(...samples.flatMap(sampleFields))),
    ),
  );

/** Version 1 of `trun` has signed composition offsets. */
const sampleFields = ({ duration, bytes, key, timestamp, decodeTime }: Sample): number[] => [
  duration,
  bytes,
  key ? KEY_FLAGS : DELTA_FLAGS,
  timestamp - decodeTime,
];

/** ProducerReferenceTimeBox: when the first sample's picture was captured. */
const wallClock = ({ capturedAt, timestamp }: Sample): Uint8Array =>
  fullBox('prft', 1, PRFT_CAPTURED, u32(TRACK_ID), u64(ntpOf(capturedAt)), u64(Math.max(0, timestamp)));

/** 32 bits of seconds and 32 of their fraction (RFC 5905 §6). */
function ntpOf(wall: WallMicros): bigint {
  const microseconds = BigInt(Math.round(wall)) + NTP_EPOCH_SECONDS * 1_000_000n;
  return BigInt.asUintN(64, (microseconds << 32n) / 1_000_000n);
}
