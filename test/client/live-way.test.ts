import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveWay } from '../../client/live-way.ts';

const SERVER = new URL('https://boat.example/');

let told: string[];
let way: LiveWay;
/** How the server answers for its health; it is away where it does not. */
let health: (address: string) => Promise<{ readonly ok: boolean }>;

beforeEach(() => {
  told = [];
  way = new LiveWay(SERVER, (via) => told.push(via));
  health = async () => ({ ok: true });
  vi.stubGlobal('VideoDecoder', class {});
  vi.stubGlobal('fetch', (address: URL) => health(address.href));
});

afterEach(() => vi.unstubAllGlobals());

describe('the way of the live picture', () => {
  it('is the socket at first, and HLS at once where the page has no WebCodecs', () => {
    expect(way.choose('auto')).toBe('ws');
    Reflect.deleteProperty(globalThis, 'VideoDecoder');
    expect(way.choose('auto')).toBe('hls');
  });

  it('becomes HLS for all tiles when the socket failed again and again, and the socket again when that works', async () => {
    way.choose('auto');
    await way.socket(false);
    expect(told).toEqual(['hls']);
    expect(way.choose('auto')).toBe('hls');
    await way.socket(true);
    expect(told).toEqual(['hls', 'ws']);
    expect(way.choose('auto')).toBe('ws');
  });

  it('stays the socket where the server is away altogether: HLS would come no better', async () => {
    way.choose('auto');
    health = async (address) => {
      expect(address).toBe('https://boat.example/health');
      throw new TypeError('Failed to fetch');
    };
    await way.socket(false);
    health = async () => ({ ok: false });
    await way.socket(false);
    expect(told).toEqual([]);
    expect(way.choose('auto')).toBe('ws');
  });

  it('stays what the person asked for, whatever becomes of the socket', async () => {
    expect(way.choose('hls')).toBe('hls');
    await way.socket(true);
    expect(way.choose('ws')).toBe('ws');
    await way.socket(false);
    expect(told).toEqual([]);
  });
});
