/** A video's pictures through a network, one after the other: wholly on the GPU where the network runs there, else on the CPU. */
import { fusionMix, type Moment } from '../../../client/enhance/fusion-mix.ts';
import { FrameEnhancer, type Look } from '../enhance-frame.ts';
import type { Model } from '../model.ts';
import type { Size } from '../picture.ts';
import type { RawPixels } from './decode.ts';
import type { VideoFacts } from './facts.ts';
import { openGpuFrames } from './gpu-frames.ts';

export interface Frames extends Disposable {
  /** Of what comes out. */
  readonly size: Size;
  /** How it takes the pictures. */
  readonly takes: RawPixels;
  /**
   * One at a time, in their order.
   * @param timestamp µs from the span's start
   * @returns RGBA, 8 bit, opaque, in memory of its own
   */
  enhance(bytes: Uint8ClampedArray<ArrayBuffer>, timestamp: number): Promise<Uint8ClampedArray<ArrayBuffer>>;
}

/** The model stays the caller's, who keeps it until the frames were disposed. */
export async function openFrames(model: Model, facts: VideoFacts, look: Look): Promise<Frames> {
  if (model.gpu) return openGpuFrames(model.gpu, facts, look);
  const enhancer = new FrameEnhancer(model, facts, look);
  let before: Moment | undefined;
  return {
    size: enhancer.size,
    takes: 'rgba',
    enhance: (bytes, timestamp) =>
      enhancer.enhance(bytes, (level) => {
        // Nothing jumps within a span.
        const moment = { timestamp, stretch: 0, level };
        const mix = fusionMix(before, moment);
        before = moment;
        return mix;
      }),
    [Symbol.dispose]() {},
  };
}
