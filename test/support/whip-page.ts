/** A publisher in a real browser: a page that draws a moving canvas and sends it over WHIP. */
import type { Browser, Page } from 'playwright-core';

export interface WhipPageOptions {
  /** The server's origin, whose publishing page is opened. */
  readonly origin: string;
  readonly camera: string;
  readonly token: string;
  /** Changes the answer before the browser sees it. */
  readonly rewrite?: (answer: string) => string | Promise<string>;
  /** False offers no retransmission stream (RFC 4588): lost packets are sent again as they were, and only when asked. */
  readonly retransmission?: boolean;
  /** Sends the offer at once and the candidates afterwards. */
  readonly trickle?: boolean;
  /** The only codec offered; H264 unless said otherwise. */
  readonly codec?: 'H264' | 'VP8' | 'VP9' | 'AV1';
  /** How many layers are sent, e.g. `L2T1`. */
  readonly scalability?: string;
}

export interface WhipPage extends AsyncDisposable {
  readonly page: Page;
  /** What the server answered to the offer. */
  readonly status: number;
  readonly location: string;
  readonly etag: string;
  readonly link: string;
  /** Of the candidates, where they were trickled. */
  readonly trickled: readonly number[];
  /** Draws again after `framesSent`. */
  goOn(): Promise<void>;
  /** Stops drawing and resolves with the count of frames sent once none is on its way any more. */
  framesSent(): Promise<number>;
  /** How often the browser was asked for a key unit; resolves once it was. */
  keyRequests(): Promise<number>;
  /** RTCPeerConnection's own state. */
  state(): Promise<string>;
  /** Ends the session as WHIP has it; resolves with the answer's status. */
  end(): Promise<number>;
}

/** Publishes 320×180 at 15 pictures a second. Resolves when the answer is set, or the offer refused. */
export async function openWhipPage(browser: Browser, options: WhipPageOptions): Promise<WhipPage> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${options.origin}/publish`);
  await page.exposeFunction('rewriteAnswer', options.rewrite ?? ((answer: string) => answer));
  const {
    origin,
    camera,
    token,
    trickle = false,
    retransmission = true,
    codec = 'H264',
    scalability,
  } = options;
  const asked = { origin, camera, token, trickle, retransmission, codec, scalability };
  const answered = await page.evaluate(publish, asked);
  return {
    page,
    ...answered,
    framesSent: () => page.evaluate(countFrames),
    goOn: () => page.evaluate(() => (window as unknown as Publishing).draw()),
    keyRequests: () => page.evaluate(countKeyRequests),
    state: () => page.evaluate(() => (window as unknown as Publishing).peer.connectionState),
    end: () =>
      page.evaluate(
        async ([address, secret]) => {
          const headers = { authorization: `Bearer ${secret}` };
          return (await fetch(address!, { method: 'DELETE', headers })).status;
        },
        [origin + answered.location, token],
      ),
    [Symbol.asyncDispose]: () => page.context().close(),
  };
}

interface Publishing {
  peer: RTCPeerConnection;
  drawing: number;
  draw(): void;
  rewriteAnswer(answer: string): Promise<string>;
}

interface Asked {
  readonly origin: string;
  readonly camera: string;
  readonly token: string;
  readonly trickle: boolean;
  readonly retransmission: boolean;
  readonly codec: string;
  readonly scalability: string | undefined;
}

/** Runs in the page. */
async function publish(asked: Asked) {
  const { origin, camera, token, trickle, retransmission, codec, scalability } = asked;
  const here = window as unknown as Publishing;
  const canvas = document.createElement('canvas');
  canvas.width = 320;
  canvas.height = 180;
  const context = canvas.getContext('2d')!;
  let count = 0;
  const draw = () => {
    count++;
    context.fillStyle = `hsl(${count * 7}, 60%, 30%)`;
    context.fillRect(0, 0, 320, 180);
    for (let spot = 0; spot < 100; spot++) {
      context.fillStyle = `hsl(${Math.random() * 360}, 80%, ${Math.random() * 100}%)`;
      context.fillRect(Math.random() * 320, Math.random() * 180, 9, 9);
    }
    context.fillStyle = '#fff';
    context.font = '48px sans-serif';
    context.fillText(String(count), 20 + (count % 160), 100);
  };
  here.draw = () => {
    here.drawing = window.setInterval(draw, 66);
  };
  here.draw();
  const peer = new RTCPeerConnection();
  here.peer = peer;
  const [track] = canvas.captureStream(15).getVideoTracks();
  // TypeScript's own types do not know the member.
  const sendEncodings: object[] = scalability === undefined ? [] : [{ scalabilityMode: scalability }];
  const transceiver = peer.addTransceiver(track!, { direction: 'sendonly', sendEncodings });
  const { codecs } = RTCRtpSender.getCapabilities('video')!;
  transceiver.setCodecPreferences(
    codecs.filter(
      ({ mimeType }) => mimeType === `video/${codec}` || (retransmission && mimeType === 'video/rtx'),
    ),
  );
  const found: RTCIceCandidate[] = [];
  const gathered = new Promise<void>((done) => {
    peer.addEventListener('icecandidate', ({ candidate }) => (candidate ? found.push(candidate) : done()));
  });
  await peer.setLocalDescription();
  const untrickled = peer.localDescription!.sdp;
  await gathered;
  const authorization = `Bearer ${token}`;
  const response = await fetch(`${origin}/whip/${camera}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/sdp' },
    body: trickle ? untrickled : peer.localDescription!.sdp,
  });
  const answer = await response.text();
  const told = {
    status: response.status,
    location: response.headers.get('location') ?? '',
    etag: response.headers.get('etag') ?? '',
    link: response.headers.get('link') ?? '',
  };
  const trickled: number[] = [];
  if (!response.ok) return { ...told, trickled };
  await peer.setRemoteDescription({ type: 'answer', sdp: await here.rewriteAnswer(answer) });
  if (trickle) {
    const ufrag = /a=ice-ufrag:(.*)/.exec(untrickled)![1]!.trim();
    const pwd = /a=ice-pwd:(.*)/.exec(untrickled)![1]!.trim();
    const lines = found.map(({ candidate }) => `a=${candidate}`);
    const body = [
      `a=ice-ufrag:${ufrag}`,
      `a=ice-pwd:${pwd}`,
      'm=video 9 UDP/TLS/RTP/SAVPF 0',
      'a=mid:0',
      ...lines,
    ];
    const patched = await fetch(origin + told.location, {
      method: 'PATCH',
      headers: { authorization, 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': told.etag },
      body: `${body.join('\r\n')}\r\na=end-of-candidates\r\n`,
    });
    trickled.push(patched.status);
  }
  return { ...told, trickled };
}

/** Runs in the page. */
async function countFrames(): Promise<number> {
  const { peer, drawing } = window as unknown as Publishing;
  window.clearInterval(drawing);
  const sent = async () => {
    let frames = 0;
    for (const report of (await peer.getStats()).values())
      if (report.type === 'outbound-rtp' && report.kind === 'video') frames = report.framesSent;
    return frames;
  };
  for (let before = -1; ; ) {
    const now = await sent();
    if (now === before) return now;
    before = now;
    await new Promise((later) => setTimeout(later, 500));
  }
}

/** Runs in the page. */
async function countKeyRequests(): Promise<number> {
  const { peer } = window as unknown as Publishing;
  for (;;) {
    for (const report of (await peer.getStats()).values())
      if (report.type === 'outbound-rtp' && report.pliCount > 0) return report.pliCount;
    await new Promise((later) => setTimeout(later, 100));
  }
}
