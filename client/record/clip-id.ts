/** A name for a new clip, unlike any other's. */
import { clipId as idOf } from '#wire/clip-name.ts';
import type { WallMicros } from '#wire/time.ts';

export const clipId = (camera: string, at: WallMicros): string =>
  idOf(camera, at, crypto.randomUUID().slice(0, 4));
