import { beforeEach, describe, expect, it } from 'vitest';
import type {
  ClipRequest,
  FromRecorder,
  PictureFacts,
  Progress,
  ToRecorder,
} from '../../../client/record/record-messages.ts';
import { TileRecorder } from '../../../client/record/tile-recorder.ts';
import { wallMicros } from '../../../server/wire/time.ts';

const REQUEST: ClipRequest = {
  shows: 'enhanced',
  keepOriginal: false,
  camera: { name: 'quay', title: 'Quay' },
  version: '0',
};

/** A recording's worker that does nothing by itself. */
class FakeWorker extends EventTarget {
  readonly heard: ToRecorder[] = [];
  ended = false;

  postMessage(message: ToRecorder): void {
    this.heard.push(message);
  }

  terminate(): void {
    this.ended = true;
  }

  says(data: FromRecorder): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
}

let worker: FakeWorker;
let progress: Progress[];
let ends: unknown[];
let recorder: TileRecorder;

beforeEach(() => {
  worker = new FakeWorker();
  progress = [];
  ends = [];
  recorder = new TileRecorder(
    REQUEST,
    25,
    {
      progress: (told) => progress.push(told),
      ended: (clips, failure) => ends.push({ clips, failure }),
    },
    worker as unknown as Worker,
  );
});

const facts = (timestamp: number): PictureFacts => ({
  ...{ timestamp, epoch: 1, stretch: 1, capturedAt: wallMicros(timestamp), captureClock: 'arrival' },
  ...{ enhanced: true, strength: 1, decoded: timestamp, late: 0, droppedByServer: 0 },
  ...{ leftOut: recorder.leftOut, engine: 'wasm', adapter: '', model: 'base', modelSha256: '' },
});

/** Shows a picture as the tile does; false where it was left out. */
function show(timestamp: number): boolean {
  if (!recorder.hasRoom()) return false;
  recorder.picture({} as VideoFrame, facts(timestamp));
  return true;
}

const pictures = () => worker.heard.flatMap((message) => (message.type === 'picture' ? message.facts : []));

describe('a recording whose encoder is late', () => {
  it('leaves the sixth picture under way out, counts it, and tells so with the next one', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(show)).toEqual([true, true, true, true, true, false, false]);
    expect(recorder.leftOut).toBe(2);
    worker.says({ type: 'taken', picture: true, bytes: 0 });
    expect([8, 9].map(show)).toEqual([true, false]);
    expect(pictures().map(({ timestamp, leftOut }) => ({ timestamp, leftOut }))).toEqual([
      ...[1, 2, 3, 4, 5].map((timestamp) => ({ timestamp, leftOut: 0 })),
      { timestamp: 8, leftOut: 2 },
    ]);
  });

  it('has its losses told to the page as the worker counts them', () => {
    const counted = { seconds: 1, bytes: 2, pictures: 3, lost: 4, part: 1 };
    worker.says({ type: 'progress', progress: counted });
    expect(progress).toEqual([counted]);
  });

  it('makes an export wait in place of leaving pictures out', async () => {
    let waited = false;
    for (let timestamp = 1; timestamp <= 5; timestamp++) show(timestamp);
    const room = recorder.room().then(() => {
      waited = true;
    });
    await Promise.resolve();
    expect(waited).toBe(false);
    worker.says({ type: 'taken', picture: true, bytes: 0 });
    await room;
    expect(recorder.leftOut).toBe(0);
  });
});

describe('a recording that ends', () => {
  it('takes nothing more, and tells its clips when the worker has written them', () => {
    recorder.stop();
    expect(recorder.wantsPictures).toBe(false);
    expect(worker.heard.at(-1)).toEqual({ type: 'stop', end: 'stopped' });
    worker.says({ type: 'ended', clips: ['quay-1'] });
    expect(ends).toEqual([{ clips: ['quay-1'], failure: undefined }]);
    expect(worker.ended).toBe(true);
  });

  it('says that it failed where its worker cannot be loaded', () => {
    worker.dispatchEvent(new Event('error'));
    expect(ends).toEqual([{ clips: [], failure: { code: 'record/failed', message: expect.any(String) } }]);
    expect(worker.ended).toBe(true);
  });
});
