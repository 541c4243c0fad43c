/** The page in a real browser, as a viewer has it: opened by the login link, read through its player element. */
import type { Browser, Page } from 'playwright-core';
import type { WallMicros } from '#wire/time.ts';
import type { TileStats, TileStatus } from '../../client/player-protocol.ts';
import type { NightglassPlayer } from '../../client/ui/nightglass-player.ts';

/** Opens the page by a login link, with more query parameters behind it. The caller closes it. */
export async function openPage(browser: Browser, link: string, parameters = ''): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(link + (parameters && `&${parameters}`));
  return page;
}

/** Sets properties of the player element. */
export const setPlayer = (
  page: Page,
  properties: Partial<Pick<NightglassPlayer, 'paused' | 'divider' | 'strength' | 'enhance'>>,
): Promise<void> =>
  page.locator('nightglass-player').evaluate((player, given) => {
    Object.assign(player, given);
  }, properties);

/** Shows the past from this wall clock on, µs. */
export const seekPage = (page: Page, at: number): Promise<void> =>
  page
    .locator('nightglass-player')
    .evaluate((player: NightglassPlayer, wall) => player.time!.seek(wall as WallMicros), at);

export const statsOf = (page: Page): Promise<TileStats | undefined> =>
  page.locator('nightglass-player').evaluate((player: NightglassPlayer) => player.stats);

export const statusOf = (page: Page): Promise<TileStatus> =>
  page.locator('nightglass-player').evaluate((player: NightglassPlayer) => player.status);

/** The next numbers the tile tells. */
export const nextStats = (page: Page): Promise<TileStats> =>
  page
    .locator('nightglass-player')
    .evaluate(
      (player: NightglassPlayer) =>
        new Promise<TileStats>((heard) =>
          player.addEventListener('stats-changed', () => heard(player.stats!), { once: true }),
        ),
    );

/**
 * Presses a key that steps through the past. Gives the capture of the picture that stood there when it was heard, and of
 * the one that stands there by it, once that is on the canvas. µs
 */
export async function stepPage(page: Page, key: string): Promise<{ from: number; to: number }> {
  const player = page.locator('nightglass-player');
  const heard = await player.evaluateHandle((element: NightglassPlayer) => {
    const at = () => (element.playback.mode === 'past' ? element.playback.at : Number.NaN);
    const step = { from: Number.NaN, to: Number.NaN };
    const arrived = new Promise<typeof step>((resolve) => {
      const look = () => {
        if (at() === step.from) return;
        element.removeEventListener('playback-changed', look);
        resolve({ ...step, to: at() });
      };
      const press = () => {
        step.from = at();
        element.addEventListener('playback-changed', look);
      };
      // Before the page's own: the page and the canvas need not have shown the same picture by now.
      window.addEventListener('keydown', press, { capture: true, once: true });
    });
    return { arrived };
  });
  await page.keyboard.press(key);
  const step = await heard.evaluate(({ arrived }) => arrived);
  await statsWhen(page, ({ shownCapturedAt }) => shownCapturedAt === step.to);
  return step;
}

/** The first numbers that satisfy a condition; the test's own time limit ends a wait in vain. */
export async function statsWhen(page: Page, condition: (stats: TileStats) => boolean): Promise<TileStats> {
  for (;;) {
    const stats = await nextStats(page);
    if (condition(stats)) return stats;
  }
}

/** Resolves with the tile's status when it is this one. */
export const statusWhen = (page: Page, status: TileStatus['status']): Promise<TileStatus> =>
  page.locator('nightglass-player').evaluate(
    (player: NightglassPlayer, wanted) =>
      new Promise<TileStatus>((reached) => {
        const look = () => {
          if (player.status.status !== wanted) return;
          player.removeEventListener('status-changed', look);
          reached(player.status);
        };
        player.addEventListener('status-changed', look);
        look();
      }),
    status,
  );

/** What the canvas shows, RGBA. */
export async function pixelsOf(page: Page): Promise<{ pixels: Uint8Array; width: number; height: number }> {
  const { base64, width, height } = await page.locator('nightglass-player canvas').evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext('2d', { willReadFrequently: true })!;
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, copy.width, copy.height);
    let text = '';
    for (let at = 0; at < data.length; at += 0x8000)
      text += String.fromCharCode(...data.subarray(at, at + 0x8000));
    return { base64: btoa(text), width: copy.width, height: copy.height };
  });
  return { pixels: new Uint8Array(Buffer.from(base64, 'base64')), width, height };
}
