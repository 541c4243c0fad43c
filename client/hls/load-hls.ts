/** hls.js, fetched when it is first needed. */
import type Hls from 'hls.js';

export type HlsClass = typeof Hls;

let loading: Promise<HlsClass> | undefined;

/** Its smaller build: there is no sound, no subtitle and no protection here. Rejects where it cannot be fetched. */
export function loadHls(): Promise<HlsClass> {
  loading ??= import('hls.js/light').then((module) => module.default);
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}
