/** What was found out about a GPU outlives the page, and nothing found in its place breaks the page. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepTuning, keptTunings } from '../../client/kept-tunings.ts';

let storage: Map<string, string>;

beforeEach(() => {
  storage = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => storage.set(key, value),
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the choices of kernels that a browser keeps', () => {
  it('are there on the next visit, each under its GPU and network', () => {
    keepTuning('GPU one', 'tiles f16');
    keepTuning('GPU two', 'wide f32');
    keepTuning('GPU one', 'plain');
    expect(keptTunings()).toEqual({ 'GPU one': 'plain', 'GPU two': 'wide f32' });
  });

  it('are no more than 32: the oldest go', () => {
    for (let gpu = 0; gpu < 40; gpu++) keepTuning(`GPU ${gpu}`, 'plain');
    expect(Object.keys(keptTunings())).toHaveLength(32);
    expect(keptTunings()).not.toHaveProperty('GPU 7');
    expect(keptTunings()).toHaveProperty('GPU 8');
  });

  it.each(['', 'no JSON', 'null', '[1]', '{"GPU":7}'])('are none where %j is kept', (found) => {
    storage.set('nightglass.tunings', found);
    expect(keptTunings()).toEqual({});
  });

  it('are none where the browser keeps nothing for the page', () => {
    vi.stubGlobal('localStorage', undefined);
    keepTuning('GPU', 'plain');
    expect(keptTunings()).toEqual({});
  });
});
