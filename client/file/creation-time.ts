/** When an MP4 or QuickTime file says that it was begun. */
import { type WallMicros, wallMicros } from '#wire/time.ts';

/** Seconds from 1904-01-01, where ISO/IEC 14496-12 §8.2.2 begins to count, to 1970. */
const EPOCH_1904 = 2_082_844_800;
/** Cameras without a clock write the year in which counting begins. Seconds since 1970. */
const EARLIEST = Date.UTC(1990) / 1000;
/** No file of ours or of a camera has more boxes before its `moov`. */
const MOST_BOXES = 100_000;

/** Nothing where it says nothing, or is another kind of file. Reads box headers alone. */
export async function creationTime(file: Blob): Promise<WallMicros | undefined> {
  for (let at = 0, box = 0; at + 16 <= file.size && box < MOST_BOXES; box++) {
    const head = await view(file, at, 16);
    const size = head.getUint32(0) === 1 ? Number(head.getBigUint64(8)) : head.getUint32(0);
    if (nameAt(head, 4) === 'moov') return readHeader(await view(file, at + 8, 128));
    if (size < 8) return undefined;
    at += size;
  }
  return undefined;
}

/** Of `moov`'s first box, `mvhd`. */
function readHeader(moov: DataView): WallMicros | undefined {
  if (moov.byteLength < 24 || nameAt(moov, 4) !== 'mvhd') return undefined;
  const since1904 = moov.getUint8(8) === 1 ? Number(moov.getBigUint64(12)) : moov.getUint32(12);
  const seconds = since1904 - EPOCH_1904;
  const future = seconds > Date.now() / 1000 + 86_400;
  return seconds > EARLIEST && !future ? wallMicros(seconds * 1e6) : undefined;
}

const view = async (file: Blob, at: number, length: number): Promise<DataView> =>
  new DataView(await file.slice(at, at + length).arrayBuffer());

const nameAt = (data: DataView, at: number): string =>
  String.fromCharCode(data.getUint8(at), data.getUint8(at + 1), data.getUint8(at + 2), data.getUint8(at + 3));
