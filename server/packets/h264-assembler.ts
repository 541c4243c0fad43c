/** The NAL units of one picture → Annex B data that a decoder can be given (ITU-T H.264 Annex B). */
import { unlessMalformed } from './bit-reader.ts';
import { hasSliceHeader, isPicture, NAL, nalType } from './h264-nal.ts';
import { ParameterSets } from './h264-parameter-sets.ts';
import { ReorderingWatch } from './h264-reordering.ts';
import { isRecoveryPoint, readSliceHeader, type SliceHeader } from './h264-slice.ts';
import type { Sps } from './h264-sps.ts';
import { annexB, type NalUnit, nalBytes, nalUnit } from './nal-unit.ts';
import type { AssembledPicture, PictureAssembler } from './picture-assembler.ts';

/**
 * Makes Annex B data of each picture: its SEI, then its slices. A key unit is led by its SPS and every PPS of it,
 * wherever those were learned; a delta unit carries a PPS only where it is new. Access unit delimiters, filler and
 * what base decoders do not read (layers, auxiliary pictures) are left out. Key is an IDR picture, and an I picture
 * with a recovery point that is exact at once. A stream that refreshes gradually (recovery_frame_cnt above 0) has its
 * IDR pictures alone as places to join: browsers begin nowhere else.
 */
export class H264Assembler implements PictureAssembler {
  readonly #sets = new ParameterSets();
  readonly #watch = new ReorderingWatch();
  #reordered = false;

  /** @param parameterSets SPS and PPS NAL units from out of band; what cannot be read is passed over. */
  constructor(parameterSets: readonly Uint8Array[]) {
    for (const bytes of parameterSets) this.#learnOutOfBand(bytes);
  }

  get reordered(): boolean {
    return this.#reordered;
  }

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
    const sps = this.#reordered ? known.nal : known.inOrder;
    const data = annexB([sps, ...this.#sets.ppsOf(known.sps), ...sei, ...slices]);
    return { key, config: known.config, data };
  }

  #follow(slice: SliceHeader, sps: Sps): void {
    this.#watch.see(slice, sps);
    this.#reordered = this.#watch.reorders(sps);
  }

  /** Session descriptions are known to carry broken sets while the ones in band are good. */
  #learnOutOfBand(bytes: Uint8Array): void {
    unlessMalformed(() => {
      const type = nalType(nalUnit(bytes));
      if (type === NAL.sps) this.#sets.learnSps(bytes);
      if (type === NAL.pps) this.#sets.learnPps(bytes);
    });
  }
}
