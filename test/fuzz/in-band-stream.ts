/** Made-up VP8, VP9 and AV1, right in all that a server reads; what only a decoder would read is filler. */
import { OBU, type Obu, writeObus } from '../../server/packets/av1-obu.ts';
import type { InBandTrack } from '../../server/packets/rtp-item.ts';

const FILLER = Uint8Array.from({ length: 70 }, (_, index) => index * 37);
const KEYS = [true, false, false, true, false, true, false];

const bytesOf = (bits: string): Uint8Array =>
  Uint8Array.from(bits.replaceAll(' ', '').match(/.{1,8}/g) ?? [], (byte) =>
    Number.parseInt(byte.padEnd(8, '0'), 2),
  );
const bits = (value: number, count: number): string => value.toString(2).padStart(count, '0');
const filled = (head: Uint8Array): Uint8Array => Uint8Array.from([...head, ...FILLER]);

const vp8 = (key: boolean): Uint8Array =>
  filled(Uint8Array.from(key ? [0xb0, 0, 0, 0x9d, 0x01, 0x2a, 96, 0x40, 64, 0] : [0x51, 0, 0]));

/** @param profile 0 to 3; of 2 and 3 with 10 bits */
function vp9(key: boolean, profile: number): Uint8Array {
  const head = `10 ${profile & 1}${profile >> 1}${profile === 3 ? '0' : ''}0${key ? '0' : '1'}10`;
  if (!key) return filled(bytesOf(head));
  const color = `${profile > 1 ? '0' : ''}001 0${profile & 1 ? '000' : ''}`;
  return filled(bytesOf(`${head}${bits(0x498342, 24)}${color}${bits(95, 16)}${bits(63, 16)}`));
}

/** Sequence headers: the plain one, one that says all it can, and a still picture's. */
const SEQUENCES = [
  '000 00 0 0 00000 000000000000 00000',
  `000 00 1 ${bits(1, 32)}${bits(25, 32)} 1 1 1 00011 ${bits(1, 32)} 00011 00011 1 00001 ${'000000000001 01000 1 1 0101 1010 1 1 0011'.repeat(2)}`,
  '000 11 00000',
].map((start, index) => {
  const size = `0110 0101 ${bits(95, 7)}${bits(63, 6)}`;
  const tools = index === 2 ? '000' : `0 000 0000 ${index === 1 ? '1 11 0 1 0 1 011' : '0 1 1'}`;
  return bytesOf(`${start}${size}${tools}000 ${index === 1 ? '1' : '0'} 0000 1`);
});

const obu = (type: number, body: Uint8Array): Obu => ({ type, header: Uint8Array.of(type << 3), body });

function av1(key: boolean, kind: number): Uint8Array {
  const frame = obu(OBU.frame, filled(Uint8Array.of(key ? 0x10 : 0x30)));
  const metadata = obu(OBU.metadata, Uint8Array.of(1, 2, 3));
  return writeObus([
    obu(OBU.temporalDelimiter, new Uint8Array(0)),
    ...(key ? [obu(OBU.sequenceHeader, SEQUENCES[kind]!), metadata] : []),
    frame,
  ]);
}

/** A few GOPs, of each kind there is. */
export const inBandStreams = (codec: InBandTrack['codec']): Uint8Array[][] =>
  ({
    vp8: [KEYS.map(vp8)],
    vp9: [0, 1, 2, 3].map((profile) => KEYS.map((key) => vp9(key, profile))),
    av1: SEQUENCES.map((_, kind) => KEYS.map((key) => av1(key, kind))),
  })[codec];
