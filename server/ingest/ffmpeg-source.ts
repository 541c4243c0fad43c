/** Any camera that ffmpeg can open, copied where it sends H.264 or H.265 and encoded to H.264 where it does not. */
import type { AccessUnit } from '#wire/access-unit.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { micros, wallNow } from '#wire/time.ts';
import { Mp4Fragments } from '../packets/mp4-fragments.ts';
import { StoredPictures } from '../packets/stored-pictures.ts';
import { type FfmpegAddress, inputOf } from './ffmpeg-address.ts';
import { type Ffmpeg, startFfmpeg } from './ffmpeg-child.ts';
import type { Source } from './source.ts';

/** Looks no longer than this at a stream before it passes on pictures: bytes, microseconds. */
const PROBE = ['-fflags', 'nobuffer', '-probesize', '1000000', '-analyzeduration', '1500000'];
const COPY = ['-c:v', 'copy'];
/** A key unit every two seconds at 25 frames per second, no frame held back. */
const ENCODE = [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-crf', '20', '-g', '50'],
  ...['-pix_fmt', 'yuv420p', '-vf', 'scale=trunc(iw/2)*2:trunc(ih/2)*2'],
];
/** Sample entries of an MP4 that are passed on as they are. */
const CARRIED: Readonly<Record<string, 'avc' | 'hevc'>> = { avc1: 'avc', hvc1: 'hevc', hev1: 'hevc' };
/** Each picture leaves as soon as ffmpeg has the next. */
const OUTPUT = [
  '-f',
  'mp4',
  '-movflags',
  'empty_moov+default_base_moof+frag_every_frame+delay_moov',
  'pipe:1',
];

/**
 * A source whose connection is one ffmpeg child; the child is killed when the connection ends. A picture counts as
 * captured when it arrives here. The source throws `ingest/no-ffmpeg`, `ingest/ffmpeg-failed` with ffmpeg's last lines,
 * and `packets/…`.
 */
export function ffmpegSource(address: FfmpegAddress): Source {
  let encode = address.encode;
  return {
    async *units(signal) {
      if (!encode) {
        const copied = yield* connect(address, COPY, signal);
        if (copied === 'ended') return;
        // From now on, also after a reconnect: asking again would cost each time what the first look cost.
        encode = true;
      }
      yield* connect(address, ENCODE, signal);
    },
  };
}

async function* connect(
  address: FfmpegAddress,
  codec: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<AccessUnit, 'ended' | 'another-codec', undefined> {
  const { args, script, secrets } = inputOf(address);
  const video = ['-map', '0:v:0', '-an', ...codec, ...OUTPUT];
  await using ffmpeg = await startFfmpeg([...PROBE, ...args, ...video], secrets);
  using _ = onAbort(signal, () => ffmpeg.output.destroy());
  ffmpeg.input.end(script);
  return yield* pictures(ffmpeg, signal);
}

async function* pictures(
  ffmpeg: Ffmpeg,
  signal: AbortSignal,
): AsyncGenerator<AccessUnit, 'ended' | 'another-codec', undefined> {
  const fragments = new Mp4Fragments();
  let stored: StoredPictures | undefined;
  let start: number | undefined;
  try {
    for await (const bytes of ffmpeg.output)
      for (const item of fragments.push(bytes)) {
        if (signal.aborted) return 'ended';
        if (item.kind === 'track') {
          const codec = CARRIED[item.format];
          if (codec === undefined) return 'another-codec';
          stored = new StoredPictures(codec, item.record);
        } else if (stored !== undefined) {
          const picture = stored.next(item.data, start === undefined);
          start ??= item.seconds;
          const timestamp = micros(Math.round((item.seconds - start) * 1e6));
          if (picture) yield { ...picture, timestamp, capturedAt: wallNow(), captureClock: 'arrival' };
        }
      }
  } catch (error) {
    if (signal.aborted) return 'ended';
    if (error instanceof NightglassError) throw error;
    throw failed(ffmpeg, error);
  }
  if (stored === undefined) throw failed(ffmpeg);
  return 'ended';
}

/** Calls at most once, and no more after disposal. */
function onAbort(signal: AbortSignal, call: () => void): Disposable {
  signal.addEventListener('abort', call, { once: true });
  if (signal.aborted) call();
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', call) };
}

const failed = (ffmpeg: Ffmpeg, cause?: unknown): NightglassError =>
  new NightglassError('ingest/ffmpeg-failed', `ffmpeg could not read the camera: ${ffmpeg.lastWords()}`, {
    cause,
  });
