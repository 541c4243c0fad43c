/** Which YUV matrix a video's pictures were made with, and how a file says so. */
import { LUMA_WEIGHTS, type YuvColors } from '../../../shaders/yuv-picture.ts';
import type { VideoFacts } from './facts.ts';

/** The matrices that ffmpeg's scaler computes with, and its names for them, from those that ffprobe tells. */
const SCALER_NAMES: Readonly<Record<string, string>> = {
  bt709: 'bt709',
  smpte170m: 'bt601',
  bt470bg: 'bt601',
  fcc: 'fcc',
  smpte240m: 'smpte240m',
  bt2020nc: 'bt2020',
};

/** From this height on, players take pictures that say nothing for BT.709, below it for BT.601. */
const HIGH_DEFINITION = 720;

/** The stream's own matrix, or what players take pictures of this height for. */
function matrixInUse({ colours, height }: VideoFacts): string {
  const { matrix } = colours;
  if (matrix !== undefined && matrix in SCALER_NAMES) return matrix;
  return height >= HIGH_DEFINITION ? 'bt709' : 'smpte170m';
}

/** As ffmpeg's `scale` filter takes it. */
export const scalerMatrix = (facts: VideoFacts): string => SCALER_NAMES[matrixInUse(facts)]!;

/**
 * How our own kernels are to read the pictures: as they are coded, or in BT.601 where the matrix is one that they do not know, which
 * ffmpeg converts.
 */
export function planesColours(facts: VideoFacts): YuvColors {
  const { siting = 'left', fullRange } = facts.colours;
  const name = scalerMatrix(facts);
  const matrix = name in LUMA_WEIGHTS ? (name as YuvColors['matrix']) : 'bt601';
  return { matrix, fullRange, siting: SITINGS[siting] ?? 'left' };
}

const SITINGS: Readonly<Record<string, YuvColors['siting']>> = {
  left: 'left',
  center: 'center',
  topleft: 'top-left',
};

/** The arguments with which the output says what its colours are. */
export function colourArgs(facts: VideoFacts): readonly string[] {
  const { primaries, transfer, fullRange } = facts.colours;
  return [
    ...['-colorspace', matrixInUse(facts), '-color_range', fullRange ? 'pc' : 'tv'],
    ...(primaries === undefined ? [] : ['-color_primaries', primaries]),
    ...(transfer === undefined ? [] : ['-color_trc', transfer]),
  ];
}
