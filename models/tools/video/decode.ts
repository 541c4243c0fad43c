/** A video file's pictures with their times, decoded by an ffmpeg child. */
import type { Readable } from 'node:stream';
import type { Size } from '../picture.ts';
import { planesColours, scalerMatrix } from './colours.ts';
import type { VideoFacts } from './facts.ts';
import { asInput, startChild } from './ffmpeg.ts';

/** Seconds from the file's start; an end that is undefined is the file's. */
export interface Span {
  readonly from: number;
  readonly to: number | undefined;
}

/** How pictures are wanted: 8 bit, as full-range RGB, or in the matrix of `planesColours` and the file's own range. */
export type RawPixels = 'rgba' | 'yuv420p';

export interface VideoFrame {
  /** As coded: not turned. Of planes one after the other, without gaps. */
  readonly bytes: Uint8ClampedArray<ArrayBuffer>;
  /** In the stream's time base, from the span's start. */
  readonly time: bigint;
  /** In the same; 0 where nothing is known. */
  readonly duration: bigint;
}

export const cutArgs = ({ from, to }: Span): readonly string[] => [
  ...(from > 0 ? ['-ss', String(from)] : []),
  ...(to === undefined ? [] : ['-t', String(to - from)]),
];

/**
 * Every picture once, whatever the distance to the one before. ffmpeg writes the pictures to one pipe and a line for each,
 * which has its time, to another.
 * @throws Error with ffmpeg's last line
 */
export async function* decoded(
  path: string,
  facts: VideoFacts,
  span: Span,
  pixels: RawPixels,
  signal: AbortSignal,
): AsyncGenerator<VideoFrame> {
  const { timeBase } = facts;
  const args = [
    ...['-nostdin', '-noautorotate', ...cutArgs(span), ...asInput(path), '-map', `0:${facts.stream}`],
    ...[
      '-vf',
      filtersFor(facts, pixels),
      '-fps_mode',
      'passthrough',
      '-enc_time_base',
      `${timeBase.num}:${timeBase.den}`,
    ],
    ...['-c:v', 'rawvideo', '-pix_fmt', pixels, '-f', 'tee', '[f=rawvideo]pipe:1|[f=framecrc]pipe:3'],
  ];
  await using child = await startChild(
    'ffmpeg',
    args,
    ['ignore', 'pipe', 'pipe', 'pipe'],
    'decode it',
    signal,
  );
  const times = timesOf(child.process.stdio[3] as Readable);
  for await (const bytes of pieces(child.process.stdout as Readable, bytesOf(facts, pixels))) {
    const { done, value } = await times.next();
    if (done) break;
    yield { bytes, ...value };
  }
  await child.ended;
}

function filtersFor(facts: VideoFacts, pixels: RawPixels): string {
  const { width, height, colours } = facts;
  const range = colours.fullRange ? 'full' : 'limited';
  const scale =
    `scale=${width}:${height}:in_color_matrix=${scalerMatrix(facts)}:in_range=${range}` +
    ':flags=bicubic+accurate_rnd+full_chroma_int';
  if (pixels === 'rgba') return `${scale}:out_range=full`;
  return `${scale}:out_color_matrix=${planesColours(facts).matrix}:out_range=${range},format=yuv420p`;
}

const bytesOf = ({ width, height }: Size, pixels: RawPixels): number =>
  pixels === 'rgba' ? 4 * width * height : width * height + 2 * ((width + 1) >> 1) * ((height + 1) >> 1);

/** The stream cut into pieces of `size` bytes, each in memory of its own; less than that at the end is left out. */
async function* pieces(stream: Readable, size: number): AsyncGenerator<Uint8ClampedArray<ArrayBuffer>> {
  let piece = new Uint8ClampedArray(size);
  let filled = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + size - filled);
      piece.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < size) continue;
      yield piece;
      piece = new Uint8ClampedArray(size);
      filled = 0;
    }
  }
}

/** ffmpeg's framecrc format: a line a picture, of stream, decoding time, time, duration, bytes and a sum; `#` lines between. */
async function* timesOf(stream: Readable): AsyncGenerator<Omit<VideoFrame, 'bytes'>> {
  let rest = '';
  for await (const text of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const [, time, duration] = /^0,\s*-?\d+,\s*(-?\d+),\s*(\d+),/.exec(line) ?? [];
      if (time !== undefined) yield { time: BigInt(time), duration: BigInt(duration!) };
    }
  }
}
