import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { reasonOf } from '../../models/tools/command.ts';
import { enhanceFiles } from '../../models/tools/enhance-files.ts';
import { readOptions } from '../../models/tools/enhance-options.ts';
import type { Model } from '../../models/tools/model.ts';
import { writeDisplayMatrix } from '../../models/tools/video/display-matrix.ts';
import { enhanceVideo, type VideoWork } from '../../models/tools/video/enhance-video.ts';
import {
  audioSum,
  darkClip,
  displayMatrixOf,
  ffmpeg,
  mean,
  picturesOf,
  streamsOf,
  timesOf,
} from '../support/video-facts.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A quarter turn of 160 x 96, moved back into view. */
const TURNED = [0, 65536, 0, -65536, 0, 0, 96 * 65536, 0, 0x40000000];

let folder: string;
let turned: string;
let target: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightglass-video-'));
  turned = join(folder, 'turned.mp4');
  await darkClip(turned, '-c:a', 'aac', '-colorspace', 'bt709', '-color_primaries', 'bt709');
  await writeDisplayMatrix(turned, TURNED);
});

beforeEach(async () => {
  target = join(await mkdtemp(join(folder, 'out-')), 'made.mp4');
});

afterAll(() => rm(folder, { recursive: true }));

/** What the command says and ends with, without the cost of starting it. */
async function enhance(...args: readonly string[]): Promise<{ code: number; output: string }> {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  let code: number = 2;
  let reason = '';
  try {
    const options = readOptions(['--engine', 'ort', ...args])!;
    code = await enhanceFiles(options, new AbortController().signal);
  } catch (error) {
    reason = `${reasonOf(error)}\n`;
  }
  const output = said.mock.calls.map(([line]) => `${line}\n`).join('') + reason;
  said.mockRestore();
  return { code, output };
}

/** Of a picture's values from their mean. */
const deviation = (picture: Buffer): number => {
  const level = mean(picture);
  return Math.sqrt(picture.reduce((sum, value) => sum + (value - level) ** 2, 0) / picture.length);
};

/** Makes every pixel four of the same colour, `gain` times as bright, and keeps the mixes it was asked for. */
const brightening = (gain: number, mixes: number[] = []): Model => ({
  async subpixels(image, width, height, mix = 1) {
    mixes.push(mix);
    const plane = width * height;
    return Float32Array.from(
      { length: 12 * plane },
      (_, at) => gain * image[Math.floor(at / plane / 4) * plane + (at % plane)]!,
    );
  },
  async [Symbol.asyncDispose]() {},
});

const enhanced = (source: string, work: Partial<VideoWork> = {}, model = brightening(3)): Promise<void> =>
  enhanceVideo(
    model,
    { source, target, span: { from: 0, to: undefined }, look: { mode: undefined, strength: 1 }, ...work },
    new AbortController().signal,
  );

const sameSize = { mode: 'same-size', strength: 1 } as const;

describe('a video through the network', () => {
  it('keeps every picture, its time, the rotation, the audio and the size, and is brighter', async () => {
    const { code, output } = await enhance('--in', turned, '--out', target, '--mode', 'same-size');
    expect(output).toBe('20/20 frames of turned.mp4\n');
    expect(code).toBe(0);
    const [before, after] = [await streamsOf(turned), await streamsOf(target)];
    expect(await timesOf(target)).toEqual(await timesOf(turned));
    expect(after.map(({ codec_name }) => codec_name)).toEqual(['h264', 'aac']);
    expect(after[0]).toMatchObject({ width: 160, height: 96, time_base: before[0]!.time_base });
    expect(displayMatrixOf(before[0]!)?.replace(/^\w+:/gm, '').trim().split(/\s+/).map(Number)).toEqual(
      TURNED,
    );
    expect(displayMatrixOf(after[0]!)).toBe(displayMatrixOf(before[0]!));
    expect(await audioSum(target)).toBe(await audioSum(turned));
    const [dark, light] = [await picturesOf(turned, 160, 96), await picturesOf(target, 160, 96)];
    expect(light.length).toBe(20);
    for (const [at, picture] of light.entries()) expect(mean(picture)).toBeGreaterThan(1.5 * mean(dark[at]!));
    expect(await readdir(join(target, '..'))).toEqual(['made.mp4']);
  });

  it('doubles a small picture unless told otherwise, and moves a turned one back into view by its new size', async () => {
    await enhanced(turned);
    const [video] = await streamsOf(target);
    expect(video).toMatchObject({ width: 320, height: 192 });
    expect(displayMatrixOf(video!)).toContain(String(2 * 96 * 65536));
    expect(await timesOf(target)).toEqual(await timesOf(turned));
  });

  it('takes the pictures of a span only, from its start on, with the audio that belongs to them', async () => {
    await enhanced(turned, { span: { from: 0.2, to: 0.5 }, look: sameSize });
    const within = (await timesOf(turned)).filter((time) => time >= 0.2 && time < 0.5);
    const times = await timesOf(target);
    expect(times.length).toBe(within.length);
    for (const [at, time] of times.entries()) expect(time).toBeCloseTo(within[at]! - 0.2, 3);
    const [, audio] = await streamsOf(target);
    expect(Number(audio!.duration)).toBeCloseTo(0.3, 1);
  });

  it.each([
    ['BT.601 in full range', ['-colorspace', 'smpte170m', '-color_range', 'pc'], 'out_range=full'],
    ['BT.709 in limited range', ['-colorspace', 'bt709', '-color_range', 'tv'], 'out_color_matrix=bt709'],
  ])('keeps colours that are %s, and says so', async (_what, tags, conversion) => {
    const source = join(folder, 'flat.mp4');
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'color=c=#40a060:size=160x96:rate=10:duration=0.3'],
      ...[
        '-vf',
        `scale=${conversion}:flags=accurate_rnd,format=yuv420p`,
        '-c:v',
        'libx264',
        '-crf',
        '4',
        ...tags,
      ],
      source,
    );
    await enhanced(source, { look: sameSize }, brightening(1));
    const [before, after] = [(await streamsOf(source))[0]!, (await streamsOf(target))[0]!];
    expect([after.color_space, after.color_range]).toEqual([before.color_space, before.color_range]);
    const [was, is] = [await picturesOf(source, 160, 96), await picturesOf(target, 160, 96)];
    for (const at of [0, 1, 2, 30_000]) expect(Math.abs(is[1]![at]! - was[1]![at]!)).toBeLessThanOrEqual(3);
  });

  it('makes AAC of audio that MP4 cannot hold, and gives a silent video no audio', async () => {
    const [pcm, silent] = [join(folder, 'pcm.mov'), join(folder, 'silent.mkv')];
    await darkClip(pcm, '-c:a', 'pcm_s16le');
    await darkClip(silent, '-an');
    await enhanced(pcm, { look: sameSize });
    expect((await streamsOf(target)).map(({ codec_name }) => codec_name)).toEqual(['h264', 'aac']);
    await enhanced(silent, { look: sameSize });
    expect((await streamsOf(target)).map(({ codec_name }) => codec_name)).toEqual(['h264']);
  });

  it('repeats the last column and row of odd sizes, which H.264 does not have', async () => {
    const source = join(folder, 'odd.mkv');
    await ffmpeg(
      ...[
        '-f',
        'lavfi',
        '-i',
        'testsrc=size=51x33:rate=10:duration=0.2,lutrgb=r=240:g=240:b=240',
        '-pix_fmt',
        'yuv444p',
      ],
      ...['-c:v', 'ffv1', source],
    );
    await enhanced(source, { look: sameSize });
    expect((await streamsOf(target))[0]).toMatchObject({ width: 52, height: 34 });
    const [picture] = await picturesOf(target, 52, 34);
    expect(picture!.at(-1)).toBeGreaterThan(230);
  });

  it('smooths the exposure from picture to picture by the time between them, but not over a cut', async () => {
    const source = join(folder, 'cut.mkv');
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'color=#202020:size=64x48:rate=25', '-frames:v', '6', '-c:v', 'ffv1'],
      ...['-vf', "lutrgb=r=val:g=val:b=val,geq=lum='lum(X,Y)*if(gte(N,3),4,1)':cb=128:cr=128"],
      source,
    );
    const mixes: number[] = [];
    await enhanced(source, {}, brightening(1, mixes));
    expect(mixes.map((mix) => Number(mix.toFixed(2)))).toEqual([1, 0.15, 0.15, 1, 0.15, 0.15]);
  });

  it('averages noise away over time where that is asked for, but not over a cut', async () => {
    const source = join(folder, 'noise.mkv');
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'color=#101010:size=64x48:rate=25', '-frames:v', '12', '-c:v', 'ffv1'],
      ...['-vf', "geq=lum='lum(X,Y)*if(gte(N,10),1.5,1)':cb=128:cr=128,noise=c0s=8:c0f=t"],
      source,
    );
    const noiseOf = async (args: readonly string[]): Promise<number[]> => {
      await enhanced(source, { look: readOptions(['--in', source, '--out', target, ...args])!.look });
      return (await picturesOf(target, 128, 96)).map(deviation);
    };
    const [off, on] = [await noiseOf([]), await noiseOf(['--denoise'])];
    expect(on[0]! / off[0]!).toBeCloseTo(1, 1);
    expect(on[9]! / off[9]!).toBeLessThan(0.8);
    expect(on[10]! / off[10]!).toBeCloseTo(1, 1);
  });

  it('gives the pictures as they were at strength 0', async () => {
    await enhanced(turned, { look: { mode: 'same-size', strength: 0 } });
    const [was, is] = [await picturesOf(turned, 160, 96), await picturesOf(target, 160, 96)];
    expect(mean(is[9]!)).toBeCloseTo(mean(was[9]!), 0);
  });
});

describe('a folder with videos', () => {
  it('goes on where it was left: what is finished stays, what is broken is named, the rest is made', async () => {
    const from = await mkdtemp(join(folder, 'in-'));
    const to = join(from, 'out');
    await ffmpeg('-i', turned, '-c', 'copy', join(from, 'b.mov'));
    await sharp({ create: { width: 16, height: 16, channels: 3, background: '#102030' } })
      .png()
      .toFile(join(from, 'a.png'));
    await mkdir(to);
    await writeFile(join(to, 'a.png'), 'made before');
    await writeFile(join(to, '.b.mp4.unfinished'), 'left by a crash');
    await writeFile(join(from, 'c.mkv'), 'no video');
    const first = await enhance('--in', from, '--out', to, '--mode', 'same-size');
    expect(first.output).toMatch(/Skipped c\.mkv: ffprobe could not read it: .*Invalid data/);
    expect(first.output).toContain('1 finished before and left as they are; --overwrite');
    expect(first.code).toBe(1);
    expect((await readdir(to)).sort()).toEqual(['a.png', 'b.mp4']);
    expect((await stat(join(to, 'a.png'))).size).toBe('made before'.length);

    await rm(join(from, 'c.mkv'));
    const { mtimeMs } = await stat(join(to, 'b.mp4'));
    // A source that was changed since is made again.
    await utimes(join(from, 'a.png'), new Date(), new Date(Date.now() + 60_000));
    const second = await enhance('--in', from, '--out', to, '--mode', 'same-size');
    expect(second.code).toBe(0);
    expect((await stat(join(to, 'b.mp4'))).mtimeMs).toBe(mtimeMs);
    expect((await sharp(join(to, 'a.png')).metadata()).width).toBe(16);

    await enhance('--in', from, '--out', to, '--mode', 'same-size', '--overwrite');
    expect((await stat(join(to, 'b.mp4'))).mtimeMs).toBeGreaterThan(mtimeMs);
  });

  it('leaves no half file when it is stopped', async () => {
    const long = join(folder, 'long.mp4');
    await ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'testsrc=size=64x48:rate=25:duration=120',
      '-preset',
      'ultrafast',
      long,
    );
    const to = join(target, '..');
    const appeared = new Promise<void>((resolve) => {
      const watcher = watch(to, (_event, name) => {
        if (name === '.long.mp4.unfinished') resolve(watcher.close());
      });
    });
    const command = [
      '--import',
      'tsx',
      'models/tools/enhance.ts',
      '--engine',
      'ort',
      '--in',
      long,
      '--out',
      to,
    ];
    const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (text) => {
      errors += text;
    });
    await appeared;
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(errors).toContain('Stopped. What is finished stays');
    expect(await readdir(to)).toEqual([]);
  });
});

describe('npm run enhance with a video', () => {
  const silence = (): string => join(folder, 'silence.m4v');
  const cut = (): string => join(folder, 'cut-short.mp4');

  beforeAll(async () => {
    await ffmpeg('-f', 'lavfi', '-i', 'sine=duration=0.2', '-f', 'mp4', silence());
    await writeFile(cut(), Buffer.from('00000018667479706d70343200000000', 'hex'));
  });

  it.each([
    [
      'a file that is not there',
      () => ['--in', '/no/night.mkv'],
      /^--in: there is no file \/no\/night\.mkv\n$/,
    ],
    ['a file without pictures', () => ['--in', silence()], /^Skipped silence\.m4v: it has no video stream$/m],
    [
      'a file that was cut short',
      () => ['--in', cut()],
      /^Skipped cut-short\.mp4: ffprobe could not read it: .+$/m,
    ],
    [
      'a span after the end',
      () => ['--in', turned, '--from', '1:00'],
      /^Skipped turned\.mp4: --from: 60 s was asked for, but it is 0\.\d+ s long$/m,
    ],
    [
      'a span that ends first',
      () => ['--in', turned, '--from', '5', '--to', '4'],
      /^--to: a time after --from .* 4 came\n$/,
    ],
    ['a time that is none', () => ['--in', turned, '--from', 'soon'], /^--from: seconds .* soon came\n$/],
    [
      'a strength past 1',
      () => ['--in', turned, '--strength', '1.5'],
      /^--strength: a number from 0 to 1 .* 1\.5 came\n$/,
    ],
    [
      'another container',
      () => ['--in', turned, '--out', 'x.avi'],
      /^--out: .* ends in \.mp4 was expected, x\.avi came\n$/,
    ],
    [
      'a folder that cannot be made',
      () => ['--in', turned, '--out', `${turned}/x`],
      /^--out: .*turned\.mp4\/x cannot be written: /,
    ],
    [
      'itself as the output',
      () => ['--in', turned, '--out', turned],
      /^--out: another file than that of --in /,
    ],
    [
      'the measuring of pictures',
      () => ['--in', turned, '--downsample', '2'],
      /--downsample is for pictures/,
    ],
    [
      'two ways at once',
      () => ['--in', turned, '--downsample', '2', '--strength', '1'],
      /^--downsample: it goes with none of --mode, --strength and --denoise$/m,
    ],
  ])('refuses %s in one clear line', async (_what, args, words) => {
    const { code, output } = await enhance('--out', target, ...args());
    expect(output).toMatch(words);
    expect(code).toBe(2);
    expect(existsSync(target)).toBe(false);
  });

  it('says how to install ffmpeg where it is missing', async () => {
    vi.stubEnv('PATH', folder);
    const { code, output } = await enhance('--in', turned, '--out', target);
    vi.unstubAllEnvs();
    expect(output).toMatch(/videos need ffprobe, which is not installed here: .*apt install ffmpeg/);
    expect(code).toBe(2);
  });

  it("tells ffmpeg's own reason when it fails", async () => {
    const full = new Error('no error');
    const failure = await enhanced(turned, { target: join(folder, 'gone', 'x.mp4') }).catch((error) => error);
    expect(failure ?? full).toMatchObject({
      message: /^ffmpeg could not write it: .*No such file or directory/,
    });
  });
});
