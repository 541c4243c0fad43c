/** One way to see a camera: a Stream, and what a viewer is to be sent who cannot decode it. */
import type { Stream } from '../fanout/stream.ts';

export interface Rendering {
  readonly stream: Stream;
  /** Added to the stream's epochs, so that no two renderings of a camera ever share one. u32. */
  readonly epochBase: number;
  /** The same pictures in H.264, made as long as somebody reads them. */
  readonly h264?: Rendering;
  /** What is shown while this one cannot be reached. */
  readonly instead?: Rendering;
}
