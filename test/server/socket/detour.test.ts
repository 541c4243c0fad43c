import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Detour, type Turn, turnDue } from '../../../server/socket/detour.ts';

const STAND_IN = { to: 'stand-in', afterMs: 2000 } as const;
const RETURN = { to: 'asked', afterMs: 5000 } as const;

describe('the turn that is due', () => {
  it('is none while a stream is on its way, or has lost its key unit', () => {
    for (const asked of ['idle', 'connecting', 'waiting-for-key', 'live'] as const)
      expect(turnDue({ away: false, asked, dark: true })).toBeUndefined();
  });

  it('is away from a stream that cannot be reached, with patience where its picture stands', () => {
    expect(turnDue({ away: false, asked: 'unreachable', dark: false })).toEqual(STAND_IN);
    expect(turnDue({ away: false, asked: 'unreachable', dark: true })).toEqual({ ...STAND_IN, afterMs: 0 });
  });

  it('is back to it when it is live, later where there is a picture', () => {
    for (const asked of ['idle', 'connecting', 'waiting-for-key', 'unreachable'] as const)
      expect(turnDue({ away: true, asked, dark: true })).toBeUndefined();
    expect(turnDue({ away: true, asked: 'live', dark: false })).toEqual(RETURN);
    expect(turnDue({ away: true, asked: 'live', dark: true })).toEqual({ ...RETURN, afterMs: 0 });
  });
});

describe('a detour', () => {
  let made: Turn['to'][];
  let detour: Detour;

  beforeEach(() => {
    vi.useFakeTimers();
    made = [];
    detour = new Detour((to) => made.push(to));
  });

  afterEach(() => vi.useRealTimers());

  it('is made when it has been due for long enough, however often it is planned', () => {
    detour.plan(STAND_IN);
    vi.advanceTimersByTime(1500);
    detour.plan(STAND_IN);
    vi.advanceTimersByTime(499);
    expect(made).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(made).toEqual(['stand-in']);
  });

  it('is not made for a stream that comes and goes: each time the wait begins anew', () => {
    for (let time = 0; time < 10; time++) {
      detour.plan(RETURN);
      vi.advanceTimersByTime(4000);
      detour.plan(undefined);
    }
    expect(made).toEqual([]);
  });

  it('is made at once where it need not wait any longer, and once', () => {
    detour.plan(RETURN);
    detour.plan({ ...RETURN, afterMs: 0 });
    expect(made).toEqual(['asked']);
    vi.advanceTimersByTime(10_000);
    expect(made).toEqual(['asked']);
  });

  it('can be planned again after it was made', () => {
    detour.plan(STAND_IN);
    vi.advanceTimersByTime(2000);
    detour.plan(STAND_IN);
    vi.advanceTimersByTime(2000);
    expect(made).toEqual(['stand-in', 'stand-in']);
  });

  it('is not made after its tile was closed', () => {
    detour.plan(STAND_IN);
    detour[Symbol.dispose]();
    vi.advanceTimersByTime(2000);
    expect(made).toEqual([]);
  });
});
