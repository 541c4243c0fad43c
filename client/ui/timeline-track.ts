/** The timeline's track: what was recorded as bars, round times, and where one is. */
import { html, nothing, type TemplateResult } from 'lit';
import type { WallMicros } from '#wire/time.ts';
import type { RecordedPast } from './recorded-past.ts';
import { timelineLabels } from './timeline-labels.ts';
import { type MarksParts, timelineMarks } from './timeline-marks.ts';
import type { TimelineScrub } from './timeline-scrub.ts';
import { shareOf, type TimelineView } from './timeline-view.ts';
import { agoText, positionText, wallClockText } from './wall-clock-text.ts';

export interface TrackParts {
  readonly past: RecordedPast;
  readonly view: TimelineView;
  readonly at: WallMicros;
  readonly now: WallMicros;
  readonly live: boolean;
  readonly scrub: TimelineScrub;
  readonly marks: MarksParts;
  /** CSS pixels; 0 while it is not laid out. */
  readonly width: number;
}

/** Of a label, with room around it. CSS pixels. */
const LABEL = 84;

export function timelineTrack({
  past,
  view,
  at,
  now,
  live,
  scrub,
  width,
  marks,
}: TrackParts): TemplateResult {
  const { spans } = past;
  const text = live ? 'live' : timeText(past, at, now);
  return html`
    <div
      class="track"
      role="slider"
      tabindex="0"
      aria-label="Position in the recorded past"
      aria-valuemin=${Math.round((spans[0]?.from ?? now) / 1e6)}
      aria-valuemax=${Math.round(now / 1e6)}
      aria-valuenow=${Math.round(at / 1e6)}
      aria-valuetext=${text}
      @pointerdown=${scrub.grab}
      @pointermove=${scrub.drag}
      @pointerup=${scrub.release}
      @pointercancel=${scrub.release}
      @wheel=${scrub.wheel}
    >
      <div class="bars">
        ${bars(past, view, now).map(([left, right]) => html`<i style="left:${percent(left)};right:${percent(1 - right)}"></i>`)}
      </div>
      ${timelineLabels(
        view,
        Math.floor((width || LABEL * 8) / LABEL),
        ...(past.clock === 'position' ? (['position'] as const) : []),
      ).map(({ at: when, text: label, day }) => {
        const share = shareOf(view, when);
        return html`<span class="label ${day ? 'day' : ''}" style="left:${percent(share)}">${share < 0.97 ? label : nothing}</span>`;
      })}
      ${at < view.from || at > view.to ? nothing : html`<b class="position ${live ? 'now' : ''}" style="left:${percent(shareOf(view, at))}"></b>`}
      ${timelineMarks(marks)}
    </div>
  `;
}

function timeText({ state, clock }: RecordedPast, at: WallMicros, now: WallMicros): string {
  if (clock === 'position') return positionText(at, true);
  return state === 'file' ? wallClockText(at, now) : `${wallClockText(at, now)}, ${agoText(at, now)}`;
}

/** What was recorded, as shares of the view from left to right. What is being recorded reaches to now. */
function bars(
  { spans, state }: RecordedPast,
  view: TimelineView,
  now: WallMicros,
): readonly (readonly [number, number])[] {
  return spans
    .map(({ from, to }, index): readonly [number, number] => {
      const growing = index === spans.length - 1 && state === 'recording' && now - to < GROWING;
      return [shareOf(view, from), shareOf(view, growing ? now : to)];
    })
    .filter(([left, right]) => right > 0 && left < 1)
    .map(([left, right]) => [Math.max(0, left), Math.min(1, right)] as const);
}

/** The last segment is on the disk this long after it happened, at the latest. µs */
const GROWING = 20e6;

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;
