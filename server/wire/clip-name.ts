/** The names of clips and of their files, which browser and server agree on. */
import { isPlainName } from './evidence.ts';
import type { WallMicros } from './time.ts';

/** Camera, UTC to the millisecond, four hex digits: nothing that a file system or an address reads otherwise. */
const CLIP = /^([A-Za-z0-9][A-Za-z0-9_-]{0,63})-\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{4}$/;
const REST = /^(?:-[a-z0-9-]{1,40})?\.(?:mp4|webm|png|gif)$/;
/** A small picture for lists. No part of the evidence. */
const POSTER = /^poster\.(?:jpg|png)$/;

/**
 * `quay-20260529T064000.512Z-3f9a`: the camera and the wall clock in UTC, so that clips sort.
 * @param random four hex digits: two tabs may record one camera from the same picture on
 */
export function clipId(camera: string, at: WallMicros, random: string): string {
  const utc = new Date(at / 1000).toISOString().replace(/[-:]/g, '');
  return `${cameraInId(camera)}-${utc}-${random}`;
}

/** How a clip's id writes its camera's name. The name of a configured camera stays as it is. */
export const cameraInId = (camera: string): string =>
  camera
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 64) || 'camera';

/** The camera's name as it stands in a clip's id; nothing where this is no clip's id. */
export const cameraOfClip = (id: string): string | undefined => CLIP.exec(id)?.[1];

export type ClipFileKind = 'media' | 'evidence' | 'poster';

/** What a file of this clip is by its name; nothing where a clip has no such file. */
export function clipFileKind(id: string, name: string): ClipFileKind | undefined {
  if (cameraOfClip(id) === undefined) return undefined;
  if (POSTER.test(name)) return 'poster';
  if (name === `${id}.json`) return 'evidence';
  return name.startsWith(id) && REST.test(name.slice(id.length)) && isPlainName(name) ? 'media' : undefined;
}
