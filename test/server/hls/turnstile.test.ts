import { describe, expect, it } from 'vitest';
import { Turnstile } from '../../../server/hls/turnstile.ts';

const LONG = 600_000;
const MOST = 256;

describe('a crowd before one playlist', () => {
  it('waits up to a limit; who comes beyond it is sent away at once, and what is there is given to anybody', async () => {
    const turnstile = new Turnstile();
    const left = new AbortController();
    let there: string | undefined;
    const ask = () => turnstile.until(() => there, LONG, left.signal);
    const waiting = Array.from({ length: MOST }, ask);
    const beyond = await Promise.all(Array.from({ length: 3000 }, ask));
    expect(new Set(beyond)).toEqual(new Set([undefined]));
    expect(await turnstile.until(() => 'at once', LONG, left.signal)).toBe('at once');
    there = 'the next';
    turnstile.turn();
    expect(await Promise.all(waiting)).toEqual(Array(MOST).fill('the next'));
  });

  it('makes room when those who waited go away', async () => {
    const turnstile = new Turnstile();
    const left = new AbortController();
    const gone = Array.from({ length: MOST }, () => turnstile.until(() => undefined, LONG, left.signal));
    left.abort();
    await Promise.all(gone);
    let there = false;
    const next = turnstile.until(() => there || undefined, LONG, new AbortController().signal);
    there = true;
    turnstile.turn();
    expect(await next).toBe(true);
  });
});
