import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ffmpeg, frameChecksums } from '../../support/clip.ts';
import { type ConvertPage, openConvertPage } from '../../support/convert-page.ts';
import { encodeClip } from '../../support/h264-clip.ts';

let opened: ConvertPage;
const at = (name: string): string => join(opened.folder, name);
const FRAMES = 60;
const clip = { width: 160, height: 96, frames: FRAMES, keyInterval: 25, bFrames: 2 };

beforeAll(async () => {
  opened = await openConvertPage();
  await encodeClip(at('quay.mp4'), clip);
});
afterAll(() => opened[Symbol.asyncDispose]());

/** Mean squared error of two grey pictures of a clip, 8-bit steps squared. */
async function grey(file: string, index: number): Promise<Buffer> {
  const pick = `select=eq(n\\,${index}),scale=160:96,format=gray`;
  return ffmpeg(['-i', file, '-vf', pick, '-frames:v', '1', '-f', 'rawvideo', '-']);
}
const difference = (a: Buffer, b: Buffer): number => {
  expect(a.length).toBe(b.length);
  return a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0) / a.length;
};

describe('trimming', () => {
  it('keeps exactly the pictures of the span, though neither end is a key picture', async () => {
    const name = await opened.page.evaluate(async () => {
      const { converter, jobs, fileAt, keep } = convert;
      const given = { file: await fileAt('quay.mp4'), seconds: 2.4, name: 'quay' };
      const job = jobs.trim(given, 13 / 25, 38 / 25);
      return keep(await converter.run(job, () => {}, new AbortController().signal));
    });
    expect(name).toBe('quay-trimmed.mp4');
    expect(await frameChecksums(['-i', at(name)])).toHaveLength(25);
    for (const index of [0, 11, 24]) {
      const picture = await grey(at(name), index);
      expect(difference(picture, await grey(at('quay.mp4'), 13 + index))).toBeLessThan(10);
      expect(difference(picture, await grey(at('quay.mp4'), 12 + index))).toBeGreaterThan(20);
    }
  });

  it('keeps the time between pictures that come unevenly', async () => {
    const uneven = "select='not(eq(n,20)+eq(n,21)+eq(n,30))'";
    await ffmpeg([
      '-i',
      at('quay.mp4'),
      '-vf',
      uneven,
      '-fps_mode',
      'passthrough',
      '-c:v',
      'libx264',
      '-y',
      at('uneven.mp4'),
    ]);
    const name = await opened.page.evaluate(async () => {
      const { converter, jobs, fileAt, keep } = convert;
      const given = { file: await fileAt('uneven.mp4'), seconds: 2.4, name: 'uneven' };
      return keep(await converter.run(jobs.trim(given, 0.6, 1.4), () => {}, new AbortController().signal));
    });
    const times = await presentationTimes(at(name));
    expect(times.map((time) => Math.round(time * 25))).toEqual([
      0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, 19,
    ]);
  });
});

describe('writing the name and the clock into the picture', () => {
  it('covers a strip at the bottom left and leaves the rest', async () => {
    const name = await opened.page.evaluate(async () => {
      const { converter, jobs, fileAt, keep } = convert;
      const given = { file: await fileAt('quay.mp4'), seconds: 2.4, name: 'quay' };
      const job = jobs.burnIn(given, "Quay: 'north' 100%", Date.UTC(2026, 10, 24, 1, 2, 3) * 1000);
      return keep(await converter.run(job, () => {}, new AbortController().signal));
    });
    expect(await frameChecksums(['-i', at(name)])).toHaveLength(FRAMES);
    const [before, after] = [await grey(at('quay.mp4'), 30), await grey(at(name), 30)];
    const rows = (from: number, to: number) =>
      difference(before.subarray(from * 160, to * 160), after.subarray(from * 160, to * 160));
    expect(rows(0, 60)).toBeLessThan(10);
    expect(rows(68, 84)).toBeGreaterThan(500);
  });
});

describe('side by side', () => {
  it('puts a clip of half the size at the other’s height to its left', async () => {
    await encodeClip(at('small.mp4'), { ...clip, width: 80, height: 48 });
    const name = await opened.page.evaluate(async () => {
      const { converter, jobs, fileAt, keep } = convert;
      const [left, right] = [
        { file: await fileAt('small.mp4'), seconds: 2.4, name: 'small' },
        { file: await fileAt('quay.mp4'), seconds: 2.4, name: 'quay' },
      ];
      return keep(await converter.run(jobs.sideBySide(left, right), () => {}, new AbortController().signal));
    });
    const pixels = await ffmpeg([
      '-i',
      at(name),
      '-vf',
      'select=eq(n\\,40),format=gray',
      '-frames:v',
      '1',
      '-f',
      'rawvideo',
      '-',
    ]);
    expect(pixels.length).toBe(320 * 96);
    const right = Buffer.concat(
      Array.from({ length: 96 }, (_, y) => pixels.subarray(y * 320 + 160, y * 320 + 320)),
    );
    expect(difference(right, await grey(at('quay.mp4'), 40))).toBeLessThan(10);
    const left = Buffer.concat(Array.from({ length: 96 }, (_, y) => pixels.subarray(y * 320, y * 320 + 160)));
    expect(difference(left, await grey(at('small.mp4'), 40))).toBeLessThan(60);
  });
});

describe('other formats', () => {
  it('makes a WebM of every picture, and a GIF of ten a second', async () => {
    const names = await opened.page.evaluate(async () => {
      const { converter, jobs, fileAt, keep } = convert;
      const given = { file: await fileAt('quay.mp4'), seconds: 2.4, name: 'quay' };
      const made: string[] = [];
      for (const format of ['webm', 'gif'] as const)
        made.push(
          await keep(
            await converter.run(jobs.convert(given, format), () => {}, new AbortController().signal),
          ),
        );
      return made;
    });
    expect(names).toEqual(['quay.webm', 'quay.gif']);
    expect(await frameChecksums(['-i', at('quay.webm')])).toHaveLength(FRAMES);
    expect(await frameChecksums(['-i', at('quay.gif')])).toHaveLength(24);
  });

  it('makes a sheet of twelve pictures from all over the clip', async () => {
    const name = await opened.page.evaluate(async () => {
      const { converter, jobs, fileAt, keep } = convert;
      const given = { file: await fileAt('quay.mp4'), seconds: 2.4, name: 'quay' };
      return keep(await converter.run(jobs.contactSheet(given), () => {}, new AbortController().signal));
    });
    const { width, height } = await sharp(at(name)).metadata();
    expect([width, height]).toEqual([4 * 160 + 5 * 4, 3 * 96 + 4 * 4]);
    const tile = (x: number, y: number) =>
      ffmpeg([
        '-i',
        at(name),
        '-vf',
        `crop=160:96:${4 + x * 164}:${4 + y * 100},format=gray`,
        '-f',
        'rawvideo',
        '-',
      ]);
    expect(difference(await tile(0, 0), await grey(at('quay.mp4'), 0))).toBeLessThan(60);
    expect(difference(await tile(3, 2), await grey(at('quay.mp4'), 55))).toBeLessThan(60);
  });
});

describe('a file of a recorder', () => {
  it('is left as it is where the browser plays it, and ffmpeg is not fetched', async () => {
    await using fresh = await openConvertPage();
    await encodeClip(join(fresh.folder, 'plain.mp4'), clip);
    const outcome = await fresh.page.evaluate(async () => {
      const { converter, openFile, fileAt } = convert;
      const file = await fileAt('plain.mp4');
      const found = await openFile(file, converter, () => {}, new AbortController().signal);
      return { same: found.file === file, converted: found.converted };
    });
    expect(outcome).toEqual({ same: true, converted: undefined });
    expect(fresh.asked.filter((path) => path.startsWith('/ffmpeg'))).toEqual([]);
  });

  it('in Motion JPEG becomes one that plays, with every picture, telling how far it is', async () => {
    await ffmpeg(['-i', at('quay.mp4'), '-c:v', 'mjpeg', '-q:v', '2', '-y', at('dvr.avi')]);
    const outcome = await opened.page.evaluate(async () => {
      const { converter, openFile, fileAt, keep } = convert;
      const shares: number[] = [];
      const heard = ({ step, share }: { step: string; share: number }) => {
        if (step === 'converting') shares.push(share);
      };
      const found = await openFile(await fileAt('dvr.avi'), converter, heard, new AbortController().signal);
      return { name: await keep(found.file), converted: found.converted, shares };
    });
    expect(outcome.converted).toBe('mjpeg');
    expect(await frameChecksums(['-i', at(outcome.name)])).toHaveLength(FRAMES);
    expect(outcome.shares.at(-1)).toBeGreaterThan(0.9);
    expect(outcome.shares).toEqual(outcome.shares.toSorted((a, b) => a - b));
  });

  it('with H.264 in AVI keeps its pictures bit for bit', async () => {
    await encodeClip(at('source.mp4'), { ...clip, bFrames: 0 });
    await ffmpeg(['-i', at('source.mp4'), '-c', 'copy', '-y', at('h264.avi')]);
    const name = await opened.page.evaluate(async () => {
      const { converter, openFile, fileAt, keep } = convert;
      const found = await openFile(
        await fileAt('h264.avi'),
        converter,
        () => {},
        new AbortController().signal,
      );
      return keep(found.file);
    });
    expect(await frameChecksums(['-i', at(name)])).toEqual(await frameChecksums(['-i', at('source.mp4')]));
  });

  it('that says when it was begun is dated so', async () => {
    await ffmpeg([
      '-i',
      at('quay.mp4'),
      '-t',
      '0.2',
      '-c:v',
      'libx265',
      '-metadata',
      'creation_time=2026-11-20T02:03:04Z',
      '-y',
      at('dated.mov'),
    ]);
    const startedAt = await opened.page.evaluate(async () => {
      const { converter, openFile, fileAt } = convert;
      return (await openFile(await fileAt('dated.mov'), converter, () => {}, new AbortController().signal))
        .startedAt;
    });
    expect(startedAt).toBe(Date.UTC(2026, 10, 20, 2, 3, 4) * 1000);
  });
});

describe('what cannot be done is said', () => {
  const failure = (name: string) =>
    opened.page.evaluate(async (given) => {
      const { converter, openFile, fileAt } = convert;
      const opening = openFile(await fileAt(given), converter, () => {}, new AbortController().signal);
      return opening.then(
        () => undefined,
        ({ code, message }: { code: string; message: string }) => ({ code, message }),
      );
    }, name);

  it('of a file that is no video', async () => {
    await writeFile(at('notes.avi'), 'Tuesday: the harbour was dark.\n'.repeat(200));
    expect(await failure('notes.avi')).toEqual({
      code: 'convert/unreadable',
      message: 'notes.avi holds no video that can be read',
    });
  });

  it('of a file over 2 GiB, before anything is read', async () => {
    const refusal = await opened.page.evaluate(async () => {
      const { converter } = convert;
      const large = new File([], 'week.avi');
      Object.defineProperty(large, 'size', { value: 3 * 1024 ** 3 });
      return converter
        .probe(large, () => {}, new AbortController().signal)
        .catch(({ code, message }) => ({ code, message }));
    });
    expect(refusal).toEqual({
      code: 'convert/too-large',
      message: 'week.avi has 3.0 GiB; ffmpeg in a browser takes files up to 2 GiB',
    });
  });

  it('of a clip cut off in the middle, and the next job is done all the same', async () => {
    const whole = await stat(at('quay.mp4'));
    await writeFile(at('cut.mp4'), await readFile(at('quay.mp4')));
    await truncate(at('cut.mp4'), Math.floor(whole.size / 2));
    expect(await failure('cut.mp4')).toMatchObject({ code: 'convert/unreadable' });
    await ffmpeg(['-i', at('quay.mp4'), '-t', '0.4', '-c:v', 'mjpeg', '-y', at('after.avi')]);
    expect(await failure('after.avi')).toBeUndefined();
  });

  it('of a job that the person ends: it ends at once, and the next one is done', async () => {
    const outcome = await opened.page.evaluate(async () => {
      const { converter, jobs, fileAt } = convert;
      const given = { file: await fileAt('quay.mp4'), seconds: 2.4, name: 'quay' };
      const stop = new AbortController();
      const begun = (step: { step: string }) => step.step === 'converting' && stop.abort(new Error('enough'));
      const first = await converter
        .run(jobs.convert(given, 'mp4'), begun, stop.signal)
        .catch((error) => error.message);
      const second = await converter.run(jobs.convert(given, 'gif'), () => {}, new AbortController().signal);
      return { first, second: second.name };
    });
    expect(outcome).toEqual({ first: 'enough', second: 'quay.gif' });
  });
});

async function presentationTimes(file: string): Promise<number[]> {
  const lines = await ffmpeg([
    '-i',
    file,
    '-fps_mode',
    'passthrough',
    '-enc_time_base',
    '1:90000',
    '-f',
    'framemd5',
    '-',
  ]);
  const rows = lines
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('0,'));
  return rows.map((line) => Number(line.split(',')[2]) / 90000);
}
