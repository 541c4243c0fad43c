import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TileOptions, TileStatus } from '../../../client/player-protocol.ts';
import type { NightglassPlayer } from '../../../client/ui/nightglass-player.ts';
import { launchChromium } from '../../support/chromium.ts';
import type { Heard, Rehearsal } from './fake-player.ts';
import { openPageHarness, type PageHarness } from './page-harness.ts';

const CAMERAS = ['Quay', 'Yard', 'Gate', 'Roof'].map((title) => ({ name: title.toLowerCase(), title }));

let harness: PageHarness;
let browser: Browser;
let page: Page;
/** What the browser complained about: a breach of the content policy, an error nobody caught. */
let complaints: string[];

beforeAll(async () => {
  harness = await openPageHarness();
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await harness?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  Object.assign(harness.answers, { cameras: CAMERAS, signedIn: true, reachable: true });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Uncaught/.test(message.text())) complaints.push(message.text());
  });
});

afterEach(async () => {
  await page.close();
  expect(complaints).toEqual([]);
});

const tile = (name: string): Locator => page.locator('nightglass-tile').filter({ hasText: name });
const openButton = (name: string): Locator => page.getByRole('button', { name: `Show ${name} large` });
const divider = (): Locator => page.getByRole('slider', { name: /^Divider/ });

/** Opens the page and waits until its tiles play. */
async function open(path = ''): Promise<void> {
  await page.goto(harness.url + path);
  await page.locator('nightglass-tile[playing]').first().waitFor({ state: 'attached' });
}

const rehearse = (rehearsal: Rehearsal): Promise<void> =>
  page.evaluate((what) => new BroadcastChannel('rehearsal').postMessage(what), rehearsal);

const heard = (): Promise<Heard> =>
  page.evaluate(
    () =>
      new Promise<Heard>((resolve) => {
        const channel = new BroadcastChannel('rehearsal');
        channel.addEventListener('message', ({ data }) => resolve(data), { once: true });
        channel.postMessage({ ask: 'heard' });
      }),
  );

/** What the worker has heard, once that satisfies a condition; the test's own time limit ends a wait in vain. */
async function heardWhen(condition: (heard: Heard) => boolean): Promise<Heard> {
  for (;;) {
    const all = await heard();
    if (condition(all)) return all;
  }
}

const optionsWhen = async (condition: (options: Heard['options']) => boolean): Promise<Heard['options']> =>
  (await heardWhen(({ options }) => condition(options))).options;

const ofType = (type: string, { messages }: Heard) => messages.filter((message) => message.type === type);

const wants = (options: Heard['options']): string =>
  Object.values(options)
    .map(({ want }) => want)
    .join(' ');

const renditions = (options: Heard['options']): string =>
  Object.values(options)
    .map(({ rendition }) => rendition)
    .join(' ');

const told = (camera: string, expected: Partial<TileOptions>) =>
  optionsWhen((options) =>
    Object.entries(expected).every(([key, value]) => options[camera]?.[key as keyof TileOptions] === value),
  );

describe('the cameras on the page', () => {
  it('stand in a grid, all of them live and enhanced from the first message on', async () => {
    await open();
    expect(await openButton('Quay').count()).toBe(1);
    const all = await heardWhen((now) => ofType('add', now).length === CAMERAS.length);
    expect(all.messages.slice(0, 1)).toMatchObject([
      {
        type: 'connect',
        engine: 'auto',
        denoise: false,
        socket: `${harness.url.replace('http', 'ws')}api/socket`,
        models: `${harness.url}models/`,
      },
    ]);
    expect(ofType('add', all)).toMatchObject(
      CAMERAS.map(({ name }, index) => ({
        tile: index + 1,
        camera: name,
        options: { want: 'live', enhance: true, strength: 1, divider: 0 },
      })),
    );
  });

  it('have their noise averaged over time where the address asks for it', async () => {
    await open('?denoise=on');
    const all = await heardWhen((now) => ofType('connect', now).length > 0);
    expect(ofType('connect', all)).toMatchObject([{ denoise: true }]);
  });

  it('become large by one press, and pause the others; Escape brings them back', async () => {
    await open();
    await openButton('Yard').click();
    expect(await tile('Yard').boundingBox()).toEqual({ x: 0, y: 0, width: 1280, height: 800 });
    await optionsWhen((options) => wants(options) === 'pause live pause pause');
    expect(new URL(page.url()).hash).toBe('#/camera/yard');
    expect(await page.title()).toBe('Yard · Nightglass');
    await page.keyboard.press('Escape');
    await openButton('Yard').waitFor();
    await optionsWhen((options) => wants(options) === 'live live live live');
    expect(new URL(page.url()).hash).toBe('');
  });

  it('ask for their smaller streams while their tiles are small, and for the full one of a large one', async () => {
    await page.setViewportSize({ width: 400, height: 700 });
    await open();
    const all = await heardWhen((now) => ofType('add', now).length === CAMERAS.length);
    expect(ofType('add', all)).toMatchObject(CAMERAS.map(() => ({ options: { rendition: 'sub' } })));
    await openButton('Yard').click();
    await optionsWhen((options) => renditions(options) === 'sub main sub sub');
    await page.keyboard.press('Escape');
    await optionsWhen((options) => renditions(options) === 'sub sub sub sub');
    await page.setViewportSize({ width: 1600, height: 1200 });
    await optionsWhen((options) => renditions(options) === 'main main main main');
  });

  it('keep their canvas from the grid to large and back', async () => {
    await open();
    await page
      .locator('nightglass-player canvas')
      .nth(1)
      .evaluate((canvas) => {
        canvas.id = 'same';
      });
    await openButton('Yard').click();
    expect(await tile('Yard').locator('canvas#same').count()).toBe(1);
    expect(ofType('remove', await heard())).toEqual([]);
  });

  it('become large by the keyboard, and the keyboard returns to the pressed tile', async () => {
    await open();
    await openButton('Gate').press('Enter');
    await page.getByRole('button', { name: 'Back to all cameras' }).waitFor();
    await page.keyboard.press('Escape');
    await openButton('Gate').waitFor();
    expect(await openButton('Gate').evaluate((button) => button.matches(':focus'))).toBe(true);
  });

  it('follow the browser’s Back and Forward', async () => {
    await open();
    await openButton('Gate').click();
    await page.goBack();
    await openButton('Gate').waitFor();
    await page.goForward();
    await page.getByRole('heading', { name: 'Gate' }).waitFor();
  });

  it('leave for the grid from a link that led straight to one of them', async () => {
    await open('#/camera/roof');
    await page.getByRole('button', { name: 'Back to all cameras' }).click();
    await openButton('Roof').waitFor();
  });

  it('fill the page at once where there is only one', async () => {
    harness.answers.cameras = CAMERAS.slice(0, 1);
    await open();
    expect(await tile('Quay').boundingBox()).toEqual({ x: 0, y: 0, width: 1280, height: 800 });
    expect(await page.getByRole('button', { name: 'Back to all cameras' }).count()).toBe(0);
  });

  it('are only the one that the address asks for', async () => {
    await open('?camera=gate');
    expect(await page.locator('nightglass-tile').count()).toBe(1);
    await page.goto(`${harness.url}?camera=attic`);
    await page.getByRole('heading', { name: 'No such camera' }).waitFor();
  });

  it('cost nothing while they are scrolled out of sight', async () => {
    harness.answers.cameras = Array.from({ length: 40 }, (_, n) => ({ name: `c${n}`, title: `Camera ${n}` }));
    await open();
    await optionsWhen(({ c0, c39 }) => c0?.want === 'live' && c39?.want === 'pause');
    await openButton('Camera 39').scrollIntoViewIfNeeded();
    await optionsWhen(({ c0, c39 }) => c0?.want === 'pause' && c39?.want === 'live');
  });

  it('send key units only while the page is hidden', async () => {
    await open();
    const hide = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await rehearse({ ask: 'quiet' });
    await hide(true);
    await optionsWhen((options) => wants(options) === 'key key key key');
    await hide(false);
    await optionsWhen((options) => wants(options) === 'live live live live');
  });

  it('are told about when the server has none', async () => {
    harness.answers.cameras = [];
    await page.goto(harness.url);
    await page.getByRole('heading', { name: 'No camera yet' }).waitFor();
  });
});

describe('the large camera', () => {
  beforeEach(() => {
    harness.answers.cameras = CAMERAS.slice(0, 1);
  });

  it('takes its look from the page’s address', async () => {
    await open('?engine=wasm&strength=0.4&divider=0.25');
    const { messages, options } = await heard();
    expect(messages[0]).toMatchObject({ type: 'connect', engine: 'wasm' });
    expect(options.quay).toMatchObject({ strength: 0.4, divider: 0.25, enhance: true });
  });

  it('has a divider that the keyboard moves', async () => {
    await open();
    await divider().press('ArrowRight');
    await told('quay', { divider: 0.01 });
    await divider().press('PageUp');
    await told('quay', { divider: 0.11 });
    expect(await divider().getAttribute('aria-valuenow')).toBe('11');
    await divider().press('End');
    await told('quay', { divider: 1 });
  });

  it('has a divider that the pointer drags across the picture', async () => {
    await open('?divider=0.5');
    const { x, y, width, height } = (await divider().boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(320, 200);
    await page.mouse.up();
    await told('quay', { divider: 0.25 });
    // The pointer that has let go may cross the handle without moving it.
    await page.mouse.move(330, 400);
    await divider().press('ArrowRight');
    await told('quay', { divider: 0.26 });
  });

  it('compares by one press, and stops comparing by another', async () => {
    await open();
    await page.getByRole('button', { name: 'Compare' }).click();
    await told('quay', { divider: 0.5 });
    await page.locator('nightglass-divider').getByText('Enhanced').waitFor();
    await page.getByRole('button', { name: 'Compare' }).click();
    await told('quay', { divider: 0 });
  });

  it('has a strength that the viewer sets', async () => {
    await open();
    await page.getByRole('slider', { name: 'Strength' }).press('Home');
    await told('quay', { strength: 0 });
    await page.getByRole('slider', { name: 'Strength' }).press('ArrowRight');
    await told('quay', { strength: 0.05 });
  });

  it('shows the plain picture when enhancement is switched off, and nothing to compare', async () => {
    await open();
    await page.getByRole('switch', { name: 'Enhance' }).click();
    await told('quay', { enhance: false });
    expect(await divider().count()).toBe(0);
    expect(await page.getByRole('slider', { name: 'Strength' }).isDisabled()).toBe(true);
  });

  it('fills the screen and leaves it', async () => {
    await open();
    await page.getByRole('button', { name: 'Full screen', exact: true }).click();
    await page.getByRole('button', { name: 'Leave full screen' }).click();
    await page.getByRole('button', { name: 'Full screen', exact: true }).waitFor();
  });

  it('shows its numbers, and warns of a picture that is late', async () => {
    await open();
    await rehearse({ ask: 'stats', stats: { ageMs: 1850, fpsIn: 25, droppedLate: 7 } });
    await page.locator('[data-reading="age"].warning', { hasText: '1.9 s' }).waitFor();
    const line = await page.locator('nightglass-readings dl').textContent();
    for (const text of ['960×540 H.264', '25.0', 'WASM · 2 threads', '7 late, 0 server, 0 undecodable'])
      expect(line).toContain(text);
  });

  it('exposes its numbers as a plain object', async () => {
    await open();
    const stats = await page.locator('nightglass-player').evaluate(
      (player) =>
        new Promise((resolve) => {
          player.addEventListener('stats-changed', () => resolve((player as { stats?: unknown }).stats), {
            once: true,
          });
        }),
    );
    expect(stats).toMatchObject({ camera: 'quay', width: 960, height: 540, engine: 'wasm' });
  });

  it('fits a tall picture into the page without stretching it', async () => {
    await open();
    await rehearse({ ask: 'stats', stats: { width: 720, height: 1280, shownWidth: 720, shownHeight: 1280 } });
    const canvas = page.locator('nightglass-player canvas');
    await expect.poll(async () => (await canvas.boundingBox())?.width).toBe(450);
    expect(await canvas.boundingBox()).toEqual({ x: 415, y: 0, width: 450, height: 800 });
  });

  it('gives a fresh canvas when the player can no longer draw on the old one', async () => {
    await open();
    const canvas = page.locator('nightglass-player canvas');
    await canvas.evaluate((old) => {
      old.id = 'old';
    });
    await rehearse({ ask: 'canvas' });
    await page.locator('nightglass-player canvas:not(#old)').waitFor();
    expect(await canvas.count()).toBe(1);
    await heardWhen((all) => ofType('canvas', all).length === 1);
  });
});

describe('a tile without a picture', () => {
  const statuses: readonly (readonly [TileStatus, string])[] = [
    [{ status: 'connecting' }, 'Reaching Quay…'],
    [{ status: 'waiting-for-key' }, 'Waiting for a key frame'],
    [{ status: 'signed-out' }, 'Open the login link the server printed'],
    [
      { status: 'unreachable', code: 'ingest/unauthorised', message: 'the camera answered 401' },
      'did not accept the user name and password',
    ],
    [{ status: 'unsupported', codec: 'hev1.1.6.L120' }, 'This browser cannot decode H.265'],
    [{ status: 'playing', note: 'There is no WebGPU here.' }, 'There is no WebGPU here.'],
  ];

  it.each(statuses)('says so while it is %o', async (status, text) => {
    await open();
    await rehearse({ ask: 'status', status });
    await tile('Quay').getByText(text).waitFor();
    const player = page.locator('nightglass-player').first();
    expect(await player.evaluate((element) => (element as NightglassPlayer).status)).toEqual(status);
  });

  it('clears its words when the picture is back', async () => {
    await open();
    await rehearse({ ask: 'status', status: { status: 'connecting' } });
    await page.getByText('Reaching Quay…').waitFor();
    await rehearse({ ask: 'status', status: { status: 'playing' } });
    await page.getByText('Reaching Quay…').waitFor({ state: 'detached' });
  });

  it('offers to sign in without leaving the grid’s presses behind', async () => {
    await open();
    await rehearse({ ask: 'status', status: { status: 'signed-out' } });
    await tile('Yard').getByText('Signed out').waitFor();
    harness.answers.signedIn = false;
    await tile('Yard').getByRole('link', { name: 'Sign in' }).click();
    await page.locator('nightglass-sign-in').waitFor();
  });
});

describe('a signed-out viewer', () => {
  beforeEach(async () => {
    harness.answers.signedIn = false;
    harness.answers.signIns.length = 0;
    await page.goto(harness.url);
    await page.getByText('Open the login link the server printed').waitFor();
  });

  it('comes in with the token, after a wrong one was refused', async () => {
    await page.getByRole('textbox', { name: /^Token/ }).fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This token was not accepted.').waitFor();
    await page.getByRole('textbox', { name: /^Token/ }).fill('http://127.0.0.1:8440/?token=right');
    await page.keyboard.press('Enter');
    await page.locator('nightglass-tile[playing]').first().waitFor();
    expect(harness.answers.signIns).toEqual([{ token: 'wrong' }, { token: 'right' }]);
  });

  it('comes in with a user name and password', async () => {
    await page.getByText('Password', { exact: true }).click();
    await page.getByLabel('User name').fill('ana');
    await page.getByLabel('Password').last().fill('right');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('nightglass-tile[playing]').first().waitFor();
    expect(harness.answers.signIns).toEqual([{ username: 'ana', password: 'right' }]);
  });
});

describe('a server that is away', () => {
  it('is asked again until it is back', async () => {
    harness.answers.reachable = false;
    await page.goto(harness.url);
    await page.getByRole('heading', { name: 'Server unreachable' }).waitFor();
    harness.answers.reachable = true;
    await page.locator('nightglass-tile[playing]').first().waitFor();
  });
});

describe('a player in another page', () => {
  it('plays by its attributes, and closes its tile when it is taken out', async () => {
    await open();
    await page.evaluate(() => {
      document.body.innerHTML =
        '<nightglass-player camera="shed" title="Shed" enhance="off" strength="0.5" divider="0.2" style="width:400px"></nightglass-player>';
    });
    expect((await told('shed', { want: 'live' })).shed).toEqual({
      want: 'live',
      rendition: 'sub',
      enhance: false,
      strength: 0.5,
      divider: 0.2,
    });
    expect(await page.locator('nightglass-player').boundingBox()).toMatchObject({ width: 400, height: 225 });
    await page.locator('nightglass-player').evaluate((player) => player.setAttribute('rendition', 'main'));
    await told('shed', { rendition: 'main' });
    await page.locator('nightglass-player').evaluate((player) => player.remove());
    await optionsWhen((options) => options.shed === undefined);
  });
});
