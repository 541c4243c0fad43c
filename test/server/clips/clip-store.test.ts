import { appendFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClipStore } from '../../../server/clips/clip-store.ts';
import { filesIn, keptLog, temporaryFolder } from '../../support/hls-segments.ts';
import { type MadeClip, madeClip } from '../../support/made-clip.ts';

const KIB = 1024;
const MINUTE = 60_000;
const LIMITS = { file: 100 * KIB, all: 1000 * KIB, free: 0 };

const everything = () => true;

async function* bodyOf(data: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  yield data;
}

async function keep(store: ClipStore, { id, files, evidence }: MadeClip): Promise<void> {
  for (const [name, data] of files) {
    if (name === evidence) await store.keep(id, { body: bodyOf(data) }, everything);
    else await store.receive(id, name, { body: bodyOf(data) });
  }
}

const listed = (store: ClipStore): string[] =>
  store.list(everything, undefined, 99).clips.map(({ id }) => id);

describe('the clips kept on the server', () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let folder: string;
  let log: ReturnType<typeof keptLog>;
  let now: number;

  beforeEach(async () => {
    temporary = await temporaryFolder();
    folder = join(temporary.path, 'data', 'clips');
    log = keptLog();
    now = 0;
  });

  afterEach(() => temporary[Symbol.asyncDispose]());

  async function open(): Promise<ClipStore> {
    const store = ClipStore.open(folder, LIMITS, log, () => now);
    await store.ready();
    return store;
  }

  it('are there after a restart, and what was on its way is not', async () => {
    const [one, two] = [madeClip({ at: 0, poster: Buffer.from('p') }), madeClip({ at: 1 })];
    using store = await open();
    await keep(store, one);
    await keep(store, two);
    const begun = madeClip({ at: 2 });
    await store.receive(begun.id, `${begun.id}-enhanced.mp4`, { body: bodyOf(Buffer.alloc(KIB)) });
    const before = store.room.all;
    using again = await open();
    expect(listed(again)).toEqual([two.id, one.id]);
    expect(again.find(one.id)).toEqual(store.find(one.id));
    expect(again.room.all).toBe(before + KIB);
    expect(await readdir(join(folder, '.incoming'))).toEqual([]);
  });

  it('leave out, and name in the log, those that somebody damaged', async () => {
    const clips = [0, 1, 2, 3].map((at) => madeClip({ at }));
    using store = await open();
    for (const clip of clips) await keep(store, clip);
    const [whole, longer, lacking, bare] = clips;
    const media = ({ id }: MadeClip) => join(folder, id, `${id}-enhanced.mp4`);
    await appendFile(media(longer!), 'x');
    await rm(media(lacking!));
    await rm(join(folder, bare!.id, bare!.evidence));
    await mkdir(join(folder, 'lost+found'));
    await writeFile(join(folder, 'a note'), 'by hand');
    using again = await open();
    expect(listed(again)).toEqual([whole!.id]);
    expect(log.lines.filter((line) => line.startsWith('a clip is damaged'))).toHaveLength(3);
  });

  it('are given up on their way when nothing came for an hour', async () => {
    using store = await open();
    const [slow, idle] = [madeClip({ at: 0, shows: ['enhanced', 'original'] }), madeClip({ at: 1 })];
    const send = (clip: MadeClip, shows: string) =>
      store.receive(clip.id, `${clip.id}-${shows}.mp4`, { body: bodyOf(Buffer.alloc(KIB)) });
    await send(slow, 'enhanced');
    await send(idle, 'enhanced');
    now += 50 * MINUTE;
    await send(slow, 'original');
    now += 50 * MINUTE;
    await store.sweep();
    expect(await readdir(join(folder, '.incoming'))).toEqual([slow.id]);
    expect(store.room.all).toBe(LIMITS.all - 2 * KIB);
  });

  it('may be on their way in any number, one after another, though each was cut off', async () => {
    using store = await open();
    async function* cut(): AsyncGenerator<Uint8Array, void, undefined> {
      yield Buffer.alloc(10);
      throw new Error('cut off');
    }
    for (let at = 0; at < 40; at++) {
      const { id } = madeClip({ at });
      await expect(store.receive(id, `${id}-enhanced.mp4`, { body: cut() })).rejects.toThrow('cut off');
    }
    expect(await readdir(join(folder, '.incoming'))).toEqual([]);
    expect(store.room.all).toBe(LIMITS.all);
    // A file that came whole stays for the next one's second try.
    const { id } = madeClip({ shows: ['enhanced', 'original'] });
    const name = `${id}-enhanced.mp4`;
    await store.receive(id, name, { body: bodyOf(Buffer.alloc(KIB)) });
    await expect(store.receive(id, `${id}-original.mp4`, { body: cut() })).rejects.toThrow('cut off');
    expect(await filesIn(folder)).toEqual([`.incoming/${id}/${name}`]);
  });

  it('are so many at once on their way, and no more', async () => {
    using store = await open();
    const send = (at: number) => {
      const { id } = madeClip({ at });
      return store.receive(id, `${id}-enhanced.mp4`, { body: bodyOf(Buffer.alloc(1)) });
    };
    for (let at = 0; at < 32; at++) await send(at);
    await expect(send(32)).rejects.toMatchObject({ code: 'clips/busy' });
  });

  it('take the room of a file once, though it was sent twice', async () => {
    using store = await open();
    const { id } = madeClip();
    for (let time = 0; time < 2; time++)
      await store.receive(id, `${id}-enhanced.mp4`, { body: bodyOf(Buffer.alloc(KIB)) });
    expect(store.room.all).toBe(LIMITS.all - KIB);
  });

  it('say that their folder is gone, and go on when it is back', async () => {
    using store = await open();
    const clip = madeClip();
    await rename(folder, `${folder} away`);
    await expect(keep(store, clip)).rejects.toMatchObject({ code: 'clips/disk-failed' });
    expect(await readdir(join(temporary.path, 'data'))).toEqual(['clips away']);
    await rename(`${folder} away`, folder);
    await keep(store, clip);
    expect(listed(store)).toEqual([clip.id]);
  });

  it('wait for a folder that cannot be read at the start', async () => {
    await writeFile(join(temporary.path, 'data'), 'a file where a folder should be');
    using store = ClipStore.open(folder, LIMITS, log, () => now);
    await expect(store.ready()).rejects.toMatchObject({ code: 'clips/disk-failed' });
    await rm(join(temporary.path, 'data'));
    await keep(store, madeClip());
    expect(await filesIn(folder)).toHaveLength(2);
  });
});
