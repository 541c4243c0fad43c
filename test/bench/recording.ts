/** `npm run bench -- recording [--pictures 90000]`: an hour's clip as fast as it is taken, and what its memory does. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import express from 'express';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { launchChromium } from '../support/chromium.ts';
import { codedPictures, temporaryFolder } from '../support/h264-clip.ts';
import type { GivenClip } from './recording-page.ts';

const START_CODE = Uint8Array.of(0, 0, 0, 1);
/** nal_unit_type of a slice of a key unit (ITU-T H.264 table 7-1). */
const KEY_SLICE = 5;
const SIZE = { width: 160, height: 96 };
/** Measured so often. */
const QUARTERS = 8;
/** Measures at once instead of within twenty seconds. */
const AT_ONCE = '--enable-blink-features=ForceEagerMeasureMemory';

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { pictures: { type: 'string', default: '90000' } } });
  const pictures = Number(values.pictures);
  await using temporary = await temporaryFolder();
  const clip = await givenClip();
  await using site = await serve(temporary.path);
  await using browser = await opened();
  const page = await browser.one.newPage();
  await page.goto(site.address);
  await page.waitForFunction(() => 'bench' in globalThis);
  await page.evaluate(() => globalThis.bench.open());
  const rows: { pictures: number; seconds: number; scriptMiB: number; processesMiB: number }[] = [];
  const began = performance.now();
  for (let quarter = 0; quarter < QUARTERS; quarter++) {
    const [from, to] = [quarter, quarter + 1].map((part) => Math.round((part * pictures) / QUARTERS));
    await page.evaluate(([given, first, last]) => globalThis.bench.feed(given, first, last), [
      clip,
      from!,
      to!,
    ] as const);
    const script = await page.evaluate(() => globalThis.bench.memory());
    const row = {
      pictures: to!,
      seconds: Math.round((performance.now() - began) / 1000),
      scriptMiB: mebibytes(script),
      processesMiB: mebibytes(await residentBytes(browser.one)),
    };
    rows.push(row);
    console.info(row);
  }
  const end = await page.evaluate(() => globalThis.bench.stop());
  console.info(end);
  console.info(JSON.stringify({ recording: rows }));
}

const mebibytes = (bytes: number): number => Math.round((bytes / 2 ** 20) * 10) / 10;

async function opened() {
  const one = await launchChromium(AT_ONCE);
  return { one, [Symbol.asyncDispose]: () => one.close() };
}

/** Ten seconds of a camera, as Annex B. */
async function givenClip(): Promise<GivenClip> {
  const units = (await codedPictures({ ...SIZE, frames: 250, keyInterval: 25 })).map(({ nals }) => ({
    base64: Buffer.concat(nals.flatMap((nal) => [START_CODE, nal])).toString('base64'),
    key: nals.some((nal) => (nal[0]! & 0x1f) === KEY_SLICE),
  }));
  return { codec: 'avc1.64000b', ...SIZE, units };
}

/** Of the processes that run pages and decode and encode for them. */
async function residentBytes(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  let sum = 0;
  for (const { id, type } of processInfo) {
    if (!['renderer', 'GPU'].includes(type)) continue;
    const status = await readFile(`/proc/${id}/status`, 'utf8');
    sum += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
  }
  await session.detach();
  return sum;
}

async function serve(folder: string) {
  const [site, built] = [join(folder, 'site'), join(folder, 'built')];
  await mkdir(site);
  await writeFile(join(site, 'index.html'), '<!doctype html><script type="module" src="/@entry"></script>');
  await build({
    root: site,
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '/@entry': join(import.meta.dirname, 'recording-page.ts') } },
    worker: { format: 'es' },
    build: { outDir: built, target: 'es2022' },
  });
  const app = express();
  app.use((_request, response, next) => {
    // The browser measures memory for pages that are isolated from others.
    response.set('cross-origin-opener-policy', 'same-origin');
    response.set('cross-origin-embedder-policy', 'require-corp');
    next();
  });
  app.use(express.static(built));
  const server = createServer(app);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
