import { describe, expect, it } from 'vitest';
import { OneAtATime } from '../../../client/enhance/one-at-a-time.ts';
import { Turns } from '../../../client/enhance/turns.ts';

/** Lets everything that can go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the turns of the tiles', () => {
  it('go round: a tile that asks again stands behind those that wait', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const tile = async (name: string) => {
      for (let picture = 1; picture <= 3; picture++) {
        using _turn = await turns.take();
        order.push(`${name}${picture}`);
        await settle();
      }
    };
    await Promise.all([tile('a'), tile('b'), tile('c')]);
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3']);
  });

  it('are held by one tile at a time, and passed on once', async () => {
    const turns = new Turns();
    const first = await turns.take();
    let second = false;
    let third = false;
    void turns.take().then(() => {
      second = true;
    });
    void turns.take().then(() => {
      third = true;
    });
    await settle();
    expect(second).toBe(false);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await settle();
    expect([second, third]).toEqual([true, false]);
  });

  it('wake everybody when the engine ends', async () => {
    const turns = new Turns();
    await turns.take();
    const waiting = Promise.all([turns.take(), turns.take()]);
    turns.end();
    expect(await waiting).toHaveLength(2);
  });
});

describe('calls one at a time', () => {
  it('start when those before have settled, also those that failed', async () => {
    const calls = new OneAtATime();
    const order: string[] = [];
    const failing = calls.run(async () => {
      await settle();
      order.push('first');
      throw new Error('it failed');
    });
    const next = calls.run(async () => {
      order.push('second');
      return 2;
    });
    await expect(failing).rejects.toThrow('it failed');
    expect(await next).toBe(2);
    expect(order).toEqual(['first', 'second']);
  });
});
