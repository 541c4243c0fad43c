/** Segments as the archive is given them: bytes of no meaning, with the facts that its index needs. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { micros, type WallMicros, wallMicros } from '#wire/time.ts';
import type { ArchiveLog } from '../../server/hls/archive-state.ts';
import type { Init, Segment } from '../../server/hls/segment.ts';

/** 2026-05-28T20:26:40Z */
export const BEGAN = 1_780_000_000;

/** Wall clock so many seconds after `BEGAN`. */
export const at = (seconds: number): WallMicros => wallMicros(Math.round((BEGAN + seconds) * 1e6));

export function initOf(what: string): Init {
  const bytes = Buffer.from(`ftyp and moov of ${what}`);
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return {
    id,
    bytes,
    config: { codec: 'avc1.640028', codedWidth: 64, codedHeight: 48, format: 'annexb' },
  };
}

/** Two seconds of a camera from `seconds` after `BEGAN` on. */
export function segmentAt(
  seconds: number,
  facts: Partial<Segment> & { readonly size?: number } = {},
): Segment {
  const { size = 1000, ...rest } = facts;
  return {
    init: initOf('the camera'),
    discontinuity: false,
    independent: true,
    capturedAt: at(seconds),
    duration: micros(2_000_000),
    units: 50,
    bytes: Buffer.alloc(size, Math.round(seconds)),
    ...rest,
  };
}

/** A folder of its own, gone with the test. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'nightglass-archive-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Every file below the folder, relative. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** What all files of the folder take of a disk of 4 KiB blocks, bytes. */
export async function takenBy(folder: string): Promise<number> {
  const sizes = (await filesIn(folder)).map(
    async (file) => Math.ceil((await stat(join(folder, file))).size / 4096) * 4096,
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A log that is read. */
export function keptLog(): ArchiveLog & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (fields: object, message: string): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { lines, info: keep, warn: keep };
}

/** The names of a playlist's segments. */
export const namesIn = (playlist: string): string[] =>
  playlist
    .split('\n')
    .filter((line) => line.endsWith('.m4s'))
    .map((line) => line.replace('past/', ''));
