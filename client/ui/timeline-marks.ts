/** The marked span on the timeline's track, and its two ends, which can be dragged or moved with the arrow keys. */
import { html, nothing, type TemplateResult } from 'lit';
import type { WallMicros } from '#wire/time.ts';
import { dragged, type Marks } from './export-marks.ts';
import { instantAt, shareOf, type TimelineLimits, type TimelineView } from './timeline-view.ts';
import { wallClockText } from './wall-clock-text.ts';

export interface MarksParts {
  readonly marks: Marks;
  readonly view: TimelineView;
  readonly limits: TimelineLimits;
  readonly changed: (marks: Marks) => void;
}

/** A press of an arrow key moves an end by so much; with Shift ten times as much. µs */
const KEY_STEP = 1e6;

export function timelineMarks(parts: MarksParts): TemplateResult | typeof nothing {
  const { marks, view } = parts;
  const [left, right] = [marks.in ?? marks.out, marks.out ?? marks.in].map((at) =>
    at === undefined ? undefined : Math.min(1, Math.max(0, shareOf(view, at))),
  );
  if (left === undefined || right === undefined) return nothing;
  const whole = marks.in !== undefined && marks.out !== undefined;
  return html`
    ${whole ? html`<div class="marked" style="left:${percent(left)};right:${percent(1 - right)}"></div>` : nothing}
    ${marks.in === undefined ? nothing : end(parts, 'in', marks.in)}
    ${marks.out === undefined ? nothing : end(parts, 'out', marks.out)}
  `;
}

function end(parts: MarksParts, which: 'in' | 'out', at: WallMicros): TemplateResult | typeof nothing {
  const { view, limits, marks, changed } = parts;
  const share = shareOf(view, at);
  if (share < 0 || share > 1) return nothing;
  const move = (to: number) =>
    changed(
      dragged(marks, which, Math.round(Math.min(limits.now, Math.max(limits.oldest, to))) as WallMicros),
    );
  return html`<b
    class="mark ${which}"
    role="slider"
    tabindex="0"
    aria-label=${which === 'in' ? 'Start of the span' : 'End of the span'}
    aria-valuemin=${Math.round(limits.oldest / 1e6)}
    aria-valuemax=${Math.round(limits.now / 1e6)}
    aria-valuenow=${Math.round(at / 1e6)}
    aria-valuetext=${wallClockText(at, limits.now as WallMicros)}
    style="left:${percent(share)}"
    @pointerdown=${grab}
    @pointermove=${(event: PointerEvent) => {
      const handle = event.currentTarget as HTMLElement;
      if (!handle.hasPointerCapture(event.pointerId)) return;
      event.stopPropagation();
      const { left, width } = handle.parentElement!.getBoundingClientRect();
      move(instantAt(view, (event.clientX - left) / width, limits));
    }}
    @keydown=${(event: KeyboardEvent) => {
      const by = { ArrowLeft: -KEY_STEP, ArrowRight: KEY_STEP }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      move(at + by * (event.shiftKey ? 10 : 1));
    }}
  ></b>`;
}

/** The position stays where it is. */
function grab(event: PointerEvent): void {
  if (event.button !== 0) return;
  event.stopPropagation();
  (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;
