/**
 * `npm run bench -- latency [--engine off] [--via hls] [--seconds 20] [--rounds 3] [--alone]`: capture to canvas, in a
 * real browser.
 *
 * A number is drawn into every picture, timed where the camera sends it and where the page shows it. With `--via hls` the
 * same page takes the same camera over HLS as well. Where Janus is installed, a camera of the same clip goes through it to
 * a `<video>` in the same browser. Rounds of all ways alternate.
 */
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, VIDEO_IN_MEMORY } from '../support/chromium.ts';
import { startNightglass } from '../support/nightglass.ts';
import { openPage, statsWhen } from '../support/player-page.ts';
import { janusIsInstalled, startJanus } from './janus.ts';
import { startTimecodeCamera, TIMECODES, type TimecodeCamera } from './timecode-camera.ts';

/** A number read off the picture, and when, ms since the Unix epoch. */
interface Sighting {
  readonly code: number;
  readonly at: number;
}

type Way = 'ws' | 'hls' | 'janus';

/** One way from a camera to the screen. */
interface Side {
  readonly way: Way;
  readonly camera: TimecodeCamera;
  /** Of the element that shows the picture. */
  readonly selector: string;
  /** Opens a page that plays; resolves when it does, with ms from its script's start to its first picture. */
  open(browser: Browser): Promise<{ readonly page: Page; readonly firstPictureMs: number }>;
}

interface Measured {
  readonly delays: number[];
  readonly firstPictureMs: number[];
  seconds: number;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      engine: { type: 'string', default: 'off' },
      via: { type: 'string', default: 'ws' },
      seconds: { type: 'string', default: '20' },
      rounds: { type: 'string', default: '3' },
      alone: { type: 'boolean', default: false },
    },
  });
  const { engine } = values;
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds) / rounds;
  const beside = !values.alone && janusIsInstalled();
  if (!values.alone && !beside) console.log('Janus is not installed (apt install janus): measured alone.');
  await using camera = await startTimecodeCamera();
  await using server = await startNightglass('--camera', camera.url);
  await using janusCamera = beside ? await startTimecodeCamera() : undefined;
  await using janus = janusCamera && (await startJanus(janusCamera.url));
  const sides: Side[] = [ours('ws', camera, server.link, engine)];
  if (values.via === 'hls') sides.push(ours('hls', camera, server.link, engine));
  if (janusCamera && janus)
    sides.push({ way: 'janus', camera: janusCamera, selector: 'video', open: janus.open });
  const browser = await launchChromium(VIDEO_IN_MEMORY);
  const measured = new Map(
    sides.map(({ way }) => [way, { delays: [], firstPictureMs: [], seconds: 0 } as Measured]),
  );
  try {
    for (let round = 0; round < rounds; round++)
      for (const side of sides) await measure(side, browser, seconds, measured.get(side.way)!);
  } finally {
    await browser.close();
  }
  for (const [way, result] of measured) report(way, engine, result);
}

const ours = (way: 'ws' | 'hls', camera: TimecodeCamera, link: string, engine: string): Side => ({
  way,
  camera,
  selector: 'nightglass-player canvas',
  async open(browser) {
    const look = engine === 'off' ? 'enhance=off' : `engine=${engine}`;
    const page = await openPage(browser, link, `via=${way}&${look}`);
    const stats = await statsWhen(page, ({ framesEnhanced, framesShown }) =>
      engine === 'off' ? framesShown > 25 : framesEnhanced > 25,
    );
    // What compiles this file names its inner functions with a helper that the page does not have.
    await page.evaluate('globalThis.__name = (value) => value');
    return { page, firstPictureMs: stats.firstPictureMs ?? Number.NaN };
  },
});

async function measure(side: Side, browser: Browser, seconds: number, into: Measured): Promise<void> {
  const { page, firstPictureMs } = await side.open(browser);
  into.firstPictureMs.push(firstPictureMs);
  for (const { code, at } of await watchPicture(page, side.selector, seconds * 1000)) {
    const sent = side.camera.sentAt(code, at);
    if (sent !== undefined) into.delays.push(at - sent);
  }
  into.seconds += seconds;
  await page.close();
}

/** Reads the code strip at every animation frame, as often as a person could see it change. */
const watchPicture = (page: Page, selector: string, duration: number): Promise<Sighting[]> =>
  page.locator(selector).evaluate(
    (element, { ms, bits }) =>
      new Promise<Sighting[]>((done) => {
        const picture = element as HTMLCanvasElement | HTMLVideoElement;
        const strip = new OffscreenCanvas(bits, 1).getContext('2d', { willReadFrequently: true })!;
        strip.imageSmoothingEnabled = false;
        const sightings: Sighting[] = [];
        const end = performance.now() + ms;
        let last = -1;
        const look = () => {
          // The strip is the top ninth of the picture; its middle row is read, one pixel a bit.
          const [width, height] =
            'videoWidth' in picture
              ? [picture.videoWidth, picture.videoHeight]
              : [picture.width, picture.height];
          strip.drawImage(picture, 0, height / 18, width, 1, 0, 0, bits, 1);
          const { data } = strip.getImageData(0, 0, bits, 1);
          let code = 0;
          for (let bit = 0; bit < bits; bit++) code |= (data[bit * 4 + 1]! > 127 ? 1 : 0) << bit;
          if (code !== last) sightings.push({ code, at: performance.timeOrigin + performance.now() });
          last = code;
          if (performance.now() < end) requestAnimationFrame(look);
          // The first sighting is of a picture that may have stood there for a while.
          else done(sightings.slice(1));
        };
        look();
      }),
    { ms: duration, bits: Math.log2(TIMECODES) },
  );

function report(way: Way, engine: string, { delays, firstPictureMs, seconds }: Measured): void {
  const third = Math.floor(delays.length / 3);
  const [p50, p99, first] = [
    percentile(delays, 0.5),
    percentile(delays, 0.99),
    percentile(firstPictureMs, 0.5),
  ];
  console.table({
    [way]: {
      'pictures seen a second': round(delays.length / seconds),
      'p50, ms': round(p50),
      'p99, ms': round(p99),
      'median of the last third less the first, ms': round(
        percentile(delays.slice(-third), 0.5) - percentile(delays.slice(0, third), 0.5),
      ),
      "first picture after the page's script starts, median ms": round(first),
    },
  });
  console.log(
    JSON.stringify({
      bench: 'latency',
      via: way,
      ...(way === 'janus' ? {} : { engine }),
      p50Ms: round(p50),
      p99Ms: round(p99),
      firstPictureMs: round(first),
    }),
  );
}

const round = (value: number): number => Number(value.toFixed(1));

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
