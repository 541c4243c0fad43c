/** What a transport (RTSP, WHIP) hands to the depacketisers. */
import type { WallMicros } from '#wire/time.ts';

/** One RTP packet of the video track, header parsed (RFC 3550 §5.1), extension and padding removed. */
export interface RtpPacket {
  readonly kind: 'rtp';
  readonly payloadType: number;
  readonly marker: boolean;
  /** u16, wraps. */
  readonly sequence: number;
  /** u32 in clock-rate units, wraps. */
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
  readonly arrivedAt: WallMicros;
}

/** The camera's own statement of which wall clock its RTP clock stood at (RFC 3550 §6.4.1). */
export interface SenderReport {
  readonly kind: 'sender-report';
  readonly ssrc: number;
  readonly wallClock: WallMicros;
  /** u32 in clock-rate units. */
  readonly timestamp: number;
}

export type RtpItem = RtpPacket | SenderReport;

/** What the session description said of the video track. */
export type VideoTrack = H264Track | H265Track | InBandTrack;

interface Track {
  readonly payloadType: number;
  /** Hz, 90000 for video. */
  readonly clockRate: number;
  /**
   * SPS and PPS NAL units, for H.265 VPS too, without start codes, from the `sprop-…` parameters; may be empty. Other
   * codecs have none.
   */
  readonly parameterSets: readonly Uint8Array[];
}

export interface H264Track extends Track {
  readonly codec: 'h264';
}

export interface H265Track extends Track {
  readonly codec: 'h265';
  /** `sprop-max-don-diff` above 0: a decoding order number stands before each NAL unit (RFC 7798 §7.1). */
  readonly decodingOrderNumbers: boolean;
}

/** Codecs whose key pictures themselves say all there is to know of them. */
export interface InBandTrack extends Track {
  readonly codec: 'vp8' | 'vp9' | 'av1';
}
