/** NAL units in pieces, Annex B, and emulation prevention. */
import {
  withEmulationPrevention,
  withoutEmulationPrevention,
} from '../../../server/packets/emulation-prevention.ts';
import { annexB, type NalUnit, nalBytes, nalLength } from '../../../server/packets/nal-unit.ts';
import { splitAnnexB } from '../../support/annex-b.ts';
import { RECORDS } from '../parts.ts';
import { holds, type Target } from '../target.ts';

const ZEROS = Uint8Array.of(0, 0, 3, 0, 0, 1, 0, 0, 0, 3, 1, 0, 0, 2, 0x80);

/** Each record is a piece of the NAL unit's raw bytes. */
export const NAL: Target = {
  name: 'nal',
  limit: 4_096,
  words: [Uint8Array.of(0, 0, 0), Uint8Array.of(0, 0, 1), Uint8Array.of(0, 0, 3)],
  parts: RECORDS,
  seeds: () => [
    RECORDS.join([ZEROS]),
    RECORDS.join([ZEROS.subarray(0, 3), ZEROS.subarray(3), new Uint8Array(0)]),
  ],
  take(input) {
    const pieces = RECORDS.split(input);
    const raw = Buffer.concat([...pieces, Buffer.of(0x80)]);
    const escaped = withEmulationPrevention(raw);
    holds(raw.equals(withoutEmulationPrevention(escaped)), 'escaped and unescaped it is the same');
    const nal: NalUnit = {
      header: 0x65,
      body: [escaped.subarray(0, raw.length >> 1), escaped.subarray(raw.length >> 1)],
    };
    const whole = Buffer.from(nalBytes(nal));
    holds(whole.length === nalLength(nal), 'the length is that of the bytes');
    holds(
      splitAnnexB(annexB([nal, nal])).every((one) => whole.equals(one)),
      'no start code stands inside a NAL unit',
    );
    const loose: NalUnit = { header: 0x65, body: pieces };
    const limit = (input[0] ?? 0) % 64;
    const start = nalBytes(loose, limit);
    holds(start.length === Math.min(limit, nalLength(loose)), 'no more than the limit is read');
    // Bytes that came so, whether or not they are escaped rightly.
    holds(withoutEmulationPrevention(input).length <= input.length, 'unescaping adds nothing');
    return `${escaped.length - raw.length > 0} ${pieces.length > 2}`;
  },
};
