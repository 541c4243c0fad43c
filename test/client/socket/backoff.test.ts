import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../client/socket/backoff.ts';

describe('the wait before the page tries the server again', () => {
  it('doubles from a quarter of a second up to four seconds', () => {
    const longest = [0, 1, 2, 3, 4, 5, 50, 5000].map((attempt) => backoffMs(attempt, 1));
    expect(longest).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000, 4000]);
  });

  it('is spread over its upper half, so that pages do not come back all at once', () => {
    expect(backoffMs(4, 0)).toBe(2000);
    expect(backoffMs(4, 0.5)).toBe(3000);
  });
});
