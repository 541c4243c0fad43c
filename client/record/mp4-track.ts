/** Pictures in decoding order → a fragmented MP4 file that grows at its end and can be played wherever it stops. */

import { lengthPrefixed } from './length-prefixed.ts';
import { fragmentBytes, type Sample } from './mp4-fragment.ts';
import { hasNalUnits, mp4Header, type TrackConfig } from './mp4-header.ts';

/** A coded picture. */
export interface CodedPicture {
  readonly data: Uint8Array;
  readonly key: boolean;
  /** µs, in any clock that the file keeps to. */
  readonly timestamp: number;
}

/** A fragment is written when it is this long: what is not written is lost when the page is closed. µs. */
const FRAGMENT = 1_000_000;
/** Or this large. Bytes. */
const FRAGMENT_BYTES = 16 * 1024 * 1024;
/** How long the only picture of a file is shown. µs. */
const ONE_PICTURE = 40_000;

export class Mp4Track {
  readonly #append: (bytes: Uint8Array) => void;
  #header = false;
  #origin = 0;
  #pending: Sample[] = [];
  #pendingBytes = 0;
  #sequence = 0;
  #lastDecodeTime = -1;
  /** The presentation times of the last picture and of the one before it. */
  #last = 0;
  #lastButOne = -ONE_PICTURE;

  /** `append` is given the file's bytes in order, whole boxes at a time; what it throws goes through. */
  constructor(append: (bytes: Uint8Array) => void) {
    this.#append = append;
  }

  /** µs of pictures so far; the last one is shown as long as the one before it was. */
  get duration(): number {
    return this.#header ? 2 * this.#last - this.#lastButOne : 0;
  }

  /** The first picture is a key unit. @throws as `mp4Header` does */
  async add({ data, key, timestamp }: CodedPicture, config: TrackConfig): Promise<void> {
    if (!this.#header) {
      this.#append(await mp4Header(config, data));
      this.#header = true;
      this.#origin = timestamp;
    }
    const stored =
      hasNalUnits(config.codec) && config.description === undefined ? lengthPrefixed(data) : data;
    const time = timestamp - this.#origin;
    const first = this.#pending[0];
    if (first && (time - first.time >= FRAGMENT || this.#pendingBytes >= FRAGMENT_BYTES)) this.#write(time);
    if (time > this.#last) this.#lastButOne = this.#last;
    else if (time < this.#last) this.#lastButOne = Math.max(this.#lastButOne, time);
    this.#last = Math.max(this.#last, time);
    this.#pending.push({ data: stored, key, time });
    this.#pendingBytes += stored.length;
  }

  /** Writes what is left. */
  finish(): void {
    if (this.#pending.length > 0) this.#write(this.duration);
  }

  /**
   * Decoding times: the presentation times in rising order, as ISO/IEC 14496-12 asks of them; where pictures that are
   * shown before others come only in the next fragment, theirs are pushed on by a tick.
   */
  #write(next: number): void {
    const decodeTimes: number[] = [];
    for (const time of this.#pending.map((sample) => sample.time).sort((a, b) => a - b)) {
      this.#lastDecodeTime = Math.max(time, this.#lastDecodeTime + 1);
      decodeTimes.push(this.#lastDecodeTime);
    }
    decodeTimes.push(Math.max(next, this.#lastDecodeTime + 1));
    this.#sequence++;
    this.#append(fragmentBytes({ sequence: this.#sequence, samples: this.#pending, decodeTimes }));
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}
