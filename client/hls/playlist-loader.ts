/** Loads playlists for hls.js, which keeps arrays as long as a discontinuity's number: the first one seen counts as 0. */
import type { HlsConfig } from 'hls.js';
import type { HlsClass } from './load-hls.ts';

type PlaylistLoader = NonNullable<HlsConfig['pLoader']>;

const SEQUENCE = /^(#EXT-X-DISCONTINUITY-SEQUENCE:)(\d+)/m;

/** A server numbers its discontinuities from its own beginning, which may be a time of day: hundreds of millions. */
export class DiscontinuityNumbers {
  #first: number | undefined;

  /** The playlist with numbers of this session's own (RFC 8216 §4.3.3.3). */
  rebased(playlist: string): string {
    return playlist.replace(SEQUENCE, (_, tag: string, number: string) => {
      this.#first ??= Number(number);
      return `${tag}${Math.max(0, Number(number) - this.#first)}`;
    });
  }
}

/** For one session: its numbers go on from one answer to the next. */
export function playlistLoader(Hls: HlsClass): PlaylistLoader {
  const numbers = new DiscontinuityNumbers();
  const Loader = Hls.DefaultConfig.loader as PlaylistLoader;
  return class extends Loader {
    override load(...[context, config, callbacks]: Parameters<InstanceType<PlaylistLoader>['load']>): void {
      const { onSuccess } = callbacks;
      super.load(context, config, {
        ...callbacks,
        onSuccess: (response, ...rest) => {
          const { data } = response;
          onSuccess(
            typeof data === 'string' ? { ...response, data: numbers.rebased(data) } : response,
            ...rest,
          );
        },
      });
    }
  };
}
