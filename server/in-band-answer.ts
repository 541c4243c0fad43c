/** Answers with segments whose parameter sets are in band: piece by piece, as fast as the client takes it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { NightglassError } from '#wire/nightglass-error.ts';
import type { Archive } from './hls/archive.ts';
import { inBandInit, inBandMedia } from './hls/in-band.ts';

/** Stored segments that are in memory at once, of all viewers: 32 MiB each at the most. */
const MOST_READ = 16;
let read = 0;

/** Resolves when it is sent, or the client has gone. @param init the one that `media` names */
export async function sendInBand(response: Response, init: Uint8Array, media: Uint8Array): Promise<void> {
  const pieces = Readable.from(inBandMedia(init, media), { objectMode: true, highWaterMark: 1 });
  try {
    await pipeline(pieces, response);
  } catch (error) {
    // A client who goes away in the middle is no failure.
    if (!response.headersSent) throw error;
  }
}

/**
 * The same of a file of the past.
 * @throws NightglassError `http/not-found` where it is gone, `hls/not-ready` where too many are read at once
 */
export async function sendStoredInBand(response: Response, archive: Archive, name: string): Promise<void> {
  if (read >= MOST_READ) {
    response.set({ 'Retry-After': '2', 'Cache-Control': 'no-store' });
    throw new NightglassError('hls/not-ready', 'too many segments of the past are being sent; ask again');
  }
  read += 1;
  try {
    const media = await contentsOf(response, archive, name);
    const itsInit = archive.initFor(name);
    if (itsInit === undefined) response.send(inBandInit(media));
    else await sendInBand(response, await contentsOf(response, archive, itsInit), media);
  } finally {
    read -= 1;
  }
}

/** What is deleted while it is asked for is not kept any more. */
async function contentsOf(response: Response, archive: Archive, name: string): Promise<Buffer> {
  const file = archive.file(name);
  const bytes = file && (await readFile(join(archive.folder, file)).catch(() => undefined));
  if (bytes) return bytes;
  response.set('Cache-Control', 'no-store');
  throw new NightglassError('http/not-found', 'that segment is not kept, or not any more');
}
