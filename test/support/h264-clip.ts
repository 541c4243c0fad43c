/** Small H.264 clips by ffmpeg (libx264), and what ffmpeg makes of H.264 again. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { H264_SHAPE, type NalShape, picturesOf } from './annex-b.ts';
import { ffmpeg, frameChecksums } from './clip.ts';
import type { CodedPicture } from './rtp-packetiser.ts';

export interface H264Clip {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** More libx264 settings, `key=value:…`, and profile. */
  readonly x264?: string;
  readonly profile?: 'baseline' | 'main' | 'high';
  readonly keyInterval?: number;
  readonly bFrames?: number;
  /** A sixth of the light. */
  readonly night?: boolean;
}

/** A folder that is gone at the end of its `await using`. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'nightglass-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes a clip of a moving test pattern at 25 pictures a second; the file's ending says the container. */
export async function encodeClip(file: string, clip: H264Clip): Promise<void> {
  const { width, height, frames, keyInterval = 10, bFrames = 0, profile = 'high', x264, night } = clip;
  const sixth = "y='16+(val-16)/6':u='128+(val-128)/6':v='128+(val-128)/6'";
  const darker = night ? `,format=yuv420p,lutyuv=${sixth}` : '';
  const picture = `testsrc2=size=${width}x${height}:rate=25${darker}`;
  const settings = ['scenecut=0', 'threads=1', ...(x264 ? [x264] : [])].join(':');
  await ffmpeg(
    ['-f', 'lavfi', '-i', picture, '-frames:v', `${frames}`, '-pix_fmt', 'yuv420p']
      .concat(['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', profile, '-crf', '30'])
      .concat(['-g', `${keyInterval}`, '-bf', `${bFrames}`, '-x264-params', settings, '-y', file]),
  );
}

/** A clip as coded pictures in decoding order, stamped with the presentation times ffmpeg gives them, at 90 kHz. */
export async function codedPictures(clip: H264Clip): Promise<CodedPicture[]> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'clip.mp4');
  await encodeClip(file, clip);
  return await storedPictures(file, 'h264', H264_SHAPE);
}

/** The coded pictures of an MP4 file, as `codedPictures` gives them. */
export async function storedPictures(
  file: string,
  format: 'h264' | 'hevc',
  shape: NalShape,
): Promise<CodedPicture[]> {
  const stream = await ffmpeg(
    ['-i', file, '-c', 'copy', '-bsf:v', `${format}_mp4toannexb`].concat(['-f', format, '-']),
  );
  const times = (await ffmpeg(['-i', file, '-c', 'copy', '-f', 'framecrc', '-'])).toString();
  const ticks = times
    .split('\n')
    .filter((line) => line.startsWith('0,'))
    .map((line) => (Number(line.split(',')[2]) * 90_000) / timebase(times));
  return picturesOf(stream, shape).map((nals, index) => ({ nals, timestamp: ticks[index]! }));
}

const timebase = (framecrc: string): number => Number(/^#tb 0: 1\/(\d+)$/m.exec(framecrc)?.[1]);

/**
 * The checksum of every frame that ffmpeg decodes from an Annex B stream, in the order shown.
 * @param judge `strict` throws when anything is wrong with the stream; `lenient` is for a stream that is joined at an
 * open GOP, where pictures lack what they refer to
 * @param format the stream's, by ffmpeg's name
 */
export async function decodedFrames(
  stream: Uint8Array,
  judge: 'strict' | 'lenient' = 'strict',
  format: 'h264' | 'hevc' = 'h264',
): Promise<string[]> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, `stream.${format}`);
  await writeFile(file, stream);
  const strictly = ['-xerror', '-err_detect', 'explode+crccheck+bitstream+buffer'];
  return await frameChecksums([...(judge === 'strict' ? strictly : []), '-i', file]);
}
