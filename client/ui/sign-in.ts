/** Signs a viewer in: the server answers good credentials with a cookie. */

export type Credentials =
  | { readonly token: string }
  | { readonly username: string; readonly password: string };

/** Nothing where it worked, else what to tell the viewer. Never throws. @param server base address, with a trailing slash */
export async function signIn(server: URL, credentials: Credentials): Promise<string | undefined> {
  try {
    const response = await fetch(new URL('api/login', server), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(credentials),
    });
    if (response.ok) return undefined;
    if (response.status === 429) return 'Too many tries. Wait a minute and try again.';
    if (response.status >= 500) return `The server answered with ${response.status}.`;
    return 'token' in credentials
      ? 'This token was not accepted.'
      : 'This user name and password were not accepted.';
  } catch {
    return 'The server does not answer.';
  }
}

/** The token in what a person pasted: the token itself, or the login link, or the line the server printed it in. */
export function tokenIn(pasted: string): string {
  const text = pasted.trim();
  const link = /https?:\/\/\S+/.exec(text)?.[0] ?? '';
  return (URL.canParse(link) ? new URL(link).searchParams.get('token') : null) ?? text;
}
