import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { ErrorCode } from '#wire/nightglass-error.ts';
import { wallNow } from '#wire/time.ts';
import { type Fault, type FaultyCamera, startFaultyCamera } from '../support/faulty-camera.ts';
import * as faults from '../support/faulty-camera-faults.ts';
import { codedPictures, decodedFrames, temporaryFolder } from '../support/h264-clip.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import type { CodedPicture } from '../support/rtp-packetiser.ts';
import { healthOf, type UnitMessage, WatchedCamera } from '../support/watched-camera.ts';

/** What shows a viewer that the fault has happened. */
type Effect =
  | { readonly kind: 'fails'; readonly code: ErrorCode }
  | { readonly kind: 'gap' | 'waits' | 'new-epoch' }
  /** Nothing: so many pictures are sent, and the viewer misses none. */
  | { readonly kind: 'none'; readonly pictures: number };

interface Row {
  readonly fault: Fault;
  readonly effect: Effect;
  /** False where the pictures are padded with nonsense. */
  readonly decodes?: false;
  /** Checked while the fault lasts. */
  readonly meanwhile?: (watched: WatchedCamera) => Promise<void>;
}

const fails = (code: ErrorCode): Effect => ({ kind: 'fails', code });
const nothing = (pictures: number): Effect => ({ kind: 'none', pictures });
const GAP: Effect = { kind: 'gap' };
const USER = { username: 'ann', password: 'in-the-hut' };
const LONG_GOP = 1500;
const SMALL = { width: 160, height: 96, keyInterval: 10 };

const ROWS: Readonly<Record<string, (clips: Clips) => Row>> = {
  'has numbers that wrap': () => ({ fault: {}, effect: nothing(50) }),
  stalls: () => ({ fault: faults.stall, effect: fails('ingest/no-picture') }),
  'is half open': () => ({ fault: faults.halfOpen, effect: fails('ingest/no-picture') }),
  'resets its connections': () => ({ fault: faults.resets, effect: fails('ingest/closed') }),
  'closes without TEARDOWN': () => ({ fault: faults.closes, effect: fails('ingest/closed') }),
  reboots: () => ({ fault: faults.reboot, effect: fails('ingest/closed') }),
  'begins anew inside the connection': () => ({ fault: faults.encoderRestart, effect: GAP }),
  'sends audio only': () => ({ fault: faults.audioOnly, effect: fails('ingest/no-video') }),
  // 60 s of pictures in 3 s, more than any of the limits: neither is the camera taken for dead nor is the GOP cut.
  'sends a GOP of 1,500 pictures': ({ long }) => ({
    fault: faults.longGop(long),
    effect: nothing(LONG_GOP),
    meanwhile: aNewcomerSeesAllOfIt,
  }),
  // Nearly every camera begins with a key frame when it is asked anew; waiting for the next may take a minute.
  'loses a packet of a GOP that long': ({ long }) => ({
    fault: faults.longGopWithALoss(long),
    effect: fails('ingest/no-picture'),
  }),
  'has its clock set wrong': () => ({
    fault: faults.wrongClock,
    effect: nothing(50),
    meanwhile: async (watched) => {
      expect(watched.units().filter(({ captureClock }) => captureClock !== 'arrival')).toEqual([]);
      await server.printed(new RegExp(`"camera":"${watched.name}","msg":"the camera's clock is set wrong`));
    },
  }),
  'stamps pictures hours off': () => ({ fault: faults.hoursOff, effect: nothing(50) }),
  'repeats and reverses timestamps': () => ({ fault: faults.repeatsStamps, effect: nothing(50) }),
  'changes size and profile': ({ other }) => ({
    fault: faults.anotherSps(other),
    effect: { kind: 'new-epoch' },
  }),
  'drops its PPS': () => ({ fault: faults.withoutPps, effect: { kind: 'waits' } }),
  'breaks its SPS': () => ({ fault: faults.brokenSps, effect: fails('packets/malformed') }),
  'puts garbage between packets': () => ({ fault: faults.garbage, effect: nothing(50) }),
  'sends what is not RTP': () => ({ fault: faults.notRtp, effect: fails('ingest/garbage') }),
  'sends packets twice': () => ({ fault: faults.duplicates, effect: nothing(50) }),
  'reorders packets': () => ({ fault: faults.reorders, effect: GAP }),
  'loses 1 % of its packets': () => ({ fault: faults.loses(100), effect: GAP }),
  'loses 10 % of its packets': () => ({ fault: faults.loses(10), effect: GAP }),
  'sends key frames of 4 MB': () => ({ fault: faults.hugeKeys, effect: nothing(50), decodes: false }),
  'knows SHA-256 only': () => ({
    fault: faults.sha256Only(USER.username, USER.password),
    effect: { kind: 'new-epoch' },
  }),
  'answers slowly': () => ({ fault: faults.slowAnswers, effect: { kind: 'new-epoch' } }),
};

interface Clips {
  readonly usual: readonly CodedPicture[];
  readonly other: readonly CodedPicture[];
  readonly long: readonly CodedPicture[];
}

const NAMES = Object.keys(ROWS);
const nameOf = (title: string): string => `camera-${NAMES.indexOf(title)}`;

let clips: Clips;
let server: Nightglass;
let healthy: WatchedCamera;
let atFirst: { readonly rss: number; readonly heap: number };
const cameras = new Map<string, FaultyCamera>();
const disposables: AsyncDisposable[] = [];
const backAfter = new Map<string, number>();

beforeAll(async () => {
  clips = {
    usual: await codedPictures({ ...SMALL, frames: 20 }),
    other: await codedPictures({ width: 128, height: 64, frames: 20, profile: 'baseline' }),
    long: await codedPictures({ ...SMALL, frames: LONG_GOP, keyInterval: LONG_GOP }),
  };
  const settings: Record<string, object> = {};
  for (const name of ['healthy', ...NAMES.map(nameOf)]) {
    const camera = await startFaultyCamera(clips.usual);
    disposables.push(camera);
    cameras.set(name, camera);
    settings[name] = { url: camera.url, ...USER };
  }
  const folder = await temporaryFolder();
  disposables.push(folder);
  const file = join(folder.path, 'nightglass.yaml');
  // Time-outs short, so that what follows from them follows soon. The viewers' queues are not what is
  // tested here, and a machine that has little time for its tests makes slow viewers.
  const timeouts = { pictureTimeoutSeconds: 2, keyTimeoutSeconds: 2, closeAfterSeconds: 0 };
  const limits = { ...timeouts, queueSeconds: 60, queueMiB: 64 };
  await writeFile(file, stringify({ token: 'of-the-harbour', cameras: settings, limits }));
  server = await startNightglass('--config', file);
  disposables.push(server);
  healthy = await WatchedCamera.open(server, 'healthy');
  await healthy.message(50, ({ kind }) => kind === 'unit');
  atFirst = await memory();
});

afterAll(async () => {
  healthy[Symbol.dispose]();
  for (const disposable of disposables.reverse()) await disposable[Symbol.asyncDispose]();
  const lines = [...backAfter].map(([title, seconds]) => `  ${seconds.toFixed(2)} s  ${title}`);
  console.log(`The picture is back after a camera …\n${lines.join('\n')}`);
});

describe.concurrent('a camera that', () => {
  it.each(NAMES)('%s: its picture is back with the next try, and whatever comes decodes', async (title) => {
    const { fault, effect, meanwhile, decodes } = ROWS[title]!(clips);
    const camera = cameras.get(nameOf(title))!;
    using watched = await WatchedCamera.open(server, nameOf(title));
    await watched.message(15, ({ kind }) => kind === 'unit');

    const before = { media: watched.heard, told: watched.viewer.control.length };
    camera.misbehave(fault);
    await happens(effect, watched, before, camera);
    await meanwhile?.(watched);

    const plays = camera.plays;
    const [ended, endedAt] = [performance.now(), wallNow()];
    camera.behave();
    const { media } = watched.viewer;
    await watched.message(media.length, ({ kind, sentAt }) => kind === 'unit' && sentAt > endedAt);
    backAfter.set(title, (performance.now() - ended) / 1000);
    await watched.message(media.length + 12, ({ kind }) => kind === 'unit');

    // At most one wait between two tries, and no try in vain.
    expect(camera.plays - plays).toBeLessThanOrEqual(1);
    expect(watched.outOfSequence()).toBe(0);
    if (effect.kind === 'none') {
      expect(camera.plays).toBe(1);
      expect(media.filter(({ kind }) => kind === 'gap')).toEqual([]);
      expect(new Set(watched.units().map(({ epoch }) => epoch)).size).toBe(1);
    }
    for (const step of steps(watched.units()))
      expect(step > 0 && step < 1e6, `a step of ${step} µs`).toBe(true);
    if (decodes !== false) await everyPictureDecodes(watched);
  });
});

describe('meanwhile', () => {
  it('the healthy camera has lost nothing', async () => {
    const units = healthy.units();
    expect(healthy.viewer.media.filter(({ kind }) => kind === 'gap')).toEqual([]);
    expect(healthy.outOfSequence()).toBe(0);
    expect(new Set(units.map(({ epoch }) => epoch)).size).toBe(1);
    const steps = units.slice(1).map(({ timestamp }, index) => timestamp - units[index]!.timestamp);
    expect(Math.max(...steps)).toBe(40_000);
    const pauses = units.slice(1).map(({ sentAt }, index) => sentAt - units[index]!.sentAt);
    const [gap, own] = [Math.max(...pauses) / 1e6, cameras.get('healthy')!.longestPause];
    console.log(`The healthy camera's largest gap: ${gap.toFixed(3)} s; its own pause: ${own.toFixed(3)} s`);
    expect(await healthOf(server, 'healthy')).toMatchObject({
      state: 'live',
      reconnects: 0,
      lost: 0,
      restamped: 0,
    });
  });

  it('the log has had a bounded number of lines for each', () => {
    const linesOf = (name: string): string[] =>
      server
        .output()
        .split('\n')
        .filter((line) => line.includes(`"camera":"${name}"`));
    for (const title of NAMES) {
      expect(linesOf(nameOf(title)).length, title).toBeGreaterThan(0);
      expect(linesOf(nameOf(title)).length, title).toBeLessThanOrEqual(20);
    }
    expect(server.output()).not.toMatch(/"level":[56]0/);
  });

  it('health has told of what was lost and what was stamped anew', async () => {
    const of = (title: string) => healthOf(server, nameOf(title));
    expect((await of('loses 1 % of its packets')).lost).toBeGreaterThan(0);
    expect((await of('loses 10 % of its packets')).lost).toBeGreaterThan(10);
    expect((await of('stamps pictures hours off')).restamped).toBeGreaterThanOrEqual(7);
    expect((await of('repeats and reverses timestamps')).restamped).toBeGreaterThanOrEqual(20);
    expect((await of('sends packets twice')).lost).toBe(0);
    expect((await of('has numbers that wrap')).restamped).toBe(0);
    expect(await of('reboots')).toMatchObject({ lastError: { code: 'ingest/closed' } });
  });

  it('the server has not grown', async () => {
    const now = await memory();
    const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
    console.log(
      `Memory, MiB: ${mib(atFirst.rss)} → ${mib(now.rss)} resident, ${mib(atFirst.heap)} → ${mib(now.heap)} heap`,
    );
    expect(now.rss - atFirst.rss).toBeLessThan(96 * 2 ** 20);
  });
});

async function happens(
  effect: Effect,
  watched: WatchedCamera,
  before: { readonly media: number; readonly told: number },
  camera: FaultyCamera,
): Promise<void> {
  const { epoch = 0 } = watched.units().at(-1) ?? {};
  switch (effect.kind) {
    case 'fails':
      await watched.state(
        before.told,
        (state) => state.state === 'unreachable' && state.code === effect.code,
      );
      return;
    case 'waits':
      await watched.state(before.told, ({ state }) => state === 'waiting-for-key');
      return;
    case 'gap':
      await watched.message(before.media, (message) => message.kind === 'gap' && message.dropped > 0);
      return;
    case 'new-epoch':
      await watched.message(before.media, (message) => message.kind === 'unit' && message.epoch > epoch);
      return;
    case 'none':
      await camera.sent(effect.pictures);
  }
}

/** A second viewer of the same GOP is given all of it from its key unit on, without a gap. */
async function aNewcomerSeesAllOfIt(watched: WatchedCamera): Promise<void> {
  const last = watched.units().at(-1)!;
  expect(last.index).toBeGreaterThan(LONG_GOP / 2);
  watched.viewer.open(watched.name, 2);
  await watched.viewer.heard(
    (message) => message.stream === 2 && message.kind === 'unit' && message.index > last.index,
  );
  const seen = watched.units(2);
  expect(seen[0]).toMatchObject({ key: true, group: last.group, index: 0 });
  expect(watched.outOfSequence(2)).toBe(0);
  watched.viewer.say({ type: 'close', stream: 2 });
}

/** From each picture to the next one of its group, µs; none of these cameras reorders pictures. */
const steps = (units: readonly UnitMessage[]): number[] =>
  units.slice(1).flatMap(({ group, timestamp }, at) => {
    const before = units[at]!;
    return before.group === group ? [timestamp - before.timestamp] : [];
  });

async function everyPictureDecodes(watched: WatchedCamera): Promise<void> {
  const units = watched.units();
  for (const epoch of new Set(units.map((unit) => unit.epoch))) {
    const data = units.filter((unit) => unit.epoch === epoch).map((unit) => unit.data);
    expect(await decodedFrames(Buffer.concat(data))).toHaveLength(data.length);
  }
}

/** The server's, bytes. */
async function memory(): Promise<{ readonly rss: number; readonly heap: number }> {
  const headers = { authorization: `Bearer ${server.token}` };
  const text = await (await fetch(`${server.origin}/metrics`, { headers })).text();
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return { rss: value('process_resident_memory_bytes'), heap: value('nodejs_heap_size_used_bytes') };
}
