/** One camera over HLS: its stream as it is, and H.264 of it where the camera sends something else. */
import { codecOf } from '#wire/access-unit.ts';
import { NOTHING_HANDED_ON } from './hls/handed-on.ts';
import { LiveRendering, type SegmentStore } from './hls/live-rendering.ts';
import { asH264, multivariantPlaylist, variantOf } from './hls/multivariant.ts';
import type { Renditions } from './renditions.ts';

/** By the name of their playlists, without `.m3u8`. */
export type RenderingName = 'main' | 'main-h264';

/** Reads a rendering's Stream while somebody asks for it; `main` for ever where segments are stored. */
export class CameraHls implements AsyncDisposable {
  readonly #renderings: ReadonlyMap<string, LiveRendering>;
  readonly #main: LiveRendering;

  constructor(renditions: Renditions, store?: SegmentStore) {
    const { stream, h264 } = renditions.rendering('main');
    this.#main = new LiveRendering(stream, store);
    const names: readonly (readonly [RenderingName, LiveRendering])[] = [
      ['main', this.#main],
      ...(h264 ? [['main-h264', new LiveRendering(h264.stream)] as const] : []),
    ];
    this.#renderings = new Map(names);
  }

  rendering(name: string): LiveRendering | undefined {
    return this.#renderings.get(name);
  }

  /** @throws NightglassError `hls/not-ready`, `hls/unsupported-codec` */
  async multivariant(signal: AbortSignal, carried = NOTHING_HANDED_ON): Promise<string> {
    const newest = await this.#main.newest(signal);
    const main = variantOf('main.m3u8', newest, carried);
    const isH264 = codecOf(newest.init.config) === 'h264';
    return multivariantPlaylist(isH264 ? [main] : [main, asH264('main-h264.m3u8', main, carried)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#renderings.values()].map((one) => one[Symbol.asyncDispose]()));
  }
}
