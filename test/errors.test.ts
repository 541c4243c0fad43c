import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ERROR_CODES } from '#wire/nightglass-error.ts';

it('explains every error code in docs/errors.md, and no other', () => {
  const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
  const explained = [...page.matchAll(/^\| ([a-z]+\/[a-z-]+) \|/gm)].map(([, code]) => code);
  expect(explained.toSorted()).toEqual([...ERROR_CODES].toSorted());
});
