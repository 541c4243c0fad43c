/** Which camera is large, as the page's address says it: `#/camera/name`. */

const PREFIX = '#/camera/';

export const hashOfCamera = (name: string): string => `${PREFIX}${encodeURIComponent(name)}`;

/** The camera's name, or nothing where the address names none. */
export function cameraOfHash(hash: string): string | undefined {
  if (!hash.startsWith(PREFIX)) return undefined;
  try {
    return decodeURIComponent(hash.slice(PREFIX.length)) || undefined;
  } catch {
    // A percent sign typed by hand names no camera.
    return undefined;
  }
}
