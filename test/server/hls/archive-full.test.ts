import { execFile } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Archive } from '../../../server/hls/archive.ts';
import { writeWhole } from '../../../server/hls/archive-disk.ts';
import { at, filesIn, keptLog, segmentAt, temporaryFolder } from '../../support/hls-segments.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** On a disk of 4 MiB of its own, in memory: mounting it needs root. */
describe('an archive on a small disk', () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let disk: string;
  let folder: string;
  let log: ReturnType<typeof keptLog>;

  beforeEach(async () => {
    temporary = await temporaryFolder();
    disk = join(temporary.path, 'disk');
    folder = join(disk, 'quay');
    log = keptLog();
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'nightglass', disk]);
  });

  afterEach(async () => {
    await run('umount', [disk]);
    await temporary[Symbol.asyncDispose]();
  });

  async function open(freeGiB: number): Promise<Archive> {
    const archive = Archive.open(folder, { hours: 1, maxGiB: 1, freeGiB }, log, () => at(0));
    await archive.ready;
    return archive;
  }

  const half = (seconds: number) => segmentAt(seconds, { size: MIB / 2 });

  const free = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(disk);
    return bavail * bsize;
  };

  it('deletes its own oldest at the floor, and no more than it has to', async () => {
    const floor = 2 * MIB;
    await using archive = await open(floor / GIB);
    await writeFile(join(disk, 'of somebody else'), Buffer.alloc(MIB / 4));
    for (let seconds = 0; seconds < 20; seconds += 2) await archive.add(half(seconds));
    expect(archive.state.state).toBe('recording');
    expect(await free()).toBeGreaterThanOrEqual(floor);
    expect(archive.spans()).toEqual([{ from: at(14), to: at(20) }]);
    expect((await filesIn(folder)).filter((file) => file.endsWith('.m4s'))).toHaveLength(3);
  });

  it('pauses at the floor where deleting would not do, keeps what it has, and goes on by itself', async () => {
    const floor = 2 * MIB;
    await using archive = await open(floor / GIB);
    const spans = [{ from: at(0), to: at(2) }];
    await archive.add(half(0));
    const other = join(disk, 'of somebody else');
    await writeFile(other, Buffer.alloc(2.5 * MIB));
    for (const seconds of [2, 4]) await archive.add(half(seconds));
    expect(archive.state).toMatchObject({ state: 'paused', code: 'hls/disk-full' });
    expect(archive.spans()).toEqual(spans);
    await rm(other);
    await archive.add(half(6));
    expect(archive.state.state).toBe('recording');
    expect(archive.spans()).toEqual([...spans, { from: at(6), to: at(8) }]);
    expect(log.lines).toHaveLength(2);
  });

  it('goes on with a little more room than the floor, so that it does not flutter', async () => {
    const floor = 2 * MIB;
    await using archive = await open(floor / GIB);
    const other = join(disk, 'of somebody else');
    await writeFile(other, Buffer.alloc(1.5 * MIB + 8192));
    await archive.add(half(0));
    expect(archive.state.state).toBe('paused');
    await writeFile(other, Buffer.alloc(1.5 * MIB - 8192));
    await archive.add(half(2));
    expect(archive.state.state).toBe('paused');
    await writeFile(other, Buffer.alloc(MIB));
    await archive.add(half(4));
    expect(archive.state.state).toBe('recording');
  });

  it('outlives a disk that is full: it records on in what it has, and nothing half-written stays', async () => {
    await using archive = await open(0);
    for (let seconds = 0; seconds < 24; seconds += 2) await archive.add(half(seconds));
    expect(archive.state.state).toBe('recording');
    const [span] = archive.spans();
    expect(span).toEqual({ from: at(10), to: at(24) });
    expect((await filesIn(folder)).filter((file) => file.endsWith('.m4s'))).toHaveLength(7);
    expect((await filesIn(folder)).filter((file) => file.endsWith('.part'))).toEqual([]);
    await archive[Symbol.asyncDispose]();
    await using again = await open(0);
    expect(again.spans()).toEqual([span]);
  });

  it('leaves nothing of a file that the disk had no room for', async () => {
    await expect(writeWhole(join(disk, 'a.m4s'), Buffer.alloc(5 * MIB))).rejects.toThrow('ENOSPC');
    expect(await filesIn(disk)).toEqual([]);
  });

  it('tells that the disk is full where the disk says so itself', async () => {
    await using archive = await open(0);
    // Out of files, not of bytes: the space that is free does not show it.
    await run('mount', ['-o', 'remount,nr_inodes=5', disk]);
    await archive.add(segmentAt(0));
    await archive.add(segmentAt(2));
    expect(archive.state).toMatchObject({ state: 'paused', code: 'hls/disk-full' });
    expect(archive.state).toHaveProperty('message', expect.stringContaining('ENOSPC'));
    expect(archive.spans()).toEqual([{ from: at(0), to: at(2) }]);
    await run('mount', ['-o', 'remount,nr_inodes=100', disk]);
    await archive.add(segmentAt(4));
    expect(archive.state.state).toBe('recording');
  });

  it('gives the past back from a disk that can only be read, and records again when it can be written', async () => {
    await using archive = await open(0);
    await archive.add(segmentAt(0));
    await writeFile(join(folder, `init-${'0'.repeat(16)}.mp4.part`), 'half');
    await run('mount', ['-o', 'remount,ro', disk]);
    await archive.add(segmentAt(2));
    expect(archive.state).toMatchObject({ state: 'paused', code: 'hls/disk-failed' });
    expect(archive.state).toHaveProperty('message', expect.stringContaining('EROFS'));
    expect(archive.spans()).toEqual([{ from: at(0), to: at(2) }]);
    await archive[Symbol.asyncDispose]();
    await using again = await open(0);
    expect(again.spans()).toEqual([{ from: at(0), to: at(2) }]);
    await run('mount', ['-o', 'remount,rw', disk]);
    await again.add(segmentAt(4));
    expect(again.state.state).toBe('recording');
  });
});
