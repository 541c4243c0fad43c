import { describe, expect, it } from 'vitest';
import { SocketHealth } from '../../../client/socket/socket-health.ts';

const heard = (...states: Parameters<SocketHealth['hear']>[0][]) => {
  const health = new SocketHealth();
  return states.map((state) => health.hear(state)).filter((news) => news !== undefined);
};
const tries = (count: number) => Array.from({ length: count }, () => 'connecting' as const);

describe('whether a network carries the WebSocket', () => {
  it('is doubted after five tries in a row, and again after five more', () => {
    expect(heard(...tries(4))).toEqual([]);
    expect(heard(...tries(5))).toEqual([false]);
    expect(heard(...tries(10))).toEqual([false, false]);
  });

  it('is not doubted for losses with openings between them, nor for a sign-in that ended', () => {
    expect(heard(...tries(4), 'open', ...tries(4), 'open')).toEqual([]);
    expect(heard(...tries(4), 'signed-out', ...tries(4))).toEqual([]);
  });

  it('is settled by an opening', () => {
    expect(heard(...tries(5), 'open')).toEqual([false, true]);
  });
});
