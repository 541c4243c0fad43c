/** Parameter sets → the init segment of a track (ISO/IEC 14496-12 §8, ISO/IEC 23000-19 §7.3.1). */
import { createHash } from 'node:crypto';
import type { Codec, VideoConfig } from '#wire/access-unit.ts';
import { box, fullBox, text, u8, u16, u32 } from './box.ts';
import { decoderRecord } from './decoder-record.ts';
import type { Init } from './segment.ts';

export const TRACK_ID = 1;
/** Ticks a second: those of the stream's own timestamps. */
const TIMESCALE = 1_000_000;
/** 16.16 fixed point. */
const ONE = 0x0001_0000;
const UNITY_MATRIX = u32(ONE, 0, 0, 0, ONE, 0, 0, 0, 0x4000_0000);
/** `und`, in three times five bits (§8.4.2.3). */
const UNDETERMINED_LANGUAGE = 0x55c4;

/**
 * `ftyp` and `moov` of a single video track that is empty but for its fragments. The sample entry is `avc1` or `hvc1`:
 * no parameter set stands in a sample.
 * @param parameterSets NAL units; they are copied
 * @throws NightglassError `packets/malformed`
 */
export function initSegment(codec: Codec, config: VideoConfig, parameterSets: readonly Uint8Array[]): Init {
  const ftyp = box('ftyp', text('iso6'), u32(0), text('iso6cmfcmp41'));
  const bytes = Buffer.concat([ftyp, movie(codec, config, decoderRecord(codec, parameterSets))]);
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return { id, config, bytes };
}

const movie = (codec: Codec, config: VideoConfig, record: Uint8Array): Uint8Array =>
  box(
    'moov',
    fullBox(
      'mvhd',
      0,
      0,
      u32(0, 0, TIMESCALE, 0, ONE),
      u16(0x0100),
      new Uint8Array(10),
      UNITY_MATRIX,
      new Uint8Array(24),
      u32(TRACK_ID + 1),
    ),
    track(codec, config, record),
    box('mvex', fullBox('trex', 0, 0, u32(TRACK_ID, 1, 0, 0, 0))),
  );

/** Track flags: enabled, in the movie. */
const track = (codec: Codec, config: VideoConfig, record: Uint8Array): Uint8Array =>
  box(
    'trak',
    fullBox(
      'tkhd',
      0,
      3,
      u32(0, 0, TRACK_ID, 0, 0),
      new Uint8Array(16),
      UNITY_MATRIX,
      u32(config.codedWidth * ONE, config.codedHeight * ONE),
    ),
    box(
      'mdia',
      fullBox('mdhd', 0, 0, u32(0, 0, TIMESCALE, 0), u16(UNDETERMINED_LANGUAGE, 0)),
      fullBox('hdlr', 0, 0, u32(0), text('vide'), new Uint8Array(12), text('Nightglass\0')),
      box(
        'minf',
        fullBox('vmhd', 0, 1, new Uint8Array(8)),
        // Flag 1: the media is in this file.
        box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
        sampleTable(codec, config, record),
      ),
    ),
  );

const sampleTable = (codec: Codec, config: VideoConfig, record: Uint8Array): Uint8Array =>
  box(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), sampleEntry(codec, config, record)),
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  );

/** VisualSampleEntry (§12.1.3): 72 dots an inch, one frame a sample, no compressor's name, 24 bits deep. */
const sampleEntry = (
  codec: Codec,
  { codedWidth, codedHeight }: VideoConfig,
  record: Uint8Array,
): Uint8Array =>
  box(
    codec === 'h264' ? 'avc1' : 'hvc1',
    new Uint8Array(6),
    u16(1),
    new Uint8Array(16),
    u16(codedWidth, codedHeight),
    u32(72 * ONE, 72 * ONE, 0),
    u16(1),
    u8(...new Uint8Array(32)),
    u16(24, 0xffff),
    box(codec === 'h264' ? 'avcC' : 'hvcC', record),
  );
