/** A video file's pictures with their times, decoded by an ffmpeg child. */
import type { Readable } from 'node:stream';
import { scalerMatrix } from './colours.ts';
import type { VideoFacts } from './facts.ts';
import { asInput, startChild } from './ffmpeg.ts';

/** Seconds from the file's start; an end that is undefined is the file's. */
export interface Span {
  readonly from: number;
  readonly to: number | undefined;
}

export interface VideoFrame {
  /** RGBA, 8 bit, full range, as coded: not turned. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
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
  signal: AbortSignal,
): AsyncGenerator<VideoFrame> {
  const { width, height, timeBase } = facts;
  const range = facts.colours.fullRange ? 'full' : 'limited';
  const scale =
    `scale=${width}:${height}:in_color_matrix=${scalerMatrix(facts)}:in_range=${range}:out_range=full` +
    ':flags=bicubic+accurate_rnd+full_chroma_int';
  const args = [
    ...['-nostdin', '-noautorotate', ...cutArgs(span), ...asInput(path), '-map', `0:${facts.stream}`],
    ...['-vf', scale, '-fps_mode', 'passthrough', '-enc_time_base', `${timeBase.num}:${timeBase.den}`],
    ...['-c:v', 'rawvideo', '-pix_fmt', 'rgba', '-f', 'tee', '[f=rawvideo]pipe:1|[f=framecrc]pipe:3'],
  ];
  await using child = await startChild(
    'ffmpeg',
    args,
    ['ignore', 'pipe', 'pipe', 'pipe'],
    'decode it',
    signal,
  );
  const times = timesOf(child.process.stdio[3] as Readable);
  for await (const rgba of pieces(child.process.stdout as Readable, width * height * 4)) {
    const { done, value } = await times.next();
    if (done) break;
    yield { rgba, ...value };
  }
  await child.ended;
}

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
async function* timesOf(stream: Readable): AsyncGenerator<Omit<VideoFrame, 'rgba'>> {
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
