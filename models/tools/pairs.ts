/** Which dark picture belongs to which bright one: the file of the same name, whatever its extension. */
import { join, parse } from 'node:path';
import { pictureNames } from './picture-names.ts';

export interface Pairs {
  /** The names of the dark pictures, sorted, with a partner or without. */
  readonly names: readonly string[];
  /** @throws an error that says why the dark picture of this name has no partner, or not one alone */
  truthOf(name: string): string;
}

/** @throws an error when no picture of `low` has a partner in `high` */
export async function findPairs(low: string, high: string): Promise<Pairs> {
  const names = await pictureNames(low);
  if (names.length === 0) throw new Error(`There are no PNG, JPEG or WebP pictures in ${low}`);
  const truths = new Map<string, string[]>();
  for (const name of await pictureNames(high))
    truths.set(stem(name), [...(truths.get(stem(name)) ?? []), name]);
  if (!names.some((name) => truths.has(stem(name))))
    throw new Error(`No picture in ${high} has the name of one in ${low}`);
  return {
    names,
    truthOf(name) {
      const [truth, ...others] = truths.get(stem(name)) ?? [];
      if (truth === undefined) throw new Error(`${high} has no picture named ${stem(name)}`);
      if (others.length > 0) throw new Error(`${high} has both ${truth} and ${others[0]}`);
      return join(high, truth);
    },
  };
}

const stem = (name: string): string => parse(name).name;
