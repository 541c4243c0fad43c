/** What a video file holds, as ffprobe tells it. */

import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Size } from '../picture.ts';
import { asInput, startChild } from './ffmpeg.ts';

/** The colours of the pictures as the stream names them; undefined where it says nothing. */
export interface Colours {
  readonly matrix: string | undefined;
  readonly primaries: string | undefined;
  readonly transfer: string | undefined;
  readonly fullRange: boolean;
  /** Where a chroma sample stands in its 2x2 luma pixels, by ffmpeg's names. */
  readonly siting: string | undefined;
}

/** Seconds of a tick, as a fraction of whole numbers. */
export interface TimeBase {
  readonly num: bigint;
  readonly den: bigint;
}

export interface VideoFacts extends Size {
  /** Of the file's streams, the one whose pictures are enhanced. */
  readonly stream: number;
  /** Of the stream's times. */
  readonly timeBase: TimeBase;
  readonly colours: Colours;
  /** Width to height of a pixel, `n:d`. */
  readonly pixelAspect: string;
  /** The nine numbers of ISO/IEC 14496-12 §6.2.2 that turn the picture when it is shown, row by row; undefined: as it is. */
  readonly displayMatrix: readonly number[] | undefined;
  /** A guess, for the progress; undefined where nothing is known. */
  readonly frames: number | undefined;
  /** Seconds; undefined where nothing is known. */
  readonly duration: number | undefined;
  /** The audio streams' codecs by ffmpeg's names, in order. */
  readonly audio: readonly string[];
}

/** @throws Error when ffprobe is missing, the file is none it knows, or it has no video stream */
export async function readFacts(path: string, signal: AbortSignal): Promise<VideoFacts> {
  const args = ['-of', 'json', '-show_streams', '-show_format', ...asInput(path)];
  await using child = await startChild('ffprobe', args, ['ignore', 'pipe', 'pipe'], 'read it', signal);
  const [said] = await Promise.all([text(child.process.stdout as Readable), child.ended]);
  return factsOf(JSON.parse(said) as Probe);
}

interface ProbedStream {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly pix_fmt?: string;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_primaries?: string;
  readonly color_transfer?: string;
  readonly chroma_location?: string;
  readonly sample_aspect_ratio?: string;
  readonly avg_frame_rate?: string;
  readonly time_base?: string;
  readonly nb_frames?: string;
  readonly duration?: string;
  readonly disposition?: { readonly attached_pic?: number };
  readonly side_data_list?: readonly { readonly displaymatrix?: string }[];
}

interface Probe {
  readonly streams?: readonly ProbedStream[];
  readonly format?: { readonly duration?: string };
}

function factsOf({ streams = [], format }: Probe): VideoFacts {
  const video = streams.find(
    (stream) => stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1,
  );
  if (!video) throw new Error('it has no video stream');
  const { width = 0, height = 0 } = video;
  if (width < 1 || height < 1) throw new Error('its video has no size: it may be cut short');
  const duration = positive(video.duration) ?? positive(format?.duration);
  const rate = ratio(video.avg_frame_rate);
  return {
    stream: video.index,
    timeBase: timeBaseOf(video),
    width,
    height,
    colours: {
      matrix: known(video.color_space),
      primaries: known(video.color_primaries),
      transfer: known(video.color_transfer),
      siting: known(video.chroma_location),
      fullRange: video.color_range === 'pc' || (video.pix_fmt ?? '').startsWith('yuvj'),
    },
    pixelAspect: ratio(video.sample_aspect_ratio) ? video.sample_aspect_ratio! : '1:1',
    displayMatrix: matrixOf(video),
    frames: positive(video.nb_frames) ?? (duration && rate ? Math.round(duration * rate) : undefined),
    duration,
    audio: streams
      .filter(({ codec_type }) => codec_type === 'audio')
      .map(({ codec_name }) => codec_name ?? 'unknown'),
  };
}

function timeBaseOf({ time_base = '' }: ProbedStream): TimeBase {
  const [, num, den] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(time_base) ?? [undefined, '1', '90000'];
  return { num: BigInt(num!), den: BigInt(den!) };
}

/** Three lines, each an address and three whole numbers. */
function matrixOf({ side_data_list = [] }: ProbedStream): readonly number[] | undefined {
  const lines = side_data_list.find(({ displaymatrix }) => displaymatrix !== undefined)?.displaymatrix;
  const numbers = lines?.replace(/^\w+:/gm, '').trim().split(/\s+/).map(Number);
  return numbers?.length === 9 && numbers.every(Number.isInteger) ? numbers : undefined;
}

const known = (word: string | undefined): string | undefined =>
  word === undefined || ['unknown', 'unspecified', 'reserved'].includes(word) ? undefined : word;

const positive = (value: string | undefined): number | undefined =>
  Number(value) > 0 ? Number(value) : undefined;

/** `n:d` or `n/d`; undefined where either is 0. */
function ratio(words: string | undefined): number | undefined {
  const [above, below] = (words ?? '').split(/[:/]/).map(Number);
  return above && below && above > 0 && below > 0 ? above / below : undefined;
}
