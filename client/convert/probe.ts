/** What ffprobe says of a file, as far as it matters here. */
import { NightglassError } from '#wire/nightglass-error.ts';

export interface Probe {
  /** ffmpeg's name of the codec, e.g. `mjpeg`, `hevc`. */
  readonly codec: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** 0 when the file does not say. */
  readonly seconds: number;
  /** Pictures a second; 0 when the file does not say. */
  readonly rate: number;
  /** When the file says it was begun; µs since 1970-01-01T00:00:00Z. */
  readonly createdAt: number | undefined;
}

interface Report {
  readonly streams?: readonly Record<string, string | number>[];
  readonly format?: { readonly duration?: string; readonly tags?: { readonly creation_time?: string } };
}

/** ffmpeg draws text files as if on a terminal, and calls that video. */
const DRAWN_TEXT: readonly unknown[] = ['ansi', 'bintext', 'xbin', 'idf'];

/** Reads ffprobe's JSON. @throws NightglassError `convert/unreadable` */
export function readProbe(report: string, name: string): Probe {
  const { streams = [], format = {} } = parsed(report);
  const video = streams.find(({ codec_type, width }) => codec_type === 'video' && Number(width) > 0);
  if (!video || DRAWN_TEXT.includes(video.codec_name))
    throw new NightglassError('convert/unreadable', `${name} holds no video that can be read`);
  const created = Date.parse(format.tags?.creation_time ?? '');
  return {
    codec: String(video.codec_name ?? ''),
    width: Number(video.width),
    height: Number(video.height),
    seconds: positive(Number(format.duration)),
    rate: rateOf(String(video.avg_frame_rate ?? '')),
    // Cameras without a clock write 1970 or 1904.
    createdAt: created > Date.UTC(1990) ? created * 1000 : undefined,
  };
}

function parsed(report: string): Report {
  try {
    return (JSON.parse(report) ?? {}) as Report;
  } catch {
    return {};
  }
}

function rateOf(fraction: string): number {
  const [over, under = '1'] = fraction.split('/');
  return positive(Number(over) / Number(under));
}

const positive = (value: number): number => (Number.isFinite(value) && value > 0 ? value : 0);
