import { readdirSync, readFileSync } from 'node:fs';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import type { CameraState } from '#wire/camera-state.ts';
import { micros, wallMicros } from '#wire/time.ts';
import type { Limits } from '../../server/config.ts';
import { Encoders, type TakePlace } from '../../server/encoders.ts';
import type { Reader } from '../../server/fanout/reader.ts';
import { Stream } from '../../server/fanout/stream.ts';
import type { StreamItem, UnitItem } from '../../server/fanout/stream-item.ts';
import { Substitute } from '../../server/substitute.ts';
import { h265Units } from '../support/h265-units.ts';
import { delta, key } from './fanout/made-up-camera.ts';

const LIMITS: Limits = {
  closeAfterSeconds: 0.05,
  pictureTimeoutSeconds: 60,
  keyTimeoutSeconds: 60,
  gopMiB: 4,
  queueMiB: 4,
  queueSeconds: 60,
  encoders: 1,
  freeGiB: 2,
};
const LIVE: CameraState = { state: 'live', since: wallMicros(1) };
const PATH = process.env.PATH;

let clip: AccessUnit[];
let camera: Stream;
let takeAnother: TakePlace;
let substitute: Substitute;
const readers: Reader[] = [];
let playing: NodeJS.Timeout | undefined;

beforeAll(async () => {
  clip = await h265Units({ width: 96, height: 64, frames: 20, keyInterval: 10, bFrames: 2 });
});

beforeEach(() => {
  camera = new Stream();
  const encoders = new Encoders(LIMITS.encoders);
  takeAnother = encoders.forCamera();
  substitute = new Substitute(camera, LIMITS, encoders.forCamera(), pino({ level: 'silent' }));
});

afterEach(async () => {
  process.env.PATH = PATH;
  clearInterval(playing);
  for (const reader of readers.splice(0)) reader[Symbol.dispose]();
  await substitute[Symbol.asyncDispose]();
  expect(children()).toBe(0);
});

function watch(): { readonly reader: Reader; readonly items: AsyncIterator<StreamItem, undefined> } {
  const reader = substitute.stream.read({ want: 'live' });
  readers.push(reader);
  return { reader, items: reader[Symbol.asyncIterator]() };
}

/** The items up to the first that satisfies the condition, which is the last of them. */
async function until(
  items: AsyncIterator<StreamItem, undefined>,
  condition: (item: StreamItem) => boolean,
): Promise<StreamItem[]> {
  const found: StreamItem[] = [];
  for (;;) {
    const { value, done } = await items.next();
    if (done) throw new Error(`the reader ended after ${found.map(({ kind }) => kind)}`);
    found.push(value);
    if (condition(value)) return found;
  }
}

const isState = (state: CameraState['state']) => (item: StreamItem) =>
  item.kind === 'state' && item.state.state === state;
const unitsIn = (items: readonly StreamItem[]): UnitItem[] => items.filter((item) => item.kind === 'unit');
const inOrder = (units: readonly AccessUnit[]): number[] =>
  units.map(({ timestamp }) => timestamp).toSorted((a, b) => a - b);

function publish(units: readonly AccessUnit[]): void {
  camera.setState(LIVE);
  for (const unit of units) camera.publish(unit);
}

/** Sends these over and over, one every few milliseconds, with timestamps that run on, until the test ends. */
function play(units: readonly AccessUnit[]): void {
  camera.setState(LIVE);
  let sent = 0;
  clearInterval(playing);
  playing = setInterval(() => {
    const unit = units[sent % units.length]!;
    const round = Math.floor(sent++ / units.length);
    camera.publish({ ...unit, timestamp: micros(unit.timestamp + round * 1e6) });
  }, 4);
}

/** Children of this process called ffmpeg that make H.264 of Matroska. */
const children = (): number =>
  readdirSync('/proc').filter((pid) => {
    try {
      const { ppid } = /^PPid:\t(?<ppid>\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!.groups!;
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return ppid === `${process.pid}` && line.startsWith('ffmpeg') && line.includes('matroska');
    } catch {
      return false;
    }
  }).length;

/** Resolves when the camera has this many readers. */
const readersOfCamera = async (count: number): Promise<void> => {
  while (camera.readers !== count) await new Promise(setImmediate);
};

describe('a substitute', () => {
  it('makes H.264 with one child for all its viewers, from the first of them to the last', async () => {
    expect([camera.readers, children()]).toEqual([0, 0]);
    const [first, second] = [watch(), watch()];
    publish(clip);
    const units = [];
    for (const { items } of [first, second]) {
      const seen = unitsIn(await until(items, (item) => item.kind === 'unit' && item.index === 8));
      units.push(seen.map(({ unit }) => unit.timestamp));
    }
    expect(units[0]).toEqual(inOrder(clip).slice(0, 9));
    expect(units[1]).toEqual(units[0]);
    expect([camera.readers, children()]).toEqual([1, 1]);
    first.reader[Symbol.dispose]();
    second.reader[Symbol.dispose]();
    await readersOfCamera(0);
    await expect.poll(children).toBe(0);
    await expect.poll(() => substitute.stream.state.state).toBe('idle');
  });

  it('ends its child soon after the last viewer, however long cameras stay open', async () => {
    await substitute[Symbol.asyncDispose]();
    const limits = { ...LIMITS, closeAfterSeconds: 3600 };
    substitute = new Substitute(camera, limits, takeAnother, pino({ level: 'silent' }));
    const { reader, items } = watch();
    publish(clip);
    await until(items, (item) => item.kind === 'unit');
    reader[Symbol.dispose]();
    await expect.poll(children, { timeout: 10_000 }).toBe(0);
  });

  it('is live when its first picture is made, and what the camera is otherwise', async () => {
    const { items } = watch();
    camera.setState({ state: 'unreachable', since: wallMicros(2), code: 'ingest/refused', message: 'no' });
    const states = await until(items, isState('unreachable'));
    expect(states.at(-1)).toMatchObject({ state: { code: 'ingest/refused', message: 'no' } });
    publish(clip);
    const kinds = (await until(items, (item) => item.kind === 'unit')).map((item) =>
      item.kind === 'state' ? item.state.state : item.kind,
    );
    expect(kinds).toEqual(['waiting-for-key', 'live', 'config', 'unit']);
  });

  it('begins an epoch with each of the camera’s, with another child', async () => {
    const { items } = watch();
    play(clip);
    const [before] = unitsIn(await until(items, (item) => item.kind === 'unit'));
    camera.discontinuity();
    // Its clock begins anew, with pictures of hours ago.
    play(clip.map((unit) => ({ ...unit, timestamp: micros(unit.timestamp - 7_200e6) })));
    const after = await until(items, (item) => item.kind === 'unit' && item.epoch !== before?.epoch);
    expect(after.at(-1)).toMatchObject({ discontinuity: true, index: 0, unit: { key: true } });
    expect((after.at(-1) as UnitItem).unit.timestamp).toBeLessThan(0);
    expect(camera.readers).toBe(1);
    expect(children()).toBe(1);
  });

  it('shows a newcomer’s camera from its present on, not its last GOP in fast motion', async () => {
    publish(clip.slice(10));
    const { items } = watch();
    await readersOfCamera(1);
    const live = clip.slice(0, 10).map((unit) => ({ ...unit, timestamp: micros(unit.timestamp + 4e6) }));
    publish(live);
    const [first] = unitsIn(await until(items, (item) => item.kind === 'unit'));
    expect(first?.unit.timestamp).toBe(live[0]?.timestamp);
  });

  it('says once what is missing without ffmpeg, and begins when it is there', async () => {
    process.env.PATH = '/nowhere';
    const { items } = watch();
    play(clip);
    const before = await until(items, isState('unreachable'));
    expect(before.at(-1)).toMatchObject({
      state: { code: 'ingest/no-ffmpeg', message: expect.stringMatching(/H\.265.*without ffmpeg$/) },
    });
    // The wait before the next try is over when the camera is read again.
    await readersOfCamera(0);
    await readersOfCamera(1);
    process.env.PATH = PATH;
    const after = await until(items, (item) => item.kind === 'unit');
    expect(after.filter(({ kind }) => kind === 'state').every(isState('live'))).toBe(true);
  });

  it('tells of pictures lost before it at its next key picture, and shows those in between', async () => {
    const { items } = watch();
    const later = (seconds: number) =>
      clip.map((unit) => ({ ...unit, timestamp: micros(unit.timestamp + seconds * 1e6) }));
    publish(clip);
    camera.lose(4);
    publish(later(1));
    camera.lose(3);
    // Its first picture is the first that is due to be a key picture.
    publish(later(2.5));
    const seen = await until(items, (item) => item.kind === 'unit' && item.index === 5 && item.group === 2);
    const told = seen.filter(({ kind }) => kind === 'gap' || kind === 'config');
    expect(told).toMatchObject([
      { kind: 'config', group: 1 },
      { kind: 'gap', group: 2, dropped: 7 },
      { kind: 'config', group: 2 },
    ]);
    const [first] = unitsIn(seen).filter(({ group }) => group === 2);
    expect(first).toMatchObject({ discontinuity: false, unit: { timestamp: later(2.5)[0]?.timestamp } });
    expect(unitsIn(seen).filter(({ group }) => group === 1)).toHaveLength(40);
  });

  it('says that too much H.264 is made already, and begins when there is a place', async () => {
    const another = takeAnother();
    const { items } = watch();
    play(clip);
    const before = await until(items, isState('unreachable'));
    expect(before.at(-1)).toMatchObject({
      state: { code: 'ingest/too-many-encoders', message: expect.stringContaining('one camera already') },
    });
    await readersOfCamera(0);
    await readersOfCamera(1);
    expect(children()).toBe(0);
    another[Symbol.dispose]();
    const after = await until(items, (item) => item.kind === 'unit');
    expect(after.filter(({ kind }) => kind === 'state').every(isState('live'))).toBe(true);
    // Its place is free again when its child has ended.
    expect(takeAnother).toThrow();
    await substitute[Symbol.asyncDispose]();
    takeAnother();
  });

  it('passes on a camera that went over to H.264', async () => {
    const { items } = watch();
    publish(clip);
    await until(items, (item) => item.kind === 'unit');
    play([key(100, 30), ...Array.from({ length: 9 }, (_, index) => delta(100 + index / 10, 20))]);
    const seen = await until(items, (item) => item.kind === 'unit' && item.unit.data.length === 20);
    expect(unitsIn(seen).at(-2)).toMatchObject({ discontinuity: true, unit: { key: true } });
    expect(unitsIn(seen).at(-2)?.unit.data).toHaveLength(30);
    await expect.poll(children).toBe(0);
  });

  it('ends when the camera’s stream does, for good', async () => {
    const { items } = watch();
    publish(clip);
    await until(items, (item) => item.kind === 'unit');
    camera.end('closed', 'the server is stopping');
    await until(items, ({ kind }) => kind === 'end');
    await readersOfCamera(0);
  });
});
