import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyEvidence } from '../../server/clips/verify-evidence.ts';
import { launchChromium } from '../support/chromium.ts';
import { DEMO_CLIP } from '../support/clip.ts';
import { filesIn, temporaryFolder } from '../support/hls-segments.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { statsWhen } from '../support/player-page.ts';
import {
  hasRecorded,
  listedClips,
  recordingWhen,
  saveClip,
  startRecording,
  stopRecording,
} from '../support/recorder-page.ts';

let browser: Browser;
let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Nightglass;
let context: BrowserContext;
let page: Page;
let kept: string;

/** Anew on the same folder, with these limits. */
async function start(clips: string): Promise<void> {
  const config = join(temporary.path, 'nightglass.yaml');
  const camera = `quay: { title: North quay, file: ${JSON.stringify(DEMO_CLIP)} }`;
  await writeFile(config, `{ dataFolder: data, clips: ${clips}, cameras: { ${camera} } }`);
  server = await startNightglass('--config', config);
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true });
  page = await context.newPage();
  await page.goto(`${server.link}&engine=wasm`);
  await statsWhen(page, ({ framesEnhanced }) => framesEnhanced > 3);
}

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser.close());

beforeEach(async () => {
  temporary = await temporaryFolder();
  kept = join(temporary.path, 'data', 'clips');
});

afterEach(async () => {
  await context.close();
  await server[Symbol.asyncDispose]();
  await temporary[Symbol.asyncDispose]();
});

const row = (id: string) => page.locator(`nightglass-recorder-clips [data-clip="${id}"]`);
const card = (id: string) => page.locator(`nightglass-clips [data-clip="${id}"]`);

async function record(): Promise<string> {
  await startRecording(page, { shows: 'Enhanced', keepOriginal: true });
  // The original begins with the camera's next key picture, two seconds away at most.
  await recordingWhen(page, hasRecorded(3));
  const { clips } = await stopRecording(page);
  await listedClips(page);
  return clips[0]!;
}

/** Saves what a press of this link downloads; gives where. */
async function download(id: string, name: string): Promise<string> {
  const saved = page.waitForEvent('download');
  await card(id).getByRole('link', { name, exact: true }).click();
  const file = await saved;
  const path = join(temporary.path, 'downloaded', file.suggestedFilename());
  await file.saveAs(path);
  return path;
}

describe('the Clips page', () => {
  it('has the clip that was kept, with its picture, plays it, gives it back byte for byte, and deletes it', async () => {
    await start('{}');
    const id = await record();
    await row(id).getByRole('button', { name: 'Keep on server' }).click();
    await row(id).getByRole('link', { name: 'On the server' }).click();

    await card(id).getByText('North quay').waitFor();
    await card(id).getByText('Enhanced and original').waitFor();
    const poster = card(id).locator('img');
    await poster.scrollIntoViewIfNeeded();
    const size = () =>
      poster.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]);
    await expect.poll(size).toEqual([480, 270]);

    await card(id)
      .getByRole('button', { name: /^Play North quay/ })
      .press('Enter');
    const video = card(id).locator('video');
    const played = () => video.evaluate((one: HTMLVideoElement) => [one.videoWidth, one.currentTime > 0]);
    await expect.poll(played).toEqual([960, true]);

    await mkdir(join(temporary.path, 'saved'));
    const json = await download(id, 'JSON');
    for (const shows of ['enhanced', 'original'] as const) await download(id, `MP4 ${shows}`);
    expect(await verifyEvidence(json)).toMatchObject({ holds: true });

    await page.keyboard.press('Escape');
    await expect.poll(() => page.url()).not.toContain('#/clips');
    const inBrowser = await saveClip(page, id, join(temporary.path, 'saved'));
    for (const shows of ['enhanced', 'original'] as const) {
      const path = inBrowser.path(shows);
      expect(await readFile(path.replace('/saved/', '/downloaded/'))).toEqual(await readFile(path));
    }

    // A link that led straight here: nothing was pressed on the page before Escape, and there is no way back.
    await page.goto('about:blank');
    await page.goto(`${server.origin}/?engine=wasm#/clips`);
    await card(id).getByText('North quay').waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL(`${server.origin}/?engine=wasm`);
    await page.getByRole('link', { name: 'Clips' }).click();
    await card(id)
      .getByRole('button', { name: /^Delete North quay/ })
      .click();
    await card(id).getByRole('button', { name: 'Delete for all' }).click();
    await page.getByText('A clip of North quay was deleted.').waitFor();
    await page.getByText('No clips yet.').waitFor();
    expect(await filesIn(kept)).toEqual([]);
  });

  it('says in the list what the server does not take, and keeps the clip in the browser', async () => {
    await start('{ maxGiB: 0.01, maxMiB: 1 }');
    await page.route('**/api/clips', async (route) => {
      const answer = await route.fetch();
      // As if the room had been taken by somebody else since.
      await route.fulfill({ json: { ...(await answer.json()), room: { file: 1e12, all: 0 } } });
    });
    const id = await record();
    await row(id).getByRole('button', { name: 'Keep on server' }).click();
    await row(id).getByText('the server has room for 0 MiB more of clips').waitFor();
    await row(id).getByRole('button', { name: 'Try again' }).waitFor();
    expect(await listedClips(page)).toEqual([id]);
  });

  it('offers nothing where the server keeps none', async () => {
    await start('off');
    const id = await record();
    await row(id).getByRole('button', { name: 'Save' }).waitFor();
    expect(await row(id).getByRole('button', { name: 'Keep on server' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Clips' }).click();
    await page.getByText('This server keeps no clips.').waitFor();
  });
});
