/** Whether an RTP payload begins a key unit: nothing before it matters to a decoder. */
import { readAv1Payload } from './av1-payload.ts';
import type { VideoTrack } from './rtp-item.ts';
import { readVp8Payload } from './vp8-payload.ts';
import { readVp9Payload } from './vp9-payload.ts';

const H264_SPS = 7;
const H264_STAP_A = 24;
const H265_VPS = 32;

/** By codec. False where the payload does not say. */
export const BEGINS_KEY_UNIT: Readonly<Record<VideoTrack['codec'], (payload: Uint8Array) => boolean>> = {
  // An SPS, alone or first in an aggregate (RFC 6184 §5.7.1).
  h264: ([first = 0, , , inner = 0]) =>
    (first & 0x1f) === H264_SPS || ((first & 0x1f) === H264_STAP_A && (inner & 0x1f) === H264_SPS),
  h265: ([first = 0]) => ((first >> 1) & 0x3f) === H265_VPS,
  // RFC 6386 §9.1: the lowest bit of a picture is clear in a key picture.
  vp8: (payload) => {
    const share = readVp8Payload(payload);
    return share?.begins === true && (share.pieces[0]![0]! & 1) === 0;
  },
  // RFC 9628 §4.2: P is clear where no picture before is referred to.
  vp9: (payload) => {
    const share = readVp9Payload(payload);
    return typeof share === 'object' && share.begins === true && (payload[0]! & 0x40) === 0;
  },
  av1: (payload) => readAv1Payload(payload)?.begins === true,
};
