/** Units of one unbroken run, in decoding order → samples with decode times and durations. */
import type { Codec } from '#wire/access-unit.ts';
import { type Micros, micros, type WallMicros } from '#wire/time.ts';
import { unlessMalformed } from '../packets/bit-reader.ts';
import { parseSps as parseH264Sps } from '../packets/h264-sps.ts';
import { parseSps as parseH265Sps } from '../packets/h265-sps.ts';
import { DecodeTimes } from './decode-times.ts';
import type { Sample } from './fragment.ts';
import { H264_SPS, H265_SPS, nalTypeOf } from './unit-nals.ts';

/** A unit short of the times that only its neighbours tell. */
export interface Untimed {
  readonly nals: readonly Uint8Array[];
  readonly bytes: number;
  readonly key: boolean;
  readonly timestamp: Micros;
  readonly capturedAt: WallMicros;
  /** Published before the reader came. */
  readonly replay: boolean;
}

export type TimedSample = Sample & { readonly replay: boolean };

/** How long the only picture of a run is shown, of which nothing is known. */
const LONE_DURATION = micros(40_000);

/** Holds one picture back for its duration, and as many as are reordered. */
export class SampleTimes {
  readonly #times: DecodeTimes<Untimed>;
  /** `tfdt` is unsigned, and timestamps may begin below zero. */
  readonly #shift: number;
  #last: ReturnType<DecodeTimes<Untimed>['push']>[number] | undefined;
  #duration = LONE_DURATION;

  /** @param first the unit that the run begins with. @param reordered as `reorderedBy` says */
  constructor(first: Untimed, reordered: number) {
    this.#times = new DecodeTimes(reordered);
    this.#shift = first.timestamp < 0 ? -first.timestamp : 0;
  }

  push(unit: Untimed): TimedSample[] {
    return this.#timed(this.#times.push({ ...unit, timestamp: micros(unit.timestamp + this.#shift) }));
  }

  /** The rest; the last picture is shown as long as the one before it. */
  flush(): TimedSample[] {
    const samples = this.#timed(this.#times.flush());
    if (this.#last !== undefined) samples.push({ ...this.#last, duration: this.#duration });
    this.#last = undefined;
    return samples;
  }

  #timed(decoded: ReturnType<DecodeTimes<Untimed>['push']>): TimedSample[] {
    const samples: TimedSample[] = [];
    for (const next of decoded) {
      if (this.#last !== undefined) {
        this.#duration = micros(next.decodeTime - this.#last.decodeTime);
        samples.push({ ...this.#last, duration: this.#duration });
      }
      this.#last = next;
    }
    return samples;
  }
}

/** How many pictures an SPS lets come before one that is shown before them; 0 where it says nothing. */
export function reorderedBy(codec: Codec, parameterSets: readonly Uint8Array[]): number {
  const sps = parameterSets.find((nal) => nalTypeOf(codec, nal) === (codec === 'h264' ? H264_SPS : H265_SPS));
  if (sps === undefined) return 0;
  const said = unlessMalformed(() =>
    codec === 'h264'
      ? (parseH264Sps(sps).vui?.bitstreamRestriction?.maxNumReorderFrames ?? 0)
      : parseH265Sps(sps).maxNumReorderPics,
  );
  return said ?? 0;
}
