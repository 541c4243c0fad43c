/** The OBU elements of one temporal unit → data that a decoder can be given (AV1 specification §7.5). */
import { OBU, type Obu, readObus, writeObus } from './av1-obu.ts';
import { parseSequenceHeader, type SequenceHeader } from './av1-sequence-header.ts';
import { unlessMalformed } from './bit-reader.ts';
import { joined } from './joined.ts';
import type { AssembledPicture } from './picture-assembler.ts';

/** What is handed on. Temporal delimiters, which WebCodecs wants left out, padding and what is reserved are not. */
const KEPT: ReadonlySet<number> = new Set([
  OBU.sequenceHeader,
  OBU.frameHeader,
  OBU.tileGroup,
  OBU.metadata,
  OBU.frame,
  OBU.redundantFrameHeader,
]);

/**
 * Makes a low-overhead bitstream of each temporal unit. A key unit is led by its sequence header, wherever that was
 * learned. All layers are handed on: a decoder shows the highest.
 */
export class Av1Assembler {
  #sequence: { readonly obu: Obu; readonly header: SequenceHeader } | undefined;

  /**
   * @param parts one OBU each, as a rule, in the pieces it came in
   * @returns `unshowable` for a temporal unit without a picture; nothing for one that cannot be read
   */
  assemble(parts: readonly (readonly Uint8Array[])[]): AssembledPicture | 'unshowable' | undefined {
    const obus: Obu[] = [];
    let led = false;
    for (const part of parts) {
      const found = readObus(part.length === 1 ? part[0]! : joined(part));
      if (found === undefined) return undefined;
      obus.push(...found.filter(({ type }) => KEPT.has(type)));
    }
    for (const obu of obus) {
      if (obu.type !== OBU.sequenceHeader) continue;
      const header = unlessMalformed(() => parseSequenceHeader(obu.body));
      if (header === undefined) return undefined;
      this.#sequence = { header, obu: { ...obu, header: obu.header.slice(), body: obu.body.slice() } };
      led = true;
    }
    const frame = obus.find(({ type }) => type === OBU.frame || type === OBU.frameHeader);
    if (frame === undefined) return 'unshowable';
    const sequence = this.#sequence;
    if (!isKey(frame, sequence?.header.stillPicture ?? false)) return { key: false, data: writeObus(obus) };
    if (sequence === undefined) return undefined;
    return {
      key: true,
      config: sequence.header.config,
      data: writeObus(led ? obus : [sequence.obu, ...obus]),
    };
  }
}

/** A key picture that is shown at once (§5.9.2): the other kind is a place to join only once it is shown again. */
function isKey({ body }: Obu, stillPicture: boolean): boolean {
  const first = body[0];
  if (first === undefined) return false;
  const showsExisting = (first & 0x80) !== 0;
  const type = (first >> 5) & 3;
  const shown = (first & 0x10) !== 0;
  return stillPicture || (!showsExisting && type === 0 && shown);
}
