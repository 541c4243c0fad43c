import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import type { Want } from '#wire/control.ts';
import type { QueueLimits } from '../../../server/fanout/drop-policy.ts';
import { Stream } from '../../../server/fanout/stream.ts';
import type { StreamItem, UnitItem } from '../../../server/fanout/stream-item.ts';
import { CONFIG, Consumer, delta, HandClock, key, seconds, settled } from './made-up-camera.ts';

const LIMITS: QueueLimits = { bytes: 1000, age: seconds(2), lag: seconds(2.5) };
const VIEWERS = 2;

/** What can happen to a stream and its viewers, in any order. */
type Happening =
  | { readonly what: 'unit'; readonly key: boolean; readonly bytes: number; readonly after: number }
  | { readonly what: 'reconnect' | 'new size' }
  | { readonly what: 'take'; readonly viewer: number; readonly count: number }
  | { readonly what: 'want'; readonly viewer: number; readonly want: Want }
  | { readonly what: 'ack'; readonly viewer: number; readonly behind: number };

const viewer = fc.nat({ max: VIEWERS - 1 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      what: fc.constant('unit' as const),
      key: fc.nat({ max: 5 }).map((n) => n === 0),
      bytes: fc.integer({ min: 1, max: 400 }),
      after: fc.constantFrom(0.04, 0.04, 0.5, 1.5),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('reconnect' as const, 'new size' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({ what: fc.constant('take' as const), viewer, count: fc.nat({ max: 12 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('want' as const),
      viewer,
      want: fc.constantFrom<Want>('live', 'live', 'key', 'pause'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('ack' as const), viewer, behind: fc.nat({ max: 5 }) }),
  },
);

/** A viewer, what it wanted when, and the check of every item it is given. */
class CheckedViewer {
  readonly consumer: Consumer;
  readonly #published: readonly AccessUnit[];
  #want: Want = 'live';
  /** True from a change of mind on until the next key unit of a live picture: a jump is what was asked for. */
  #jumpIsAskedFor = true;
  #last: UnitItem | undefined;
  #before: StreamItem | undefined;
  #gap: number | undefined;

  constructor(stream: Stream, published: readonly AccessUnit[]) {
    this.consumer = new Consumer(stream.read({ want: 'live', limits: LIMITS }));
    this.#published = published;
  }

  want(want: Want): void {
    this.#want = want;
    this.#jumpIsAskedFor = true;
    this.consumer.reader.want(want);
  }

  check(): void {
    for (const item of this.consumer.items.splice(0)) {
      if (item.kind === 'unit') this.#checkUnit(item);
      if (item.kind === 'gap') {
        expect(item.dropped).toBeGreaterThan(0);
        // The key unit that was to follow a gap may be left out itself: then another gap tells of it.
        this.#gap = (this.#gap ?? 0) + item.dropped;
      } else if (this.#before?.kind === 'gap') {
        expect(item.kind, 'after a gap').toBe('config');
      }
      if (item.kind !== 'state') this.#before = item;
    }
  }

  #checkUnit(item: UnitItem): void {
    const { unit, epoch, group, index } = item;
    if (unit.key) {
      expect(index).toBe(0);
      expect(this.#before).toEqual({ kind: 'config', epoch, group, index, config: unit.config });
      if (!this.#jumpIsAskedFor) expect(this.#gap ?? 0).toBe(this.#between(this.#last!, item));
      this.#jumpIsAskedFor = this.#want !== 'live';
      this.#gap = undefined;
    } else {
      expect(this.#want, 'a delta unit came').toBe('live');
      expect(this.#gap, 'a gap before a delta unit').toBeUndefined();
      const { epoch, group, index } = this.#last!;
      expect(item).toMatchObject({ epoch, group, index: index + 1 });
    }
    this.#last = item;
  }

  /** How many published units lie between two that were delivered. */
  #between(last: UnitItem, next: UnitItem): number {
    return this.#published.indexOf(next.unit) - this.#published.indexOf(last.unit) - 1;
  }
}

describe('Whatever a camera sends and a viewer does', () => {
  it('the viewer is given what it can decode, and told of every unit that is missing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { maxLength: 80, size: 'max' }),
        fc.boolean(),
        async (happenings, smallGop) => {
          const clock = new HandClock();
          const stream = new Stream({ now: clock.now, gopBytes: smallGop ? 600 : 1e6 });
          const published: AccessUnit[] = [];
          const viewers = Array.from({ length: VIEWERS }, () => new CheckedViewer(stream, published));
          let width = 960;
          for (const event of happenings) {
            await happen(event);
            await settled();
            for (const each of viewers) each.check();
          }
          for (const each of viewers) await each.consumer.take();
          for (const each of viewers) each.check();

          async function happen(event: Happening): Promise<void> {
            switch (event.what) {
              case 'unit': {
                clock.advance(event.after);
                const at = clock.now() / 1e6;
                const config = { ...CONFIG, codedWidth: width };
                const unit = event.key ? key(at, event.bytes, config) : delta(at, event.bytes);
                const before = stream.published;
                stream.publish(unit);
                if (stream.published > before) published.push(unit);
                return;
              }
              case 'reconnect':
                return stream.discontinuity();
              case 'new size':
                width += 16;
                return;
              case 'take':
                return viewers[event.viewer]!.consumer.take(event.count);
              case 'want':
                viewers[event.viewer]!.want(event.want);
                return settled();
              case 'ack':
                return viewers[event.viewer]!.consumer.reader.acknowledge(
                  seconds(clock.now() / 1e6 - event.behind),
                );
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
