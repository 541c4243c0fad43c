/** What waits for one viewer: items in decode order, and whatever is left out is told by a gap. */
import type { Want } from '#wire/control.ts';
import { type Micros, micros } from '#wire/time.ts';
import { bytesWaiting, countedBytes, keepOf, overrun, type QueueLimits, waitedFor } from './drop-policy.ts';
import type { Replay } from './last-gop.ts';
import type { ConfigItem, Place, QueuedItem, UnitItem } from './stream-item.ts';

export class ViewerQueue {
  readonly #limits: QueueLimits;
  #items: QueuedItem[] = [];
  #bytes = 0;
  /** True while units are left out up to the next key unit. */
  #awaitingKey = false;
  /** Units left out that no gap in the queue tells yet. */
  #leftOut = 0;
  /** True until a newcomer's replay has left the queue: it may be older than any limit. */
  #replaying = false;
  #dropped = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Units left out since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** True when the first item is a key unit whose config was the last item taken. */
  get keyIsDue(): boolean {
    const [first] = this.#items;
    return first?.kind === 'unit' && first.unit.key;
  }

  take(): QueuedItem | undefined {
    const item = this.#items.shift();
    if (item === undefined) return undefined;
    this.#bytes -= countedBytes(item);
    if (this.#items.length === 0) this.#replaying = false;
    return item;
  }

  /** Takes in the next unit of the stream, with its config if it is a key unit, and keeps within the limits. */
  add(item: UnitItem, config: ConfigItem | undefined, lag: Micros): void {
    if (config !== undefined) this.#beginAt(config);
    if (this.#awaitingKey) {
      this.#leaveOut(1);
      return;
    }
    this.#items.push(item);
    this.#bytes += countedBytes(item);
    this.#keepWithinLimits(item.publishedAt, lag);
  }

  /** So many units were lost before they came here: no fault of the viewer's, and told like what it missed. */
  lose(units: number): void {
    this.#leftOut += units;
    this.#awaitingKey = true;
  }

  /**
   * Empties the queue, which is no drop, for it was asked for, and begins with the last GOP, as much of it as is wanted
   * and held. A stream that holds none goes on with a key unit.
   */
  rejoin({ units, missing }: Replay, want: Want): void {
    this.#leftOut += unitsTold(this.#items);
    this.clear();
    const [first] = units;
    if (want === 'pause' || first?.unit.key !== true) return;
    const { epoch, group, index, unit } = first;
    this.#beginAt({ kind: 'config', epoch, group, index, config: unit.config });
    this.#items.push(...(want === 'key' ? [first] : units));
    this.#replaying = true;
    if (want === 'live' && missing > 0) this.#leaveOut(missing);
  }

  /** Lets go of the delta units, which are wanted no longer. */
  keepKeyUnits(): void {
    this.#items = this.#items.filter((item) => item.kind !== 'unit' || item.unit.key);
    this.#bytes = bytesWaiting(this.#items);
  }

  clear(): void {
    this.#items = [];
    this.#bytes = 0;
  }

  #beginAt(config: ConfigItem): void {
    this.#tellGap(config);
    this.#items.push(config);
    this.#awaitingKey = false;
    this.#replaying = false;
  }

  #leaveOut(units: number): void {
    this.lose(units);
    this.#dropped += units;
  }

  /** A gap stands at the place of the key unit that comes next. */
  #tellGap({ epoch, group, index }: Place): void {
    if (this.#leftOut > 0) this.#items.push({ kind: 'gap', epoch, group, index, dropped: this.#leftOut });
    this.#leftOut = 0;
  }

  #keepWithinLimits(now: Micros, lag: Micros): void {
    const items = this.#items;
    const age = this.#replaying ? micros(0) : waitedFor(items, now);
    const cause = overrun({ bytes: this.#bytes, age, lag }, this.#limits);
    if (cause === undefined) return;
    const { from, to } = keepOf(items, cause, this.#limits, now);
    this.#items = [];
    this.#letGo(items.slice(0, from));
    const kept = items.slice(from, to);
    if (kept[0] !== undefined) this.#tellGap(kept[0]);
    this.#items.push(...kept);
    this.#bytes = bytesWaiting(kept);
    if (to === items.length) return;
    this.#letGo(items.slice(to));
    this.#awaitingKey = true;
  }

  #letGo(items: readonly QueuedItem[]): void {
    const units = unitsIn(items);
    this.#leftOut += units + unitsTold(items);
    this.#dropped += units;
  }
}

const unitsIn = (items: readonly QueuedItem[]): number => items.filter((item) => item.kind === 'unit').length;

/** Units that the gaps among these items tell of. */
const unitsTold = (items: readonly QueuedItem[]): number =>
  items.reduce((sum, item) => sum + (item.kind === 'gap' ? item.dropped : 0), 0);
