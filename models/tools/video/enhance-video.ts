/** A video file through a network: decode, enhance, encode, with its times, its audio, its colours and its rotation. */
import { basename } from 'node:path';
import type { Look } from '../enhance-frame.ts';
import type { Model } from '../model.ts';
import { openProgress } from '../progress.ts';
import { decoded, type Span } from './decode.ts';
import { writeDisplayMatrix } from './display-matrix.ts';
import { openEncoder } from './encode.ts';
import { readFacts, type TimeBase, type VideoFacts } from './facts.ts';
import { openFrames } from './frames.ts';

/** What is to be made of which file. */
export interface VideoWork {
  readonly source: string;
  /** An MP4, replaced if it exists; half of one stays where the work fails. */
  readonly target: string;
  readonly span: Span;
  readonly look: Look;
}

/** @throws Error of one sentence; the signal's reason when it was aborted */
export async function enhanceVideo(model: Model, work: VideoWork, signal: AbortSignal): Promise<void> {
  const { source, target, span, look } = work;
  const facts = await readFacts(source, signal);
  if (facts.duration !== undefined && span.from >= facts.duration)
    throw new Error(`--from: ${span.from} s was asked for, but it is ${facts.duration} s long`);
  using enhancer = await openFrames(model, facts, look);
  using progress = openProgress(framesIn(facts, span), `frames of ${basename(source)}`);
  await using encoder = await openEncoder({ ...enhancer.size, source, facts, span, target }, signal);
  let last = -1n;
  for await (const { bytes, time, duration } of decoded(source, facts, span, enhancer.takes, signal)) {
    signal.throwIfAborted();
    if (time < 0n) continue;
    const enhanced = await enhancer.enhance(bytes, microseconds(time, facts.timeBase));
    // Times that stand still or go back cannot be written: such a picture comes a tick after the one before.
    last = time > last ? time : last + 1n;
    await encoder.append(enhanced, last, duration);
    progress.step();
  }
  if (last < 0n) throw new Error('it has no picture in the span that was asked for');
  await encoder.finish();
  const scale = enhancer.size.width / facts.width;
  if (facts.displayMatrix) await writeDisplayMatrix(target, scaledMatrix(facts.displayMatrix, scale));
}

/** A guess; undefined where nothing is known. */
function framesIn({ frames, duration }: VideoFacts, { from, to = Infinity }: Span): number | undefined {
  if (frames === undefined || duration === undefined) return frames;
  return Math.max(1, Math.round((frames * (Math.min(to, duration) - from)) / duration));
}

const microseconds = (time: bigint, { num, den }: TimeBase): number =>
  Number((time * num * 1_000_000n) / den);

/** A turn about a corner moves the picture back into view by its own size, which may have doubled. */
const scaledMatrix = (matrix: readonly number[], scale: number): readonly number[] =>
  matrix.map((value, at) => (at === 6 || at === 7 ? value * scale : value));
