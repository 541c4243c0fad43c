/** `npm run enhance`: pictures through the shipped network, in Node. */
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { extname, join, parse } from 'node:path';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { NightglassError } from '#wire/nightglass-error.ts';
import { pictureFromSubpixels } from '../../shaders/pixel-shuffle.reference.ts';
import { type Model, openModel } from './model.ts';
import { readPicture, writePicture } from './picture.ts';

const HELP = `Enhances pictures with the shipped network.

  npm run enhance -- --in DIR --out DIR [--model base] [--downsample 2]

  --in DIR         PNG, JPEG and WebP pictures
  --out DIR        the enhanced pictures: the same names, PNG
  --model NAME     a folder of models/artifacts (default base)
  --downsample N   1: the output has twice the input's size (default); 2: the input is halved first, so that
                   the output has the input's size
`;

const PICTURES = new Set(['.png', '.jpg', '.jpeg', '.webp']);

/** Returns the exit code: 0 when every picture was enhanced, 1 when some were skipped, 2 when nothing could run. */
async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 2;
  const names = await pictureNames(options.in);
  if (names.length === 0) {
    console.error(`There are no PNG, JPEG or WebP pictures in ${options.in}`);
    return 2;
  }
  await mkdir(options.out, { recursive: true });
  await using model = await openModel(options.model);
  const bar = new SingleBar({
    format: '{bar} {value}/{total} pictures, {eta_formatted} left',
    noTTYOutput: true,
    notTTYSchedule: 10_000,
  });
  bar.start(names.length, 0);
  const skipped: string[] = [];
  const written = new Map<string, string>();
  for (const name of names) {
    const target = `${parse(name).name}.png`;
    try {
      const earlier = written.get(target);
      if (earlier !== undefined) throw new Error(`${target} was already made from ${earlier}`);
      await enhanceOne(model, join(options.in, name), join(options.out, target), options.downsample);
      written.set(target, name);
    } catch (error) {
      skipped.push(`${name}: ${error instanceof Error ? error.message : error}`);
    }
    bar.increment();
  }
  bar.stop();
  for (const line of skipped) console.error(`Skipped ${line}`);
  return skipped.length > 0 ? 1 : 0;
}

async function enhanceOne(model: Model, from: string, to: string, downsample: 1 | 2): Promise<void> {
  const input = await readPicture(from, downsample);
  const subpixels = await model.subpixels(input.image, input.gridWidth, input.gridHeight);
  const stride = { width: input.gridWidth * 2, height: input.gridHeight * 2 };
  const rgba = new Uint8ClampedArray(stride.width * stride.height * 4);
  pictureFromSubpixels(subpixels, input.gridWidth, input.gridHeight, rgba);
  const crop = { width: input.width * 2, height: input.height * 2 };
  await writePicture(to, rgba, stride, crop, downsample === 2 ? input.original : crop);
}

function readOptions() {
  try {
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
    if (help || from === undefined || out === undefined) {
      console.error(HELP);
      return undefined;
    }
    if (downsample !== '1' && downsample !== '2')
      throw new Error(`--downsample: 1 or 2 was expected, ${downsample} came`);
    if (!/^[\w-]+$/.test(model))
      throw new Error(`--model: the name of a folder in models/artifacts was expected`);
    if (!existsSync(from)) throw new Error(`--in: there is no folder ${from}`);
    return { in: from, out, model, downsample: downsample === '2' ? (2 as const) : (1 as const) };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  }
}

async function pictureNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && PICTURES.has(extname(entry.name).toLowerCase()))
    .map((entry) => entry.name)
    .sort();
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof NightglassError ? `${error.message} (${error.code})` : error);
  process.exitCode = 2;
}
