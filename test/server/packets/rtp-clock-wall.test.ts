import { describe, expect, it } from 'vitest';
import { wallMicros } from '#wire/time.ts';
import {
  DriftWatch,
  isOff,
  reportsAgree,
  WallClock,
  type WallClockFault,
} from '../../../server/packets/rtp-clock-wall.ts';
import { ARRIVAL } from '../../support/rtp-packetiser.ts';

const RATE = 90_000;
const SECOND = 1_000_000;
/** A report of a camera whose clock is `fast` seconds ahead of this machine's, at second `at` of the stream. */
const report = (at: number, fast = 0, ssrc = 7) => ({
  kind: 'sender-report' as const,
  ssrc,
  wallClock: wallMicros(ARRIVAL + (at + fast) * SECOND),
  timestamp: (at * RATE) >>> 0,
});
/** A picture taken at second `at`, 50 ms under way. */
const picture = (at: number, ssrc = 7, delay = 0.05) => ({
  ssrc,
  rtpTimestamp: (at * RATE) >>> 0,
  arrivedAt: wallMicros(ARRIVAL + (at + delay) * SECOND),
});

const watched = () => {
  const told: WallClockFault[] = [];
  return { told, clock: new WallClock((fault) => told.push(fault)) };
};

describe('the camera’s wall clock', () => {
  it('is off where it is far behind the arrival, or ahead of it', () => {
    expect([0, 100_000, -10_000_000].map(isOff)).toEqual([false, false, false]);
    expect([100_001, -10_000_001, 3600 * SECOND, -3600 * SECOND].map(isOff)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('agrees with itself as long as it goes on as the RTP clock does, across its wrap too', () => {
    expect(reportsAgree(report(0), report(5, 0.9), RATE)).toBe(true);
    expect(reportsAgree(report(0), report(5, 1.1), RATE)).toBe(false);
    expect(reportsAgree(report(0), report(5, -1.1), RATE)).toBe(false);
    const wrap = 2 ** 32 / RATE;
    expect(reportsAgree(report(wrap - 1), report(wrap + 4), RATE)).toBe(true);
  });

  it('that is hours off is not used, and that is told once', () => {
    const { clock, told } = watched();
    for (let at = 0; at < 20; at += 1) {
      if (at % 5 === 0) clock.hear(report(at, -3600), RATE);
      expect(clock.read(picture(at), RATE).captureClock).toBe('arrival');
    }
    expect(told).toEqual(['off']);
  });

  it('is not blamed for one picture that is stamped wrong', () => {
    const { clock, told } = watched();
    clock.hear(report(0), RATE);
    for (let at = 0; at < 20; at += 1) {
      const wrong = at % 3 === 2;
      const { arrivedAt } = picture(at);
      const read = clock.read({ ...picture(wrong ? at + 7200 : at), arrivedAt }, RATE);
      expect(read.captureClock).toBe(wrong ? 'arrival' : 'sender-report');
    }
    expect(told).toEqual([]);
  });

  it('that is set while it runs is used again once two reports agree, and the jump is told once', () => {
    const { clock, told } = watched();
    const fast = [0, 0, -3, -3, -5, -5];
    const used = fast.map((seconds, n) => {
      clock.hear(report(n * 5, seconds), RATE);
      return clock.read(picture(n * 5 + 1), RATE).captureClock === 'sender-report';
    });
    expect(used).toEqual([true, true, false, true, false, true]);
    expect(told).toEqual(['jumping']);
  });

  it('of a camera that was started anew is taken afresh', () => {
    const { clock, told } = watched();
    clock.hear(report(0), RATE);
    clock.hear(report(100, -5, 8), RATE);
    expect(clock.read(picture(101, 8), RATE).captureClock).toBe('sender-report');
    expect(clock.read(picture(101, 7), RATE).captureClock).toBe('arrival');
    expect(told).toEqual([]);
  });

  it('that drifts is no longer used once it is a second away, and that is told once', () => {
    const { clock, told } = watched();
    let lastUsed = 0;
    for (let at = 0; at < 1000; at += 1) {
      const slow = -at * 0.002;
      if (at % 5 === 0) clock.hear(report(at, slow), RATE);
      if (clock.read(picture(at), RATE).captureClock === 'sender-report') lastUsed = at;
    }
    expect(lastUsed).toBeGreaterThan(500);
    expect(lastUsed).toBeLessThan(600);
    expect(told).toEqual(['drifting']);
  });

  it('is used again when a drifting one was set right', () => {
    const { clock } = watched();
    for (let at = 0; at < 1000; at += 1) {
      if (at % 5 === 0) clock.hear(report(at, -at * 0.002), RATE);
      clock.read(picture(at), RATE);
    }
    for (const at of [1000, 1005]) clock.hear(report(at), RATE);
    expect(clock.read(picture(1006), RATE).captureClock).toBe('sender-report');
  });

  it('is not used while the rate of the RTP clock is not known', () => {
    const { clock } = watched();
    clock.hear(report(0), undefined);
    expect(clock.read(picture(1), undefined).captureClock).toBe('arrival');
  });
});

describe('drift', () => {
  const minutes = (delayAt: (second: number) => number, count = 20): boolean => {
    const watch = new DriftWatch();
    return Array.from({ length: count * 60 }, (_, at) =>
      watch.follow(-delayAt(at) * SECOND, ARRIVAL + at * SECOND),
    ).includes(true);
  };

  it('is not a network that becomes slow and stays so', () => {
    expect(minutes((at) => (at < 600 ? 0.1 : 3))).toBe(false);
  });

  it('is not a network that is slow now and then', () => {
    expect(minutes((at) => (at % 40 < 30 ? 4 : 0.1))).toBe(false);
  });

  it('is not a network whose worst delay grows while its best stays', () => {
    expect(minutes((at) => (at % 10 === 0 ? 0.1 : 0.1 + at * 0.002))).toBe(false);
  });

  it('is a delay that grows or shrinks little by little without end', () => {
    expect(minutes((at) => at * 0.002)).toBe(true);
    expect(minutes((at) => 4 - at * 0.002)).toBe(true);
  });
});
