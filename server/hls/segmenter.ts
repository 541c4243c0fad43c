/** A camera's units → init segments, parts and segments of fragmented MP4, as they arrive. */
import { type AccessUnit, type Codec, codecOf, type VideoConfig } from '#wire/access-unit.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { type Micros, micros } from '#wire/time.ts';
import type { StreamItem, UnitItem } from '../fanout/stream-item.ts';
import { NAL_LENGTH_BYTES } from './fragment.ts';
import { initSegment } from './init-segment.ts';
import { reorderedBy, SampleTimes, type TimedSample } from './sample-times.ts';
import type { Init, SegmentItem } from './segment.ts';
import { LONGEST_SEGMENT, SegmentCutter } from './segment-cutter.ts';
import { unitNals } from './unit-nals.ts';

/** A step back by more is no reordering: the camera's clock was set. */
const MOST_REORDERED = micros(2_000_000);

/**
 * Yields as soon as the units are there that an item needs: a part when its last picture's duration is known, which is
 * one unit later. A segment begins at a key unit, two seconds or more after the one before it began; a GOP that outgrows a
 * segment is cut into ones that are not independent. After an epoch, a gap, a change of parameter sets, a jump of the
 * timestamps or a camera that went away the segment that was open is ended, and the next is a discontinuity.
 * @param items as a Reader of all units gives them. What is held back is yielded when they end
 * @throws NightglassError `hls/unsupported-codec` at a config of anything but H.264 and H.265, `packets/malformed`
 */
export async function* segments(
  items: AsyncIterable<StreamItem>,
): AsyncGenerator<SegmentItem, void, undefined> {
  const segmenter = new Segmenter();
  for await (const item of items) {
    if (item.kind === 'unit') yield* segmenter.add(item);
    else if (item.kind === 'gap') yield* segmenter.break();
    else if (item.kind === 'config') checkCodec(item.config);
    // What is known of a camera that is away ends now, not when it comes back.
    else if (item.kind === 'state' && item.state.state === 'unreachable') yield* segmenter.away();
  }
  yield* segmenter.flush();
}

/** What runs on between two breaks. */
interface Run {
  readonly codec: Codec;
  readonly init: Init;
  readonly parameterSets: readonly Uint8Array[];
  readonly times: SampleTimes;
}

class Segmenter {
  readonly #cutter = new SegmentCutter();
  #run: Run | undefined;
  #highest: Micros = micros(Number.NEGATIVE_INFINITY);

  *add({ unit, discontinuity, replay }: UnitItem): Generator<SegmentItem, void, undefined> {
    if (discontinuity || this.#jumps(unit)) yield* this.break();
    const codec = unit.key ? codecOf(unit.config) : this.#run?.codec;
    const config = unit.key ? unit.config : this.#run?.init.config;
    if (codec === undefined || config === undefined) return;
    const { parameterSets, rest } = unitNals(codec, unit.data);
    const { key, timestamp, capturedAt } = unit;
    const bytes = rest.reduce((sum, { length }) => sum + NAL_LENGTH_BYTES + length, 0);
    const untimed = { nals: rest, bytes, key, timestamp, capturedAt, replay };
    const sets = this.#setsAfter(key, parameterSets);
    if (sets !== this.#run?.parameterSets) {
      yield* this.break();
      const init = initSegment(codec, config, sets);
      const times = new SampleTimes(untimed, reorderedBy(codec, sets));
      this.#run = { codec, init, parameterSets: sets, times };
      yield { kind: 'init', init };
    }
    this.#highest = micros(Math.max(this.#highest, timestamp));
    yield* this.#cut(this.#run!.times.push(untimed));
  }

  /** Ends what is open; what comes next is a discontinuity. */
  *break(): Generator<SegmentItem, void, undefined> {
    yield* this.flush();
    this.#cutter.break();
    this.#run = undefined;
    this.#highest = micros(Number.NEGATIVE_INFINITY);
  }

  /** Ends what is open; units that the news overtook may follow. */
  *away(): Generator<SegmentItem, void, undefined> {
    yield* this.flush();
    this.#cutter.break();
  }

  /** Ends what is open. */
  *flush(): Generator<SegmentItem, void, undefined> {
    yield* this.#cut(this.#run?.times.flush() ?? []);
    yield* this.#cutter.close();
  }

  *#cut(samples: readonly TimedSample[]): Generator<SegmentItem, void, undefined> {
    const { init } = this.#run ?? {};
    if (init) for (const sample of samples) yield* this.#cutter.add(sample, init);
  }

  /** The very same list where nothing is new. A delta unit may name sets beside those of its key unit. */
  #setsAfter(key: boolean, came: readonly Uint8Array[]): readonly Uint8Array[] {
    const known = this.#run?.parameterSets ?? [];
    const wanted = key
      ? came
      : [...known, ...came.filter((set) => !known.some((one) => sameBytes(one, set)))];
    const same =
      this.#run && wanted.length === known.length && wanted.every((set, at) => sameBytes(set, known[at]!));
    // Copies: views would keep whole pictures in memory.
    return same ? known : wanted.map((set) => new Uint8Array(set));
  }

  #jumps({ timestamp }: AccessUnit): boolean {
    if (this.#run === undefined) return false;
    const step = timestamp - this.#highest;
    return step > LONGEST_SEGMENT || step < -MOST_REORDERED;
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

function checkCodec(config: VideoConfig): void {
  if (codecOf(config) === undefined)
    throw new NightglassError(
      'hls/unsupported-codec',
      `HLS carries H.264 and H.265; this camera sends ${config.codec}`,
    );
}
