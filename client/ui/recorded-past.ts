/** What of a camera's past the server holds, asked again and again while somebody may want it. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { WallMicros } from '#wire/time.ts';
import type { FileClock, FileSpan } from '../playback-state.ts';

/** All instants are wall-clock µs by the server's clock. */
export interface RecordedPast {
  readonly now: WallMicros;
  /** How far back the camera's window reaches. */
  readonly hours: number;
  /** `paused`: the server's disk is nearly full; `file`: it is no camera's, and all there is. */
  readonly state: 'recording' | 'paused' | 'off' | 'file';
  /** Why nothing is recorded at present. */
  readonly message: string | undefined;
  readonly spans: readonly { readonly from: WallMicros; readonly to: WallMicros }[];
  /** Absent where its times are wall-clock times; `position`: they are a file's own, from 0:00 on. */
  readonly clock?: FileClock;
}

/** A file as a past that is over. */
export const pastOfFile = ({ from, to, clock }: FileSpan): RecordedPast => ({
  now: to,
  hours: (to - from) / 3600e6,
  state: 'file',
  message: undefined,
  spans: [{ from, to }],
  clock,
});

const AGAIN_MS = 4000;
const DAY = 86_400e6;

/** Nothing where the camera has no window, or the server did not answer. @param server base address, with a trailing slash */
export async function fetchPast(
  server: URL,
  camera: string,
  signal: AbortSignal,
): Promise<RecordedPast | undefined> {
  const address = new URL(`api/cameras/${encodeURIComponent(camera)}/timeline`, server);
  address.search = `from=0&to=${(Date.now() * 1000 + DAY).toFixed(0)}`;
  try {
    const response = await fetch(address, { signal, cache: 'no-store' });
    return response.ok ? readPast(await response.json()) : undefined;
  } catch {
    return undefined;
  }
}

export function readPast(body: unknown): RecordedPast | undefined {
  const { now, window, state, message, spans } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const hours = (window as { hours?: unknown } | null)?.hours;
  if (typeof now !== 'number' || typeof hours !== 'number' || !Array.isArray(spans)) return undefined;
  return {
    now: now as WallMicros,
    hours,
    state: state === 'paused' || state === 'off' ? state : 'recording',
    message: typeof message === 'string' ? message : undefined,
    spans: spans.filter(({ from, to } = {}) => Number.isFinite(from) && Number.isFinite(to)),
  };
}

/** Updates its host when there is news. Asks only while `watch` was given a camera. */
export class PastWatch implements ReactiveController {
  past: RecordedPast | undefined;
  readonly #host: ReactiveControllerHost;
  #watching: AbortController | undefined;
  #watched = '';
  /** `performance.now()` when the last answer came. */
  #heardAt = 0;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** The server's now; only with a `past`. */
  get now(): WallMicros {
    return ((this.past?.now ?? 0) + Math.round((performance.now() - this.#heardAt) * 1000)) as WallMicros;
  }

  hostDisconnected(): void {
    this.watch(undefined, '');
  }

  watch(server: URL | undefined, camera: string): void {
    const wanted = server === undefined ? '' : `${server.href} ${camera}`;
    if (wanted === this.#watched) return;
    this.#watched = wanted;
    this.#watching?.abort();
    this.past = undefined;
    if (server === undefined) return;
    this.#watching = new AbortController();
    void this.#ask(server, camera, this.#watching.signal);
  }

  async #ask(server: URL, camera: string, signal: AbortSignal): Promise<void> {
    const past = await fetchPast(server, camera, signal);
    if (signal.aborted) return;
    if (past !== undefined) {
      this.past = past;
      this.#heardAt = performance.now();
      this.#host.requestUpdate();
    }
    setTimeout(() => signal.aborted || void this.#ask(server, camera, signal), AGAIN_MS);
  }
}
