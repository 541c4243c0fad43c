import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WhipFeed } from '../../../server/ingest/whip-feed.ts';
import { REQUEST_GAP_MS } from '../../../server/ingest/whip-key-requests.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

it('asks the publisher for a key unit when the server wants one, and once is enough', () => {
  let asked = 0;
  using feed = new WhipFeed({ resend: () => {}, keyUnit: () => asked++ }, true, 'h264');
  feed.sawKey();
  vi.advanceTimersByTime(2 * REQUEST_GAP_MS);
  expect(asked).toBe(1);
  feed.wantKey();
  vi.advanceTimersByTime(REQUEST_GAP_MS / 2);
  expect(asked).toBe(2);
  feed.sawKey();
  vi.advanceTimersByTime(2 * REQUEST_GAP_MS);
  expect(asked).toBe(2);
});
