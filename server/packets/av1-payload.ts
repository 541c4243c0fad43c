/** What an RTP payload of AV1 brings of a temporal unit (RTP Payload Format for AV1 v1.0 §4.3 to §4.5). */
import { readLeb128 } from './av1-obu.ts';
import type { Share } from './marked-depacketiser.ts';

const RESUMES = 0x80;
const BREAKS_OFF = 0x40;
const NEW_SEQUENCE = 0x08;

/** Undefined where an element is empty, missing or longer than the packet. */
export function readAv1Payload(payload: Uint8Array): Share | undefined {
  const head = payload[0] ?? 0;
  const resumes = (head & RESUMES) !== 0;
  const newSequence = (head & NEW_SEQUENCE) !== 0;
  if (resumes && newSequence) return undefined;
  /** How many elements there are, of which the last has no length; 0 where all have one. */
  const count = (head >> 4) & 3;
  const pieces: Uint8Array[] = [];
  for (let at = 1; at < payload.length; ) {
    let size = payload.length - at;
    if (pieces.length + 1 !== count) {
      const length = readLeb128(payload, at);
      if (length === undefined) return undefined;
      at += length.bytes;
      size = length.value;
    }
    if (size === 0 || at + size > payload.length) return undefined;
    pieces.push(payload.subarray(at, at + size));
    at += size;
  }
  if (pieces.length === 0 || (count > 0 && pieces.length !== count)) return undefined;
  return {
    begins: newSequence || 'unsaid',
    ends: false,
    pieces,
    resumes,
    breaksOff: (head & BREAKS_OFF) !== 0,
  };
}
