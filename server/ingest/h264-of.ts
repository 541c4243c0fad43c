/** H.264 of an H.265 camera's units: one ffmpeg child, and every picture with its own timestamp. */
import { type AccessUnit, codecOf, type KeyUnit } from '#wire/access-unit.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { matroskaHeader, matroskaPicture } from '../packets/matroska.ts';
import { Mp4Fragments } from '../packets/mp4-fragments.ts';
import { StoredPictures } from '../packets/stored-pictures.ts';
import { ChildClock } from './child-clock.ts';
import { ChildWatch } from './child-watch.ts';
import { type Ffmpeg, startFfmpeg } from './ffmpeg-child.ts';

export interface FollowedUnit {
  readonly unit: AccessUnit;
  /** It is only there to decode what comes after it: no picture is made of it. */
  readonly past: boolean;
}

/** Decodes without holding pictures back: a decoder with a thread for each picture would hold as many. */
const INPUT = [
  ...['-analyzeduration', '1', '-thread_type', 'slice', '-copyts', '-protocol_whitelist', 'pipe'],
  ...['-f', 'matroska', '-i', 'pipe:0', '-map', '0:v:0'],
];
/** Every picture once and at its own time; a key picture every two seconds, so that a newcomer waits for none. */
const OUTPUT = [
  ...['-fps_mode', 'passthrough', '-enc_time_base', '1:1000000', '-video_track_timescale', '1000000'],
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-crf', '23', '-pix_fmt', 'yuv420p'],
  ...['-force_key_frames', 'expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+2))', '-f', 'mp4'],
  ...['-movflags', 'empty_moov+default_base_moof+frag_every_frame+delay_moov+frag_discont', 'pipe:1'],
];

/**
 * Yields H.264 in the order shown, without B-frames. Units that are no H.265 are handed on as they are. Ends when
 * `units` ends, which its owner must bring about: an unfinished wait for the next unit outlives the iteration.
 * @param units one epoch, from a key unit on
 * @param silenceSeconds a child that takes in units and gives no picture for so long is killed
 * @param takePlace called before a child is started; what it gives is disposed of after the child has ended
 * @throws NightglassError `ingest/no-ffmpeg`, `ingest/ffmpeg-failed`, `packets/malformed`
 */
export async function* h264Of(
  units: AsyncIterable<FollowedUnit>,
  silenceSeconds: number,
  signal: AbortSignal,
  takePlace: () => Disposable | undefined = () => undefined,
): AsyncGenerator<AccessUnit, void, undefined> {
  const rest = units[Symbol.asyncIterator]();
  const { past, first } = await untilPresent(rest);
  const [key] = [...past, ...(first ? [first] : [])];
  if (first === undefined || !key?.key) return;
  if (codecOf(key.config) !== 'h265') {
    yield* [...past, first];
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value.unit;
    return;
  }
  using _place = takePlace();
  const clock = new ChildClock(key.timestamp);
  const filter = `select='gte(pts,${clock.of(first.timestamp)})',scale=trunc(iw/2)*2:trunc(ih/2)*2`;
  await using ffmpeg = await startFfmpeg([...INPUT, '-vf', filter, ...OUTPUT], []);
  using child = new ChildWatch(ffmpeg, silenceSeconds, signal);
  feed({ key, past, first, rest }, clock, child).catch(() => ffmpeg.output.destroy());
  yield* pictures(ffmpeg, clock, child);
}

/** The units up to the first that is to be shown, which is missing when they end before it. */
async function untilPresent(units: AsyncIterator<FollowedUnit>) {
  const past: AccessUnit[] = [];
  for (let next = await units.next(); !next.done; next = await units.next()) {
    if (!next.value.past) return { past, first: next.value.unit };
    past.push(next.value.unit);
  }
  return { past, first: undefined };
}

interface Feed {
  readonly key: KeyUnit;
  readonly past: readonly AccessUnit[];
  readonly first: AccessUnit;
  readonly rest: AsyncIterator<FollowedUnit>;
}

async function feed({ key, past, first, rest }: Feed, clock: ChildClock, child: ChildWatch): Promise<void> {
  const { codedWidth: width, codedHeight: height } = key.config;
  await child.write(matroskaHeader({ width, height }));
  const give = (unit: AccessUnit) => child.write(matroskaPicture(clock.enter(unit), unit.key, unit.data));
  for (const unit of past) {
    await give(unit);
    child.gave();
  }
  await give(first);
  for (let next = await rest.next(); !next.done && !child.over; next = await rest.next())
    await give(next.value.unit);
  child.end();
}

async function* pictures(
  ffmpeg: Ffmpeg,
  clock: ChildClock,
  child: ChildWatch,
): AsyncGenerator<AccessUnit, void, undefined> {
  const fragments = new Mp4Fragments();
  let stored: StoredPictures | undefined;
  let first = true;
  try {
    for await (const bytes of ffmpeg.output)
      for (const item of fragments.push(bytes)) {
        if (child.over) break;
        if (item.kind === 'track') stored = new StoredPictures('avc', item.record);
        else {
          child.gave();
          const picture = stored?.next(item.data, first);
          first = false;
          if (picture) yield { ...picture, ...clock.take(Math.round(item.seconds * 1e6)) };
        }
      }
  } catch (error) {
    if (error instanceof NightglassError) throw error;
    if (!child.over) throw failed(await lastWordsOf(ffmpeg), error);
  }
  const why = child.whyEnded(await lastWordsOf(ffmpeg));
  if (why !== undefined) throw failed(why);
}

/** A child whose output has ended may still have something to say. */
async function lastWordsOf(ffmpeg: Ffmpeg): Promise<string> {
  await ffmpeg[Symbol.asyncDispose]();
  return ffmpeg.lastWords();
}

const failed = (why: string, cause?: unknown): NightglassError =>
  new NightglassError('ingest/ffmpeg-failed', `ffmpeg could not make H.264 of the camera's H.265: ${why}`, {
    cause,
  });
