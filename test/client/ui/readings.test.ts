import { describe, expect, it } from 'vitest';
import type { TileStats } from '../../../client/player-protocol.ts';
import { durationText, fpsText, isLate, readings } from '../../../client/ui/readings.ts';

const stats: TileStats = {
  camera: 'quay',
  codec: 'avc1.640028',
  width: 960,
  height: 540,
  shownWidth: 960,
  shownHeight: 540,
  computeWidth: 320,
  computeHeight: 184,
  fpsIn: 25,
  fpsOut: 10.04,
  ageMs: 84.4,
  enhanceMs: 61.6,
  engine: 'wasm',
  adapter: '2',
  model: 'base',
  droppedLate: 3,
  droppedByServer: 1,
  droppedUndecodable: 0,
  framesIn: 0,
  framesShown: 0,
  framesEnhanced: 0,
  shownTimestamp: 0,
  shownEpoch: 1,
  shownCapturedAt: null,
  firstPictureMs: 210,
  reconnects: 0,
};

const texts = (changes: Partial<TileStats> = {}): Record<string, string> =>
  Object.fromEntries(readings({ ...stats, ...changes }).map(({ label, value }) => [label, value]));

describe('the line of live numbers', () => {
  it('gives each number with its unit', () => {
    expect(texts()).toEqual({
      picture: '960×540 H.264',
      'fps in': '25.0',
      'fps out': '10.0',
      age: '84 ms',
      enhance: '62 ms',
      dropped: '3 late, 1 server, 0 undecodable',
      engine: 'WASM · 2 threads · base · 320×184',
    });
  });

  it('names both sizes where the canvas is larger than the camera’s picture', () => {
    expect(texts({ shownWidth: 1920, shownHeight: 1080 }).picture).toBe('960×540 H.264 → 1920×1080');
  });

  it('names our own engine, its GPU and the network', () => {
    expect(texts({ engine: 'wgsl', adapter: 'apple m2', model: 'quality', computeWidth: 0 }).engine).toBe(
      'WGSL · apple m2 · quality',
    );
  });

  it('names the GPU of onnxruntime', () => {
    expect(texts({ engine: 'ort-webgpu', adapter: 'nvidia hopper', computeWidth: 0 }).engine).toBe(
      'onnxruntime WebGPU · nvidia hopper · base',
    );
  });

  it('says one thread and not one threads', () => {
    expect(texts({ adapter: '1' }).engine).toContain('1 thread ·');
  });

  it('says that nothing enhances', () => {
    expect(texts({ engine: 'off', enhanceMs: null })).toMatchObject({ enhance: 'off', engine: 'none' });
  });

  it('shows a dash before the first picture', () => {
    expect(texts({ width: 0, height: 0, ageMs: null, enhanceMs: null })).toMatchObject({
      picture: '–',
      age: '–',
      enhance: '–',
    });
  });

  it('gives every number that moves the room for the longest it usually has', () => {
    for (const label of ['fps in', 'fps out', 'age', 'enhance']) {
      const room = readings({ ...stats, ageMs: 999, enhanceMs: 999, fpsIn: 120, fpsOut: 120 }).find(
        (reading) => reading.label === label,
      )!;
      expect(room.value.length).toBeLessThanOrEqual(room.width);
    }
  });

  it('warns of a picture older than a second, and of no other', () => {
    const warnings = (ageMs: number | null) =>
      readings({ ...stats, ageMs })
        .filter(({ warning }) => warning)
        .map(({ label }) => label);
    expect(warnings(1001)).toEqual(['age']);
    expect(warnings(1000)).toEqual([]);
    expect(warnings(null)).toEqual([]);
    expect(isLate({ ...stats, ageMs: null })).toBe(false);
  });
});

describe('a duration as text', () => {
  it.each([
    [0, '0 ms'],
    [-4, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [1849, '1.8 s'],
    [59_949, '59.9 s'],
    [59_960, '1 min'],
    [180_000, '3 min'],
    [null, '–'],
    [Number.NaN, '–'],
  ])('writes %s ms as %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

describe('a rate as text', () => {
  it('always has one decimal, so that it keeps its width', () => {
    expect([0, 9.96, 25, 29.97].map(fpsText)).toEqual(['0.0', '10.0', '25.0', '30.0']);
  });
});
