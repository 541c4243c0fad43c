/** Planes of Y'CbCr to the input tensor in plain loops: the specification of `yuv-planes.wgsl`. */
import { tensorFromRgba } from './color-conversion.reference.ts';
import { LUMA_WEIGHTS, planesOf, SITING, type YuvPicture } from './yuv-picture.ts';

/** Writes f32 NCHW [1, 3, height, width], sRGB-encoded RGB, 0..1, into `out`. Throws a RangeError where the planes do not fit. */
export function tensorFromYuv(picture: YuvPicture, out: Float32Array, width: number, height: number): void {
  tensorFromRgba(rgbaFromYuv(picture), picture.width, picture.height, out, width, height);
}

/** RGBA of 0..255 with what lies between the whole numbers, as large as the picture. */
export function rgbaFromYuv(picture: YuvPicture): Float32Array {
  const { width, height, bytes, colors } = picture;
  const [luma, cb, cr] = planesOf(picture);
  const site = SITING[colors.siting ?? 'left'];
  const { red: kr, blue: kb } = LUMA_WEIGHTS[colors.matrix];
  // ITU-T H.273 §8.3 the other way round: eight bits to EY, EPB and EPR ...
  const [black, lumaSteps, chromaSteps] = colors.fullRange ? [0, 255, 255] : [16, 219, 224];
  const rgba = new Float32Array(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const chroma = (
        first: number,
        { width, height, stride, sampleBytes }: NonNullable<typeof cb>,
      ): number =>
        between((x - site.x) / 2, width, (i) =>
          between((y - site.y) / 2, height, (j) => bytes[first + j * stride + i * sampleBytes]!),
        );
      const ey = (bytes[luma!.offset + y * luma!.stride + x]! - black) / lumaSteps;
      const epb = (chroma(cb!.offset, cb!) - 128) / chromaSteps;
      const epr = (cr ? chroma(cr.offset, cr) : chroma(cb!.offset + 1, cb!)) - 128;
      // ... and those to colours: EPB = (EB - EY) / (2 (1 - KB)), EPR = (ER - EY) / (2 (1 - KR)).
      const red = ey + (2 * (1 - kr) * epr) / chromaSteps;
      const blue = ey + 2 * (1 - kb) * epb;
      const green = (ey - kr * red - kb * blue) / (1 - kr - kb);
      rgba.set([cut(red), cut(green), cut(blue), 255], 4 * (y * width + x));
    }
  }
  return rgba;
}

const cut = (value: number): number => 255 * Math.min(1, Math.max(0, value));

/** What lies at `at` between the samples of a row or column of `count`; beyond its ends they repeat. */
function between(at: number, count: number, sample: (index: number) => number): number {
  const low = Math.floor(at);
  const share = at - low;
  const inside = (index: number): number => Math.min(count - 1, Math.max(0, index));
  return (1 - share) * sample(inside(low)) + share * sample(inside(low + 1));
}
