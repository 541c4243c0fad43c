import { describe, expect, it } from 'vitest';
import { AWAITING_KEY, follow, inSequence } from '../../../client/socket/sequence.ts';
import type { MediaMessage } from '../../../server/wire/message.ts';
import { config, each, gap, unit } from '../messages.ts';

/** What comes through, each message as one word, and how many units were left out. */
async function through(messages: MediaMessage[]): Promise<{ words: string[]; skipped: number }> {
  let skipped = 0;
  const words: string[] = [];
  const counted = () => {
    skipped++;
  };
  for await (const message of inSequence(each(messages), counted))
    words.push(message.kind === 'unit' ? `${message.group}.${message.index}` : message.kind);
  return { words, skipped };
}

describe('the sequence of access units', () => {
  it('begins at a key unit and runs on through its GOP and the next', async () => {
    const messages = [config(1), unit(1, 0), unit(1, 1), unit(1, 2), config(2), unit(2, 0), unit(2, 1)];
    const { words, skipped } = await through(messages);
    expect(words).toEqual(['config', '1.0', '1.1', '1.2', 'config', '2.0', '2.1']);
    expect(skipped).toBe(0);
  });

  it('leaves out delta units that come before the first key unit', async () => {
    const { words, skipped } = await through([unit(1, 4), unit(1, 5), config(2), unit(2, 0)]);
    expect(words).toEqual(['config', '2.0']);
    expect(skipped).toBe(2);
  });

  it('waits for the next key unit after a unit is missing, and tells the decoder once', async () => {
    const { words, skipped } = await through([unit(1, 0), unit(1, 2), unit(1, 3), config(2), unit(2, 0)]);
    expect(words).toEqual(['1.0', 'gap', 'config', '2.0']);
    expect(skipped).toBe(2);
  });

  it('does not take a delta unit of another group or epoch for the next one', async () => {
    expect(await through([unit(1, 0), unit(2, 1)])).toEqual({ words: ['1.0', 'gap'], skipped: 1 });
    expect(await through([unit(1, 0), unit(1, 1, { epoch: 2 })])).toEqual({
      words: ['1.0', 'gap'],
      skipped: 1,
    });
  });

  it('waits for a key unit after a gap the server tells of', async () => {
    const { words, skipped } = await through([unit(1, 0), gap(1, 7), unit(1, 8), unit(2, 0)]);
    expect(words).toEqual(['1.0', 'gap', '2.0']);
    expect(skipped).toBe(1);
  });

  it('takes a key unit whatever came before it, for a stream may be joined anywhere', () => {
    const place = { state: 'following', epoch: 1, group: 5, index: 3 } as const;
    expect(follow(place, unit(2, 0)).verdict).toBe('take');
    expect(follow(AWAITING_KEY, unit(9, 0)).place).toEqual({
      state: 'following',
      epoch: 1,
      group: 9,
      index: 0,
    });
  });
});
