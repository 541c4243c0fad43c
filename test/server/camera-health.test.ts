import { beforeEach, describe, expect, it } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import { micros, wallMicros } from '#wire/time.ts';
import { CameraHealth, reportOf } from '../../server/camera-health.ts';

const CONFIG = { codec: 'avc1.640028', codedWidth: 64, codedHeight: 48, format: 'annexb' } as const;

function unit(key: boolean, seconds: number, bytes = 100): AccessUnit {
  const common = {
    timestamp: micros(Math.round(seconds * 1e6)),
    capturedAt: wallMicros(0),
    captureClock: 'arrival',
    data: new Uint8Array(bytes),
  } as const;
  return key ? { ...common, key, config: CONFIG } : { ...common, key };
}

describe("a camera's health", () => {
  let seconds: number;
  let health: CameraHealth;

  beforeEach(() => {
    seconds = 1000.5;
    health = new CameraHealth(() => seconds * 1000);
  });

  /** Pictures at 25 a second for so long, a key unit every `gop` of them. */
  function run(length: number, gop: number, bytes = 100): void {
    const began = seconds;
    for (let picture = 0; picture < length * 25; picture++) {
      seconds = began + picture / 25;
      health.saw(unit(picture % gop === 0, seconds, bytes));
    }
    seconds = began + length;
  }

  it('has rates of the last ten seconds', () => {
    run(60, 50, 4000);
    run(12, 50);
    expect(health.rates()).toEqual({ unitsPerSecond: 25, bitsPerSecond: 25 * 8 * 100 });
  });

  it('has rates before ten seconds have passed', () => {
    run(3, 50);
    expect(health.rates().unitsPerSecond).toBeGreaterThan(20);
    expect(health.rates().unitsPerSecond).toBeLessThanOrEqual(25);
  });

  it('has rates that fall to nothing with a camera that falls silent, however long ago', () => {
    run(12, 50);
    seconds += 5;
    expect(health.rates().unitsPerSecond).toBeCloseTo(12.5, -1);
    seconds += 1e6;
    expect(health.rates()).toEqual({ unitsPerSecond: 0, bitsPerSecond: 0 });
  });

  it('knows how long the last whole GOP was', () => {
    run(8, 50);
    expect(health.gop).toEqual({ units: 50, seconds: 2 });
  });

  it('knows a GOP that runs and is longer already', () => {
    run(4, 25);
    run(10, 1000);
    expect(health.gop).toEqual({ units: 250, seconds: 9.96 });
  });

  it('joins no GOP over a reconnection', () => {
    health.saw(unit(true, 0));
    health.saw(unit(false, 1));
    health.connecting();
    for (let at = 0; at < 5; at++) health.saw(unit(false, at));
    health.saw(unit(true, 5));
    expect(health.gop).toEqual({ units: 1, seconds: 0 });
  });

  it('counts what was lost and what was stamped anew', () => {
    for (const units of [2, 1]) health.note({ kind: 'lost', units });
    health.note({ kind: 'restamped' });
    health.note({ kind: 'unreadable' });
    expect(health).toMatchObject({ lost: 3, restamped: 1 });
  });

  it('is reported with the state, and the last failure even when it is over', () => {
    health.failed('ingest/silent');
    const report = reportOf({
      config: { name: 'quay' },
      stream: { state: { state: 'live', since: wallMicros(1_780_000_000_000_000) }, viewers: 2 },
      reconnects: 1,
      health,
    });
    expect(report).toEqual({
      name: 'quay',
      state: 'live',
      since: '2026-05-28T20:26:40.000Z',
      lastError: { code: 'ingest/silent', at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
      unitsPerSecond: 0,
      bitsPerSecond: 0,
      gop: null,
      reconnects: 1,
      restamped: 0,
      lost: 0,
      viewers: 2,
    });
  });
});
