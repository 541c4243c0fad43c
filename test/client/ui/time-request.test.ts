import { describe, expect, it } from 'vitest';
import { LIVE, type PlaybackState } from '../../../client/playback-state.ts';
import { rateText, requestOfKey } from '../../../client/ui/time-request.ts';
import { wallMicros } from '../../../server/wire/time.ts';

const NOW = wallMicros(1_700_000_000_000_000);
const OLDEST = wallMicros(NOW - 3600e6);
const ago = (seconds: number) => wallMicros(NOW - seconds * 1e6);
const past = (seconds: number, state: Partial<PlaybackState> = {}): PlaybackState =>
  ({ mode: 'past', at: ago(seconds), playing: true, rate: 1, ...state }) as PlaybackState;
const press = (key: string, playback: PlaybackState = LIVE, shiftKey = false) =>
  requestOfKey({ key, shiftKey }, { playback, shownAt: ago(0.1), oldest: OLDEST, now: NOW });

describe('a key on the timeline', () => {
  it('stops and goes on with space or K, from live too', () => {
    for (const key of [' ', 'k', 'K']) {
      expect(press(key)).toEqual({ ask: 'pause' });
      expect(press(key, past(60))).toEqual({ ask: 'pause' });
      expect(press(key, past(60, { playing: false }))).toEqual({ ask: 'play' });
    }
  });

  it('moves five seconds with an arrow, a minute with Shift', () => {
    expect(press('ArrowLeft', past(60))).toEqual({ ask: 'seek', at: ago(65) });
    expect(press('ArrowRight', past(60))).toEqual({ ask: 'seek', at: ago(55) });
    expect(press('ArrowLeft', past(60), true)).toEqual({ ask: 'seek', at: ago(120) });
    expect(press('ArrowLeft')).toEqual({ ask: 'seek', at: ago(5.1) });
  });

  it('never leaves what is recorded: now is live, and nothing is older than the oldest', () => {
    expect(press('ArrowRight', past(3))).toEqual({ ask: 'live' });
    expect(press('ArrowRight')).toBeUndefined();
    expect(press('ArrowLeft', past(3599), true)).toEqual({ ask: 'seek', at: OLDEST });
    expect(press('Home')).toEqual({ ask: 'seek', at: OLDEST });
  });

  it('steps one picture with comma and dot', () => {
    expect(press(',', past(60))).toEqual({ ask: 'step', by: -1 });
    expect(press('.', past(60))).toEqual({ ask: 'step', by: 1 });
    expect(press(',')).toEqual({ ask: 'step', by: -1 });
    expect(press('.')).toBeUndefined();
  });

  it('goes back with J, until space or K stops it or L plays', () => {
    expect(press('j', past(60))).toEqual({ ask: 'rewind' });
    expect(press('j', past(60, { playing: false }))).toEqual({ ask: 'rewind' });
    const rewinding = past(60, { playing: false, rewinding: true });
    for (const key of [' ', 'k']) expect(press(key, rewinding)).toEqual({ ask: 'pause' });
    expect(press('l', rewinding)).toEqual({ ask: 'play' });
    expect(press('j')).toEqual({ ask: 'seek', at: ago(10.1) });
  });

  it('is slower with Shift+J and faster with L, within ¼ and 8', () => {
    expect(press('J', past(60), true)).toEqual({ ask: 'rate', rate: 0.5 });
    expect(press('J', past(60, { rate: 0.25 }), true)).toEqual({ ask: 'rate', rate: 0.25 });
    expect(press('l', past(60))).toEqual({ ask: 'rate', rate: 2 });
    expect(press('l', past(60, { rate: 8 }))).toEqual({ ask: 'rate', rate: 8 });
    expect(press('l', past(60, { playing: false }))).toEqual({ ask: 'play' });
  });

  it('goes live with Shift+L and End', () => {
    expect(press('L', past(60), true)).toEqual({ ask: 'live' });
    expect(press('End', past(60))).toEqual({ ask: 'live' });
  });

  it('is left alone where it is none of the timeline’s', () => {
    for (const key of ['a', 'Tab', 'Escape', 'ArrowUp']) expect(press(key, past(60))).toBeUndefined();
  });
});

it('a speed is written as people write it', () => {
  expect([0.25, 0.5, 1, 8].map((rate) => rateText(rate as 1))).toEqual(['¼×', '½×', '1×', '8×']);
});
