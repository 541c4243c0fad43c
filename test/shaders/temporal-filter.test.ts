/** Noise is averaged away over time, and nothing that moves leaves a trace: the kernel against its reference, and what both are for. */
import { describe, expect, it } from 'vitest';
import { filterInTime } from '../../shaders/temporal-filter.reference.ts';
import { openTemporalFilter } from '../../shaders/temporal-filter.ts';
import { shaders, withoutErrors } from '../support/dawn.ts';
import { readBuffer, storage, submit, unwritten } from './device-memory.ts';
import { largestDifference, noise, noiseTensor } from './noise.ts';

const TOLERANCE = 1e-5; // stated in temporal-filter.wgsl

type Size = readonly [width: number, height: number];
type Frame = Float32Array<ArrayBuffer>;

/** The frames after the filter; the mix is 1 at those named. */
function filtered(
  frames: readonly Frame[],
  [width, height]: Size,
  restarts: readonly number[] = [0],
): Frame[] {
  const history = unwritten(5 * width * height);
  return frames.map((frame, index) => {
    const tensor = frame.slice();
    filterInTime(tensor, history, width, height, restarts.includes(index) ? 1 : 0.15);
    return tensor;
  });
}

/** The same by the kernel, in a tensor that has room for more than a frame, of which it leaves the rest alone. */
function kernel(
  frames: readonly Frame[],
  [width, height]: Size,
  restarts: readonly number[] = [],
): Promise<Float32Array[]> {
  return withoutErrors(async (device) => {
    const tensor = storage(device, unwritten(3 * width * height + 1));
    using filter = await openTemporalFilter(device, shaders, { width, height, tensor });
    const tensors: Float32Array[] = [];
    for (const [index, frame] of frames.entries()) {
      device.queue.writeBuffer(tensor, 0, frame);
      submit(device, (encoder) => filter.encode(encoder, restarts.includes(index) ? 1 : 0.15));
      const held = await readBuffer(device, tensor);
      expect(held.at(-1)).toBeNaN();
      tensors.push(held.slice(0, -1));
    }
    return tensors;
  });
}

/** What a dark camera sends: a grey level and grain of this deviation in every frame, a figure that is lighter by `contrast`. */
function camera(
  [width, height]: Size,
  scene: {
    readonly frames: number;
    readonly deviation?: number;
    readonly contrast?: number;
    /** Every other column of the figure is darker by as much instead. */
    readonly striped?: boolean;
    /** The figure's left edge, pixels. */
    readonly left?: (frame: number) => number;
  },
): Frame[] {
  const { frames, deviation = 0, contrast = 0, striped = false, left = () => 0 } = scene;
  const next = noise(7);
  // Twelve evenly spread numbers make a bell of variance one.
  const grain = (): number => Array.from({ length: 12 }, next).reduce((sum, each) => sum + each, -6);
  return Array.from({ length: frames }, (_, frame) =>
    new Float32Array(3 * width * height).map((_, i) => {
      const [x, y] = [i % width, Math.floor(i / width) % height];
      const figure = y >= TOP && y < TOP + SIDE && x >= left(frame) && x < left(frame) + SIDE;
      const sign = striped && (x - left(frame)) % 2 ? -1 : 1;
      return LEVEL + (figure ? sign * contrast : 0) + deviation * grain();
    }),
  );
}

const LEVEL = 20 / 255;
const TOP = 6;
const SIDE = 10;

const deviationFrom = (frame: Frame, level: number): number =>
  Math.sqrt(frame.reduce((sum, value) => sum + (value - level) ** 2, 0) / frame.length);

describe('the filter in time', () => {
  it.each<{ size: Size; why: string }>([
    { size: [1, 1], why: 'one pixel' },
    { size: [1, 17], why: 'one pixel wide' },
    { size: [16, 8], why: 'whole workgroups' },
    { size: [37, 21], why: 'ragged' },
  ])('equals its reference at $size ($why), still, moving and after a restart', async ({ size }) => {
    const quiet = camera(size, { frames: 6, deviation: 3 / 255, contrast: 0.1, left: (t) => 3 * t });
    const wild = [1, 2].map((seed) => noiseTensor(3 * size[0] * size[1], 0, 1, seed));
    // A step of the light that is half taken for noise, which the picture's edges weigh otherwise than its middle.
    const flat = camera(size, { frames: 3 });
    const lit = flat.map((frame) => frame.map((value) => value + 1.1 / 255));
    const frames = [...quiet.slice(0, 4), ...wild, ...quiet.slice(4), ...quiet, ...flat, ...lit];
    const computed = await kernel(frames, size, [9, 14]);
    for (const [index, expected] of filtered(frames, size, [0, 9, 14]).entries())
      expect(largestDifference(computed[index]!, expected)).toBeLessThan(TOLERANCE);
  });

  it('leaves the first frame as it is, and the one after a jump', async () => {
    const frames = camera([9, 9], { frames: 4, deviation: 3 / 255 });
    const computed = await kernel(frames, [9, 9], [3]);
    expect(computed[0]).toEqual(frames[0]);
    expect(largestDifference(computed[2]!, frames[2]!)).toBeGreaterThan(1 / 255);
    expect(computed[3]).toEqual(frames[3]);
  });
});

describe('the filter’s reference', () => {
  it.each([
    { steps: 1, gain: 2.8 },
    { steps: 2, gain: 2.8 },
    { steps: 5, gain: 1.3 },
  ])('makes a still picture’s noise of $steps/255 less by $gain', ({ steps, gain }) => {
    const size = [40, 30] as const;
    const frames = camera(size, { frames: 16, deviation: steps / 255 });
    const noisy = deviationFrom(frames[15]!, LEVEL);
    expect(deviationFrom(filtered(frames, size)[15]!, LEVEL)).toBeLessThan(noisy / gain);
  });

  it.each([
    { contrast: 60, speed: 1, deviation: 0 },
    { contrast: 60, speed: 3, deviation: 2 },
    { contrast: 20, speed: 1, deviation: 2 },
    { contrast: 20, speed: 3, deviation: 5 },
    { contrast: 8, speed: 1, deviation: 1 },
    { contrast: 4, speed: 1, deviation: 0 },
    { contrast: 4, speed: 1, deviation: 2 },
    { contrast: 3, speed: 1, deviation: 2 },
    { contrast: -15, speed: 2, deviation: 2 },
    { contrast: 15, speed: 1, deviation: 1, striped: true },
  ])(
    'leaves no trail of 2/255 behind a figure of $contrast/255 that moves by $speed in noise of $deviation/255',
    ({ contrast, speed, deviation, striped = false }) => {
      const size = [64, 22] as const;
      const left = (t: number): number => 8 + speed * t;
      const scene = { frames: 14, contrast: contrast / 255, deviation: deviation / 255, striped, left };
      const frames = filtered(camera(size, scene), size);
      // Each column behind the figure, its rows and colours and the last frames together, so that noise cancels out.
      for (let behind = 1; behind <= 8 + 8 * speed; behind++) {
        let sum = 0;
        for (let t = 8; t < 14; t++)
          for (let row = 0; row < 3 * SIDE; row++) {
            const y = Math.floor(row / SIDE) * size[1] + TOP + (row % SIDE);
            sum += frames[t]![y * size[0] + left(t) - behind]! - LEVEL;
          }
        expect(Math.abs(sum / (6 * 3 * SIDE)) * 255, `${behind} behind`).toBeLessThan(2);
      }
    },
  );

  it('shows a cut in the frame in which it comes, without being told', () => {
    const size = [24, 16] as const;
    const scene = { frames: 8, deviation: 2 / 255 };
    const before = camera(size, scene);
    const after = before.map((frame) => frame.map((value) => value + 12 / 255));
    expect(largestDifference(filtered([...before, ...after], size)[8]!, after[0]!)).toBeLessThan(1e-6);
  });

  it('follows a slow dawn', () => {
    const size = [16, 16] as const;
    const frames = camera(size, { frames: 40 }).map((frame, t) =>
      frame.map((value) => value + (0.2 * t) / 255),
    );
    expect(largestDifference(filtered(frames, size)[39]!, frames[39]!)).toBeLessThan(2 / 255);
  });
});
