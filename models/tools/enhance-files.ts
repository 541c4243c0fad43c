/** Enhances every picture and video that was asked for, one after the other. */
import { basename } from 'node:path';
import { type ExitCode, Tally } from './command.ts';
import { openEngine } from './engine.ts';
import type { EnhanceOptions } from './enhance-options.ts';
import { enhanceAsShown, enhancePicture } from './enhance-picture.ts';
import type { Model } from './model.ts';
import { readPicture, writePicture } from './picture.ts';
import { openProgress } from './progress.ts';
import { whole } from './unfinished.ts';
import { enhanceVideo } from './video/enhance-video.ts';
import { findWorks, isFinished, type Work } from './works.ts';

/**
 * Tells on standard error what was skipped and why.
 * @throws Error of one sentence where nothing can start; the signal's reason when it was aborted
 */
export async function enhanceFiles(options: EnhanceOptions, signal: AbortSignal): Promise<ExitCode> {
  const works = await findWorks(options.in, options.out);
  await using model = await openEngine(options.engine, options.model);
  const tally = new Tally();
  const madeFrom = new Map<string, string>();
  let kept = 0;
  const attempt = (work: Work): Promise<void> =>
    tally.attempt(
      work.name,
      async () => {
        signal.throwIfAborted();
        const earlier = madeFrom.get(work.target);
        if (earlier !== undefined)
          throw new Error(`${basename(work.target)} was already made from ${earlier}`);
        if (!options.overwrite && (await isFinished(work))) kept++;
        else await whole(work.target, (file) => enhanceOne(model, work, file, options, signal));
        madeFrom.set(work.target, work.name);
      },
      signal,
    );
  const pictures = works.filter(({ kind }) => kind === 'picture');
  if (pictures.length > 0) {
    using progress = openProgress(pictures.length, 'pictures');
    for (const work of pictures) {
      await attempt(work);
      progress.step();
    }
  }
  for (const work of works) if (work.kind === 'video') await attempt(work);
  if (kept > 0) console.error(`${kept} finished before and left as they are; --overwrite makes them again`);
  return tally.end();
}

async function enhanceOne(
  model: Model,
  { kind, source }: Work,
  target: string,
  { look, span, downsample }: EnhanceOptions,
  signal: AbortSignal,
): Promise<void> {
  if (kind === 'video') {
    if (downsample !== undefined) throw new Error('--downsample is for pictures: choose a --mode');
    await enhanceVideo(model, { source, target, span, look }, signal);
    return;
  }
  const picture = await readPicture(source);
  const enhanced =
    downsample === undefined
      ? await enhanceAsShown(model, picture, look)
      : (await enhancePicture(model, picture, downsample)).enhanced;
  await writePicture(target, enhanced);
}
