/** A picture's wall clock as text, on the viewer's own clock. */
import type { WallMicros } from '#wire/time.ts';

const DAY_MS = 86_400_000;

/** `14:03:21.50`, with the day before it where that is not today. @param now the server's now */
export function wallClockText(at: WallMicros, now: WallMicros): string {
  const [then, today] = [localIso(at), localIso(now)];
  const clock = then.slice(11, 22);
  return then.slice(0, 10) === today.slice(0, 10) ? clock : `${dayText(then, today)} ${clock}`;
}

/** A place in a file: `0:07`, `12:34`, `1:02:03`; with `exact` to the hundredth, `0:07.48`. @param at µs from its 0:00 on */
export function positionText(at: number, exact = false): string {
  const hundredths = Math.floor(Math.max(0, at) / 1e4);
  const whole = Math.floor(hundredths / 100);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, two(whole % 60)];
  const text = hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`;
  return exact ? `${text}.${two(hundredths % 100)}` : text;
}

/** How long ago, in words: `5 s ago`, `3 min ago`, `2 h 5 min ago`. */
export function agoText(at: WallMicros, now: WallMicros): string {
  const seconds = Math.max(0, Math.round((now - at) / 1e6));
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest > 0 ? ` ${rest} min` : ''} ago`;
}

function dayText(then: string, today: string): string {
  if (Date.parse(today.slice(0, 10)) - Date.parse(then.slice(0, 10)) === DAY_MS) return 'yesterday';
  return new Date(`${then.slice(0, 10)}T00:00Z`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  });
}

/** The viewer's clock, written as ISO 8601 without its zone. */
function localIso(at: WallMicros): string {
  const ms = at / 1000;
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString();
}
