/** Janus, an RTSP to WebRTC gateway people use today, reading a camera; and a page that shows it in a `<video>`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';

const PROGRAM = '/usr/bin/janus';
const PLUGINS = '/usr/lib/x86_64-linux-gnu/janus/plugins';

/** Whether it is here: `apt install janus`. */
export const janusIsInstalled = (): boolean => existsSync(PROGRAM);

export interface Janus extends AsyncDisposable {
  /** Opens a page that plays the camera; resolves when pictures come, with ms from its script's start to the first. */
  open(browser: Browser): Promise<{ readonly page: Page; readonly firstPictureMs: number }>;
}

/** Starts it with one streaming mount that reads `url`; Janus reads RTSP over UDP. */
export async function startJanus(url: string): Promise<Janus> {
  const folder = await mkdtemp(join(tmpdir(), 'nightglass-janus-'));
  const port = await freePort();
  const files = {
    'janus.jcfg': `general: { configs_folder = "${folder}", plugins_folder = "${PLUGINS}", debug_level = 4, admin_secret = "none" }
nat: { ice_lite = false, full_trickle = false }
plugins: { disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_videoroom.so,libjanus_voicemail.so" }
transports: { disable = "libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so,libjanus_websockets.so" }
loggers: { disable = "libjanus_jsonlog.so" }
`,
    'janus.transport.http.jcfg': `general: { http = true, port = ${port}, ip = "127.0.0.1", https = false }
admin: { admin_http = false }
cors: { allow_origin = "*" }
`,
    'janus.plugin.streaming.jcfg': `camera: { type = "rtsp", id = 1, audio = false, video = true, url = "${url}" }
`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const child = spawn(PROGRAM, ['-F', folder, '-C', join(folder, 'janus.jcfg')], {
    // Janus leaves a core file now and then: it goes with the folder.
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const ended = once(child, 'exit');
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      said += chunk;
      if (/HTTP transport plugin ready|HTTP webserver started/i.test(said)) resolve();
    });
  });
  await Promise.race([
    ready,
    ended.then(() => {
      throw new Error(`Janus ended:\n${said}`);
    }),
  ]);
  const blank = createServer((_request, response) =>
    response.setHeader('Content-Type', 'text/html').end('<video autoplay muted playsinline></video>'),
  );
  blank.listen(0, '127.0.0.1');
  await once(blank, 'listening');
  const address = `http://127.0.0.1:${(blank.address() as AddressInfo).port}/`;
  return {
    async open(browser) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(address);
      await page.evaluate('globalThis.__name = (value) => value');
      return { page, firstPictureMs: await page.evaluate(play, `http://127.0.0.1:${port}/janus`) };
    },
    async [Symbol.asyncDispose]() {
      blank.close();
      blank.closeAllConnections();
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** A port nobody listens on: Janus cannot choose one itself and say which. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs in the page: Janus's HTTP interface, its streaming plugin, one PeerConnection. */
async function play(api: string): Promise<number> {
  const began = performance.now();
  const transaction = () => Math.random().toString(36).slice(2);
  const post = async (path: string, body: object) =>
    (
      await fetch(api + path, {
        method: 'POST',
        body: JSON.stringify({ transaction: transaction(), ...body }),
      })
    ).json();
  const session = `/${(await post('', { janus: 'create' })).data.id}`;
  const handle = `${session}/${(await post(session, { janus: 'attach', plugin: 'janus.plugin.streaming' })).data.id}`;
  const message = (body: object, jsep?: object) =>
    post(handle, { janus: 'message', body, ...(jsep && { jsep }) });
  await message({ request: 'watch', id: 1 });
  let offer: RTCSessionDescriptionInit | undefined;
  while (offer === undefined) offer = (await (await fetch(api + session)).json()).jsep;
  const video = document.querySelector('video')!;
  const connection = new RTCPeerConnection();
  connection.ontrack = ({ streams }) => {
    video.srcObject = streams[0]!;
  };
  connection.onicecandidate = ({ candidate }) =>
    void post(handle, { janus: 'trickle', candidate: candidate ?? { completed: true } });
  const first = new Promise<number>((seen) => video.requestVideoFrameCallback((now) => seen(now - began)));
  await connection.setRemoteDescription(offer);
  await connection.setLocalDescription(await connection.createAnswer());
  await message({ request: 'start' }, connection.localDescription!);
  const poll = setInterval(() => void fetch(api + session), 20_000);
  addEventListener('pagehide', () => clearInterval(poll));
  return first;
}
