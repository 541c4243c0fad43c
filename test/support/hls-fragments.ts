/** Reads the times of fragmented MP4 (ISO/IEC 14496-12), independently of the code under test. */

export interface ReadFragment {
  readonly sequence: number;
  /** `tfdt`, ticks. */
  readonly start: number;
  /** Of all samples, ticks. */
  readonly duration: number;
  readonly samples: number;
  /** The first sample can be decoded on its own. */
  readonly keyFirst: boolean;
  readonly hasKey: boolean;
  /** `prft`, milliseconds since 1970. */
  readonly wallClock: number;
}

interface Box {
  readonly type: string;
  readonly body: Buffer;
}

/** Top-level boxes and boxes within one. @throws Error for one that is cut off */
export function boxesOf(bytes: Uint8Array): Box[] {
  const boxes: Box[] = [];
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < buffer.length; ) {
    const size = buffer.readUInt32BE(at);
    if (size < 8 || at + size > buffer.length)
      throw new Error(`a box of ${size} bytes at ${at} of ${buffer.length}`);
    boxes.push({ type: buffer.toString('latin1', at + 4, at + 8), body: buffer.subarray(at + 8, at + size) });
    at += size;
  }
  return boxes;
}

const inside = (body: Buffer, type: string): Buffer => {
  const found = boxesOf(body).find((box) => box.type === type);
  if (found === undefined) throw new Error(`no ${type}`);
  return found.body;
};

/** Ticks a second of the only track. */
export function timescaleOf(init: Uint8Array): number {
  const [ftyp, moov] = boxesOf(init);
  if (ftyp?.type !== 'ftyp' || moov?.type !== 'moov') throw new Error('an init segment is ftyp and moov');
  inside(moov.body, 'mvex');
  return inside(inside(inside(moov.body, 'trak'), 'mdia'), 'mdhd').readUInt32BE(12);
}

/** Of a part or a segment. @throws Error where it is anything but `prft`, `moof`, `mdat`, again and again */
export function fragmentsOf(media: Uint8Array): ReadFragment[] {
  const boxes = boxesOf(media);
  const fragments: ReadFragment[] = [];
  for (let at = 0; at < boxes.length; at += 3) {
    const [prft, moof, mdat] = boxes.slice(at, at + 3);
    if (prft?.type !== 'prft' || moof?.type !== 'moof' || mdat?.type !== 'mdat')
      throw new Error(`prft, moof, mdat were expected at ${at}: ${boxes.map(({ type }) => type).join(' ')}`);
    const traf = inside(moof.body, 'traf');
    const run = runOf(inside(traf, 'trun'));
    if (run.bytes !== mdat.body.length)
      throw new Error(`${run.bytes} bytes in samples, ${mdat.body.length} in mdat`);
    if (run.offset !== moof.body.length + 16) throw new Error(`the samples begin at ${run.offset}`);
    const seconds = prft.body.readUInt32BE(8) - 2_208_988_800 + prft.body.readUInt32BE(12) / 2 ** 32;
    fragments.push({
      sequence: inside(moof.body, 'mfhd').readUInt32BE(4),
      start: Number(inside(traf, 'tfdt').readBigUInt64BE(4)),
      duration: run.duration,
      samples: run.keys.length,
      keyFirst: run.keys[0] === true,
      hasKey: run.keys.includes(true),
      wallClock: seconds * 1000,
    });
  }
  return fragments;
}

/** A `trun` with duration, size, flags and composition offset of each sample. */
function runOf(trun: Buffer) {
  if (trun.readUInt32BE(0) !== 0x0100_0f01)
    throw new Error(`trun of flags ${trun.readUInt32BE(0).toString(16)}`);
  const count = trun.readUInt32BE(4);
  const keys: boolean[] = [];
  let duration = 0;
  let bytes = 0;
  for (let sample = 0; sample < count; sample++) {
    const at = 12 + 16 * sample;
    duration += trun.readUInt32BE(at);
    bytes += trun.readUInt32BE(at + 4);
    keys.push((trun.readUInt32BE(at + 8) & 0x0001_0000) === 0);
  }
  return { offset: trun.readUInt32BE(8), duration, bytes, keys };
}
