import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import { type FollowedUnit, h264Of } from '../../../server/ingest/h264-of.ts';
import { decodedFrames, temporaryFolder } from '../../support/h264-clip.ts';
import { h265Units } from '../../support/h265-units.ts';
import { CONFIG, delta, key } from '../fanout/made-up-camera.ts';

const NEVER = new AbortController().signal;
const PATH = process.env.PATH;

afterEach(() => {
  process.env.PATH = PATH;
});

/** Two GOPs and a half, with B-frames, the second beginning with pictures that refer to the first. */
let clip: AccessUnit[];

beforeAll(async () => {
  clip = await h265Units({
    width: 160,
    height: 96,
    frames: 60,
    keyInterval: 25,
    bFrames: 3,
    openGop: true,
    bitDepth: 10,
  });
});

const shown = ({ timestamp }: AccessUnit, { timestamp: other }: AccessUnit): number => timestamp - other;
const times = ({ timestamp, capturedAt, captureClock }: AccessUnit) => ({
  timestamp,
  capturedAt,
  captureClock,
});

async function* follow(units: readonly AccessUnit[], past = 0): AsyncGenerator<FollowedUnit> {
  for (const [index, unit] of units.entries()) yield { unit, past: index < past };
}

/** A camera that sends these and then stands still until `stop`. */
async function* standStill(units: readonly AccessUnit[], stop: AbortSignal): AsyncGenerator<FollowedUnit> {
  yield* follow(units);
  await new Promise((stopped) => stop.addEventListener('abort', stopped));
}

async function all(units: AsyncIterable<AccessUnit>): Promise<AccessUnit[]> {
  const found: AccessUnit[] = [];
  for await (const unit of units) found.push(unit);
  return found;
}

/** A folder whose program `ffmpeg` is this script, first in the search path until the end of the test. */
async function standInFor(script: string) {
  const folder = await temporaryFolder();
  const file = join(folder.path, 'ffmpeg');
  await writeFile(file, `#!/bin/sh\necho $$ > ${folder.path}/pid\n${script}\n`);
  await chmod(file, 0o755);
  process.env.PATH = `${folder.path}:${PATH}`;
  const pid = async () => Number(await readFile(join(folder.path, 'pid'), 'utf8'));
  return { pid, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
}

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('H.264 of an H.265 camera', () => {
  it('has every picture once, in the order shown, at the camera’s own time, and decodes', async () => {
    const made = await all(h264Of(follow(clip), 60, NEVER));
    expect(made.map(times)).toEqual(clip.toSorted(shown).map(times));
    expect(made[0]).toMatchObject({
      key: true,
      config: { codec: expect.stringMatching(/^avc1\.64/), codedWidth: 160, codedHeight: 96 },
    });
    expect(await decodedFrames(Buffer.concat(made.map(({ data }) => data)))).toHaveLength(60);
  });

  it('has a key picture every two seconds of the camera’s time, however few the camera sends', async () => {
    const long = await h265Units({ width: 96, height: 64, frames: 130, keyInterval: 1000 });
    const made = await all(h264Of(follow(long), 60, NEVER));
    const keys = made.filter((unit) => unit.key).map(({ timestamp }) => timestamp);
    const due = (since: number) => made.find(({ timestamp }) => timestamp >= since + 2_000_000)?.timestamp;
    expect(keys).toEqual([made[0]?.timestamp, due(keys[0]!), due(keys[1]!)]);
  });

  it('begins with the first picture that is not past, and decodes the past for it', async () => {
    const made = await all(h264Of(follow(clip, 40), 60, NEVER));
    const from = clip[40]!.timestamp;
    expect(made.map(times)).toEqual(
      clip
        .filter(({ timestamp }) => timestamp >= from)
        .toSorted(shown)
        .map(times),
    );
    expect(made[0]?.key).toBe(true);
  });

  it('goes on at the next key unit after a loss, at the camera’s own times', async () => {
    const next = clip.findIndex(({ key: isKey }, index) => isKey && index > 0);
    // What leads the open GOP refers to what was lost, so a camera's packets leave it out too.
    const after = clip.slice(next).filter(({ timestamp }) => timestamp >= clip[next]!.timestamp);
    const made = await all(h264Of(follow([...clip.slice(0, 10), ...after]), 60, NEVER));
    const expected = after.toSorted(shown).map(times);
    expect(made.map(times).slice(-expected.length)).toEqual(expected);
  });

  it('comes while the camera goes on, and ends with it', async () => {
    const stop = new AbortController();
    const made: AccessUnit[] = [];
    for await (const unit of h264Of(standStill(clip, stop.signal), 60, NEVER)) {
      made.push(unit);
      if (made.length === 20) stop.abort();
    }
    expect(made).toHaveLength(60);
  });

  it('is what the camera sends where that is H.264, the past included', async () => {
    process.env.PATH = '/nowhere';
    const units = [key(0), delta(1), delta(2), key(3, 100, CONFIG)];
    expect(await all(h264Of(follow(units, 2), 60, NEVER))).toEqual(units);
  });

  it('is nothing where nothing is to be shown', async () => {
    expect(await all(h264Of(follow(clip.slice(0, 5), 5), 60, NEVER))).toEqual([]);
  });
});

describe('the child that makes it', () => {
  it('is gone when its owner stops', async () => {
    await using child = await standInFor('exec tail -c 1');
    const stop = new AbortController();
    const next = all(h264Of(standStill(clip, NEVER), 60, stop.signal));
    await expect.poll(child.pid).toBeGreaterThan(0);
    const pid = await child.pid();
    stop.abort();
    expect(await next).toEqual([]);
    expect(runs(pid)).toBe(false);
  });

  it('is killed when it takes in pictures and gives none', async () => {
    await using child = await standInFor('exec tail -c 1');
    const units = all(h264Of(standStill(clip, NEVER), 0.3, NEVER));
    await expect(units).rejects.toMatchObject({ code: 'ingest/ffmpeg-failed' });
    await expect(units).rejects.toThrow(/took in pictures and gave none for 0.3 s/);
    expect(runs(await child.pid())).toBe(false);
  });

  it('is killed when it does not even take them in', async () => {
    await using child = await standInFor('exec sleep 600');
    const large = clip.map((unit) => ({ ...unit, data: Buffer.concat([unit.data, Buffer.alloc(100_000)]) }));
    const units = all(h264Of(follow(large, 40), 0.3, NEVER));
    await expect(units).rejects.toThrow(/gave none for 0.3 s/);
    expect(runs(await child.pid())).toBe(false);
  });

  it('that ends by itself is a failure in its own words', async () => {
    await using _child = await standInFor('echo "the encoder is missing" >&2; exit 1');
    const units = all(h264Of(standStill(clip, NEVER), 60, NEVER));
    await expect(units).rejects.toThrow(/make H.264 of the camera's H.265: the encoder is missing/);
  });

  it('is missing where ffmpeg is not installed', async () => {
    process.env.PATH = '/nowhere';
    const units = all(h264Of(standStill(clip, NEVER), 60, NEVER));
    await expect(units).rejects.toMatchObject({ code: 'ingest/no-ffmpeg' });
  });
});
