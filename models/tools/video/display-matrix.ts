/** Turns an MP4's video by the matrix in its track header, which every player follows and ffmpeg 5 cannot set. */
import { type FileHandle, open } from 'node:fs/promises';

/** ISO/IEC 14496-12 §8.3.2: where the matrix begins in a track header of version 0 or 1, from the box's start. */
const MATRIX_AT = [48, 60] as const;
/** The index of an hour is a megabyte or two. */
const MOST_INDEX = 512 * 1024 * 1024;

/**
 * Writes the nine numbers (16.16, the third of each row 2.30) into the header of the file's video track.
 * @throws Error when the file is no MP4 with a video track
 */
export async function writeDisplayMatrix(path: string, matrix: readonly number[]): Promise<void> {
  await using file = await open(path, 'r+');
  const { at, bytes } = await readIndex(file);
  for (const track of boxes(bytes, 8, bytes.length)) {
    if (track.type !== 'trak' || !isVideo(bytes, track)) continue;
    const header = boxes(bytes, track.body, track.end).find(({ type }) => type === 'tkhd');
    const offset = header && MATRIX_AT[bytes[header.body]!];
    if (offset === undefined) break;
    const words = Buffer.alloc(36);
    for (const [index, value] of matrix.entries()) words.writeInt32BE(value, 4 * index);
    await file.write(words, 0, words.length, at + header!.body - 8 + offset);
    return;
  }
  throw new Error(`${path} has no track header to write its rotation into`);
}

/** The whole `moov` box and where it begins. */
async function readIndex(file: FileHandle): Promise<{ readonly at: number; readonly bytes: Buffer }> {
  const head = Buffer.alloc(16);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(head, 0, 16, at);
    if (bytesRead < 8) throw new Error('there is no moov box');
    const short = head.readUInt32BE(0);
    const size = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
    if (size < 8) throw new Error('there is no moov box');
    if (head.toString('latin1', 4, 8) === 'moov' && size <= MOST_INDEX) {
      const bytes = Buffer.alloc(size);
      await file.read(bytes, 0, size, at);
      return { at, bytes };
    }
    at += size;
  }
}

interface Box {
  readonly type: string;
  /** Behind its size and type. */
  readonly body: number;
  readonly end: number;
}

function boxes(bytes: Buffer, from: number, to: number): Box[] {
  const found: Box[] = [];
  for (let at = from; at + 8 <= to; ) {
    const end = at + bytes.readUInt32BE(at);
    if (end < at + 8 || end > to) break;
    found.push({ type: bytes.toString('latin1', at + 4, at + 8), body: at + 8, end });
    at = end;
  }
  return found;
}

function isVideo(bytes: Buffer, track: Box): boolean {
  const media = boxes(bytes, track.body, track.end).find(({ type }) => type === 'mdia');
  const handler = media && boxes(bytes, media.body, media.end).find(({ type }) => type === 'hdlr');
  return handler !== undefined && bytes.toString('latin1', handler.body + 8, handler.body + 12) === 'vide';
}
