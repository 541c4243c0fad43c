/** The NAL units of one picture → Annex B data that a decoder can be given (ITU-T H.264 Annex B). */
import type { VideoConfig } from '#wire/access-unit.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { ParameterSets } from './h264-parameter-sets.ts';
import { ReorderingWatch } from './h264-reordering.ts';
import { isRecoveryPoint, readSliceHeader, type SliceHeader } from './h264-slice.ts';
import type { Sps } from './h264-sps.ts';
import {
  annexB,
  hasSliceHeader,
  isPicture,
  NAL,
  type NalUnit,
  nalBytes,
  nalType,
  nalUnit,
} from './nal-unit.ts';

/** What an access unit is made of, but for its times. */
export type AssembledPicture =
  | { readonly key: true; readonly config: VideoConfig; readonly data: Uint8Array }
  | { readonly key: false; readonly data: Uint8Array };

/**
 * Makes Annex B data of each picture: its SEI, then its slices. A key unit is led by its SPS and every PPS of it,
 * wherever those were learned; a delta unit carries a PPS only where it is new. Access unit delimiters, filler and
 * what base decoders do not read (layers, auxiliary pictures) are left out. Key is an IDR picture, and an I picture
 * with a recovery point that is exact at once. A stream that refreshes gradually (recovery_frame_cnt above 0) has its
 * IDR pictures alone as places to join: browsers begin nowhere else.
 */
export class H264Assembler {
  readonly #sets = new ParameterSets();
  readonly #watch = new ReorderingWatch();
  #reordered = false;

  /** @param parameterSets SPS and PPS NAL units from out of band; what cannot be read is passed over. */
  constructor(parameterSets: readonly Uint8Array[]) {
    for (const bytes of parameterSets) this.#learnOutOfBand(bytes);
  }

  /** Whether pictures may be shown in another order than they come in, as far as is known. */
  get reordered(): boolean {
    return this.#reordered;
  }

  /**
   * Takes the next picture, in the order sent.
   * @returns nothing if a decoder could not begin at or go on with it: a slice header that cannot be read, or a key
   * picture whose parameter sets have not come
   * @throws NightglassError `packets/malformed` for a parameter set that cannot be read
   */
  assemble(nals: readonly NalUnit[]): AssembledPicture | undefined {
    const sei: NalUnit[] = [];
    const slices: NalUnit[] = [];
    const newPps: NalUnit[] = [];
    let recoveryPoint = false;
    for (const nal of nals) {
      const type = nalType(nal);
      if (isPicture(type)) slices.push(nal);
      if (type === NAL.sei) {
        sei.push(nal);
        recoveryPoint ||= isRecoveryPoint(nal);
      }
      if (type === NAL.sps) this.#sets.learnSps(nalBytes(nal));
      if (type === NAL.pps && this.#sets.learnPps(nalBytes(nal))) newPps.push(nal);
    }
    const first = slices.find((nal) => hasSliceHeader(nalType(nal)));
    const slice = first && readSliceHeader(first, (ppsId) => this.#sets.spsOf(ppsId)?.sps);
    if (slice === undefined) return undefined;
    const known = this.#sets.spsOf(slice.ppsId);
    if (known) this.#follow(slice, known.sps);
    const key = slice.idr || (recoveryPoint && slice.type === 'I');
    if (!key) return { key, data: annexB([...newPps, ...sei, ...slices]) };
    if (known === undefined) return undefined;
    const sps = this.#reordered ? known.asItCame : known.inOrder;
    const data = annexB([sps, ...this.#sets.ppsOf(known.sps), ...sei, ...slices]);
    return { key, config: known.config, data };
  }

  #follow(slice: SliceHeader, sps: Sps): void {
    this.#watch.see(slice, sps);
    this.#reordered = this.#watch.reorders(sps);
  }

  /** Session descriptions are known to carry broken sets while the ones in band are good. */
  #learnOutOfBand(bytes: Uint8Array): void {
    const type = nalType(nalUnit(bytes));
    try {
      if (type === NAL.sps) this.#sets.learnSps(bytes);
      if (type === NAL.pps) this.#sets.learnPps(bytes);
    } catch (error) {
      if (!(error instanceof NightglassError)) throw error;
    }
  }
}
