/** The NAL units of one picture → Annex B data that a decoder can be given, whatever the codec. */
import type { VideoConfig } from '#wire/access-unit.ts';
import type { NalUnit } from './nal-unit.ts';

/** What an access unit is made of, but for its times. */
export type AssembledPicture =
  | { readonly key: true; readonly config: VideoConfig; readonly data: Uint8Array }
  | { readonly key: false; readonly data: Uint8Array };

export interface PictureAssembler {
  /** Whether pictures may be shown in another order than they come in, as far as is known. */
  readonly reordered: boolean;
  /**
   * Takes the next picture, in the order sent.
   * @param afterBreak true where a decoder lacks what came before: at the beginning, and after a loss
   * @returns `unshowable` for a picture that no decoder shows and none needs; nothing if a decoder could not begin at
   * or go on with it: a slice header that cannot be read, or a key picture whose parameter sets have not come
   * @throws NightglassError `packets/malformed` for a parameter set that cannot be read
   */
  assemble(nals: readonly NalUnit[], afterBreak: boolean): AssembledPicture | 'unshowable' | undefined;
}
