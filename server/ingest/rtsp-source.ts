/** An RTSP camera as a source of access units. */
import { accessUnits } from '../packets/access-units.ts';
import { openRtspSession, type RtspCamera } from './rtsp-session.ts';
import type { Source } from './source.ts';

/** A camera that is asked for its first H.264 or H.265 track; see `RtspCamera`. Connects when `units` is read. */
export function rtspSource(camera: RtspCamera): Source {
  return {
    async *units(signal, tell) {
      try {
        // Each answer has a time-out of its own; a camera that takes most of it every time is slow, not silent.
        let opening = true;
        await using session = await openRtspSession(
          camera,
          signal,
          () => opening && tell?.({ kind: 'opening' }),
        );
        opening = false;
        for await (const unit of accessUnits(session.items, session.track, tell)) {
          session.unitMade();
          yield unit;
        }
      } catch (error) {
        // Whatever came of being told to stop is no failure of the camera.
        if (!signal.aborted) throw error;
      }
    },
  };
}
