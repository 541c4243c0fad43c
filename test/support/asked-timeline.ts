/** What a running server tells of a camera's past. */
import type { Timeline } from '#wire/timeline.ts';
import type { Nightglass } from './nightglass.ts';

export type { Timeline };

/** All of it, asked for with the server's token. */
export async function timelineOf({ origin, token }: Nightglass, camera: string): Promise<Timeline> {
  const address = `${origin}/api/cameras/${encodeURIComponent(camera)}/timeline`;
  const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`the timeline of ${camera} was answered with ${response.status}`);
  return (await response.json()) as Timeline;
}
