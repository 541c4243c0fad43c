/** `npm run evaluate`: how near the shipped network comes to the truth on pairs of pictures, in Node. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type ExitCode,
  folderOption,
  forEachPicture,
  modelOption,
  reasonOf,
  runCommand,
  wordOption,
} from './command.ts';
import { type SheetRow, sheetRow, writeSheet } from './contact-sheet.ts';
import { ENGINES, openEngine } from './engine.ts';
import { enhancePicture } from './enhance-picture.ts';
import { psnr, ssim } from './metrics.ts';
import type { Model } from './model.ts';
import { findPairs } from './pairs.ts';
import { readPicture } from './picture.ts';
import { asTable, meanOf, type Score } from './scores.ts';

const SHEET_ROWS = 24;

const HELP = `Measures the shipped network on pairs of a dark and a bright picture, as the NEID paper does: the dark
picture is halved, enhanced to its own size and compared with the bright one. PSNR and SSIM on RGB.

  npm run evaluate -- --low DIR --high DIR [--model base] [--engine ort] [--json] [--sheet FILE]

  --low DIR      the dark pictures: PNG, JPEG and WebP
  --high DIR     the bright ones, of the same names (extensions may differ) and sizes
  --model NAME   a folder of models/artifacts (default base)
  --engine NAME  ort: onnxruntime, on the CPU (default); wgsl: the project's own engine, on the GPU
  --json         JSON instead of a table
  --sheet FILE   where the contact sheet goes (default evaluate-NAME.png in the current folder); it has the
                 ${SHEET_ROWS} pictures of lowest PSNR, worst first: what the network saw, what it made of it, the truth

Exit code: 0 all measured, 1 some skipped, 2 none.
`;

interface Row {
  readonly score: Score;
  readonly row: SheetRow;
}

async function main(): Promise<ExitCode> {
  const options = readOptions();
  if (options === undefined) {
    console.error(HELP);
    return 2;
  }
  const { low, high, sheet } = options;
  const pairs = await findPairs(low, high);
  await mkdir(dirname(sheet), { recursive: true });
  await using model = await openEngine(options.engine, options.model);
  const scores: Score[] = [];
  let worst: Row[] = [];
  const code = await forEachPicture(pairs.names, async (name) => {
    const measured = await measure(model, name, join(low, name), pairs.truthOf(name));
    scores.push(measured.score);
    worst = [...worst, measured].sort((a, b) => a.score.psnr - b.score.psnr).slice(0, SHEET_ROWS);
  });
  if (code === 2) return code;
  const mean = meanOf(scores);
  const result = { model: options.model, engine: options.engine, pictures: scores, mean };
  console.log(options.json ? JSON.stringify(result, undefined, 2) : asTable(scores));
  const of = `${options.model}, ${options.engine}: the mean of ${scores.length}`;
  const shown = worst.length < scores.length ? `the ${worst.length} worst, worst first` : 'all, worst first';
  const rows = worst.map(({ row }) => row);
  try {
    await writeSheet(sheet, `${captionOf({ name: of, ...mean })}. Shown: ${shown}`, rows);
  } catch (error) {
    console.error(`--sheet: ${sheet} could not be written: ${reasonOf(error)}`);
    return 1;
  }
  console.error(`Contact sheet: ${sheet}`);
  return code;
}

/** Enhances the dark picture, halved first, and compares it with the bright one. */
async function measure(model: Model, name: string, lowFile: string, highFile: string): Promise<Row> {
  const picture = await readPicture(lowFile);
  const truth = await readPicture(highFile).catch((error) => {
    throw new Error(`${highFile}: ${reasonOf(error)}`);
  });
  if (picture.width !== truth.width || picture.height !== truth.height)
    throw new Error(
      `its size is ${picture.width}x${picture.height}, but ${highFile} has ${truth.width}x${truth.height}`,
    );
  const { seen, enhanced } = await enhancePicture(model, picture, 2);
  const score = { name, psnr: psnr(enhanced, truth), ssim: ssim(enhanced, truth) };
  return { score, row: await sheetRow(captionOf(score), [seen, enhanced, truth]) };
}

const captionOf = ({ name, psnr, ssim }: Score): string =>
  `${name}: ${psnr.toFixed(2)} dB, SSIM ${ssim.toFixed(3)}`;

/** @returns undefined when the help was asked for, or nothing to do was given */
function readOptions() {
  const { values } = parseArgs({
    options: {
      low: { type: 'string' },
      high: { type: 'string' },
      model: { type: 'string', default: 'base' },
      engine: { type: 'string', default: 'ort' },
      json: { type: 'boolean', default: false },
      sheet: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const { low, high, json, help } = values;
  if (help || low === undefined || high === undefined) return undefined;
  const model = modelOption(values.model);
  return {
    low: folderOption('low', low),
    high: folderOption('high', high),
    model,
    engine: wordOption('engine', values.engine, ENGINES),
    json,
    sheet: values.sheet ?? `evaluate-${model}.png`,
  };
}

await runCommand(main);
