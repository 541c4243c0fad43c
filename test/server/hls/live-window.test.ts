import { describe, expect, it } from 'vitest';
import { micros, wallMicros } from '#wire/time.ts';
import { LiveWindow } from '../../../server/hls/live-window.ts';
import type { SegmentStart } from '../../../server/hls/segment.ts';

const MIB = 1024 * 1024;
const INIT = {
  id: '0123456789abcdef',
  config: { codec: 'avc1.640028', codedWidth: 1, codedHeight: 1, format: 'annexb' },
  bytes: new Uint8Array(1),
} as const;

/** Adds a segment of two parts. */
function grow(window: LiveWindow, seconds: number, bytes = 100, discontinuity = false): void {
  const start: SegmentStart = { init: INIT, discontinuity, independent: true, capturedAt: wallMicros(0) };
  const part = { bytes: new Uint8Array(bytes / 2), duration: micros(seconds * 5e5), independent: true };
  window.add({ kind: 'part', part, start, target: micros(250_000) });
  window.add({ kind: 'part', part, start, target: micros(250_000) });
  const whole = { ...start, duration: micros(seconds * 1e6), units: 1, bytes: new Uint8Array(bytes) };
  window.add({ kind: 'segment', segment: whole });
}

const listed = (window: LiveWindow): number[] => window.view.segments.map(({ number }) => number);

describe('a live window', () => {
  it('lists half a minute and holds as much again', () => {
    const window = new LiveWindow(100);
    for (let count = 0; count < 60; count++) grow(window, 2);
    expect(listed(window)).toEqual(Array.from({ length: 16 }, (_, at) => 144 + at));
    expect(window.segment(143)).toBeDefined();
    expect(window.segment(128)).toBeDefined();
    expect(window.segment(127)).toBeUndefined();
  });

  it('holds no more bytes than its limit, and always the newest segment', () => {
    const window = new LiveWindow();
    for (let count = 0; count < 10; count++) {
      grow(window, 2, 20 * MIB);
      expect(window.bytes).toBeLessThanOrEqual(64 * MIB);
    }
    expect(listed(window)).toEqual([7, 8, 9]);
    grow(window, 2, 80 * MIB);
    expect(listed(window)).toEqual([10]);
  });

  it('holds the newest segment alone while nobody plays it', () => {
    const window = new LiveWindow();
    for (let count = 0; count < 5; count++) grow(window, 2);
    window.played = false;
    grow(window, 2);
    expect(listed(window)).toEqual([5]);
  });

  it('holds the bytes of a segment once, its parts being views', () => {
    const window = new LiveWindow();
    grow(window, 2);
    const { parts, whole } = window.segment(0)!;
    expect(
      parts.map(({ bytes }) => [bytes.buffer === whole!.bytes.buffer, bytes.byteOffset, bytes.length]),
    ).toEqual([
      [true, 0, 50],
      [true, 50, 50],
    ]);
  });

  it('goes on counting when it has forgotten what it held', () => {
    const window = new LiveWindow();
    grow(window, 2, 100, true);
    window.forget();
    expect(window.view).toMatchObject({ segments: [], next: { number: 1, part: 0 } });
    grow(window, 2, 100, true);
    expect(window.view.segments).toMatchObject([{ number: 1, discontinuities: 2 }]);
  });
});
