/** Names for clips: the camera, and the wall clock in UTC, so that they sort and no two are alike. */
import type { WallMicros } from '#wire/time.ts';

/** `quay-20260529T064000.512Z-3f9a`: fit for a file name anywhere. */
export function clipId(camera: string, at: WallMicros): string {
  const name = camera.replace(/[^A-Za-z0-9_]+/g, '-').replace(/^[-_]+/, '') || 'camera';
  const utc = new Date(at / 1000).toISOString().replace(/[-:]/g, '');
  // Two tabs may record one camera from the same picture on.
  return `${name}-${utc}-${crypto.randomUUID().slice(0, 4)}`;
}
