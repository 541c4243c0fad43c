import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { wallMicros } from '#wire/time.ts';
import { Archive } from '../../../server/hls/archive.ts';
import { at, filesIn, keptLog, namesIn, segmentAt, temporaryFolder } from '../../support/hls-segments.ts';

const writer = fileURLToPath(new URL('../../support/archive-writer.ts', import.meta.url));

/** Lets it record so many segments, kills it where it stands, and returns the numbers that it told. */
async function recordAndKill(folder: string, segments: number, then: number): Promise<number[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: number[] = [];
  const ended = once(child, 'close');
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => told.push(Number(line)));
  while (told.length < segments) await once(lines, 'line');
  // Another moment of its work each time.
  await wait(then);
  child.kill('SIGKILL');
  await ended;
  return told;
}

describe('an archive whose process is killed while it records', () => {
  it('has all that was told as recorded, to the byte, and lists nothing half-written', async () => {
    await using temporary = await temporaryFolder();
    const folder = join(temporary.path, 'quay');
    const told: number[] = [];
    for (const moment of [0, 1, 2, 3, 5]) {
      told.push(...(await recordAndKill(folder, 3, moment)));
      await using archive = Archive.open(folder, { hours: 1, maxGiB: 1, freeGiB: 0 }, keptLog(), () => at(0));
      await archive.ready;
      const spans = archive.spans();
      // What it was about to tell may be there as well.
      const missing = told.filter((number) => !spans.some(({ from }) => from === at(number * 10)));
      expect(missing).toEqual([]);
      const names = namesIn(archive.playlist(wallMicros(0), at(1e6)));
      expect(names).toHaveLength(spans.length);
      for (const [number, name] of names.entries()) {
        const bytes = await readFile(join(folder, archive.file(name)!));
        if (!bytes.equals(segmentAt(number * 10, { size: 300_000 }).bytes))
          throw new Error(`${name} is not whole`);
      }
      expect((await filesIn(folder)).filter((file) => file.endsWith('.part'))).toEqual([]);
      expect((await filesIn(folder)).filter((file) => file.endsWith('.m4s'))).toHaveLength(names.length);
    }
  });
});
