/** The parameter sets an H.265 stream has named so far (ITU-T H.265 §7.4.2.4.2). */
import type { VideoConfig } from '#wire/access-unit.ts';
import { BitReader } from './bit-reader.ts';
import { withoutEmulationPrevention } from './emulation-prevention.ts';
import { HEADER_BYTES, NAL, nalType } from './h265-nal.ts';
import { configOf, parseSps, type Sps } from './h265-sps.ts';
import { type NalUnit, nalUnit } from './nal-unit.ts';
import { type ParameterSet, ParameterSetStore } from './parameter-set-store.ts';

interface KnownSps extends ParameterSet {
  readonly sps: Sps;
  readonly config: VideoConfig;
}

interface KnownPps extends ParameterSet {
  readonly spsId: number;
}

/** At most 16 VPS, 16 SPS and 64 PPS can be named. */
export class ParameterSets {
  readonly #vps = new ParameterSetStore('VPS', readVps);
  readonly #sps = new ParameterSetStore('SPS', readSps);
  readonly #pps = new ParameterSetStore('PPS', readPps);

  /**
   * Takes a NAL unit if it is a parameter set, and says whether it was news.
   * @throws NightglassError `packets/malformed`
   */
  learn(bytes: Uint8Array): boolean {
    switch (nalType(nalUnit(bytes))) {
      case NAL.vps:
        return this.#vps.learn(bytes);
      case NAL.sps:
        return this.#sps.learn(bytes);
      case NAL.pps:
        return this.#pps.learn(bytes);
      default:
        return false;
    }
  }

  /** The SPS that the PPS refers to, if both are known. */
  spsOf(ppsId: number): KnownSps | undefined {
    const pps = this.#pps.get(ppsId);
    return pps && this.#sps.get(pps.spsId);
  }

  /**
   * What stands before a key unit of the SPS: its VPS, itself and every PPS of it, because the pictures up to the
   * next key unit may use any of them. Nothing while the VPS has not come.
   */
  leading({ sps, nal }: KnownSps): NalUnit[] | undefined {
    const vps = this.#vps.get(sps.vpsId);
    return vps && [vps.nal, nal, ...this.#pps.nalsOf(({ spsId }) => spsId === sps.id)];
  }
}

function readVps(nal: Uint8Array): ParameterSet {
  return { id: bitsOf(nal, 'VPS').bits(4), nal: nalUnit(nal) };
}

function readSps(nal: Uint8Array): KnownSps {
  const sps = parseSps(nal);
  return { id: sps.id, nal: nalUnit(nal), sps, config: configOf(sps) };
}

function readPps(nal: Uint8Array): KnownPps {
  const bits = bitsOf(nal, 'PPS');
  return {
    id: bits.unsigned('pps_pic_parameter_set_id', 63),
    spsId: bits.unsigned('pps_seq_parameter_set_id', 15),
    nal: nalUnit(nal),
  };
}

const bitsOf = (nal: Uint8Array, what: string): BitReader =>
  new BitReader(withoutEmulationPrevention(nal.subarray(HEADER_BYTES)), what);
