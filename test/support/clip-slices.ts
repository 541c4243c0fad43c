/** The slices of H.264 files, as hashes: the camera's own bits, whatever holds them. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Mp4Fragments } from '../../server/packets/mp4-fragments.ts';
import { splitAnnexB } from './annex-b.ts';
import { ffmpeg } from './clip.ts';

const digest = (nal: Uint8Array): string => createHash('sha256').update(nal).digest('hex');
const isSlice = (nal: Uint8Array): boolean => [1, 5].includes(nal[0]! & 0x1f);

/** Of an MP4 file, in decoding order. */
export async function slicesOf(clip: string): Promise<string[]> {
  const stream = await ffmpeg(
    ['-i', clip, '-c', 'copy', '-bsf:v', 'h264_mp4toannexb'].concat(['-f', 'h264', '-']),
  );
  return splitAnnexB(stream).filter(isSlice).map(digest);
}

/** Of a recorded file, which is fragmented. */
export async function keptSlices(file: string): Promise<string[]> {
  const samples = [...new Mp4Fragments().push(await readFile(file))].flatMap((item) =>
    item.kind === 'sample' ? [item.data] : [],
  );
  return samples.flatMap(nalsOf).filter(isSlice).map(digest);
}

function nalsOf(sample: Uint8Array): Uint8Array[] {
  const nals: Uint8Array[] = [];
  const view = new DataView(sample.buffer, sample.byteOffset, sample.byteLength);
  for (let at = 0; at < sample.length; at += 4 + view.getUint32(at))
    nals.push(sample.subarray(at + 4, at + 4 + view.getUint32(at)));
  return nals;
}
