/** The clips on the server: asked for, named and deleted. */
import type { KeptClip, KeptClips } from '#wire/kept-clip.ts';

export type KeptList =
  | ({ readonly outcome: 'listed' } & KeptClips)
  /** This server keeps none. */
  | { readonly outcome: 'off' }
  | { readonly outcome: 'failed'; readonly message: string };

/** Never throws. @param server base address, with a trailing slash @param after `next` of the page before */
export async function fetchKept(server: URL, after?: string | null): Promise<KeptList> {
  const address = new URL('api/clips', server);
  if (after) address.searchParams.set('after', after);
  try {
    const response = await fetch(address, { cache: 'no-store' });
    if (response.status === 404) return { outcome: 'off' };
    if (!response.ok) return { outcome: 'failed', message: await wordsOf(response) };
    return { outcome: 'listed', ...((await response.json()) as KeptClips) };
  } catch {
    return { outcome: 'failed', message: 'The server does not answer.' };
  }
}

/** Nothing where it is gone, else what to tell the viewer. Never throws. */
export async function deleteKept(server: URL, id: string): Promise<string | undefined> {
  try {
    const response = await fetch(new URL(`api/clips/${id}`, server), { method: 'DELETE' });
    // One that is not there any more was deleted by somebody else.
    return response.ok || response.status === 404 ? undefined : await wordsOf(response);
  } catch {
    return 'The server does not answer.';
  }
}

export const addressOf = (server: URL, { id }: KeptClip, file: string): string =>
  new URL(`api/clips/${id}/${file}`, server).href;

async function wordsOf(response: Response): Promise<string> {
  if (response.status === 401) return 'You are signed out. Open the login link again.';
  const { message } = (await response.json().catch(() => ({}))) as { message?: unknown };
  return typeof message === 'string'
    ? `The server says: ${message}.`
    : `The server answered with ${response.status}.`;
}
