/** Pictures as MP4 stores them (ISO/IEC 14496-15) → Annex B: one track of H.264 or H.265. */
import { parseAvcConfiguration, parseAvcSample } from './avcc.ts';
import { H264Assembler } from './h264-assembler.ts';
import { H265Assembler } from './h265-assembler.ts';
import { parseHvcConfiguration } from './hvcc.ts';
import type { AssembledPicture, PictureAssembler } from './picture-assembler.ts';

/** Takes a track's samples in decoding order. */
export class StoredPictures {
  readonly #assembler: PictureAssembler;
  readonly #lengthBytes: number;

  /**
   * @param record the track's `avcC` (for `avc`) or `hvcC` (for `hevc`)
   * @throws NightglassError `packets/malformed`
   */
  constructor(codec: 'avc' | 'hevc', record: Uint8Array) {
    const { lengthBytes, parameterSets } =
      codec === 'avc' ? parseAvcConfiguration(record) : parseHvcConfiguration(record);
    this.#lengthBytes = lengthBytes;
    this.#assembler = codec === 'avc' ? new H264Assembler(parameterSets) : new H265Assembler(parameterSets);
  }

  /**
   * @param afterBreak true for the first sample, and where what came before is missing
   * @returns nothing for a sample that no decoder could show
   * @throws NightglassError `packets/malformed`
   */
  next(sample: Uint8Array, afterBreak: boolean): AssembledPicture | undefined {
    const picture = this.#assembler.assemble(parseAvcSample(sample, this.#lengthBytes), afterBreak);
    return picture === 'unshowable' ? undefined : picture;
  }
}
