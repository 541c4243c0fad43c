/** Pointer and wheel on the timeline: press and drag to scrub, wheel to zoom, Shift+wheel or a sideways wheel to move. */
import type { WallMicros } from '#wire/time.ts';
import { instantAt, moved, type TimelineLimits, type TimelineView, zoomed } from './timeline-view.ts';

export interface ScrubHost {
  readonly view: () => TimelineView | undefined;
  readonly limits: () => TimelineLimits;
  /** Another part of the past is to be shown. */
  readonly moved: (view: TimelineView) => void;
  /** The position is dragged; undefined when it is let go. */
  readonly scrubbed: (at: WallMicros | undefined) => void;
  /** It was let go at now. */
  readonly live: () => void;
}

/** Let go this near now, it is live that is meant. CSS pixels. */
const NEAR = 6;
/** A wheel's notch, which is 100 in most browsers, makes it a quarter more or less. */
const PER_NOTCH = 1.25;

/** Its handlers are bound to the element that is the track. */
export class TimelineScrub {
  readonly #host: ScrubHost;
  #dragging = false;

  constructor(host: ScrubHost) {
    this.#host = host;
  }

  readonly grab = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.#dragging = true;
    this.drag(event);
  };

  readonly drag = (event: PointerEvent): void => {
    if (!this.#dragging) return;
    const at = this.#instant(event);
    if (at !== undefined) this.#host.scrubbed(at);
  };

  readonly release = (event: PointerEvent): void => {
    if (!this.#dragging) return;
    this.#dragging = false;
    this.#host.scrubbed(undefined);
    if (event.type === 'pointerup' && this.#isNow(event)) this.#host.live();
  };

  readonly wheel = (event: WheelEvent): void => {
    const view = this.#host.view();
    if (view === undefined) return;
    event.preventDefault();
    const limits = this.#host.limits();
    const { width, left } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const sideways = event.deltaX || (event.shiftKey ? event.deltaY : 0);
    if (sideways !== 0) {
      this.#host.moved(moved(view, (sideways / width) * (view.to - view.from), limits));
      return;
    }
    const about = view.from + ((event.clientX - left) / width) * (view.to - view.from);
    this.#host.moved(zoomed(view, about, PER_NOTCH ** (event.deltaY / 100), limits));
  };

  #instant(event: PointerEvent): WallMicros | undefined {
    const view = this.#host.view();
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return view && instantAt(view, (event.clientX - left) / width, this.#host.limits());
  }

  #isNow(event: PointerEvent): boolean {
    const view = this.#host.view();
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    if (view === undefined) return false;
    const now = left + ((this.#host.limits().now - view.from) / (view.to - view.from)) * width;
    return event.clientX >= now - NEAR;
  }
}
