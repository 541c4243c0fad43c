import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { Camera } from '../../server/camera.ts';
import type { CameraConfig, Limits } from '../../server/config.ts';
import { Encoders } from '../../server/encoders.ts';
import type { Source } from '../../server/ingest/source.ts';
import { Renditions } from '../../server/renditions.ts';

const LIMITS: Limits = {
  closeAfterSeconds: 0,
  pictureTimeoutSeconds: 60,
  keyTimeoutSeconds: 60,
  gopMiB: 1,
  queueMiB: 1,
  queueSeconds: 2,
  encoders: 1,
  freeGiB: 2,
};
const CONFIG: CameraConfig = {
  name: 'quay',
  title: 'Quay',
  always: false,
  source: { kind: 'replay', file: '' },
};
const log = pino({ level: 'silent' });

class QuietSource implements Source {
  opened = 0;

  async *units(signal: AbortSignal) {
    this.opened++;
    await new Promise((ended) => signal.addEventListener('abort', ended));
  }
}

let quay: Renditions;
const open = (main: Source, sub?: Source): Renditions => {
  const smaller = sub && new Camera(CONFIG, sub, LIMITS, log);
  quay = new Renditions(new Camera(CONFIG, main, LIMITS, log), smaller, LIMITS, new Encoders(1), log);
  return quay;
};

afterEach(() => quay[Symbol.asyncDispose]());

describe('the renditions of a camera', () => {
  it('are opened each for itself: a small tile does not open the full stream', () => {
    const [main, sub] = [new QuietSource(), new QuietSource()];
    using _reader = open(main, sub).rendering('sub').stream.read({ want: 'live' });
    expect([main.opened, sub.opened]).toEqual([0, 1]);
  });

  it('are one and the same where the camera has no smaller stream', () => {
    const { rendering } = open(new QuietSource());
    expect(rendering.call(quay, 'sub')).toBe(rendering.call(quay, 'main'));
    expect([...quay.others.keys()]).toEqual(['main-h264']);
  });

  it('never share an epoch on the wire, nor do they with their H.264', () => {
    const { main, sub } = quayOfBoth();
    const bases = [main, main.h264, sub, sub.h264].map((rendering) => rendering?.epochBase);
    expect(new Set(bases.map((base) => (base ?? 1) >>> 30))).toEqual(new Set([0, 1, 2, 3]));
    expect(bases.every((base) => base !== undefined && base % 2 ** 30 === 0)).toBe(true);
  });

  it('have H.264 each of its own stream', async () => {
    const { sub } = quayOfBoth();
    using _reader = sub.h264!.stream.read({ want: 'live' });
    await expect.poll(() => quay.sub?.stream.readers).toBe(1);
    expect(quay.main.stream.readers).toBe(0);
    expect([...quay.others.entries()].filter(([, { readers }]) => readers > 0)).toEqual([
      ['sub', expect.anything()],
      ['sub-h264', expect.anything()],
    ]);
  });
});

function quayOfBoth() {
  const both = open(new QuietSource(), new QuietSource());
  return { main: both.rendering('main'), sub: both.rendering('sub') };
}
