/** The part of nightglass.yaml that says where clips are kept on the server, and how much of them. */
import { join } from 'node:path';
import { z } from 'zod';

export interface ClipsConfig {
  readonly dir: string;
  /** Of one file, MiB. */
  readonly maxMiB: number;
  /** Of all clips together, GiB. */
  readonly maxGiB: number;
}

const fields = z.strictObject({
  dir: z.string().min(1).optional(),
  maxMiB: z.number().min(1).max(1_000_000).default(2048),
  maxGiB: z.number().min(0.01).max(1_000_000).default(20),
});

export const clipsSchema = z.union([z.literal(['off', false]), fields]);

/** Nothing where it is switched off. @param beside a path as the file means it @param dataFolder as the file has it */
export function clipsConfig(
  given: z.output<typeof clipsSchema>,
  beside: (path: string) => string,
  dataFolder: string,
): ClipsConfig | undefined {
  if (given === 'off' || given === false) return undefined;
  const { dir, ...limits } = given;
  return { dir: beside(dir ?? join(dataFolder, 'clips')), ...limits };
}
