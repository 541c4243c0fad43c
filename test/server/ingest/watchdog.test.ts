import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { verdict, watch } from '../../../server/ingest/watchdog.ts';

const LIMITS = { pictureTimeoutSeconds: 8, keyTimeoutSeconds: 900 };

it('lets a dark camera take its time for a key frame while pictures come', () => {
  expect(verdict({ withoutPicture: 0.04, withoutKey: 899, lost: false }, LIMITS)).toBeUndefined();
});

it('lets a GOP be of any length once a key unit has come', () => {
  expect(verdict({ withoutPicture: 0.04, lost: false }, LIMITS)).toBeUndefined();
});

it('ends a connection that shows no picture, whatever came before', () => {
  expect(verdict({ withoutPicture: 8.1, lost: false }, LIMITS)).toMatch(/no picture came for 8 s/);
});

it('ends a connection whose pictures never decode', () => {
  expect(verdict({ withoutPicture: 0.04, withoutKey: 901, lost: false }, LIMITS)).toMatch(
    /no key frame came in 900 s/,
  );
});

it('ends a connection that lost pictures and sends no key frame, and says that this is why', () => {
  expect(verdict({ withoutPicture: 7.9, lost: true }, LIMITS)).toBeUndefined();
  expect(verdict({ withoutPicture: 8.1, lost: true }, LIMITS)).toMatch(/lost on the way.*no key frame.*8 s/);
});

it('leaves a camera alone whose key frame came once and whose pictures go on', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  const connection = new AbortController();
  using watchdog = watch(connection, LIMITS);
  watchdog.saw(true);
  for (let passed = 0; passed < 2 * LIMITS.keyTimeoutSeconds; passed += 7) {
    vi.advanceTimersByTime(7_000);
    watchdog.saw(false);
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

it('says of a lost picture that it was lost until the next one comes', async () => {
  const reasonAfter = async (...seen: readonly ('lost' | 'picture')[]): Promise<string> => {
    const connection = new AbortController();
    using watchdog = watch(connection, { ...LIMITS, pictureTimeoutSeconds: 0.01 });
    for (const what of seen) what === 'lost' ? watchdog.lost() : watchdog.saw(true);
    await new Promise((aborted) => connection.signal.addEventListener('abort', aborted));
    return connection.signal.reason.message;
  };
  const [lost, recovered] = await Promise.all([
    reasonAfter('picture', 'lost'),
    reasonAfter('lost', 'picture'),
  ]);
  expect(lost).toMatch(/lost on the way/);
  expect(recovered).toMatch(/no picture came/);
});

describe('with a clock in hand', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('waits on while a camera answers, however slowly it does, and no longer', () => {
    const connection = new AbortController();
    using watchdog = watch(connection, { ...LIMITS, keyTimeoutSeconds: 20 });
    for (let answers = 0; answers < 5; answers++) {
      vi.advanceTimersByTime(7_000);
      watchdog.answered();
    }
    expect(connection.signal.aborted).toBe(false);
    vi.advanceTimersByTime(9_000);
    expect(connection.signal.aborted).toBe(true);
  });

  it('blames no camera for the time in which this server was held up', () => {
    const connection = new AbortController();
    using _watchdog = watch(connection, LIMITS);
    const heldUpFor = (ms: number): void => {
      const real = performance.now.bind(performance);
      vi.spyOn(performance, 'now').mockImplementation(() => real() + ms);
    };
    vi.advanceTimersByTime(1_000);
    heldUpFor(3_600_000);
    vi.advanceTimersByTime(6_500);
    expect(connection.signal.aborted).toBe(false);
    vi.advanceTimersByTime(2_000);
    expect(connection.signal.aborted).toBe(true);
    vi.restoreAllMocks();
  });
});
