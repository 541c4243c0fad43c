/** The parameter sets a stream has named so far, by their ids (ITU-T H.264 §7.4.1.2.1). */
import type { VideoConfig } from '#wire/access-unit.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { BitReader } from './bit-reader.ts';
import { withoutEmulationPrevention } from './emulation-prevention.ts';
import { withoutReordering } from './h264-reordering.ts';
import { configOf, parseSps, type Sps } from './h264-sps.ts';
import { type NalUnit, nalUnit } from './nal-unit.ts';

/** The largest one possible, with twelve scaling lists and two full HRDs, stays below. */
const MAX_BYTES = 4096;

/** An SPS as it came, and with the promise that nothing is reordered. */
export interface KnownSps {
  readonly sps: Sps;
  readonly config: VideoConfig;
  readonly asItCame: NalUnit;
  readonly inOrder: NalUnit;
}

interface KnownPps {
  readonly bytes: Uint8Array;
  readonly nal: NalUnit;
  readonly spsId: number;
}

/** Keeps its own copies; at most 32 SPS and 256 PPS can be named. */
export class ParameterSets {
  readonly #spsBytes = new Map<number, Uint8Array>();
  readonly #sps = new Map<number, KnownSps>();
  readonly #pps = new Map<number, KnownPps>();

  /** @throws NightglassError `packets/malformed` */
  learnSps(bytes: Uint8Array): void {
    for (const known of this.#spsBytes.values()) if (sameBytes(known, bytes)) return;
    const copy = keep('SPS', bytes);
    const sps = parseSps(copy);
    this.#spsBytes.set(sps.id, copy);
    this.#sps.set(sps.id, {
      sps,
      config: configOf(sps),
      asItCame: nalUnit(copy),
      inOrder: nalUnit(withoutReordering(copy)),
    });
  }

  /** Says whether it was news. @throws NightglassError `packets/malformed` */
  learnPps(bytes: Uint8Array): boolean {
    const bits = new BitReader(withoutEmulationPrevention(bytes.subarray(1)), 'PPS');
    const id = bits.unsigned('pic_parameter_set_id', 255);
    const spsId = bits.unsigned('seq_parameter_set_id', 31);
    const known = this.#pps.get(id);
    if (known && sameBytes(known.bytes, bytes)) return false;
    const copy = keep('PPS', bytes);
    this.#pps.set(id, { bytes: copy, nal: nalUnit(copy), spsId });
    return true;
  }

  /** The SPS that the PPS refers to, if both are known. */
  spsOf(ppsId: number): KnownSps | undefined {
    const pps = this.#pps.get(ppsId);
    return pps && this.#sps.get(pps.spsId);
  }

  /** Every PPS that refers to the SPS: the pictures up to the next key unit may use any of them. */
  ppsOf(sps: Sps): NalUnit[] {
    const nals: NalUnit[] = [];
    for (const pps of this.#pps.values()) if (pps.spsId === sps.id) nals.push(pps.nal);
    return nals;
  }
}

function keep(what: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_BYTES)
    throw new NightglassError(
      'packets/malformed',
      `${what}: at most ${MAX_BYTES} bytes were expected, ${bytes.length} came`,
    );
  return bytes.slice();
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
