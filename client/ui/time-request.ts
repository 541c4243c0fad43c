/** What a viewer asks of a camera's time, by pointer or by key. Pure. */
import type { WallMicros } from '#wire/time.ts';
import type { PlaybackControl, PlaybackState, Rate } from '../playback-state.ts';

export type TimeRequest =
  | { readonly ask: 'seek'; readonly at: WallMicros }
  | { readonly ask: 'play' | 'pause' | 'live' | 'rewind' }
  | { readonly ask: 'step'; readonly by: 1 | -1 }
  | { readonly ask: 'rate'; readonly rate: Rate };

export const RATES: readonly Rate[] = [0.25, 0.5, 1, 2, 4, 8];

export const timeAsked = (request: TimeRequest): CustomEvent<TimeRequest> =>
  new CustomEvent('time-asked', { detail: request, bubbles: true, composed: true });

/** Passes a request on. */
export function askTime(control: PlaybackControl, request: TimeRequest): void {
  if (request.ask === 'seek') control.seek(request.at);
  else if (request.ask === 'step') control.step(request.by);
  else if (request.ask === 'rate') control.setRate(request.rate);
  else if (request.ask === 'live') control.goLive();
  else control[request.ask]();
}

/** What is known when a key is pressed. */
export interface KeyMoment {
  readonly playback: PlaybackState;
  /** Of the picture that is shown; null before there is one. */
  readonly shownAt: WallMicros | null;
  /** The window's oldest picture. */
  readonly oldest: WallMicros;
  readonly now: WallMicros;
}

export interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
}

const SECOND = 1e6;

/**
 * What a key asks for; nothing where it is none of the timeline's. J goes back, K stops, L is one step faster, as on an
 * editor's desk; Shift+J is one step slower, Shift+L and End go live.
 */
export function requestOfKey({ key, shiftKey }: Key, moment: KeyMoment): TimeRequest | undefined {
  const { playback, oldest } = moment;
  const past = playback.mode === 'past';
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case ' ':
    case 'k':
      return { ask: past && !moves(playback) ? 'play' : 'pause' };
    case 'ArrowLeft':
      return moved(moment, shiftKey ? -60 : -5);
    case 'ArrowRight':
      return moved(moment, shiftKey ? 60 : 5);
    case ',':
      return { ask: 'step', by: -1 };
    case '.':
      return past ? { ask: 'step', by: 1 } : undefined;
    case 'j':
      if (!past) return moved(moment, -10);
      return shiftKey ? slower(playback.rate) : { ask: 'rewind' };
    case 'l':
      if (shiftKey) return { ask: 'live' };
      return past ? faster(playback) : undefined;
    case 'End':
      return { ask: 'live' };
    case 'Home':
      return { ask: 'seek', at: oldest };
    default:
      return undefined;
  }
}

function moved({ playback, shownAt, oldest, now }: KeyMoment, seconds: number): TimeRequest | undefined {
  const at = playback.mode === 'past' ? playback.at : shownAt;
  if (at === null || (playback.mode === 'live' && seconds > 0)) return undefined;
  const wanted = at + seconds * SECOND;
  return wanted >= now ? { ask: 'live' } : { ask: 'seek', at: Math.max(oldest, wanted) as WallMicros };
}

/** Forward or back. */
export const moves = ({ playing, rewinding }: Extract<PlaybackState, { mode: 'past' }>): boolean =>
  playing || rewinding === true;

const slower = (rate: Rate): TimeRequest => ({
  ask: 'rate',
  rate: RATES[Math.max(0, RATES.indexOf(rate) - 1)]!,
});

/** From standing still, L plays. */
const faster = ({ playing, rate }: Extract<PlaybackState, { mode: 'past' }>): TimeRequest =>
  playing
    ? { ask: 'rate', rate: RATES[Math.min(RATES.length - 1, RATES.indexOf(rate) + 1)]! }
    : { ask: 'play' };

/** `¼×`, `1×`, `8×`. */
export const rateText = (rate: Rate): string => `${{ 0.25: '¼', 0.5: '½' }[rate as number] ?? rate}×`;

declare global {
  interface HTMLElementEventMap {
    'time-asked': CustomEvent<TimeRequest>;
  }
}
