/** A video file as a camera: its pictures in real time, over and over. */
import { setTimeout as wait } from 'node:timers/promises';
import { EncodedPacketSink, FilePathSource, Input, MP4, QTFF } from 'mediabunny';
import type { AccessUnit } from '#wire/access-unit.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { micros, wallNow } from '#wire/time.ts';
import { StoredPictures } from '../packets/stored-pictures.ts';
import type { Source } from './source.ts';

/** Bytes of the file kept in memory; a clip is read in order, so more would not help. */
const CACHE_BYTES = 1024 * 1024;
/** Later than this, as after the machine slept, time that was missed is left out instead of caught up with. */
const MAX_LATE_MS = 1000;

export interface Replay {
  /** An MP4 or MOV file with H.264 or H.265 video. */
  readonly file: string;
  /** Begins again at the end; timestamps run on as if the clip had no end. */
  readonly loop: boolean;
}

/**
 * Plays the first video track of a file as a camera would send it: the first access unit at once, each later one when
 * its time has come by the machine's clock, counted from the first, so that no error adds up. A picture counts as
 * captured when it is handed on. The source throws `ingest/unreadable-file`.
 */
export function replaySource(replay: Replay): Source {
  return { units: (signal) => play(replay, signal) };
}

async function* play(
  { file, loop }: Replay,
  signal: AbortSignal,
): AsyncGenerator<AccessUnit, void, undefined> {
  using input = new Input({
    formats: [MP4, QTFF],
    source: new FilePathSource(file, {
      maxCacheSize: CACHE_BYTES,
      // What cannot be read ahead fails again when it is asked for, and then somebody listens.
      handleUnhandledError: () => {},
    }),
  });
  try {
    const clip = await openClip(input);
    const pace = new Pace(signal);
    for (let round = 0; round === 0 || loop; round++) {
      let first = true;
      for await (const packet of clip.sink.packets()) {
        const seconds = packet.timestamp - clip.start + round * clip.length;
        if ((await pace.until(seconds)) === 'stopped') return;
        const picture = clip.pictures.next(packet.data, first);
        first = false;
        if (picture)
          yield {
            ...picture,
            timestamp: micros(Math.round(seconds * 1e6)),
            capturedAt: wallNow(),
            captureClock: 'arrival',
          };
      }
    }
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

async function openClip(input: Input) {
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Unfit('it has no video track');
  const codec = await track.getCodec();
  if (codec !== 'avc' && codec !== 'hevc')
    throw new Unfit(`its video is ${codec ?? 'of an unknown codec'}, not H.264 or H.265`);
  const description = (await track.getDecoderConfig())?.description;
  if (description === undefined) throw new Unfit('its video has no parameter sets');
  const pictures = new StoredPictures(codec, bytesOf(description));
  const start = await track.getFirstTimestamp();
  const length = (await track.computeDuration()) - start;
  if (!(length > 0)) throw new Unfit('its video has no pictures');
  return {
    sink: new EncodedPacketSink(track),
    pictures,
    start,
    length,
  };
}

/** Waits until each picture's time has come. */
class Pace {
  readonly #signal: AbortSignal;
  /** The clock when the clip stood at 0, in ms of `performance.now`. */
  #start: number | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Pictures that are sent before ones shown earlier come at their own time, and those follow at once. */
  async until(seconds: number): Promise<'due' | 'stopped'> {
    this.#start ??= performance.now() - seconds * 1000;
    const early = this.#start + seconds * 1000 - performance.now();
    if (early < -MAX_LATE_MS) this.#start -= early;
    if (early > 0) await wait(early, undefined, { signal: this.#signal }).catch(() => {});
    return this.#signal.aborted ? 'stopped' : 'due';
  }
}

const bytesOf = (source: AllowSharedBufferSource): Uint8Array =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);

/** The file can be read and is not what can be replayed; the message says why, as the end of a sentence. */
class Unfit extends Error {}

const unreadable = (file: string, cause: unknown): NightglassError =>
  new NightglassError(
    'ingest/unreadable-file',
    `an MP4 file with H.264 or H.265 video was expected at ${file}: ${whatCame(cause)}`,
    { cause },
  );

function whatCame(cause: unknown): string {
  if (cause instanceof Unfit) return cause.message;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'it may not be read';
  return 'it is another kind of file, or broken';
}
