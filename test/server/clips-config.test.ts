import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRequest } from '../../server/config.ts';

const clipsOf = (text: string) => {
  const request = readRequest(['--config', '/etc/ng/cameras.yaml'], () => text, '');
  if (request.kind !== 'serve') throw new Error(`asked for ${request.kind}`);
  return request.config.clips;
};

describe('the configuration of the clips', () => {
  it('keeps them in the data folder, within limits, when nothing is said', () => {
    expect(clipsOf('')).toEqual({ dir: '/etc/ng/nightglass-data/clips', maxMiB: 2048, maxGiB: 20 });
    expect(clipsOf('dataFolder: /srv/ng')?.dir).toBe('/srv/ng/clips');
  });

  it('keeps them where and as large as the file says', () => {
    const expected = { dir: '/etc/ng/kept', maxMiB: 10, maxGiB: 1 };
    expect(clipsOf('clips: { dir: kept, maxMiB: 10, maxGiB: 1 }')).toEqual(expected);
  });

  it.each(['off', 'false', "'off'"])('keeps none with clips: %s', (text) => {
    expect(clipsOf(`clips: ${text}`)).toBeUndefined();
  });

  it.each(['true', '{ maxMiB: 0 }', '{ maxGiB: many }', '{ folder: kept }', "{ dir: '' }"])(
    'does not take clips: %s',
    (text) => {
      expect(() => clipsOf(`clips: ${text}`)).toThrow('clips');
    },
  );

  it('stands in the example, with its defaults', () => {
    const example = readFileSync(new URL('../../nightglass.example.yaml', import.meta.url), 'utf8');
    expect(clipsOf(example)).toEqual(clipsOf(''));
  });
});
