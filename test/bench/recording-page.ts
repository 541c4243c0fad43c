/** In the page of the benchmark `recording`: gives a recorder an hour of pictures as fast as it takes them. */
import type {
  FromRecorder,
  PictureFacts,
  ToRecorder,
  UnitFacts,
} from '../../client/record/record-messages.ts';
import { wallMicros } from '../../server/wire/time.ts';

/** A picture of the clip, as a camera sends it. */
export interface GivenUnit {
  readonly base64: string;
  readonly key: boolean;
}

export interface GivenClip {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly units: readonly GivenUnit[];
}

const FRAME = 40_000;
/** As a tile's recorder does it: no more are on their way. */
const UNDER_WAY = 5;
const BEGAN = 1_780_000_000_000_000;

/** Both the camera's own units and as many pictures to be encoded. */
async function feed(clip: GivenClip, from: number, to: number): Promise<void> {
  const { codec, width, height, units } = clip;
  const config = { codec, codedWidth: width, codedHeight: height };
  const pixels = new Uint8Array((width * height * 3) / 2);
  for (let index = from; index < to; index++) {
    while (underWay >= UNDER_WAY) await new Promise<void>((resolve) => (wake = resolve));
    const timestamp = index * FRAME;
    const place = { timestamp, epoch: 1, capturedAt: wallMicros(BEGAN + timestamp) };
    const { base64, key } = units[index % units.length]!;
    const data = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const unit: UnitFacts = { ...place, key, captureClock: 'arrival', config, lost: 0 };
    underWay += 2;
    send({ type: 'unit', data, facts: unit });
    pixels.fill(index % 200, 0, (index * 97) % pixels.length);
    const frame = new VideoFrame(pixels, { format: 'I420', ...config, timestamp });
    const facts: PictureFacts = {
      ...{ ...place, captureClock: 'arrival', stretch: 1, enhanced: true, strength: 1 },
      ...{ decoded: index + 1, late: 0, droppedByServer: 0, leftOut: 0 },
      ...{ engine: 'wasm', adapter: '', model: 'base', modelSha256: '' },
    };
    send({ type: 'picture', frame, facts }, [frame]);
  }
}

const worker = new Worker(new URL('../../client/record/record-worker.ts', import.meta.url), {
  type: 'module',
});
let underWay = 0;
let wake = () => {};
let ended: (message: FromRecorder) => void = () => {};
worker.addEventListener('message', ({ data }: MessageEvent<FromRecorder>) => {
  if (data.type === 'ended') ended(data);
  if (data.type !== 'taken') return;
  underWay--;
  wake();
});
const send = (message: ToRecorder, given: Transferable[] = []): void => worker.postMessage(message, given);

const tools = {
  open: () =>
    send({
      type: 'open',
      request: {
        shows: 'enhanced',
        keepOriginal: true,
        camera: { name: 'quay', title: 'Quay' },
        version: '0',
      },
      rate: 25,
    }),
  feed,
  /** Bytes of JavaScript, of the page and its worker together, after everything that is not needed is let go. */
  memory: async (): Promise<number> => {
    const measure = performance as { measureUserAgentSpecificMemory?(): Promise<{ bytes: number }> };
    return (await measure.measureUserAgentSpecificMemory?.())?.bytes ?? 0;
  },
  stop: () =>
    new Promise<FromRecorder>((resolve) => {
      ended = resolve;
      send({ type: 'stop', end: 'stopped' });
    }),
};

declare global {
  var bench: typeof tools;
}
globalThis.bench = tools;
