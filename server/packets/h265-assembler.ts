/** The NAL units of one H.265 picture → Annex B data that a decoder can be given (ITU-T H.265 Annex B). */
import { BitReader, unlessMalformed } from './bit-reader.ts';
import { withoutEmulationPrevention } from './emulation-prevention.ts';
import { HEADER_BYTES, isRandomAccess, isSlice, layerOf, NAL, nalType } from './h265-nal.ts';
import { ParameterSets } from './h265-parameter-sets.ts';
import { annexB, type NalUnit, nalBytes } from './nal-unit.ts';
import type { AssembledPicture, PictureAssembler } from './picture-assembler.ts';

/** The header, and a slice header up to slice_pic_parameter_set_id, with emulation prevention. */
const SLICE_START_BYTES = 8;

/**
 * Makes Annex B data of each picture: its prefix SEI, its slices, its suffix SEI. A key unit is a picture of random
 * access (IDR, CRA, BLA), led by its VPS, its SPS and every PPS of it, wherever those were learned; a delta unit
 * carries a PPS only where it is new. Access unit delimiters, filler and what base decoders do not read (layers,
 * reserved types) are left out, and so are leading pictures that refer to what a decoder does not have (RASL, §8.1.3):
 * those of a CRA after a break and of any BLA. Whether pictures are reordered is what the SPS says: in H.265 it must.
 */
export class H265Assembler implements PictureAssembler {
  readonly #sets = new ParameterSets();
  #reordered = false;
  /** The key picture before has leading pictures that nobody can decode. */
  #dropsLeading = false;

  /** @param parameterSets VPS, SPS and PPS NAL units from out of band; what cannot be read is passed over. */
  constructor(parameterSets: readonly Uint8Array[]) {
    for (const bytes of parameterSets) unlessMalformed(() => this.#sets.learn(bytes));
  }

  get reordered(): boolean {
    return this.#reordered;
  }

  assemble(nals: readonly NalUnit[], afterBreak: boolean): AssembledPicture | 'unshowable' | undefined {
    const before: NalUnit[] = [];
    const slices: NalUnit[] = [];
    const after: NalUnit[] = [];
    const newPps: NalUnit[] = [];
    for (const nal of nals) {
      const type = nalType(nal);
      if (layerOf(nal) > 0) continue;
      if (isSlice(type)) slices.push(nal);
      else if (type === NAL.prefixSei) before.push(nal);
      else if (type === NAL.suffixSei) after.push(nal);
      else if (isParameterSet(type) && this.#sets.learn(nalBytes(nal)) && type === NAL.pps) newPps.push(nal);
    }
    const ppsId = slices[0] && ppsIdOf(slices[0]);
    if (ppsId === undefined) return undefined;
    const type = nalType(slices[0]!);
    const known = this.#sets.spsOf(ppsId);
    if (known) this.#reordered = known.sps.maxNumReorderPics > 0;
    const picture = [...before, ...slices, ...after];
    if (!isRandomAccess(type)) {
      if (this.#dropsLeading && (type === NAL.raslN || type === NAL.raslR)) return 'unshowable';
      return { key: false, data: annexB([...newPps, ...picture]) };
    }
    this.#dropsLeading = afterBreak || type <= NAL.lastBla;
    const leading = known && this.#sets.leading(known);
    return leading && { key: true, config: known.config, data: annexB([...leading, ...picture]) };
  }
}

const isParameterSet = (type: number): boolean => type >= NAL.vps && type <= NAL.pps;

/** slice_pic_parameter_set_id (§7.3.6.1), or nothing if a decoder could not read it either. */
const ppsIdOf = (slice: NalUnit): number | undefined =>
  unlessMalformed(() => {
    const start = nalBytes(slice, SLICE_START_BYTES).subarray(HEADER_BYTES);
    const bits = new BitReader(withoutEmulationPrevention(start), 'slice');
    bits.flag(); // first_slice_segment_in_pic_flag
    if (isRandomAccess(nalType(slice))) bits.flag(); // no_output_of_prior_pics_flag
    return bits.unsigned('slice_pic_parameter_set_id', 63);
  });
