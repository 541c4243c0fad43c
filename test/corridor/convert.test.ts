import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EvidenceFacts, type EvidenceFile, readEvidence, sealed, spanOf } from '#wire/evidence.ts';
import { wallMicros } from '#wire/time.ts';
import { verdictText } from '../../server/clips/verdict-text.ts';
import { verifyEvidence } from '../../server/clips/verify-evidence.ts';
import { launchChromium } from '../support/chromium.ts';
import { ffmpeg, frameChecksums } from '../support/clip.ts';
import { encodeClip, temporaryFolder } from '../support/h264-clip.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { probe } from '../support/probe.ts';

const ID = 'quay-20261124T010203.000Z-ab12';
const BEGAN = wallMicros(Date.UTC(2026, 10, 24, 1, 2, 3) * 1000);
const FRAMES = 60;
/** µs between two pictures. */
const FRAME = 40_000;
const NAMES = { enhanced: `${ID}-enhanced.mp4`, original: `${ID}-original.mp4` };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let browser: Browser;
let server: Nightglass;
let page: Page;
const asked: string[] = [];
const at = (name: string): string => join(folder.path, name);
const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

beforeAll(async () => {
  folder = await temporaryFolder();
  const clip = { width: 160, height: 96, frames: FRAMES, keyInterval: 25, bFrames: 2 };
  await encodeClip(at(NAMES.enhanced), clip);
  await encodeClip(at(NAMES.original), { ...clip, width: 80, height: 48 });
  server = await startNightglass();
  browser = await launchChromium();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true });
  page = await context.newPage();
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${server.link}&engine=off`);
  await putOnShelf();
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

/** Puts the clip where the page keeps what it recorded. */
async function putOnShelf(): Promise<void> {
  const files: EvidenceFile[] = [];
  for (const shows of ['enhanced', 'original'] as const) {
    const data = await readFile(at(NAMES[shows]));
    const counts = { source: FRAMES, kept: FRAMES, enhanced: shows === 'enhanced' ? FRAMES : 0 };
    files.push({
      name: NAMES[shows],
      shows,
      bytes: data.length,
      sha256: sha256(data),
      codec: 'avc1.64000b',
      ...(shows === 'enhanced' ? { width: 160, height: 96 } : { width: 80, height: 48 }),
      from: BEGAN,
      to: wallMicros(BEGAN + (FRAMES - 1) * FRAME),
      pictures: { ...counts, lost: { server: 0, late: 0, encoder: 0 } },
    });
  }
  const facts: EvidenceFacts = {
    kind: 'nightglass.evidence',
    version: 1,
    medium: 'clip',
    nightglass: '0.1.0',
    camera: { name: 'quay', title: 'Quay north' },
    part: 1,
    ...spanOf(files),
    captureClock: 'sender-report',
    enhancement: [],
    end: 'stopped',
    cutOff: false,
    files,
  };
  const stored = await Promise.all(
    Object.values(NAMES).map(async (name) => [name, (await readFile(at(name))).toString('base64')] as const),
  );
  const json = Buffer.from(JSON.stringify(sealed(facts, sha256))).toString('base64');
  await page.evaluate(
    async ([id, ...entries]) => {
      const root = await navigator.storage.getDirectory();
      const clips = await root.getDirectoryHandle('nightglass-clips', { create: true });
      const kept = await clips.getDirectoryHandle(id, { create: true });
      for (const [name, base64] of entries) {
        const file = await (await kept.getFileHandle(name, { create: true })).createWritable();
        await file.write(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
        await file.close();
      }
    },
    [ID, ...stored, [`${ID}.json`, json] as const] as const,
  );
}

/** Opens the clip's dialog; what is done in it is done by `work`. Saves what is made; gives its name. */
async function make(work: () => Promise<void>): Promise<{ name: string; json: string }> {
  await page.reload();
  await page.mouse.move(300, 300);
  const list = page.locator('nightglass-recorder-clips');
  if (!(await list.isVisible())) await page.locator('nightglass-recorder button.clips').click();
  await list.getByRole('button', { name: 'Edit' }).click();
  await page.locator('nightglass-convert video').evaluate(async (video: HTMLVideoElement) => {
    while (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA)
      await new Promise((there) => video.addEventListener('loadeddata', there, { once: true }));
  });
  await work();
  await page.getByRole('button', { name: 'Make it' }).click();
  const save = page.getByRole('button', { name: 'Save with its evidence' });
  await save.waitFor();
  const saved: string[] = [];
  const all = new Promise<void>((done) => {
    const keep = async (download: import('playwright-core').Download) => {
      const name = download.suggestedFilename();
      await download.saveAs(at(name));
      saved.push(name);
      if (saved.length === 2) done();
    };
    page.on('download', (download) => void keep(download));
  });
  await save.click();
  await all;
  page.removeAllListeners('download');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  const json = saved.find((name) => name.endsWith('.json'))!;
  return { name: saved.find((name) => name !== json)!, json };
}

/** Moves the clip that plays in the dialog to a picture. */
async function show(index: number): Promise<void> {
  await page.getByLabel('Position in the clip').evaluate(
    (slider: HTMLInputElement, seconds) => {
      slider.value = String(seconds);
      slider.dispatchEvent(new Event('input'));
    },
    (index + 0.4) / 25,
  );
  await page.locator('nightglass-convert video').evaluate(async (video: HTMLVideoElement) => {
    if (video.seeking) await new Promise((there) => video.addEventListener('seeked', there, { once: true }));
  });
}

const evidenceOf = async (json: string) => readEvidence(await readFile(at(json), 'utf8'));

async function grey(file: string, index: number, crop = '160:96:0:0'): Promise<Buffer> {
  const pick = `select=eq(n\\,${index}),crop=${crop},format=gray`;
  return ffmpeg(['-i', at(file), '-vf', pick, '-frames:v', '1', '-f', 'rawvideo', '-']);
}
const difference = (a: Buffer, b: Buffer): number => {
  expect(a.length).toBe(b.length);
  return a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0) / a.length;
};

it('closes the list of clips with Escape, and nothing behind it', async () => {
  await page.reload();
  await page.mouse.move(300, 300);
  const opener = page.locator('nightglass-recorder button.clips');
  await opener.click();
  const list = page.locator('nightglass-recorder-clips');
  await list.waitFor();
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'detached' });
  expect(await opener.getAttribute('aria-expanded')).toBe('false');
});

describe('a recorded clip, edited on the page', () => {
  it('is cut to the very pictures that were shown, with evidence that names its source', async () => {
    const { name, json } = await make(async () => {
      await show(12);
      await page.getByRole('dialog').getByRole('button', { name: 'One picture on' }).click();
      await page.getByText('0:00.52', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Begin here' }).click();
      await show(37);
      await page.getByRole('button', { name: 'End here' }).click();
      await page.getByText('From 0:00.52 to 0:01.48, both pictures included').waitFor();
      expect(asked.filter((path) => path.startsWith('/ffmpeg'))).toEqual([]);
    });
    expect(name).toBe(`${ID}-enhanced-trimmed.mp4`);
    expect(await frameChecksums(['-i', at(name)])).toHaveLength(25);
    for (const index of [0, 24]) {
      expect(difference(await grey(name, index), await grey(NAMES.enhanced, 13 + index))).toBeLessThan(10);
      expect(difference(await grey(name, index), await grey(NAMES.enhanced, 12 + index))).toBeGreaterThan(20);
    }
    const { files, from, to, derived } = await evidenceOf(json);
    expect([from, to]).toEqual([BEGAN + 13 * FRAME, BEGAN + 37 * FRAME]);
    expect(files).toMatchObject([{ shows: 'enhanced', width: 160, height: 96, pictures: { kept: 25 } }]);
    expect(derived).toMatchObject({
      operations: ['trimmed to 0.520 s … 1.520 s'],
      sources: [{ name: NAMES.enhanced, sha256: sha256(await readFile(at(NAMES.enhanced))) }],
    });

    const verdict = await verifyEvidence(at(json));
    expect(verdict.holds).toBe(true);
    expect(verdictText(json, verdict)).toContain('lies beside it as it was');
    await copyFile(at(NAMES.enhanced), at('kept.mp4'));
    const bytes = await readFile(at(NAMES.enhanced));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(at(NAMES.enhanced), bytes);
    expect(await verifyEvidence(at(json))).toMatchObject({ holds: false });
    await copyFile(at('kept.mp4'), at(NAMES.enhanced));
  });

  it('is put beside the original, with the camera’s name and the clock in the picture', async () => {
    const { name, json } = await make(async () => {
      await page.getByLabel('Name and clock in the picture').check();
      await page.getByLabel('Side by side with the original').check();
    });
    expect(await probe(at(name))).toMatchObject({ width: 320, height: 96 });
    expect(await frameChecksums(['-i', at(name)])).toHaveLength(FRAMES);
    const top = '160:60:160:0';
    const source = await grey(NAMES.enhanced, 30, '160:60:0:0');
    expect(difference(await grey(name, 30, top), source)).toBeLessThan(20);
    const strip = await grey(name, 30, '160:16:0:68');
    const plain = await ffmpeg([
      ...['-i', at(NAMES.original), '-vf', 'select=eq(n\\,30),scale=160:96,crop=160:16:0:68,format=gray'],
      ...['-frames:v', '1', '-f', 'rawvideo', '-'],
    ]);
    expect(difference(strip, plain)).toBeGreaterThan(500);
    const { files, derived } = await evidenceOf(json);
    expect(files).toMatchObject([{ shows: 'side-by-side', pictures: { kept: FRAMES } }]);
    expect(derived?.sources.map((each) => each.name)).toEqual([NAMES.original, NAMES.enhanced]);
  });

  it('becomes a contact sheet, and the dialog’s memory is given back', async () => {
    const { name, json } = await make(async () => {
      await page.getByLabel('Format').selectOption('sheet');
    });
    expect(name).toBe(`${ID}-enhanced-sheet.png`);
    expect(await probe(at(name))).toMatchObject({ codec: 'png', width: 4 * 160 + 5 * 4 });
    expect(await verifyEvidence(at(json))).toMatchObject({ holds: true });
    expect(page.workers().filter((worker) => /\/worker-/.test(worker.url()))).toEqual([]);
  });
});
