import { expect, it, vi } from 'vitest';
import { micros, wallNow } from '#wire/time.ts';
import { verdict, watch } from '../../../server/ingest/watchdog.ts';

const LIMITS = { pictureTimeoutSeconds: 8, keyTimeoutSeconds: 120 };

it('lets a dark camera take its time for a key frame while pictures come', () => {
  expect(verdict(0.04, 119, LIMITS)).toBeUndefined();
});

it('lets a GOP be of any length once a key unit has come', () => {
  expect(verdict(0.04, undefined, LIMITS)).toBeUndefined();
});

it('ends a connection that shows no picture, whatever came before', () => {
  expect(verdict(8.1, undefined, LIMITS)).toMatch(/no picture came for 8 s/);
});

it('ends a connection whose pictures never decode', () => {
  expect(verdict(0.04, 121, LIMITS)).toMatch(/no key frame came in 120 s/);
});

it('leaves a camera alone whose key frame came once and whose pictures go on', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  const connection = new AbortController();
  using watchdog = watch(connection, LIMITS);
  const picture = {
    timestamp: micros(0),
    capturedAt: wallNow(),
    captureClock: 'arrival',
    data: new Uint8Array(1),
  } as const;
  const config = { codec: 'avc1.640028', codedWidth: 64, codedHeight: 48, format: 'annexb' } as const;
  watchdog.saw({ ...picture, key: true, config });
  for (let passed = 0; passed < 2 * LIMITS.keyTimeoutSeconds; passed += 7) {
    vi.advanceTimersByTime(7_000);
    watchdog.saw({ ...picture, key: false });
  }
  expect(connection.signal.aborted).toBe(false);
  vi.useRealTimers();
});

it('aborts a silent connection with the reason', async () => {
  const connection = new AbortController();
  using _watchdog = watch(connection, { ...LIMITS, pictureTimeoutSeconds: 0.01 });
  await new Promise((aborted) => connection.signal.addEventListener('abort', aborted));
  expect(connection.signal.reason).toMatchObject({ code: 'ingest/no-picture' });
});
