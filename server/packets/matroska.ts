/** H.265 pictures → a Matroska stream with their timestamps, for a program that reads them as they come (RFC 9559). */

export interface MatroskaTrack {
  readonly width: number;
  readonly height: number;
}

/** EBML element ids, with their length marker (RFC 9559 §5). */
const ID = {
  ebml: 0x1a45dfa3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  codecId: 0x86,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
} as const;

/** A segment whose end is not known yet (RFC 8794 §6.2). */
const UNKNOWN_SIZE = Buffer.from('01ffffffffffffff', 'hex');
/** Track 1, 0 after its cluster's timestamp; then the flags, of which only `key` may be set (RFC 9559 §10.2). */
const BLOCK_START = [0x81, 0, 0];
const KEY = 0x80;
const NAME = 'Nightglass';

/** Everything before the first picture. One tick is a microsecond. */
export function matroskaHeader({ width, height }: MatroskaTrack): Buffer {
  const head = element(
    ID.ebml,
    element(ID.docType, Buffer.from('matroska')),
    element(ID.docTypeVersion, number(4)),
    element(ID.docTypeReadVersion, number(2)),
  );
  const info = element(
    ID.info,
    element(ID.timestampScale, number(1000)),
    element(ID.muxingApp, Buffer.from(NAME)),
    element(ID.writingApp, Buffer.from(NAME)),
  );
  const track = element(
    ID.trackEntry,
    element(ID.trackNumber, number(1)),
    element(ID.trackUid, number(1)),
    element(ID.trackType, number(1)),
    // Without CodecPrivate, which the RFC asks for: ffmpeg then takes the pictures as Annex B, parameter sets in band.
    element(ID.codecId, Buffer.from('V_MPEGH/ISO/HEVC')),
    element(ID.video, element(ID.pixelWidth, number(width)), element(ID.pixelHeight, number(height))),
  );
  return Buffer.concat([head, id(ID.segment), UNKNOWN_SIZE, info, element(ID.tracks, track)]);
}

/**
 * One picture as a cluster of its own, so that it can be read as soon as it is written.
 * @param timestamp presentation time, µs, not negative
 * @param data Annex B
 */
export const matroskaPicture = (timestamp: number, key: boolean, data: Uint8Array): Buffer =>
  element(
    ID.cluster,
    element(ID.timestamp, number(timestamp)),
    element(ID.simpleBlock, Buffer.from([...BLOCK_START, key ? KEY : 0]), data),
  );

function element(name: number, ...parts: readonly Uint8Array[]): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(parts.reduce((sum, { length }) => sum + length, 0)));
  // A size of eight bytes: the marker is the lowest bit of the first.
  size[0] = 0x01;
  return Buffer.concat([id(name), size, ...parts]);
}

function id(name: number): Buffer {
  const bytes = number(name);
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0));
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
