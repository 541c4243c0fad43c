import { mkdir, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { micros, type WallMicros, wallMicros } from '#wire/time.ts';
import { Archive } from '../../../server/hls/archive.ts';
import type { ArchiveLimits } from '../../../server/hls/archive-store.ts';
import type { Segment } from '../../../server/hls/segment.ts';
import {
  at,
  filesIn,
  initOf,
  keptLog,
  namesIn,
  segmentAt,
  takenBy,
  temporaryFolder,
} from '../../support/hls-segments.ts';

const GIB = 1024 ** 3;
const LIMITS: ArchiveLimits = { hours: 1, maxGiB: 1, freeGiB: 0 };
const EVER = wallMicros(Number.MAX_SAFE_INTEGER);

describe("a camera's archive", () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let folder: string;
  let now: WallMicros;
  let log: ReturnType<typeof keptLog>;
  let archive: Archive;

  beforeEach(async () => {
    temporary = await temporaryFolder();
    folder = join(temporary.path, 'timeshift', 'quay');
    now = at(0);
    log = keptLog();
    archive = await open();
  });

  afterEach(async () => {
    await archive[Symbol.asyncDispose]();
    await temporary[Symbol.asyncDispose]();
  });

  async function open(limits: Partial<ArchiveLimits> = {}): Promise<Archive> {
    const opened = Archive.open(folder, { ...LIMITS, ...limits }, log, () => now);
    await opened.ready;
    return opened;
  }

  async function restart(limits: Partial<ArchiveLimits> = {}): Promise<void> {
    await archive[Symbol.asyncDispose]();
    archive = await open(limits);
  }

  async function record(...segments: Segment[]): Promise<void> {
    for (const segment of segments) await archive.add(segment);
  }

  const all = (): string => archive.playlist(wallMicros(0), EVER);
  const segmentFiles = async () => (await filesIn(folder)).filter((file) => file.endsWith('.m4s'));

  it('keeps segments as whole files in a folder for each hour, and says where they are', async () => {
    await record(segmentAt(0), segmentAt(2), segmentAt(3600));
    const files = await segmentFiles();
    expect(files.map((file) => file.slice(0, 14))).toEqual([
      '2026-05-28T20/',
      '2026-05-28T20/',
      '2026-05-28T21/',
    ]);
    expect(namesIn(all()).map((name) => archive.file(name))).toEqual(files);
    expect(archive.spans()).toEqual([
      { from: at(0), to: at(4) },
      { from: at(3600), to: at(3602) },
    ]);
    expect(archive.state.state).toBe('recording');
  });

  it('keeps its window over a restart, to the letter, but for a mark that the stream began anew', async () => {
    await record(
      segmentAt(0),
      segmentAt(2, { init: initOf('another size'), discontinuity: true, independent: false }),
      segmentAt(10.123456, { duration: micros(1_999_999), units: 49 }),
    );
    const [before, bytes] = [all(), archive.bytes];
    await restart();
    expect(all()).toBe(before);
    expect(archive.bytes).toBe(bytes);
    expect(archive.bytes).toBe(await takenBy(folder));
    await record(segmentAt(12.123456));
    expect(all().match(/DISCONTINUITY/g)).toHaveLength(3);
    expect(log.lines).toEqual([]);
  });

  it('lists nothing half-written or cut short, deletes it, and leaves the files of others alone', async () => {
    await record(segmentAt(0), segmentAt(2));
    const [first = '', second = ''] = await segmentFiles();
    await archive[Symbol.asyncDispose]();
    await truncate(join(folder, second), 999);
    await writeFile(join(folder, `${first}.part`), 'half');
    await writeFile(join(folder, `init-${'0'.repeat(16)}.mp4.part`), 'half');
    await writeFile(join(folder, `init-${'0'.repeat(16)}.mp4`), 'not its hash');
    const others = ['notes.txt', '2026-05-28T20/notes.m4s', first.replace('T20', 'T19')].sort();
    await mkdir(join(folder, '2026-05-28T19'));
    for (const other of others) await writeFile(join(folder, other), 'of somebody else');
    archive = await open();
    expect(namesIn(all()).map((name) => archive.file(name))).toEqual([first]);
    const kept = (await filesIn(folder)).filter((file) => !others.includes(file));
    expect(kept).toEqual([first, `init-${initOf('the camera').id}.mp4`]);
    expect(await filesIn(folder)).toEqual([...kept, ...others].sort());
    expect(log.lines).toEqual([
      expect.stringMatching(/half-written files were deleted .*"files":4/),
      expect.stringMatching(/files of others are left alone .*"files":3/),
    ]);
  });

  it('deletes a segment whose init segment is gone: nobody could play it', async () => {
    await record(segmentAt(0), segmentAt(2, { init: initOf('another') }));
    await archive[Symbol.asyncDispose]();
    await rm(join(folder, `init-${initOf('the camera').id}.mp4`));
    archive = await open();
    expect(archive.spans()).toEqual([{ from: at(2), to: at(4) }]);
    expect(await segmentFiles()).toHaveLength(1);
  });

  it('stores an init segment once, again when it was taken away, and deletes it after its last segment', async () => {
    const [one, other] = [initOf('one'), initOf('other')];
    await record(segmentAt(0, { init: one }), segmentAt(2, { init: other }), segmentAt(4, { init: one }));
    const inits = async () => (await filesIn(folder)).filter((file) => file.startsWith('init-'));
    expect(await inits()).toEqual([`init-${one.id}.mp4`, `init-${other.id}.mp4`].sort());
    await rm(join(folder, `init-${one.id}.mp4`));
    await record(segmentAt(6, { init: one }));
    expect(await inits()).toHaveLength(2);
    now = at(3600 + 4.5);
    await archive.trim();
    expect(await inits()).toEqual([`init-${one.id}.mp4`]);
    expect(archive.file(`init-${other.id}.mp4`)).toBeUndefined();
    expect(archive.file(`init-${one.id}.mp4`)).toBe(`init-${one.id}.mp4`);
    expect(archive.bytes).toBe(await takenBy(folder));
  });

  it('deletes what is older than its hours, and the folders of hours that are empty', async () => {
    await record(...Array.from({ length: 10 }, (_, index) => segmentAt(index * 600)));
    now = at(3600 + 1803);
    await archive.trim();
    expect(archive.spans()[0]).toEqual({ from: at(2400), to: at(2402) });
    expect(await segmentFiles()).toHaveLength(6);
    now = at(1e6);
    await restart();
    expect(archive.spans()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    expect(archive.bytes).toBe(0);
    expect(() => all()).toThrow(expect.objectContaining({ code: 'hls/nothing-recorded' }));
  });

  it('never takes more of the disk than its limit, and deletes the oldest first', async () => {
    const most = 1_000_000;
    await restart({ maxGiB: most / GIB });
    for (let index = 0; index < 40; index++) {
      await archive.add(segmentAt(index * 2, { size: 90_001, init: initOf(`${index >> 2}`) }));
      expect(await takenBy(folder)).toBeLessThanOrEqual(most);
      expect(archive.bytes).toBe(await takenBy(folder));
    }
    expect(archive.spans()).toEqual([{ from: at(60), to: at(80) }]);
    await restart({ maxGiB: most / 2 / GIB });
    expect(archive.spans()).toEqual([{ from: at(70), to: at(80) }]);
    expect(await takenBy(folder)).toBeLessThanOrEqual(most / 2);
  });

  it('deletes nothing for a segment that would never fit', async () => {
    await restart({ maxGiB: 100_000 / GIB });
    await record(segmentAt(0), segmentAt(2, { size: 100_000 }));
    expect(archive.state).toMatchObject({ state: 'paused', code: 'hls/disk-full' });
    expect(archive.spans()).toEqual([{ from: at(0), to: at(2) }]);
  });

  it('keeps both when the clock goes back, tells each by its own clock, and plays them in the order they came', async () => {
    const came = [0, 2, 4, 1, 3, 5, 7, 2].map((seconds, index) => segmentAt(seconds, { size: 1000 + index }));
    await record(...came);
    const order = () => namesIn(all()).map((name) => Number(name.split('-')[4]));
    expect(archive.spans()).toEqual([{ from: at(0), to: at(9) }]);
    expect(order()).toEqual(came.map(({ bytes }) => bytes.byteLength));
    expect(all().match(/DISCONTINUITY/g)).toHaveLength(2);
    await restart();
    expect(order()).toEqual(came.map(({ bytes }) => bytes.byteLength));
    // After the restart it is still the third run, and a fourth where it goes back again.
    await record(segmentAt(9, { size: 1008 }), segmentAt(8, { size: 1009 }));
    expect(namesIn(all()).map((name) => Number(name.split('-')[1]))).toEqual([0, 0, 0, 1, 1, 1, 1, 2, 2, 3]);
    now = at(3600 + 4.5);
    await archive.trim();
    expect(order()).toEqual([1002, 1004, 1005, 1006, 1008, 1009]);
  });

  it('knows no file by a name that leads elsewhere', async () => {
    await record(segmentAt(0));
    const [name = ''] = namesIn(all());
    expect(archive.file(name)).toBe(`2026-05-28T20/${name}`);
    for (const trick of [
      `../${name}`,
      `x/${name}`,
      `${name}/`,
      '../init.mp4',
      `0${name}`,
      `${name}.part`,
      '',
    ])
      expect(archive.file(trick)).toBeUndefined();
    expect(archive.file(name.replace('-1000-', '-1001-'))).toBeUndefined();
  });

  it('pauses while its folder is gone, does not make it anew, and knows it again when it is back', async () => {
    await record(segmentAt(0));
    await rename(folder, `${folder}-away`);
    await record(segmentAt(2));
    expect(archive.state).toMatchObject({ state: 'paused', code: 'hls/disk-failed' });
    expect(archive.state).toHaveProperty('message', expect.not.stringContaining(folder));
    expect(archive.spans()).toEqual([]);
    await expect(filesIn(folder)).rejects.toThrow('ENOENT');
    await rename(`${folder}-away`, folder);
    await record(segmentAt(4), segmentAt(6));
    expect(archive.state.state).toBe('recording');
    expect(archive.spans()).toEqual([
      { from: at(0), to: at(2) },
      { from: at(4), to: at(8) },
    ]);
    expect(archive.leftOut).toEqual({ segments: 1, time: 2e6 });
    // The hole is a jump, though the camera knew of none.
    expect(all().match(/DISCONTINUITY/g)).toHaveLength(1);
    expect(log.lines).toEqual([
      expect.stringContaining('recording pauses'),
      expect.stringMatching(/recording goes on .*"leftOut":1/),
    ]);
  });

  it('reads the folder anew when another disk is in its place', async () => {
    await record(segmentAt(0));
    await rename(folder, `${folder}-away`);
    await mkdir(folder);
    await record(segmentAt(2));
    expect(archive.spans()).toEqual([{ from: at(2), to: at(4) }]);
    expect(await filesIn(folder)).toHaveLength(2);
  });

  it('leaves its folder to the archive that has it', async () => {
    await record(segmentAt(0));
    await using second = Archive.open(folder, LIMITS, log, () => now);
    await second.add(segmentAt(2, { size: 7 }));
    expect(second.state).toMatchObject({ state: 'paused', code: 'hls/disk-failed' });
    expect(await segmentFiles()).toHaveLength(1);
    await archive[Symbol.asyncDispose]();
    await second.add(segmentAt(4));
    expect(second.spans()).toEqual([
      { from: at(0), to: at(2) },
      { from: at(4), to: at(6) },
    ]);
  });

  it('leaves out what comes faster than the disk takes it, says so, and goes on when it has caught up', async () => {
    const burst = Array.from({ length: 20 }, (_, index) => segmentAt(index * 2, { size: 1024 * 1024 }));
    const added = burst.map((segment) => archive.add(segment));
    expect(archive.state).toMatchObject({ state: 'paused', code: 'hls/disk-slow' });
    await added[0];
    expect(archive.state.state).toBe('paused');
    await Promise.all(added);
    expect(archive.state.state).toBe('recording');
    expect(archive.spans()).toEqual([{ from: at(0), to: at(32) }]);
    expect(archive.leftOut).toEqual({ segments: 4, time: 8e6 });
    expect(log.lines).toHaveLength(2);
    await record(segmentAt(40));
    expect(namesIn(all()).at(-1)).toContain('-dk.m4s');
  });

  it('has written all that it took when it is closed, and takes no more', async () => {
    const added = [archive.add(segmentAt(0)), archive.add(segmentAt(2))];
    const closed = archive[Symbol.asyncDispose]();
    await archive.add(segmentAt(4));
    await closed;
    expect(await segmentFiles()).toHaveLength(2);
    await Promise.all(added);
  });
});
