/** Enhanced pictures into an H.264 MP4 with the times, the audio and the colours of their source, by an ffmpeg child. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Size } from '../picture.ts';
import { colourArgs, scalerMatrix } from './colours.ts';
import { cutArgs, type Span } from './decode.ts';
import type { TimeBase, VideoFacts } from './facts.ts';
import { asInput, type Child, startChild } from './ffmpeg.ts';
import { rawHeader, rawPictureHeader } from './raw-matroska.ts';

/** What MP4 takes as it is, by ffmpeg's names; anything else becomes AAC. */
const COPIED_AUDIO = new Set(['aac', 'mp3', 'ac3', 'eac3', 'alac', 'opus']);

export interface Encoder extends AsyncDisposable {
  /**
   * Appends a picture (RGBA, of the encoder's size), which the encoder keeps; resolves as soon as the next may come.
   * @param time in the source's time base, from the span's start; `duration` too
   */
  append(rgba: Uint8ClampedArray, time: bigint, duration: bigint): Promise<void>;
  /** Closes the file. @throws Error with ffmpeg's last line */
  finish(): Promise<void>;
}

export interface Recording extends Size {
  readonly source: string;
  readonly facts: VideoFacts;
  readonly span: Span;
  /** The file that is written, replaced if it exists. */
  readonly target: string;
}

/** Starts writing. Disposing it without `finish` ends the child and leaves half a file. */
export async function openEncoder(recording: Recording, signal: AbortSignal): Promise<Encoder> {
  const { width, height, facts } = recording;
  const { timeBase } = facts;
  const child = await startChild(
    'ffmpeg',
    encoderArgs(recording),
    ['pipe', 'ignore', 'pipe'],
    'write it',
    signal,
  );
  const input = child.process.stdin as Writable;
  await write(child, input, rawHeader(width, height, usualDuration(facts)));
  return {
    async append(rgba, time, duration) {
      const bytes = Buffer.from(rgba.buffer, rgba.byteOffset, rgba.byteLength);
      input.write(
        rawPictureHeader(nanoseconds(time, timeBase), nanoseconds(duration, timeBase), bytes.length),
      );
      await write(child, input, bytes);
    },
    async finish() {
      input.end();
      await child.ended;
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

function encoderArgs({ width, height, source, facts, span, target }: Recording): string[] {
  const { timeBase } = facts;
  const range = facts.colours.fullRange ? 'full' : 'limited';
  // H.264 of 4:2:0 has no odd sizes: the last column or row is repeated.
  const even = width % 2 || height % 2 ? [evenFilter(width, height)] : [];
  const filters = [
    `scale=in_range=full:out_range=${range}:out_color_matrix=${scalerMatrix(facts)}:flags=accurate_rnd+full_chroma_int`,
    'format=yuv420p',
    `setsar=${facts.pixelAspect.replace(':', '/')}`,
  ];
  // Coded audio cannot be cut where pictures can: of a span it is encoded again.
  const whole = span.from === 0 && span.to === undefined;
  const audio = facts.audio.flatMap((codec, at) => [
    ...['-map', `1:a:${at}`, `-c:a:${at}`],
    whole && COPIED_AUDIO.has(codec) ? 'copy' : 'aac',
  ]);
  return [
    // Nothing to find out about the pictures, and their times as they are, though the first may not be at 0.
    ...[
      '-y',
      '-probesize',
      '32',
      '-analyzeduration',
      '0',
      '-seek_timestamp',
      '1',
      '-f',
      'matroska',
      '-i',
      'pipe:0',
    ],
    ...[...cutArgs(span), ...asInput(source)],
    ...['-map', '0:v:0', ...audio, '-map_metadata', '1', '-vf', [...even, ...filters].join(',')],
    ...['-fps_mode', 'passthrough', '-enc_time_base', `${timeBase.num}:${timeBase.den}`],
    ...['-c:v', 'libx264', '-crf', '18', '-bf', '0', '-pix_fmt', 'yuv420p', ...colourArgs(facts)],
    // When the first picture comes is written in this; ffmpeg's own would be milliseconds.
    ...['-movie_timescale', String(movieTimescale(timeBase))],
    ...['-movflags', '+faststart', '-f', 'mp4', `file:${target}`],
  ];
}

/** Nanoseconds; as at 25 a second where nothing is known. */
const usualDuration = ({ duration, frames }: VideoFacts): bigint =>
  BigInt(Math.max(1, Math.round(duration && frames ? (duration / frames) * 1e9 : 40e6)));

/** A whole number of the stream's ticks to a second, and fine enough for audio. */
const movieTimescale = ({ den }: TimeBase): bigint => den * ((9_999n + den) / den);

const evenFilter = (width: number, height: number): string =>
  `format=gbrp,pad=${width + (width % 2)}:${height + (height % 2)},` +
  `fillborders=right=${width % 2}:bottom=${height % 2}:mode=smear`;

const nanoseconds = (ticks: bigint, { num, den }: TimeBase): bigint => {
  const scaled = ticks * num * 1_000_000_000n;
  return (scaled + den / 2n) / den;
};

/** Waits where the child takes no more for now; its end wakes the wait. */
async function write(child: Child, input: Writable, bytes: Buffer): Promise<void> {
  if (input.write(bytes)) return;
  await Promise.race([once(input, 'drain').catch(() => child.ended), child.ended]);
  if (input.destroyed) await child.ended;
}
