/** A target that never returns from one kind of input: for the test that such a thing is found. */
import { type Target, wordsOf } from './target.ts';

export const TARGETS: readonly Target[] = [
  {
    name: 'planted-hang',
    limit: 100,
    words: wordsOf('gull'),
    seeds: () => wordsOf('a boat and a lamp'),
    take(input) {
      for (const text = Buffer.from(input); text.includes('gull'); );
      return '';
    },
  },
];
