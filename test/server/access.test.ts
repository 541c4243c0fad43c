import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createAccess } from '../../server/access.ts';

const USERS = [
  { name: 'bridge', password: 'on the bridge', cameras: '*' as const },
  { name: 'office', password: 'in the office', cameras: ['quay'] },
];

const request = (fields: { url?: string; authorization?: string; cookie?: string }): IncomingMessage =>
  ({
    url: fields.url ?? '/socket',
    headers: { authorization: fields.authorization, cookie: fields.cookie },
  }) as IncomingMessage;

describe('access', () => {
  it('takes the login token as a bearer, in the query, or exchanged for a cookie', async () => {
    const access = createAccess({ token: 'the-token', users: [] });
    const session = await access.signIn({ token: 'the-token' });
    for (const way of [
      request({ authorization: 'Bearer the-token' }),
      request({ url: '/socket?token=the-token' }),
      request({ cookie: `other=1; nightglass=${session}` }),
    ]) {
      expect((await access.viewerOf(way))?.mayView('anything')).toBe(true);
    }
  });

  it('knows nobody by a wrong token, a foreign cookie or nothing', async () => {
    const access = createAccess({ token: 'the-token', users: USERS });
    const foreign = await createAccess({ token: 'another', users: [] }).signIn({ token: 'another' });
    for (const way of [
      request({}),
      request({ authorization: 'Bearer wrong' }),
      request({ url: '/?token=' }),
      request({ cookie: `nightglass=${foreign}` }),
      request({ cookie: 'nightglass=nonsense' }),
    ]) {
      expect(await access.viewerOf(way)).toBeUndefined();
    }
  });

  it('makes a random token where none is given', () => {
    const [a, b] = [createAccess({ users: [] }), createAccess({ users: [] })];
    expect(a.token).not.toBe(b.token);
    expect(a.token.length).toBeGreaterThanOrEqual(32);
  });

  it('lets a user see the cameras named for them and no other', async () => {
    const access = createAccess({ token: 'the-token', users: USERS });
    const session = await access.signIn({ username: 'office', password: 'in the office' });
    const viewer = await access.viewerOf(request({ cookie: `nightglass=${session}` }));
    expect(viewer?.mayView('quay')).toBe(true);
    expect(viewer?.mayView('bridge-cam')).toBe(false);
  });

  it('refuses a wrong password and an unknown user alike', async () => {
    const access = createAccess({ token: 'the-token', users: USERS });
    expect(await access.signIn({ username: 'office', password: 'on the bridge' })).toBeUndefined();
    expect(await access.signIn({ username: 'nobody', password: 'the-token' })).toBeUndefined();
  });

  it('ends every session when a password changes, and keeps them over a restart when none does', async () => {
    const before = createAccess({ token: 'the-token', users: USERS });
    const session = await before.signIn({ username: 'bridge', password: 'on the bridge' });
    const cookie = request({ cookie: `nightglass=${session}` });
    expect(await createAccess({ token: 'the-token', users: USERS }).viewerOf(cookie)).toBeDefined();
    const changed = USERS.map((user) => ({ ...user, password: `${user.password}!` }));
    expect(await createAccess({ token: 'the-token', users: changed }).viewerOf(cookie)).toBeUndefined();
  });
});
