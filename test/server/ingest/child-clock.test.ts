import { describe, expect, it } from 'vitest';
import { ChildClock } from '../../../server/ingest/child-clock.ts';
import { delta, key } from '../fanout/made-up-camera.ts';

const times = ({
  timestamp,
  capturedAt,
  captureClock,
}: ReturnType<typeof delta> | ReturnType<typeof key>) => ({
  timestamp,
  capturedAt,
  captureClock,
});

describe("a child's clock", () => {
  it('gives back what went in, pictures shown before the first of all included', () => {
    const clock = new ChildClock(3e6);
    const units = [key(3), delta(2.5), delta(9)];
    const entered = units.map((unit) => clock.enter(unit));
    expect(new Set(entered).size).toBe(3);
    expect(Math.min(...entered)).toBeGreaterThan(0);
    expect(entered.map((time) => clock.take(time))).toEqual(units.map(times));
  });

  it('places a picture that nobody gave in by the one before it', () => {
    const clock = new ChildClock(0);
    const time = clock.enter(key(1));
    clock.take(time);
    expect(clock.take(time + 500_000)).toEqual(times(key(1.5)));
  });

  it('forgets pictures that never come', () => {
    const clock = new ChildClock(0);
    const first = clock.enter(key(0));
    clock.enter({ ...delta(1), captureClock: 'sender-report' });
    for (let second = 2; second < 5000; second++) clock.enter(delta(second));
    expect(clock.take(first).capturedAt).toBe(key(0).capturedAt);
    expect(clock.take(clock.of(1e6)).captureClock).toBe('arrival');
  });
});
