/** Raw pictures with their own times as a Matroska stream: the plainest container that ffmpeg reads from a pipe. */

/** RFC 8794 (EBML) and RFC 9559 (Matroska), table 11 of §5.1: identifiers as they stand in the file. */
const ID = {
  ebml: 0x1a45dfa3,
  docType: 0x4282,
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
  language: 0x22b59c,
  defaultDuration: 0x23e383,
  codecId: 0x86,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  colourSpace: 0x2eb524,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  blockGroup: 0xa0,
  block: 0xa1,
  blockDuration: 0x9b,
} as const;

/** The size of a segment that ends where the stream does (RFC 8794 §6.2: all bits of the size are 1). */
const UNKNOWN_SIZE = Buffer.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);

/**
 * What stands before the first picture: one track of RGBA pictures, times in nanoseconds.
 * @param usualDuration of a picture, nanoseconds: ffmpeg takes the last one's from it
 */
export function rawHeader(width: number, height: number, usualDuration: bigint): Buffer {
  const video = element(
    ID.video,
    number(ID.pixelWidth, width),
    number(ID.pixelHeight, height),
    text(ID.colourSpace, 'RGBA'),
  );
  const track = element(
    ID.trackEntry,
    number(ID.trackNumber, 1),
    number(ID.trackUid, 1),
    number(ID.trackType, 1),
    text(ID.language, 'und'),
    number(ID.defaultDuration, usualDuration),
    text(ID.codecId, 'V_UNCOMPRESSED'),
    video,
  );
  const info = element(
    ID.info,
    number(ID.timestampScale, 1),
    text(ID.muxingApp, 'Nightglass'),
    text(ID.writingApp, 'Nightglass'),
  );
  const segment = Buffer.concat([identifier(ID.segment), UNKNOWN_SIZE]);
  return Buffer.concat([
    element(ID.ebml, text(ID.docType, 'matroska')),
    segment,
    info,
    element(ID.tracks, track),
  ]);
}

/**
 * What stands before the bytes of one picture, which is a cluster of its own.
 * @param time nanoseconds, 0 or more; `duration` too
 * @param bytes of the picture that follows
 */
export function rawPictureHeader(time: bigint, duration: bigint, bytes: number): Buffer {
  // Track 1, 0 after the cluster's own time, no flags.
  const blockStart = Buffer.of(0x81, 0, 0, 0);
  const block = Buffer.concat([identifier(ID.block), size(blockStart.length + bytes), blockStart]);
  const length = number(ID.blockDuration, duration);
  // The duration comes first, so that the picture's bytes end the cluster.
  const group = Buffer.concat([
    identifier(ID.blockGroup),
    size(length.length + block.length + bytes),
    length,
    block,
  ]);
  const stamp = number(ID.timestamp, time);
  return Buffer.concat([identifier(ID.cluster), size(stamp.length + group.length + bytes), stamp, group]);
}

const element = (id: number, ...content: readonly Buffer[]): Buffer => {
  const bytes = Buffer.concat(content);
  return Buffer.concat([identifier(id), size(bytes.length), bytes]);
};

const number = (id: number, value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return element(id, bytes);
};

const text = (id: number, value: string): Buffer => element(id, Buffer.from(value));

function identifier(id: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(id);
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0));
}

/** Always in eight bytes: 56 bits, of which a JavaScript number has 53. */
function size(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  bytes[0] = 0x01;
  return bytes;
}
