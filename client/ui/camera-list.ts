/** The cameras this viewer may see, as the server lists them. */
import type { CameraInfo } from '#wire/camera-state.ts';

export type CameraList =
  | { readonly outcome: 'listed'; readonly cameras: readonly CameraInfo[]; readonly version: string }
  | { readonly outcome: 'signed-out' }
  /** The server is away, or not what it should be: worth another try. */
  | { readonly outcome: 'failed'; readonly message: string };

/** Asks once. Never throws: a server that is away is an expected condition. @param server base address, with a trailing slash */
export async function fetchCameras(server: URL, signal: AbortSignal): Promise<CameraList> {
  try {
    const response = await fetch(new URL('api/cameras', server), { signal, cache: 'no-store' });
    if (response.status === 401) return { outcome: 'signed-out' };
    if (!response.ok) return { outcome: 'failed', message: `The server answered with ${response.status}.` };
    return readCameras(await response.json());
  } catch {
    return { outcome: 'failed', message: 'The server does not answer.' };
  }
}

function readCameras(body: unknown): CameraList {
  const { cameras, version } = (body ?? {}) as { cameras?: unknown; version?: unknown };
  if (!Array.isArray(cameras) || !cameras.every(isCamera))
    return { outcome: 'failed', message: 'The server sent no list of cameras.' };
  return { outcome: 'listed', cameras, version: typeof version === 'string' ? version : '' };
}

const isCamera = (value: Partial<CameraInfo> | null): value is CameraInfo =>
  typeof value?.name === 'string' && typeof value.title === 'string';
