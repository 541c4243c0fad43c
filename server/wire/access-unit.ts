/** One coded picture as it travels from a camera to a decoder, and what a decoder must know to read it. */
import type { Micros, WallMicros } from './time.ts';

/**
 * What `VideoDecoder.configure` needs. H.264 and H.265 travel as Annex B with parameter sets in band, AV1 as its
 * low-overhead bitstream without temporal delimiters, VP8 and VP9 as they are.
 */
export interface VideoConfig {
  /** WebCodecs codec string, e.g. `avc1.640028`. */
  readonly codec: string;
  /** Size in pixels, for H.264 and H.265 after the SPS's cropping. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** `annexb` for H.264 and H.265 in band; `none` for codecs that need no such distinction. */
  readonly format: 'annexb' | 'none';
}

/** The codecs that a viewer may say it decodes. */
export type Codec = 'h264' | 'h265';

/** Of a config's codec string; nothing for any other codec. */
export function codecOf({ codec }: VideoConfig): Codec | undefined {
  if (/^avc[13]\./.test(codec)) return 'h264';
  return /^h(ev|vc)1\./.test(codec) ? 'h265' : undefined;
}

/** From which clock `capturedAt` comes: the camera's RTCP sender reports, or the moment of arrival here. */
export type CaptureClock = 'sender-report' | 'arrival';

interface CodedPicture {
  /** Presentation time since the source was opened. */
  readonly timestamp: Micros;
  /** The wall-clock instant the picture was captured. */
  readonly capturedAt: WallMicros;
  readonly captureClock: CaptureClock;
  /** The whole picture, in its config's format; Annex B with four-byte start codes. Never changed once handed on. */
  readonly data: Uint8Array;
}

/** A picture that decodes on its own, and so a place to join. Its parameter sets lead its data. */
export interface KeyUnit extends CodedPicture {
  readonly key: true;
  readonly config: VideoConfig;
}

/** A picture that needs the ones before it. */
export interface DeltaUnit extends CodedPicture {
  readonly key: false;
}

export type AccessUnit = KeyUnit | DeltaUnit;

export const sameConfig = (a: VideoConfig, b: VideoConfig): boolean =>
  a.codec === b.codec &&
  a.codedWidth === b.codedWidth &&
  a.codedHeight === b.codedHeight &&
  a.format === b.format;
