/** `npm run enhance`: pictures through the shipped network, in Node. */
import { mkdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type ExitCode,
  folderOption,
  forEachPicture,
  modelOption,
  runCommand,
  wordOption,
} from './command.ts';
import { enhancePicture } from './enhance-picture.ts';
import { openModel } from './model.ts';
import { readPicture, writePicture } from './picture.ts';
import { pictureNames } from './picture-names.ts';

const HELP = `Enhances pictures with the shipped network.

  npm run enhance -- --in DIR --out DIR [--model base] [--downsample 2]

  --in DIR         PNG, JPEG and WebP pictures
  --out DIR        the enhanced pictures: the same names, PNG
  --model NAME     a folder of models/artifacts (default base)
  --downsample N   1: the output has twice the input's size (default); 2: the input is halved first, so that
                   the output has the input's size

Exit code: 0 all enhanced, 1 some skipped, 2 none.
`;

async function main(): Promise<ExitCode> {
  const options = readOptions();
  if (options === undefined) {
    console.error(HELP);
    return 2;
  }
  const names = await pictureNames(options.in);
  if (names.length === 0) throw new Error(`There are no PNG, JPEG or WebP pictures in ${options.in}`);
  await mkdir(options.out, { recursive: true });
  await using model = await openModel(options.model);
  const written = new Map<string, string>();
  return await forEachPicture(names, async (name) => {
    const target = `${parse(name).name}.png`;
    const earlier = written.get(target);
    if (earlier !== undefined) throw new Error(`${target} was already made from ${earlier}`);
    const picture = await readPicture(join(options.in, name));
    const { enhanced } = await enhancePicture(model, picture, options.downsample);
    await writePicture(join(options.out, target), enhanced);
    written.set(target, name);
  });
}

/** @returns undefined when the help was asked for, or nothing to do was given */
function readOptions() {
  const { values } = parseArgs({
    options: {
      in: { type: 'string' },
      out: { type: 'string' },
      model: { type: 'string', default: 'base' },
      downsample: { type: 'string', default: '1' },
      help: { type: 'boolean' },
    },
  });
  const { in: from, out, model, downsample, help } = values;
  if (help || from === undefined || out === undefined) return undefined;
  const factor = wordOption('downsample', downsample, ['1', '2']);
  return {
    in: folderOption('in', from),
    out,
    model: modelOption(model),
    downsample: factor === '2' ? (2 as const) : (1 as const),
  };
}

await runCommand(main);
