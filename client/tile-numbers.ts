/** A tile's live numbers: rates and medians over the last two seconds, and counts since the tile was made. */

const WINDOW_MS = 2000;
const WINDOW = WINDOW_MS * 1000;

/** One picture that was put on the canvas. */
export interface ShownPicture {
  /** Milliseconds from its capture to the canvas. */
  readonly ageMs: number;
  /** Undefined for a plain picture. */
  readonly enhanceMs: number | undefined;
}

/** All times are `performance.now()`, handed in. */
export class TileNumbers {
  framesShown = 0;
  framesEnhanced = 0;
  droppedByServer = 0;
  /** Units left out before they reached the decoder. */
  droppedOutOfSequence = 0;
  firstPictureMs: number | null = null;
  #arrivals: { readonly at: number; readonly timestamp: number }[] = [];
  #shown: (ShownPicture & { readonly at: number })[] = [];
  #last: (ShownPicture & { readonly at: number }) | undefined;

  /** An access unit came; `timestamp` in µs since the stream opened. */
  arrived(at: number, timestamp: number): void {
    this.#arrivals.push({ at, timestamp });
    this.#forget(at);
  }

  shown(at: number, picture: ShownPicture): void {
    this.framesShown++;
    if (picture.enhanceMs !== undefined) this.framesEnhanced++;
    this.firstPictureMs ??= at;
    this.#last = { at, ...picture };
    this.#shown.push(this.#last);
    this.#forget(at);
  }

  /** Units a second. A replayed GOP comes at once; what it spans in the camera's own time is what counts. */
  fpsIn(now: number): number {
    this.#forget(now);
    const timestamps = this.#arrivals.map(({ timestamp }) => timestamp);
    if (timestamps.length < 2) return 0;
    const span = Math.max(...timestamps) - Math.min(...timestamps);
    // Between n units lie n − 1 intervals.
    const inCameraTime = span > WINDOW ? ((timestamps.length - 1) * 1e6) / span : Number.POSITIVE_INFINITY;
    return Math.min(inCameraTime, (timestamps.length * 1000) / WINDOW_MS);
  }

  fpsOut(now: number): number {
    this.#forget(now);
    return (this.#shown.length * 1000) / WINDOW_MS;
  }

  /** Null before the first picture; when none is new, that of the one that stands, which grows older. */
  ageMs(now: number): number | null {
    this.#forget(now);
    if (!this.#last) return null;
    if (this.#shown.length === 0) return this.#last.ageMs + now - this.#last.at;
    return median(this.#shown.map(({ ageMs }) => ageMs));
  }

  /** Null where the last picture was plain; an engine slower than the window is told by its last picture. */
  enhanceMs(now: number): number | null {
    this.#forget(now);
    const times = this.#shown.flatMap(({ enhanceMs }) => enhanceMs ?? []);
    return times.length > 0 ? median(times) : (this.#last?.enhanceMs ?? null);
  }

  #forget(now: number): void {
    const gone = now - WINDOW_MS;
    while (this.#arrivals.length > 0 && this.#arrivals[0]!.at <= gone) this.#arrivals.shift();
    while (this.#shown.length > 0 && this.#shown[0]!.at <= gone) this.#shown.shift();
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
