import { expect, it } from 'vitest';
import { codecOf } from '#wire/access-unit.ts';

const RENDERED = { codedWidth: 64, codedHeight: 48, format: 'annexb' } as const;

it.each([
  ['avc1.640028', 'h264'],
  ['avc3.42e01e', 'h264'],
  ['hev1.1.6.L93.B0', 'h265'],
  ['hvc1.2.4.L150.90', 'h265'],
  ['vp8', undefined],
  ['av01.0.04M.08', undefined],
  ['xavc1.64', undefined],
])('the codec of %s is %s', (codec, expected) => {
  expect(codecOf({ ...RENDERED, codec })).toBe(expected);
});
