/** Small H.265 clips by ffmpeg (libx265). */
import { join } from 'node:path';
import { H265_SHAPE } from './annex-b.ts';
import { ffmpeg } from './clip.ts';
import { storedPictures, temporaryFolder } from './h264-clip.ts';
import type { CodedPicture } from './rtp-packetiser.ts';

export interface H265Clip {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly keyInterval?: number;
  readonly bFrames?: number;
  /** True lets pictures that are shown before a key picture refer to ones before it (CRA, RASL). */
  readonly openGop?: boolean;
  /** Main 10 with 10. */
  readonly bitDepth?: 8 | 10;
  /** More libx265 settings, `key=value:…`. */
  readonly x265?: string;
}

/**
 * Writes a clip of a moving test pattern at 25 pictures a second; the file's ending says the container. Each picture
 * carries its own checksum, which ffmpeg compares with what it decodes.
 */
export async function encodeH265Clip(file: string, clip: H265Clip): Promise<void> {
  const { width, height, frames, keyInterval = 10, bFrames = 0, openGop = false, bitDepth = 8, x265 } = clip;
  const settings = [
    'log-level=error:scenecut=0:b-adapt=0:hash=1:frame-threads=1:pools=none',
    `keyint=${keyInterval}:min-keyint=${keyInterval}:bframes=${bFrames}:open-gop=${openGop ? 1 : 0}`,
    ...(x265 ? [x265] : []),
  ].join(':');
  await ffmpeg(
    ['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=25`, '-frames:v', `${frames}`]
      .concat(['-pix_fmt', bitDepth === 10 ? 'yuv420p10le' : 'yuv420p', '-c:v', 'libx265'])
      .concat(['-preset', 'ultrafast', '-crf', '30', '-tag:v', 'hvc1', '-x265-params', settings, '-y', file]),
  );
}

/** A clip as coded pictures in decoding order, stamped with the presentation times ffmpeg gives them, at 90 kHz. */
export async function h265Pictures(clip: H265Clip): Promise<CodedPicture[]> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'clip.mp4');
  await encodeH265Clip(file, clip);
  return await storedPictures(file, 'hevc', H265_SHAPE);
}
