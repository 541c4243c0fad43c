/** The benchmark of the engine in Node as a program of its own, to be bundled: see engine-dawn.ts. */
import { run } from './engine-dawn.ts';

await run(process.argv.slice(2));
