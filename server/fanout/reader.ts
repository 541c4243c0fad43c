/** One viewer's side of a Stream: what it is sent next, never in the camera's way. */
import type { CameraState } from '#wire/camera-state.ts';
import type { Want } from '#wire/control.ts';
import { type Micros, micros } from '#wire/time.ts';
import type { QueueLimits } from './drop-policy.ts';
import { InFlight } from './in-flight.ts';
import type { Replay } from './last-gop.ts';
import type { ConfigItem, EndItem, StreamItem, UnitItem } from './stream-item.ts';
import { ViewerQueue } from './viewer-queue.ts';

/** What a Reader knows of its Stream. */
export interface ReaderSource {
  readonly replay: () => Replay;
  readonly closed: (reader: Reader) => void;
}

export interface ReaderCounters {
  /** Units handed to the viewer. */
  readonly delivered: number;
  /** Units left out because the viewer was slow. */
  readonly dropped: number;
  /** Gaps told to the viewer. */
  readonly gaps: number;
}

type Result = IteratorResult<StreamItem, undefined>;
const DONE: Result = { done: true, value: undefined };

/**
 * Opened by `Stream.read`. One consumer iterates; leaving the loop disposes the reader. Items are in decode order: a
 * key unit directly after its config, a delta unit only after the unit it follows on, and one gap or more before the
 * next key unit where units were lost by the camera's link, or left out because the viewer was slow. The last item of a
 * stream that ended is its end.
 */
export class Reader implements AsyncIterable<StreamItem, undefined>, Disposable {
  readonly #source: ReaderSource;
  readonly #queue: ViewerQueue;
  readonly #inFlight = new InFlight();
  #want: Want;
  #running: Micros = micros(0);
  #state: CameraState | undefined;
  #end: EndItem | undefined;
  /** True once the end was handed out. */
  #ended = false;
  #delivered = 0;
  #gaps = 0;
  #closed = false;
  #wake: ((result: Result) => void) | undefined;

  /** For the Stream. */
  constructor(want: Want, limits: QueueLimits, source: ReaderSource) {
    this.#want = want;
    this.#source = source;
    this.#queue = new ViewerQueue(limits);
    this.#rejoin();
  }

  get counters(): ReaderCounters {
    return { delivered: this.#delivered, dropped: this.#queue.dropped, gaps: this.#gaps };
  }

  /**
   * Changes what is sent from now on, what is queued included. Wanting less takes it out of the queue. Wanting more
   * joins anew, from the last GOP's key unit on: that shows the live picture soonest, and asks nothing of a decoder
   * which the browser may have closed meanwhile.
   */
  want(want: Want): void {
    if (want === this.#want) return;
    const fewer = this.#want === 'live' && want === 'key';
    this.#want = want;
    this.#inFlight.forget();
    if (fewer) this.#queue.keepKeyUnits();
    else this.#rejoin();
    this.#handOver();
  }

  /** The viewer has shown the unit of this timestamp. */
  acknowledge(timestamp: Micros): void {
    this.#inFlight.shown(timestamp);
  }

  /** For the Stream: the next unit, with its config when it is a key unit. Never throws, never waits. */
  publish(item: UnitItem, config: ConfigItem | undefined): void {
    if (this.#want === 'pause' || (this.#want === 'key' && config === undefined)) return;
    this.#running = item.runningAt;
    if (config !== undefined) this.#inFlight.caughtUp();
    this.#queue.add(item, config, this.#inFlight.lag(this.#running));
    this.#handOver();
  }

  /** For the Stream: so many units were lost on the way from the camera, and the next one is a key unit. */
  lose(units: number): void {
    if (this.#want === 'live') this.#queue.lose(units);
  }

  /** For the Stream: the camera's state. It overtakes the queue, and a newer one replaces it. */
  tell(state: CameraState): void {
    this.#state = state;
    this.#handOver();
  }

  /** For the Stream: nothing more will come; what is queued is still handed out. */
  finish(end: EndItem): void {
    this.#end = end;
    this.#handOver();
  }

  [Symbol.asyncIterator](): AsyncIterator<StreamItem, undefined> {
    return {
      next: () => this.#pull(),
      return: async () => {
        this[Symbol.dispose]();
        return DONE;
      },
    };
  }

  /** Ends the iteration at once and leaves the Stream. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.clear();
    this.#source.closed(this);
    this.#wake?.(DONE);
    this.#wake = undefined;
  }

  #pull(): Promise<Result> {
    if (this.#ended) this[Symbol.dispose]();
    if (this.#closed) return Promise.resolve(DONE);
    const value = this.#take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Gives the next item to a consumer that waits for one. */
  #handOver(): void {
    if (this.#wake === undefined) return;
    const value = this.#take();
    if (value === undefined) return;
    this.#wake({ done: false, value });
    this.#wake = undefined;
  }

  #take(): StreamItem | undefined {
    // Nothing comes between a config and its key unit.
    if (this.#state !== undefined && !this.#queue.keyIsDue) return this.#takeState(this.#state);
    const item = this.#queue.take();
    if (item === undefined) return this.#takeEnd();
    if (item.kind === 'gap') this.#gaps++;
    if (item.kind === 'unit') {
      this.#delivered++;
      this.#inFlight.handedOver(item, this.#running);
    }
    return item;
  }

  #takeState(state: CameraState): StreamItem {
    this.#state = undefined;
    return { kind: 'state', state };
  }

  #takeEnd(): StreamItem | undefined {
    this.#ended = this.#end !== undefined;
    return this.#end;
  }

  #rejoin(): void {
    this.#queue.rejoin(this.#source.replay(), this.#want);
    this.#inFlight.catchUp();
  }
}
