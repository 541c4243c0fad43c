/** The networks that the benchmark of the engine runs. */
import { readdirSync } from 'node:fs';

/** Teaches the others; the engine has not all of its operations. */
const TEACHER = 'teacher';

/** @param list names, with commas between; all that can run live where none is given @param folder of the shipped networks */
export const modelsFrom = (list: string | undefined, folder: string): readonly string[] =>
  list?.split(',') ?? readdirSync(folder).filter((name) => name !== TEACHER);
