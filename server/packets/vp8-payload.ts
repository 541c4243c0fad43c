/** What an RTP payload of VP8 brings of a picture (RFC 7741 §4.2). */
import type { Share } from './marked-depacketiser.ts';

const EXTENDED = 0x80;
const START_OF_PARTITION = 0x10;
const PARTITION = 0x07;
const PICTURE_ID = 0x80;
const LONG_PICTURE_ID = 0x80;
const LAYER_ZERO_INDEX = 0x40;
const LAYER_OR_KEY_INDEX = 0x30;

/** Undefined for a descriptor that is cut short, or has nothing behind it. */
export function readVp8Payload(payload: Uint8Array): Share | undefined {
  const first = payload[0] ?? 0;
  let at = 1;
  if (first & EXTENDED) {
    const present = payload[at++] ?? 0;
    if (present & PICTURE_ID) at += (payload[at] ?? 0) & LONG_PICTURE_ID ? 2 : 1;
    if (present & LAYER_ZERO_INDEX) at++;
    if (present & LAYER_OR_KEY_INDEX) at++;
  }
  if (at >= payload.length) return undefined;
  return {
    begins: (first & START_OF_PARTITION) !== 0 && (first & PARTITION) === 0,
    ends: false,
    pieces: [payload.subarray(at)],
    resumes: false,
    breaksOff: false,
  };
}
