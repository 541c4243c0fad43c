/** The inputs that were faults once, by target: `corpus/NAME/`, one a file, named for what it is. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface Case {
  readonly file: string;
  readonly input: Uint8Array;
}

/** The names of targets that have cases. */
export const corpusNames = (): string[] => readdirSync(new URL('corpus/', import.meta.url));

export function corpusOf(name: string): Case[] {
  const folder = new URL(`corpus/${name}/`, import.meta.url);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((file) => ({
    file,
    input: new Uint8Array(readFileSync(new URL(file, folder))),
  }));
}
