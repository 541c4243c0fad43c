/** The parameter sets an H.264 stream has named so far (ITU-T H.264 §7.4.1.2.1). */
import type { VideoConfig } from '#wire/access-unit.ts';
import { BitReader } from './bit-reader.ts';
import { withoutEmulationPrevention } from './emulation-prevention.ts';
import { withoutReordering } from './h264-reordering.ts';
import { configOf, parseSps, type Sps } from './h264-sps.ts';
import { type NalUnit, nalUnit } from './nal-unit.ts';
import { type ParameterSet, ParameterSetStore } from './parameter-set-store.ts';

/** An SPS as it came, and with the promise that nothing is reordered. */
export interface KnownSps extends ParameterSet {
  readonly sps: Sps;
  readonly config: VideoConfig;
  readonly inOrder: NalUnit;
}

interface KnownPps extends ParameterSet {
  readonly spsId: number;
}

/** At most 32 SPS and 256 PPS can be named. */
export class ParameterSets {
  readonly #sps = new ParameterSetStore('SPS', readSps);
  readonly #pps = new ParameterSetStore('PPS', readPps);

  /** @throws NightglassError `packets/malformed` */
  learnSps(bytes: Uint8Array): void {
    this.#sps.learn(bytes);
  }

  /** Says whether it was news. @throws NightglassError `packets/malformed` */
  learnPps(bytes: Uint8Array): boolean {
    return this.#pps.learn(bytes);
  }

  /** The SPS that the PPS refers to, if both are known. */
  spsOf(ppsId: number): KnownSps | undefined {
    const pps = this.#pps.get(ppsId);
    return pps && this.#sps.get(pps.spsId);
  }

  /** Every PPS that refers to the SPS: the pictures up to the next key unit may use any of them. */
  ppsOf(sps: Sps): NalUnit[] {
    return this.#pps.nalsOf(({ spsId }) => spsId === sps.id);
  }
}

function readSps(nal: Uint8Array): KnownSps {
  const sps = parseSps(nal);
  const inOrder = nalUnit(withoutReordering(nal));
  return { id: sps.id, nal: nalUnit(nal), sps, config: configOf(sps), inOrder };
}

function readPps(nal: Uint8Array): KnownPps {
  const bits = new BitReader(withoutEmulationPrevention(nal.subarray(1)), 'PPS');
  return {
    id: bits.unsigned('pic_parameter_set_id', 255),
    spsId: bits.unsigned('seq_parameter_set_id', 31),
    nal: nalUnit(nal),
  };
}
