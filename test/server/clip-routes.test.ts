import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeptClips } from '#wire/kept-clip.ts';
import {
  answerOn,
  type ClipServer,
  dial,
  type Headers,
  head,
  startClipServer,
  TOKEN,
} from '../support/clip-server.ts';
import { filesIn, temporaryFolder } from '../support/hls-segments.ts';
import { madeClip, type Wanted } from '../support/made-clip.ts';

const KIB = 1024;
/** Sends on after the answer, as a client does that does not read; it is heard out for a while, and no longer. */
async function goesOnUntilClosed(socket: Socket, piece: string): Promise<void> {
  const sending = setInterval(() => socket.write(piece), 100);
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'close');
  clearInterval(sending);
}

const LIMITS = { file: 64 * KIB, all: 200 * KIB, free: 0 };

describe('the clips over HTTP', () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let folder: string;
  let server: ClipServer;

  beforeEach(async () => {
    temporary = await temporaryFolder();
    folder = join(temporary.path, 'clips');
    server = await startClipServer(folder, LIMITS);
  });

  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await temporary[Symbol.asyncDispose]();
  });

  const list = async (headers: Headers = TOKEN, query = ''): Promise<KeptClips> =>
    (await server.get(query, headers)).json();
  const ids = async (headers: Headers = TOKEN) => (await list(headers)).clips.map(({ id }) => id);
  const stored = () => filesIn(folder);
  const codeOf = async (answer: Response) => [answer.status, (await answer.json()).code];

  it('keeps a clip with its evidence and its poster, lists it, gives it back and deletes it', async () => {
    const clip = madeClip({ shows: ['enhanced', 'original'], poster: Buffer.from('small') });
    expect(await server.keep(clip)).toEqual([204, 204, 204, 201]);
    const { clips, next, room } = await list();
    expect(clips).toMatchObject([
      { id: clip.id, poster: 'poster.jpg', camera: { name: 'quay', title: 'The quay' }, medium: 'clip' },
    ]);
    expect(clips[0]?.files).toMatchObject([{ shows: 'enhanced', bytes: 1000 }, { shows: 'original' }]);
    expect(next).toBeNull();
    const taken = [...clip.files.values()].reduce((sum, { length }) => sum + length, 0);
    expect(room).toEqual({ file: LIMITS.file, all: LIMITS.all - taken });
    for (const [name, data] of clip.files) {
      const answer = await server.get(`/${clip.id}/${name}`);
      expect(answer.headers.get('content-disposition')).toBe(`attachment; filename=${name}`);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(data);
    }
    const [name = ''] = clip.files.keys();
    const range = await server.get(`/${clip.id}/${name}`, { ...TOKEN, range: 'bytes=10-19' });
    expect(range.headers.get('content-type')).toBe('video/mp4');
    expect([range.status, (await range.arrayBuffer()).byteLength]).toEqual([206, 10]);
    expect((await server.remove(`/${clip.id}`)).status).toBe(204);
    expect((await list()).room.all).toBe(LIMITS.all);
    expect((await server.get(`/${clip.id}/${name}`)).status).toBe(404);
    expect(await stored()).toEqual([]);
  });

  it('lists nothing before the evidence came', async () => {
    const { id, files } = madeClip();
    const [[name, data] = ['', Buffer.of()]] = files;
    await server.put(`/${id}/${name}`, data);
    expect(await ids()).toEqual([]);
    expect((await server.get(`/${id}/${name}`)).status).toBe(404);
  });

  it('lists the newest first, page by page', async () => {
    const made = Array.from({ length: 53 }, (_, at) => madeClip({ at, bytes: 10 }));
    for (const clip of made) await server.keep(clip);
    const first = await list();
    expect(first.clips.map(({ id }) => id)).toEqual(
      made
        .slice(3)
        .map(({ id }) => id)
        .reverse(),
    );
    await server.remove(`/${first.clips.at(-1)?.id}`);
    const rest = await list(TOKEN, `?after=${first.next}`);
    expect(rest.clips.map(({ id }) => id)).toEqual(
      made
        .slice(0, 3)
        .map(({ id }) => id)
        .reverse(),
    );
    expect(rest.next).toBeNull();
    expect(await codeOf(await server.get('?after=yesterday'))).toEqual([400, 'http/bad-request']);
  });

  it('keeps nothing of a file whose connection breaks in the middle', async () => {
    const clip = madeClip({ bytes: 50 * KIB });
    const [[name, data] = ['', Buffer.of()]] = clip.files;
    const socket = await dial(server.origin);
    socket.write(head('PUT', `/api/clips/${clip.id}/${name}`, data.length));
    socket.write(data.subarray(0, 20 * KIB));
    await expect.poll(stored).toEqual([expect.stringMatching(/^\.incoming\/.*\.part$/)]);
    socket.destroy();
    await expect.poll(stored).toEqual([]);
    await expect.poll(async () => (await list()).room.all).toBe(LIMITS.all);
    expect(await server.keep(clip)).toEqual([204, 201]);
  });

  it('refuses a file over the limit by its length, before it comes', async () => {
    const { id } = madeClip();
    const socket = await dial(server.origin);
    socket.write(head('PUT', `/api/clips/${id}/${id}-enhanced.mp4`, 1024 ** 3));
    const { status, body } = await answerOn(socket);
    expect([status, JSON.parse(body).code]).toEqual([413, 'clips/too-large']);
    await goesOnUntilClosed(socket, 'x');
    expect(await stored()).toEqual([]);
  });

  it('refuses a file that grows over the limit while it comes in chunks, and says so', async () => {
    const { id } = madeClip();
    const socket = await dial(server.origin);
    socket.write(head('PUT', `/api/clips/${id}/${id}-enhanced.mp4`));
    const chunk = `${(32 * KIB).toString(16)}\r\n${'x'.repeat(32 * KIB)}\r\n`;
    for (let sent = 0; sent < 3; sent++) socket.write(chunk);
    const { status, body } = await answerOn(socket);
    expect([status, JSON.parse(body).code]).toEqual([413, 'clips/too-large']);
    expect(await stored()).toEqual([]);
    expect((await list()).room.all).toBe(LIMITS.all);
    await goesOnUntilClosed(socket, '1\r\nx\r\n');
  });

  it('takes no more than all clips together may have, those on their way counted', async () => {
    for (const at of [0, 1]) await server.keep(madeClip({ at, bytes: 60 * KIB }));
    const begun = madeClip({ at: 2, bytes: 60 * KIB });
    const [[name, data] = ['', Buffer.of()]] = begun.files;
    expect((await server.put(`/${begun.id}/${name}`, data)).status).toBe(204);
    const one = madeClip({ at: 3, bytes: 60 * KIB });
    const answer = await server.put(`/${one.id}/${one.id}-enhanced.mp4`, Buffer.alloc(60 * KIB));
    expect(await codeOf(answer)).toEqual([507, 'clips/no-room']);
    // Told before it comes.
    const socket = await dial(server.origin);
    socket.write(head('PUT', `/api/clips/${one.id}/${one.id}-enhanced.mp4`, 60 * KIB));
    expect((await answerOn(socket)).status).toBe(507);
    socket.destroy();
    await server.remove(`/${madeClip({ at: 0 }).id}`);
    expect(await server.keep(one)).toEqual([204, 201]);
  });

  const wrongs: [string, Wanted, string][] = [
    [
      'another hash',
      {
        facts: (facts) => ({
          ...facts,
          files: facts.files.map((file) => ({ ...file, sha256: 'a'.repeat(64) })),
        }),
      },
      'clips/altered',
    ],
    [
      'another size',
      { facts: (facts) => ({ ...facts, files: facts.files.map((file) => ({ ...file, bytes: 999 })) }) },
      'clips/altered',
    ],
    [
      'a file that did not come',
      {
        facts: (facts) => ({
          ...facts,
          files: facts.files.flatMap((file) => [
            file,
            { ...file, name: file.name.replace('enhanced', 'original') },
          ]),
        }),
      },
      'clips/missing-file',
    ],
    [
      'a file elsewhere',
      {
        facts: (facts) => ({
          ...facts,
          files: facts.files.map((file) => ({ ...file, name: '../../etc/passwd' })),
        }),
      },
      'clips/unsafe-path',
    ],
    [
      'a file of another clip',
      {
        facts: (facts) => ({ ...facts, files: facts.files.map((file) => ({ ...file, name: 'other.mp4' })) }),
      },
      'clips/bad-evidence',
    ],
    [
      'less than came',
      { shows: ['enhanced', 'original'], facts: (facts) => ({ ...facts, files: facts.files.slice(0, 1) }) },
      'clips/bad-evidence',
    ],
    [
      'another camera',
      { facts: (facts) => ({ ...facts, camera: { name: 'bridge', title: 'Bridge' } }) },
      'clips/bad-evidence',
    ],
    [
      'no end of text',
      { facts: (facts) => ({ ...facts, camera: { name: 'quay', title: 'x'.repeat(9000) } }) },
      'clips/bad-evidence',
    ],
  ];
  it.each(wrongs)('refuses evidence that names %s, and keeps nothing of it', async (_what, wanted, code) => {
    const clip = madeClip(wanted);
    const files = [...clip.files];
    for (const [name, data] of files.slice(0, -1)) await server.put(`/${clip.id}/${name}`, data);
    const answer = await server.put(`/${clip.id}/${clip.evidence}`, files.at(-1)![1]);
    const said = await answer.text();
    expect([answer.status, JSON.parse(said).code]).toEqual([422, code]);
    expect(said).not.toContain(temporary.path);
    expect(await ids()).toEqual([]);
    expect(await stored()).toEqual([]);
    expect((await list()).room.all).toBe(LIMITS.all);
  });

  it('refuses evidence that was edited, and what is none', async () => {
    const clip = madeClip();
    const [[name, data] = ['', Buffer.of()]] = clip.files;
    const json = String(clip.files.get(clip.evidence));
    for (const [text, code] of [
      [json.replace('The quay', 'The hay'), 'clips/altered'],
      ['{}', 'clips/bad-evidence'],
      ['', 'clips/bad-evidence'],
    ] as const) {
      await server.put(`/${clip.id}/${name}`, data);
      expect(await codeOf(await server.put(`/${clip.id}/${clip.evidence}`, Buffer.from(text)))).toEqual([
        422,
        code,
      ]);
    }
    expect(await stored()).toEqual([]);
  });

  it('has no name that leads elsewhere', async () => {
    const { id } = madeClip();
    const paths = [
      `..%2F..%2F${id}/${id}.json`,
      `%2e%2e/${id}.json`,
      `${id}/..%2f..%2fpasswd`,
      `${id}/%2e%2e`,
      `${id}%00/${id}.json`,
      `${id}/${id}%00.json`,
      `${id}/${id}-enhanced.mp4%2Fx`,
      `${id}/${id}-${'a'.repeat(3000)}.mp4`,
      `${'a'.repeat(3000)}/${id}.json`,
      `${id}/${id}-enhanced.html`,
      `${id}/.part`,
      `.incoming/${id}.json`,
      `.incoming/poster.jpg`,
      `CON/${id}.json`,
      `${id}/con.mp4`,
      `${id}/NUL`,
      `${id}/${id}.json.part`,
      `${id}/a/b`,
      `${id}`,
    ];
    for (const path of paths) {
      const socket = await dial(server.origin);
      socket.write(`${head('PUT', `/api/clips/${path}`, 1)}x`);
      const { status, body } = await answerOn(socket);
      expect([path, status, JSON.parse(body).code]).toEqual([path, 400, 'clips/bad-name']);
      socket.destroy();
    }
    // As it stands: `fetch` would take the dots away.
    const socket = await dial(server.origin);
    socket.write(`${head('PUT', `/api/clips/../../../tmp/${id}.json`, 1)}x`);
    expect((await answerOn(socket)).status).toBeGreaterThanOrEqual(400);
    socket.destroy();
    expect(await readdir(temporary.path)).toEqual(['clips']);
    expect(await stored()).toEqual([]);
  });

  it('lets one of two who send a clip at once go first, and has it once', async () => {
    const clip = madeClip({ bytes: 50 * KIB });
    const [[name, data] = ['', Buffer.of()]] = clip.files;
    const socket = await dial(server.origin);
    socket.write(head('PUT', `/api/clips/${clip.id}/${name}`, data.length));
    socket.write(data.subarray(0, KIB));
    await expect.poll(stored).toHaveLength(1);
    const path = `/${clip.id}/${name}`;
    expect(await codeOf(await server.put(path, data))).toEqual([409, 'clips/busy']);
    socket.write(data.subarray(KIB));
    expect((await answerOn(socket)).status).toBe(204);
    socket.destroy();
    expect((await server.put(`/${clip.id}/${clip.evidence}`, clip.files.get(clip.evidence)!)).status).toBe(
      201,
    );
    expect(await codeOf(await server.put(path, data))).toEqual([409, 'clips/exists']);
    expect(await ids()).toEqual([clip.id]);
    expect((await server.get(path)).status).toBe(200);
  });

  it('shows, gives, takes and deletes clips only of cameras that the viewer may see', async () => {
    const office = await server.office();
    const [mine, other] = [madeClip(), madeClip({ camera: 'bridge', at: 1 })];
    expect(await server.keep(mine, office)).toEqual([204, 201]);
    expect(await server.keep(other, office)).toEqual([404, 404]);
    await server.keep(other);
    expect(await ids(office)).toEqual([mine.id]);
    const nowhere = madeClip({ camera: 'nowhere' });
    const inWords = async (answer: Response) => [answer.status, await answer.text()];
    for (const ask of [
      (id: string) => server.get(`/${id}/${id}.json`, office),
      (id: string) => server.remove(`/${id}`, office),
    ])
      expect(await inWords(await ask(other.id))).toEqual(await inWords(await ask(nowhere.id)));
    expect((await server.remove(`/${other.id}`, office)).status).toBe(404);
    expect(await ids()).toEqual([other.id, mine.id]);
    // A name that is written like one that may be seen.
    const alike = madeClip({ facts: (facts) => ({ ...facts, camera: { name: ' quay', title: 'x' } }) });
    expect(await server.keep(alike, office)).toEqual([409, 409]);
    await server.remove(`/${mine.id}`, office);
    expect(await server.keep(alike, office)).toEqual([204, 404]);
    for (const answer of [
      await server.get('', {}),
      await server.put(`/${mine.id}/poster.jpg`, Buffer.of(1), {}),
      await server.remove(`/${other.id}`, {}),
    ])
      expect(answer.status).toBe(401);
  });

  it('lets another page change nothing, though the viewer’s cookie comes with it', async () => {
    const clip = madeClip();
    await server.keep(clip);
    const office = await server.office();
    for (const origin of ['https://elsewhere.example', 'http://127.0.0.1:1', 'null']) {
      const theirs = { ...office, origin };
      expect(await codeOf(await server.remove(`/${clip.id}`, theirs))).toEqual([403, 'http/forbidden']);
      expect((await server.put(`/${madeClip({ at: 9 }).id}/poster.jpg`, Buffer.of(1), theirs)).status).toBe(
        403,
      );
      const logout = await fetch(`${server.origin}/api/logout`, { method: 'POST', headers: theirs });
      expect([logout.status, logout.headers.get('set-cookie')]).toEqual([403, null]);
    }
    expect((await server.remove(`/${clip.id}`, { ...office, origin: server.origin })).status).toBe(204);
  });

  it('takes so many files a minute, and no more', async () => {
    const statuses = new Set<number>();
    for (let sent = 0; sent < 240; sent++) statuses.add((await server.put('/x/y', Buffer.of())).status);
    expect([...statuses]).toEqual([400]);
    expect(await codeOf(await server.put('/x/y', Buffer.of()))).toEqual([429, 'clips/busy']);
    expect((await server.get('')).status).toBe(200);
  });

  it('has no clips where they are switched off', async () => {
    await using off = await startClipServer(undefined, LIMITS);
    expect((await off.get('')).status).toBe(404);
    expect((await off.put(`/${madeClip().id}/poster.jpg`, Buffer.of(1))).status).toBe(404);
  });
});
