/** Small VP8, VP9 and AV1 clips by ffmpeg, and what ffmpeg makes of such pictures again. The container is IVF. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InBandTrack } from '../../server/packets/rtp-item.ts';
import { ffmpeg, frameChecksums } from './clip.ts';
import { temporaryFolder } from './h264-clip.ts';

export interface InBandClip {
  readonly codec: InBandTrack['codec'];
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly keyInterval: number;
  /** As cameras encode unless said otherwise: at once, nothing held back. */
  readonly encoder?: readonly string[];
  readonly pixels?: 'yuv420p' | 'yuv420p10le' | 'yuv444p';
}

const AT_ONCE: Readonly<Record<InBandClip['codec'], readonly string[]>> = {
  vp8: ['-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0', '-auto-alt-ref', '0'],
  vp9: ['-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0', '-auto-alt-ref', '0'],
  av1: ['-usage', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0'],
};
const ENCODERS = { vp8: 'libvpx', vp9: 'libvpx-vp9', av1: 'libaom-av1' } as const;
const FOURCC = { vp8: 'VP80', vp9: 'VP90', av1: 'AV01' } as const;

/** The coded pictures of a moving test pattern at 25 pictures a second, as they are stored: AV1 with its delimiters. */
export async function inBandPictures(clip: InBandClip): Promise<Uint8Array[]> {
  const { codec, width, height, frames, keyInterval, pixels = 'yuv420p', encoder = AT_ONCE[codec] } = clip;
  const picture = `testsrc2=size=${width}x${height}:rate=25`;
  return picturesIn(
    await ffmpeg([
      ...['-f', 'lavfi', '-i', picture, '-frames:v', `${frames}`, '-pix_fmt', pixels],
      ...['-c:v', ENCODERS[codec], ...encoder, '-b:v', '200k', '-g', `${keyInterval}`, '-f', 'ivf', '-'],
    ]),
  );
}

function picturesIn(ivf: Buffer): Uint8Array[] {
  const pictures: Uint8Array[] = [];
  for (let at = ivf.readUInt16LE(6); at < ivf.length; ) {
    const start = at + 12;
    at = start + ivf.readUInt32LE(at);
    pictures.push(Uint8Array.from(ivf.subarray(start, at)));
  }
  return pictures;
}

/** The checksum of every frame that ffmpeg decodes from the pictures. @throws where anything is wrong with one */
export async function framesOf(
  codec: InBandClip['codec'],
  pictures: readonly Uint8Array[],
): Promise<string[]> {
  const header = Buffer.alloc(32);
  header.write(`DKIF\0\0\x20\0${FOURCC[codec]}`, 'latin1');
  header.writeUInt32LE(25, 16);
  header.writeUInt32LE(1, 20);
  const stored = pictures.flatMap((picture, index) => {
    const before = Buffer.alloc(12);
    before.writeUInt32LE(picture.length);
    before.writeUInt32LE(index, 4);
    return [before, picture];
  });
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'stream.ivf');
  await writeFile(file, Buffer.concat([header, ...stored]));
  return await frameChecksums(['-xerror', '-err_detect', 'explode', '-i', file]);
}
