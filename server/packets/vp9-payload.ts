/** What an RTP payload of VP9 brings of a picture (RFC 9628 §4.2). */
import type { Share } from './marked-depacketiser.ts';

const PICTURE_ID = 0x80;
const PREDICTED = 0x40;
const LAYERS = 0x20;
const FLEXIBLE = 0x10;
const START_OF_FRAME = 0x08;
const END_OF_FRAME = 0x04;
const STRUCTURE = 0x02;
const MOST_REFERENCES = 3;

/**
 * Of several spatial layers the lowest alone is taken, which decodes on its own; the others are `foreign`. Undefined
 * for a descriptor that is cut short, or has nothing behind it.
 */
export function readVp9Payload(payload: Uint8Array): Share | 'foreign' | undefined {
  const flags = payload[0] ?? 0;
  let at = 1;
  if (flags & PICTURE_ID) at += (payload[at] ?? 0) & 0x80 ? 2 : 1;
  let spatialLayer = 0;
  if (flags & LAYERS) {
    spatialLayer = ((payload[at++] ?? 0) >> 1) & 7;
    if (!(flags & FLEXIBLE)) at++;
  }
  if (flags & FLEXIBLE && flags & PREDICTED) {
    let references = 1;
    while ((payload[at++] ?? 0) & 1) if (++references > MOST_REFERENCES) return undefined;
  }
  if (flags & STRUCTURE) at = afterStructure(payload, at);
  if (at >= payload.length) return undefined;
  if (spatialLayer > 0) return 'foreign';
  return {
    begins: (flags & START_OF_FRAME) !== 0,
    ends: (flags & END_OF_FRAME) !== 0,
    pieces: [payload.subarray(at)],
    resumes: false,
    breaksOff: false,
  };
}

/** Where the scalability structure that begins at `start` ends: sizes of layers, and the pictures of a group. */
function afterStructure(payload: Uint8Array, start: number): number {
  const head = payload[start] ?? 0;
  let at = start + 1;
  if (head & 0x10) at += 4 * ((head >> 5) + 1);
  if (!(head & 0x08)) return at;
  for (let left = payload[at++] ?? 0; left > 0; left--) at += 1 + (((payload[at] ?? 0) >> 2) & 3);
  return at;
}
