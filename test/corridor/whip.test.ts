import { createSocket } from 'node:dgram';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CameraState } from '#wire/camera-state.ts';
import type { ServerMessage } from '#wire/control.ts';
import type { UnitMessage } from '#wire/message.ts';
import { launchChromium } from '../support/chromium.ts';
import { type LossyLink, openLossyLink } from '../support/lossy-udp.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { openWhipPage, type WhipPage, type WhipPageOptions } from '../support/whip-page.ts';
import { WireViewer } from '../support/wire-viewer.ts';

const QUAY_TOKEN = 'canary-token-of-the-quay';
const BOW_TOKEN = 'canary-token-of-the-bow';
const CONFIG = `
port: 0
token: the-token
cameras:
  quay: { whip: { token: ${QUAY_TOKEN} } }
  bow: { whip: { token: ${BOW_TOKEN}, onSecondPublisher: replace } }
webrtc:
  iceServers: []
`;

let folder: string;
let browser: Browser;
let server: Nightglass;
const pages: WhipPage[] = [];
const links: LossyLink[] = [];

async function publish(options: Partial<WhipPageOptions> = {}): Promise<WhipPage> {
  const page = await openWhipPage(browser, {
    origin: server.origin,
    camera: 'quay',
    token: QUAY_TOKEN,
    ...options,
  });
  pages.push(page);
  return page;
}

/** A viewer who has the camera open. */
async function watch(camera = 'quay'): Promise<WireViewer> {
  const viewer = await WireViewer.connect(server.origin, { authorization: 'Bearer the-token' });
  viewer.open(camera);
  return viewer;
}

const unitsOf = ({ media }: WireViewer): UnitMessage[] => media.filter((message) => message.kind === 'unit');

/**
 * Sends what the browser sends by way of a link that delays, and loses when told. The browser is kept from taking the loss
 * for a thin link, on which it would send three pictures a second.
 */
async function throughBadLink(answer: string): Promise<string> {
  const port = portIn(answer);
  const link = await openLossyLink(port, { jitter: 50, seed: 4 });
  links.push(link);
  return answer
    .replaceAll(`127.0.0.1 ${port} `, `127.0.0.1 ${link.port} `)
    .replace(/a=fmtp:\d+ level-asymmetry.*/, (line) => `${line};x-google-min-bitrate=400`);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightglass-whip-'));
  await writeFile(join(folder, 'nightglass.yaml'), CONFIG);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  server = await startNightglass('--config', join(folder, 'nightglass.yaml'));
});

afterEach(async () => {
  for (const page of pages.splice(0)) await page[Symbol.asyncDispose]();
  for (const link of links.splice(0)) await link[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  expect(server.output()).not.toMatch(/canary-token|"level":50/);
});

describe('a camera that a browser publishes', () => {
  it('shows its pictures to a viewer who came before it, and says until then that nobody publishes', async () => {
    using viewer = await watch();
    const state = await viewer.state(({ state }) => state === 'unreachable');
    expect(state).toMatchObject({
      code: 'ingest/no-publisher',
      message: 'nobody is publishing to this camera',
    });
    await publish();
    const config = await viewer.heard(({ kind }) => kind === 'config');
    expect(config).toMatchObject({ config: { codec: expect.stringMatching(/^avc1\./), format: 'annexb' } });
    await viewer.heard((message) => message.kind === 'unit' && message.index >= 20);
    expect(unitsOf(viewer)[0]).toMatchObject({ key: true });
  });

  it.each([
    ['as they were', false],
    ['in a stream of their own', true],
  ])(
    'loses no picture at 5 % loss and 50 ms jitter, lost packets coming again %s',
    async (_way, retransmission) => {
      using viewer = await watch();
      const units = () => unitsOf(viewer).length;
      const page = await publish({ rewrite: throughBadLink, retransmission });
      await viewer.heard((message) => message.kind === 'unit' && units() >= 5);
      // What the browser counts as sent before it is connected never leaves it.
      const sentBefore = await page.framesSent();
      const before = units();
      links[0]!.lose(0.05);
      await page.goOn();
      await viewer.heard((message) => message.kind === 'unit' && units() >= before + 45);
      // The loss of the very last packet would show in nothing that follows.
      links[0]!.lose(0);
      const healed = units();
      await viewer.heard((message) => message.kind === 'unit' && units() >= healed + 10);
      const sent = (await page.framesSent()) - sentBefore;
      await viewer.heard((message) => message.kind === 'unit' && units() >= before + sent);
      expect(units() - before).toBe(sent);
      expect(viewer.media.filter(({ kind }) => kind === 'gap')).toEqual([]);
      expect(links[0]!.dropped).toBeGreaterThan(5);
    },
  );

  it('is taken in while nobody watches, and shows a picture to the first viewer at once', async () => {
    const page = await publish();
    await server.printed(/publisher connected/);
    using viewer = await watch();
    const first = await viewer.heard(({ kind }) => kind === 'unit');
    expect(first).toMatchObject({ key: true });
    expect(
      viewer.control.filter((told) => told.type === 'camera' && told.state.state === 'unreachable'),
    ).toEqual([]);
    expect(await page.state()).toBe('connected');
    expect(await page.keyRequests()).toBe(1);
  });

  it('is unreachable once its tab is closed, and back when another publishes', async () => {
    using viewer = await watch();
    const page = await publish();
    await viewer.state(({ state }) => state === 'live');
    const before = viewer.control.length;
    const since = (condition: (told: ServerMessage) => boolean) =>
      viewer.told((told) => viewer.control.indexOf(told) >= before && condition(told));
    await page[Symbol.asyncDispose]();
    pages.length = 0;
    await since((told) => told.type === 'camera' && isNobody(told.state));
    await publish();
    await since((told) => isState(told, 'live'));
    await viewer.heard((message) => message.kind === 'unit' && message.key && message.epoch > 1);
  });

  it('keeps its publisher when a second one comes', async () => {
    using viewer = await watch();
    const first = await publish();
    await viewer.state(({ state }) => state === 'live');
    expect((await publish()).status).toBe(409);
    expect(await first.state()).toBe('connected');
  });

  it('goes over to a second publisher where it is set so', async () => {
    using viewer = await watch('bow');
    await publish({ camera: 'bow', token: BOW_TOKEN });
    const first = await viewer.heard(({ kind }) => kind === 'unit');
    expect((await publish({ camera: 'bow', token: BOW_TOKEN })).status).toBe(201);
    await viewer.heard((message) => message.kind === 'unit' && message.epoch > first.epoch);
  });

  it('takes candidates that are trickled', async () => {
    using viewer = await watch();
    const page = await publish({ trickle: true });
    expect(page.trickled).toEqual([204]);
    await viewer.state(({ state }) => state === 'live');
  });

  it('ends with DELETE', async () => {
    using viewer = await watch();
    const page = await publish();
    await viewer.state(({ state }) => state === 'live');
    const before = viewer.control.length;
    expect(await page.end()).toBe(200);
    await viewer.told((told) => viewer.control.indexOf(told) >= before && isState(told, 'unreachable'));
    expect(await page.end()).toBe(404);
  });

  it('does not mind whatever else is sent to its port', async () => {
    using viewer = await watch();
    let port = 0;
    await publish({
      rewrite: (answer) => {
        port = portIn(answer);
        return answer;
      },
    });
    await viewer.state(({ state }) => state === 'live');
    const socket = createSocket('udp4');
    for (const datagram of foreignDatagrams()) socket.send(datagram, port, '127.0.0.1');
    const { length } = unitsOf(viewer);
    await viewer.heard((message) => message.kind === 'unit' && unitsOf(viewer).length >= length + 20);
    socket.close();
  });
});

describe('a camera published through a server that has STUN', () => {
  it('shows its pictures, though the STUN server does not answer', async () => {
    const file = join(folder, 'stun.yaml');
    await writeFile(file, `${CONFIG.replace('[]', '[{ urls: "stun:127.0.0.1:9" }]')}`);
    await server[Symbol.asyncDispose]();
    server = await startNightglass('--config', file);
    using viewer = await watch();
    const page = await publish();
    expect(page.link).toBe('<stun:127.0.0.1:9>; rel="ice-server"');
    await viewer.state(({ state }) => state === 'live');
  });
});

describe('the publishing page', () => {
  it('publishes what the browser gives it, says so, and stops when told', async () => {
    using viewer = await watch();
    const page = await (await browser.newContext()).newPage();
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = async () => {
        const canvas = document.createElement('canvas');
        canvas.width = 320;
        canvas.height = 180;
        const context = canvas.getContext('2d')!;
        setInterval(() => {
          context.fillStyle = `hsl(${performance.now() % 360}, 60%, 40%)`;
          context.fillRect(0, 0, 320, 180);
        }, 66);
        return canvas.captureStream(15);
      };
    });
    const response = await page.goto(`${server.origin}/publish#camera=quay`);
    expect(response?.headers()).toMatchObject({
      'permissions-policy': 'camera=(self), display-capture=(self), microphone=()',
      'content-security-policy': expect.stringContaining("connect-src 'self'"),
    });
    const status = page.locator('[role=status]');
    await page.getByLabel('Token').fill('not-the-token-of-it');
    await page.getByRole('button', { name: "this computer's camera" }).click();
    await expectText(status, /This token does not let you publish/);
    await page.getByLabel('Token').fill(QUAY_TOKEN);
    await page.getByRole('button', { name: "this computer's camera" }).click();
    await expectText(status, /Live: viewers of this camera see this picture/);
    await viewer.state(({ state }) => state === 'live');
    await page.getByRole('button', { name: 'Stop' }).click();
    await expectText(status, /Stopped/);
    await server.printed(/publisher gone: the publisher ended the session/);
    await page.context().close();
  });
});

const isState = (told: ServerMessage, state: string): boolean =>
  told.type === 'camera' && told.state.state === state;

const isNobody = (state: CameraState): boolean =>
  state.state === 'unreachable' && state.code === 'ingest/no-publisher';

const portIn = (answer: string): number =>
  Number(/^a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host/im.exec(answer)?.[1]);

const expectText = (place: Locator, text: RegExp): Promise<void> =>
  place.filter({ hasText: text }).waitFor({ state: 'visible' });

/** Beginnings of STUN, DTLS, RTP and RTCP, and what is none, cut at every length. */
function foreignDatagrams(): Uint8Array[] {
  const beginnings = [
    [0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42],
    [0, 1, 0xff, 0xff, 0x21, 0x12, 0xa4, 0x42],
    [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 1],
    [21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40],
    [0x80, 102, 0, 1],
    [0x80, 200, 0, 6],
    [255, 255],
  ];
  return beginnings.flatMap((bytes) =>
    Array.from({ length: 48 }, (_, length) => {
      const datagram = new Uint8Array(length + 1);
      datagram.set(bytes.slice(0, length + 1));
      return datagram;
    }),
  );
}
