import { execFile } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ClipServer, startClipServer } from '../../support/clip-server.ts';
import { filesIn, temporaryFolder } from '../../support/hls-segments.ts';
import { madeClip } from '../../support/made-clip.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;

/** On a disk of 4 MiB of its own, in memory: mounting it needs root. */
describe('clips on a small disk', () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let disk: string;
  let folder: string;
  let opened: ClipServer[];

  beforeEach(async () => {
    temporary = await temporaryFolder();
    disk = join(temporary.path, 'disk');
    folder = join(disk, 'clips');
    opened = [];
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'nightglass', disk]);
  });

  afterEach(async () => {
    for (const server of opened) await server[Symbol.asyncDispose]();
    await run('umount', [disk]);
    await temporary[Symbol.asyncDispose]();
  });

  async function open(free: number): Promise<ClipServer> {
    const server = await startClipServer(folder, { file: 100 * MIB, all: 1000 * MIB, free });
    opened.push(server);
    return server;
  }

  /** The answer to the file of a clip, which comes in chunks: its length is not known before. */
  async function inChunks({ origin }: ClipServer, id: string, bytes: number) {
    async function* pieces() {
      for (let sent = 0; sent < bytes; sent += MIB / 16) yield new Uint8Array(MIB / 16);
    }
    const answer = await fetch(`${origin}/api/clips/${id}/${id}-enhanced.mp4`, {
      method: 'PUT',
      headers: { authorization: 'Bearer the-token' },
      body: Readable.toWeb(Readable.from(pieces())),
      duplex: 'half',
    } as RequestInit);
    return [answer.status, answer.ok ? undefined : (await answer.json()).code];
  }

  const full = [507, 'clips/disk-full'];

  it('are refused when they do not fit, whether their length is told or not, and leave nothing behind', async () => {
    const server = await open(0);
    const { id } = madeClip();
    const told = await server.put(`/${id}/${id}-enhanced.mp4`, Buffer.alloc(6 * MIB));
    expect([told.status, (await told.json()).code]).toEqual(full);
    expect(await inChunks(server, id, 6 * MIB)).toEqual(full);
    expect(await filesIn(disk)).toEqual([]);
    expect(await server.keep(madeClip({ bytes: MIB }))).toEqual([204, 201]);
  });

  it('leave the floor free that other recordings need', async () => {
    const floor = 2 * MIB;
    const server = await open(floor);
    await writeFile(join(disk, 'of somebody else'), Buffer.alloc(MIB));
    const { id } = madeClip();
    const told = await server.put(`/${id}/${id}-enhanced.mp4`, Buffer.alloc(1.5 * MIB));
    expect([told.status, (await told.json()).code]).toEqual(full);
    expect(await inChunks(server, id, 1.75 * MIB)).toEqual(full);
    await writeFile(join(disk, 'more'), Buffer.alloc(1.5 * MIB));
    expect(await inChunks(server, id, MIB / 16)).toEqual(full);
    await rm(join(disk, 'more'));
    expect(await server.keep(madeClip({ bytes: MIB / 2 }))).toEqual([204, 201]);
    const { bavail, bsize } = await statfs(disk);
    expect(bavail * bsize).toBeGreaterThanOrEqual(floor);
  });

  it('are told that the disk is full where the disk says so itself', async () => {
    const server = await open(0);
    // Out of files, not of bytes: the space that is free does not show it.
    await run('mount', ['-o', 'remount,nr_inodes=4', disk]);
    const { id } = madeClip();
    expect(await inChunks(server, id, MIB / 16)).toEqual(full);
    await run('mount', ['-o', 'remount,nr_inodes=100', disk]);
    expect(await server.keep(madeClip())).toEqual([204, 201]);
  });
});
