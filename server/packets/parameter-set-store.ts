/** The parameter sets of one kind that a stream has named so far, by their ids. */
import { NightglassError } from '#wire/nightglass-error.ts';
import type { NalUnit } from './nal-unit.ts';

/** The largest SPS of H.264, with twelve scaling lists and two full HRDs, stays below; those of cameras have 100. */
const MAX_BYTES = 4096;

export interface ParameterSet {
  /** Its own id; the standards have at most 256. */
  readonly id: number;
  readonly nal: NalUnit;
}

/** Keeps its own copies, one of each id. */
export class ParameterSetStore<Kept extends ParameterSet> {
  readonly #what: string;
  readonly #read: (nal: Uint8Array) => Kept;
  readonly #sets = new Map<number, { readonly bytes: Uint8Array; readonly kept: Kept }>();

  /**
   * @param what names the sets in errors, e.g. `SPS`
   * @param read gets a NAL unit that is its own to keep
   */
  constructor(what: string, read: (nal: Uint8Array) => Kept) {
    this.#what = what;
    this.#read = read;
  }

  /**
   * Takes a NAL unit and says whether it was news.
   * @throws NightglassError `packets/malformed` for one that cannot be read, or is larger than any can be
   */
  learn(bytes: Uint8Array): boolean {
    for (const known of this.#sets.values()) if (sameBytes(known.bytes, bytes)) return false;
    if (bytes.length > MAX_BYTES)
      throw new NightglassError(
        'packets/malformed',
        `${this.#what}: at most ${MAX_BYTES} bytes were expected, ${bytes.length} came`,
      );
    // Not slice(): a Buffer's own shares its memory.
    const copy = new Uint8Array(bytes);
    const kept = this.#read(copy);
    this.#sets.set(kept.id, { bytes: copy, kept });
    return true;
  }

  get(id: number): Kept | undefined {
    return this.#sets.get(id)?.kept;
  }

  /** The NAL units of those that `wanted` names. */
  nalsOf(wanted: (kept: Kept) => boolean): NalUnit[] {
    const nals: NalUnit[] = [];
    for (const { kept } of this.#sets.values()) if (wanted(kept)) nals.push(kept.nal);
    return nals;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
