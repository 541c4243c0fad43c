import { describe, expect, it } from 'vitest';
import { Mailbox } from '../../../client/decode/mailbox.ts';

describe('the mailbox between the decoder and the enhancement', () => {
  it('holds the newest item, and hands the one it replaced back to be closed', async () => {
    const replaced: number[] = [];
    const mailbox = new Mailbox<number>((older) => replaced.push(older));
    for (const item of [1, 2, 3]) mailbox.put(item);
    expect(await mailbox.filled()).toBe(true);
    expect(mailbox.take()).toBe(3);
    expect(mailbox.take()).toBeUndefined();
    expect(replaced).toEqual([1, 2]);
  });

  it('wakes whoever waits for an item', async () => {
    const mailbox = new Mailbox<number>(() => {});
    const waiting = mailbox.filled();
    mailbox.put(7);
    expect(await waiting).toBe(true);
    expect(mailbox.empty).toBe(false);
  });

  it('wakes whoever waits when it ends, and keeps nothing', async () => {
    const replaced: number[] = [];
    const mailbox = new Mailbox<number>((older) => replaced.push(older));
    const waiting = mailbox.filled();
    mailbox.end();
    expect(await waiting).toBe(false);
    mailbox.put(1);
    expect(mailbox.take()).toBeUndefined();
    expect(replaced).toEqual([1]);
  });

  it('hands back what waits in it when it ends', () => {
    const replaced: number[] = [];
    const mailbox = new Mailbox<number>((older) => replaced.push(older));
    mailbox.put(1);
    mailbox.end();
    mailbox.end();
    expect(replaced).toEqual([1]);
  });
});
