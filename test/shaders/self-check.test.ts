/** The start-up check finds a driver that computes wrongly; here a changed kernel stands in for the driver. */
import { describe, expect, it } from 'vitest';
import { selfCheck } from '../../shaders/self-check.ts';
import type { ShaderSource } from '../../shaders/shader-source.ts';
import { shaders, withoutErrors } from '../support/dawn.ts';

function changed(name: string, from: string, to: string): ShaderSource {
  expect(shaders(name)).toContain(from);
  return (asked) => (asked === name ? shaders(asked).replaceAll(from, to) : shaders(asked));
}

describe('the start-up self-check', () => {
  it('passes where the kernels compute as their references say', async () => {
    expect(await withoutErrors((device) => selfCheck(device, shaders))).toBe(true);
  });

  it.each([
    ['picture', 'vec2f(p) + 0.5', 'vec2f(p) + 0.9'],
    ['resample', 'return max(0.0, 1.0 - t)', 'return max(0.0, 1.0 - 1.1 * t)'],
    ['resample', '1.5 * t - 2.5', '1.3 * t - 2.3'],
    ['color-conversion', 'tensor[at] = rgb.r', 'tensor[at] = rgb.g'],
    ['color-conversion', 'sum.rgb / sum.a', 'sum.rgb / (sum.a - sum.a)'],
    ['pixel-shuffle', 'vec2i(d & 1, d >> 1)', 'vec2i(d >> 1, d & 1)'],
    ['pixel-shuffle', 'mean += 0.25 * rgb', 'mean += 0.2 * rgb'],
    ['pixel-shuffle', 'LEVEL_BY_DAY - bright', 'LEVEL_BY_DAY - 0.8 * bright'],
    ['present', 'settings.strength * night', '0.5 * settings.strength * night'],
    ['present', 'gain * CORING', 'CORING'],
    ['luma', '0.7152', '0.6152'],
  ])('fails where %s computes %s as %s', async (name, from, to) => {
    expect(await withoutErrors((device) => selfCheck(device, changed(name, from, to)))).toBe(false);
  });

  it('fails where the driver refuses a kernel', async () => {
    expect(await withoutErrors((device) => selfCheck(device, () => 'no kernel'))).toBe(false);
  });
});
