/** What this browser lacks that a live picture needs, in words that say what to do. */

export interface Features {
  /** The page came by https or from localhost. */
  readonly secure: boolean;
  readonly videoDecoder: boolean;
  /** What plays HLS, where there is no decoder for pages. */
  readonly hls: boolean;
  readonly offscreenCanvas: boolean;
}

/** What is there on this page. */
export const featuresHere = (): Features => ({
  secure: globalThis.isSecureContext,
  videoDecoder: 'VideoDecoder' in globalThis,
  hls: playsHls(),
  offscreenCanvas: 'transferControlToOffscreen' in HTMLCanvasElement.prototype,
});

const playsHls = (): boolean =>
  'VideoFrame' in globalThis &&
  'requestVideoFrameCallback' in HTMLVideoElement.prototype &&
  ('MediaSource' in globalThis || 'ManagedMediaSource' in globalThis);

/** Nothing where nothing is missing. */
export function missingFeature({ secure, videoDecoder, offscreenCanvas, hls }: Features): string | undefined {
  if (!videoDecoder && !hls && !secure)
    return 'This page needs https or localhost: browsers decode video only on secure pages. Open it with https:// in front, or on the server’s own machine as http://localhost.';
  if (!videoDecoder && !hls)
    return 'This browser cannot decode video for a page (it lacks WebCodecs). Use a current Chrome, Edge, Firefox or Safari.';
  if (!offscreenCanvas)
    return 'This browser cannot draw from a worker (it lacks OffscreenCanvas). Use a current Chrome, Edge, Firefox or Safari.';
  return undefined;
}
