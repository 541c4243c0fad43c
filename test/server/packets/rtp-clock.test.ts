import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wallMicros } from '#wire/time.ts';
import { type PictureTimes, RtpClock } from '../../../server/packets/rtp-clock.ts';
import { ARRIVAL } from '../../support/rtp-packetiser.ts';

const RATE = 90_000;
const FRAME = 3600;

interface Came {
  /** RTP timestamp before it wraps. */
  readonly rtp: number;
  /** Milliseconds after the first arrival. */
  readonly ms: number;
  readonly ssrc?: number;
}

const read = (clock: RtpClock, { rtp, ms, ssrc = 7 }: Came, reordered = false): PictureTimes =>
  clock.read({ ssrc, rtpTimestamp: rtp >>> 0, arrivedAt: wallMicros(ARRIVAL + ms * 1000) }, reordered);
const timestamps = (came: readonly Came[], reordered = false): number[] => {
  const clock = new RtpClock(RATE);
  return came.map((one) => read(clock, one, reordered).timestamp / 1000);
};

describe('timestamps', () => {
  it('begin at 0 and follow the camera, not the arrivals', () => {
    const came = [0, 1, 2, 3].map((n) => ({ rtp: 123_456 + n * FRAME, ms: n * 40 + (n % 2) * 15 }));
    expect(timestamps(came)).toEqual([0, 40, 80, 120]);
  });

  it('run on across the wrap of the RTP clock', () => {
    const came = [0, 1, 2].map((n) => ({ rtp: 2 ** 32 - FRAME + n * FRAME, ms: n * 40 }));
    expect(timestamps(came)).toEqual([0, 40, 80]);
  });

  it('rise even where the camera stamps two pictures alike or one too early', () => {
    const came = [0, FRAME, FRAME, FRAME - 90, 2 * FRAME].map((rtp, n) => ({ rtp, ms: n * 40 }));
    expect(timestamps(came)).toEqual([0, 40, 40.001, 40.002, 80]);
  });

  it('go back for reordered pictures, which are shown before ones already sent', () => {
    const came = [0, 3, 1, 2].map((n, at) => ({ rtp: n * FRAME, ms: at * 40 }));
    expect(timestamps(came, true)).toEqual([0, 120, 40, 80]);
  });

  it('go back for a reordered picture across the wrap', () => {
    const came = [0, 2, 1].map((n, at) => ({ rtp: 2 ** 32 - FRAME + n * FRAME, ms: at * 40 }));
    expect(timestamps(came, true)).toEqual([0, 80, 40]);
  });

  it('keep to the camera through a long silence it counted itself', () => {
    const came = [
      { rtp: 0, ms: 0 },
      { rtp: 60 * RATE, ms: 60_100 },
    ];
    expect(timestamps(came)).toEqual([0, 60_000]);
  });

  it('keep to the camera when the network held pictures back', () => {
    const came = [
      { rtp: 0, ms: 0 },
      { rtp: FRAME, ms: 20_000 },
      { rtp: 2 * FRAME, ms: 20_000 },
    ];
    expect(timestamps(came)).toEqual([0, 40, 80]);
  });

  it('step over a picture stamped hours away, which DVRs send now and then', () => {
    const came = [
      { rtp: 0, ms: 0 },
      { rtp: FRAME, ms: 40 },
      { rtp: FRAME + 3 * 3600 * RATE, ms: 80 },
      { rtp: 3 * FRAME, ms: 121 },
      { rtp: 4 * FRAME, ms: 160 },
    ];
    expect(timestamps(came)).toEqual([0, 40, 80, 120, 160]);
  });

  it('follow a camera whose clock was set by hours, from the second picture on', () => {
    const arrivals = [0, 40, 81, 130, 161];
    const came = arrivals.map((ms, n) => ({ rtp: n * FRAME + (n < 2 ? 0 : 3 * 3600 * RATE), ms }));
    expect(timestamps(came)).toEqual([0, 40, 81, 121, 161]);
  });

  it('run on by the arrivals where the source changes', () => {
    const came = [
      { rtp: 0, ms: 0 },
      { rtp: FRAME, ms: 40 },
      { rtp: FRAME + 100, ms: 1040, ssrc: 8 },
      { rtp: 2 * FRAME + 100, ms: 1085, ssrc: 8 },
    ];
    expect(timestamps(came)).toEqual([0, 40, 1040, 1080]);
  });

  it('run on where the source changes and the machine’s clock is set back with it', () => {
    const came = [
      { rtp: 0, ms: 0 },
      { rtp: 500, ms: -1000, ssrc: 8 },
      { rtp: 500 + FRAME, ms: -960, ssrc: 8 },
    ];
    expect(timestamps(came)).toEqual([0, 0.001, 40]);
  });

  it('run on from the last picture shown where reordered pictures jump', () => {
    const came = [0, 3, 1, 2].map((n, at) => ({ rtp: n * FRAME, ms: at * 40 }));
    expect(timestamps([...came, { rtp: 9, ms: 160, ssrc: 8 }], true)).toEqual([0, 120, 40, 80, 160]);
  });

  it('go on by the arrivals where the camera’s clock is set back, and by the camera’s clock from there', () => {
    const came = [0, 1, 2, 3, 4, 5, 6].map((n) => ({
      rtp: 9e6 + n * FRAME - (n < 2 ? 0 : 3 * RATE),
      ms: n * 41,
    }));
    expect(timestamps(came)).toEqual([0, 40, 40.001, 40.002, 163, 203, 243]);
  });

  it('go on by the arrivals where the camera’s clock stands still, and by the camera’s clock once it goes on', () => {
    const came = [0, 1, 1, 1, 1, 1, 2, 3].map((n, at) => ({ rtp: n * FRAME, ms: at * 41 }));
    expect(timestamps(came)).toEqual([0, 40, 40.001, 40.002, 163, 204, 244, 284]);
  });

  it('are not torn by this machine’s clock being set', () => {
    const set = [0, 1, 2, 3, 4].map((n) => ({
      rtp: n * FRAME,
      ms: n * 40 + (n < 2 ? 0 : n < 4 ? 7.2e6 : -7.2e6),
    }));
    expect(timestamps(set)).toEqual([0, 40, 80, 120, 160]);
  });

  it('are 90 kHz’ although another rate was announced, and near the arrivals until that is known', () => {
    const clock = new RtpClock(48_000);
    for (let n = 0; n < 250; n++) {
      const { timestamp } = read(clock, { rtp: n * FRAME, ms: n * 40 });
      expect(Math.abs(timestamp / 1000 - n * 40)).toBeLessThanOrEqual(1);
    }
    expect(clock.restamped).toBeLessThanOrEqual(78);
  });

  it('that are not the camera’s are counted', () => {
    const clock = new RtpClock(RATE);
    const rtps = [0, 1, 2, 9e6, 4, 5, 5, 6].map((n) => n * FRAME);
    for (const [n, rtp] of rtps.entries()) read(clock, { rtp, ms: n * 40 });
    expect(clock.restamped).toBe(2);
  });

  it('rise and stay near the arrivals, whatever a camera’s clock does', () => {
    const habit = fc.oneof(
      fc.constant(FRAME),
      fc.constant(0),
      fc.integer({ min: -10 * RATE, max: 10 * RATE }),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.constantFrom(2 * FRAME, FRAME / 2, 10 * FRAME, -FRAME),
    );
    const phases = fc.array(fc.tuple(habit, fc.integer({ min: 1, max: 600 }), fc.boolean()), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(phases, fc.array(fc.nat(300), { minLength: 7, maxLength: 7 }), (all, delays) => {
        const clock = new RtpClock(RATE);
        let [rtp, n, last, ms] = [0, 0, -1, 0];
        /** What the clock does wrong comes after the seconds in which a camera may send what it kept. */
        const steps = [FRAME, 300, false] as const;
        for (const [step, count, mixed] of [steps, ...all])
          for (let at = 0; at < count; at++) {
            // Nothing overtakes.
            ms = Math.max(ms, n * 40 + delays[n % delays.length]!);
            const { timestamp } = read(clock, { rtp, ms: ms - delays[0]! });
            const away = timestamp / 1e6 - n / 25;
            // Behind by five seconds, and that for ten seconds.
            if (timestamp <= last || away > 6 || away < -16)
              expect.fail(`picture ${n} stands at ${timestamp}, after ${last}`);
            last = timestamp;
            n += 1;
            rtp = (rtp + (mixed && at % 2 === 0 ? FRAME : step) + 2 ** 33) % 2 ** 32;
          }
      }),
      { numRuns: 200 },
    );
  });

  it('always rise, in whole microseconds, whatever a camera stamps', () => {
    const any = fc.array(fc.record({ rtp: fc.integer({ min: 0, max: 2 ** 32 - 1 }), ms: fc.integer() }));
    fc.assert(
      fc.property(any, fc.constantFrom(1, 8000, 90_000, 2 ** 31), (came, rate) => {
        const clock = new RtpClock(rate);
        let last = -1;
        for (const one of came) {
          const { timestamp, capturedAt } = read(clock, one);
          expect(timestamp).toBeGreaterThan(last);
          expect(Number.isSafeInteger(timestamp)).toBe(true);
          expect(Number.isSafeInteger(capturedAt)).toBe(true);
          last = timestamp;
        }
      }),
    );
  });

  it('stay within a microsecond of the true time over days of pictures', () => {
    const clock = new RtpClock(RATE);
    let timestamp = 0;
    const frames = 100_000;
    for (let n = 0; n <= frames; n++)
      timestamp = read(clock, { rtp: (n * 300_003) % 2 ** 32, ms: (n * 300_003) / 90 }).timestamp;
    expect(Math.abs(timestamp - (frames * 300_003) / 0.09)).toBeLessThanOrEqual(1);
  });
});

describe('the capture clock', () => {
  const report = (msBeforeArrival: number, timestamp: number, ssrc = 7) => ({
    kind: 'sender-report' as const,
    ssrc,
    wallClock: wallMicros(ARRIVAL - msBeforeArrival * 1000),
    timestamp,
  });
  const captured = (heard: ReturnType<typeof report>, came: Came) => {
    const clock = new RtpClock(RATE);
    clock.hear(heard);
    const { capturedAt, captureClock } = read(clock, came);
    return [(capturedAt - ARRIVAL) / 1000, captureClock];
  };

  it('is the arrival until the camera has said more', () => {
    const { capturedAt, captureClock } = read(new RtpClock(RATE), { rtp: 5, ms: 3 });
    expect([capturedAt, captureClock]).toEqual([ARRIVAL + 3000, 'arrival']);
  });

  it('is the camera’s once it has sent a report', () => {
    expect(captured(report(150, 1000), { rtp: 1000 + 2 * FRAME, ms: 80 })).toEqual([-70, 'sender-report']);
  });

  it('reckons from a report across the wrap, and back from one that is ahead of the picture', () => {
    expect(captured(report(150, 2 ** 32 - FRAME), { rtp: FRAME, ms: 80 })).toEqual([-70, 'sender-report']);
    expect(captured(report(0, FRAME), { rtp: 0, ms: 0 })).toEqual([-40, 'sender-report']);
  });

  it('is the arrival where the camera’s clock is set wrong', () => {
    expect(captured(report(10_001, 0), { rtp: 0, ms: 0 })).toEqual([0, 'arrival']);
    expect(captured(report(9_999, 0), { rtp: 0, ms: 0 })).toEqual([-9_999, 'sender-report']);
    expect(captured(report(-101, 0), { rtp: 0, ms: 0 })).toEqual([0, 'arrival']);
  });

  it('is never after the arrival', () => {
    expect(captured(report(-99, 0), { rtp: 0, ms: 0 })).toEqual([0, 'sender-report']);
  });

  it('does not follow the report of another source', () => {
    expect(captured(report(150, 0, 99), { rtp: 0, ms: 0 })).toEqual([0, 'arrival']);
  });
});
