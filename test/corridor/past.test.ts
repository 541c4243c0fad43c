import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NightglassPlayer } from '../../client/ui/nightglass-player.ts';
import { wallMicros } from '../../server/wire/time.ts';
import { launchChromium } from '../support/chromium.ts';
import { DEMO_CLIP } from '../support/clip.ts';
import { freeze } from '../support/frozen-picture.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { meanLevel } from '../support/picture-quality.ts';
import { nextStats, openPage, statsWhen, stepPage } from '../support/player-page.ts';

const FRAME = 40_000;

let folder: string;
let browser: Browser;
let server: Nightglass;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightglass-'));
  const config = join(folder, 'nightglass.yaml');
  const lines = ['cameras:', '  quay:', `    file: ${DEMO_CLIP}`, '    timeshift: { hours: 1, maxGiB: 0.5 }'];
  await writeFile(config, [`dataFolder: ${join(folder, 'data')}`, ...lines, ''].join('\n'));
  server = await startNightglass('--config', config, '--token', 'the-token');
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const seek = (page: Page, at: number): Promise<void> =>
  page
    .locator('nightglass-player')
    .evaluate((player: NightglassPlayer, wall) => player.time!.seek(wall), wallMicros(at));

/** The past that the timeline tells of, once it is longer than so many µs. */
async function recorded(page: Page, length: number): Promise<{ from: number; to: number }> {
  for (;;) {
    const { spans } = await page.evaluate(async () =>
      (await fetch('/api/cameras/quay/timeline?from=0&to=9000000000000000')).json(),
    );
    const last = spans.at(-1);
    if (last !== undefined && last.to - last.from > length) return last;
    await nextStats(page);
  }
}

describe('a dark camera that is recorded, over plain HTTP', () => {
  it('plays live over HLS, enhanced', async () => {
    const page = await openPage(browser, server.link, 'via=hls&engine=wasm');
    await statsWhen(page, ({ framesEnhanced }) => framesEnhanced > 3);
    const { plain, enhanced } = await freeze(page);
    expect(meanLevel(enhanced)).toBeGreaterThan(1.5 * meanLevel(plain));
    await page.context().close();
  });

  it('is seen again, enhanced, and stepped picture by picture', async () => {
    const page = await openPage(browser, server.link, 'engine=wasm');
    await statsWhen(page, ({ framesEnhanced }) => framesEnhanced > 3);
    const { from } = await recorded(page, 6_000_000);
    await seek(page, from + 1_000_000);
    const past = await statsWhen(page, ({ shownCapturedAt }) => (shownCapturedAt ?? 0) < from + 3_000_000);
    await statsWhen(page, ({ framesEnhanced }) => framesEnhanced > past.framesEnhanced + 2);
    const { plain, enhanced } = await freeze(page);
    expect(meanLevel(enhanced)).toBeGreaterThan(1.5 * meanLevel(plain));
    await page.getByText('Past', { exact: true }).waitFor();

    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const step = await stepPage(page, 'Period');
    // EXT-X-PROGRAM-DATE-TIME counts milliseconds.
    expect(Math.abs(step.to - step.from - FRAME)).toBeLessThanOrEqual(1000);

    await page.keyboard.press('Shift+L');
    await statsWhen(page, ({ ageMs, shownEpoch }) => shownEpoch > 0 && ageMs! < 5000);
    await page.context().close();
  });
});
