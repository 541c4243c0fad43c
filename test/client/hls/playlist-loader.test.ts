import { expect, it } from 'vitest';
import { DiscontinuityNumbers } from '../../../client/hls/playlist-loader.ts';

const playlist = (number: number) => `#EXTM3U\n#EXT-X-DISCONTINUITY-SEQUENCE:${number}\n#EXTINF:2,\na.m4s\n`;

it('a playlist’s discontinuities are counted from the first one seen, whatever the server begins with', () => {
  const numbers = new DiscontinuityNumbers();
  const rebased = [217647669, 217647669, 217647672].map((number) => numbers.rebased(playlist(number)));
  expect(rebased).toEqual([playlist(0), playlist(0), playlist(3)]);
  expect(numbers.rebased(playlist(5))).toBe(playlist(0));
  expect(numbers.rebased('#EXTM3U\n')).toBe('#EXTM3U\n');
});
