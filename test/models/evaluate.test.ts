import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { psnr, ssim } from '../../models/tools/metrics.ts';
import { readPicture } from '../../models/tools/picture.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function run(command: string, ...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', `models/tools/${command}.ts`, ...args], {
    cwd: root,
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out, errors };
}

/** A ramp with texture and colour, `gain` times as bright as the darkest. */
const scene = (width: number, height: number, gain: number): Sharp =>
  sharp(
    Uint8Array.from({ length: width * height * 3 }, (_, at) => gain * (((at * 7) % 13) + (at % 3) * 2 + 3)),
    { raw: { width, height, channels: 3 } },
  );

describe('npm run evaluate', () => {
  let folder: string;
  let low: string;
  let high: string;
  let sheet: string;

  const evaluate = (...args: string[]) =>
    run('evaluate', '--low', low, '--high', high, '--sheet', sheet, ...args);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nightglass-evaluate-'));
    low = join(folder, 'low');
    high = join(folder, 'high');
    sheet = join(folder, 'made', 'sheet.png');
    await mkdir(low);
    await mkdir(high);
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('measures what npm run enhance makes of the halved pictures, odd or even, whatever their extensions', async () => {
    await scene(41, 27, 1).webp({ lossless: true }).toFile(join(folder, 'elsewhere.webp'));
    await symlink(join(folder, 'elsewhere.webp'), join(low, 'odd.webp'));
    await scene(41, 27, 9).png().toFile(join(high, 'odd.png'));
    await scene(32, 48, 2).jpeg().toFile(join(low, 'even.JPG'));
    await scene(32, 48, 8).webp({ lossless: true }).toFile(join(high, 'even.webp'));
    const { code, out, errors } = await evaluate('--json');
    expect(errors).toContain('2/2');
    expect(code).toBe(0);
    const enhanced = join(folder, 'out');
    expect((await run('enhance', '--in', low, '--out', enhanced, '--downsample', '2')).code).toBe(0);
    const measured = async (stem: string, truth: string) => {
      const pair = [
        await readPicture(join(enhanced, `${stem}.png`)),
        await readPicture(join(high, truth)),
      ] as const;
      return { psnr: psnr(...pair), ssim: ssim(...pair) };
    };
    const even = await measured('even', 'even.webp');
    const odd = await measured('odd', 'odd.png');
    expect(JSON.parse(out)).toEqual({
      model: 'base',
      engine: 'ort',
      pictures: [
        { name: 'even.JPG', ...even },
        { name: 'odd.webp', ...odd },
      ],
      mean: { psnr: (even.psnr + odd.psnr) / 2, ssim: (even.ssim + odd.ssim) / 2 },
    });
  });

  it('prints a table that ends with the mean and the worst, and puts the worst first on the contact sheet', async () => {
    await scene(48, 32, 2).png().toFile(join(low, 'a.png'));
    await scene(48, 32, 8).png().toFile(join(high, 'a.png'));
    await scene(24, 32, 2).png().toFile(join(low, 'b <&>.png'));
    await sharp({ create: { width: 24, height: 32, channels: 3, background: '#0000ff' } })
      .png()
      .toFile(join(high, 'b <&>.png'));
    const { code, out, errors } = await evaluate();
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/\s+-?[\d.]+\s+-?[\d.]+$/, ''))).toEqual([
      expect.stringMatching(/^picture +PSNR dB +SSIM$/),
      'a.png',
      'b <&>.png',
      'mean',
      'worst: b <&>.png',
    ]);
    expect(lines[4]!.slice(-15)).toBe(lines[2]!.slice(-15));
    expect(errors).toContain(`Contact sheet: ${sheet}`);
    const { width, height } = await sharp(sheet).metadata();
    expect([width, height]).toEqual([1232, 8 + 26 + 26 + (26 + 400 + 8) + (26 + 267 + 8)]);
    // The truth of the first row, in the third column, is the blue one.
    const truth = { left: 8 + 2 * 408 + 100, top: 8 + 3 * 26 + 100, width: 50, height: 50 };
    const { channels } = await sharp(await sharp(sheet).extract(truth).toBuffer()).stats();
    expect(channels.map(({ mean }) => Math.round(mean))).toEqual([0, 0, 255]);
  });

  it('names and skips what cannot be measured, measures the others, and says so by its exit code', async () => {
    await scene(24, 16, 1).png().toFile(join(low, 'good.png'));
    await scene(24, 16, 8).png().toFile(join(high, 'good.png'));
    await scene(24, 16, 1).png().toFile(join(low, 'alone.png'));
    await scene(24, 16, 1).png().toFile(join(low, 'other.png'));
    await scene(24, 18, 8).png().toFile(join(high, 'other.png'));
    await writeFile(join(low, 'text.png'), 'no picture');
    await scene(24, 16, 8).png().toFile(join(high, 'text.png'));
    await scene(24, 16, 1).png().toFile(join(low, 'untrue.png'));
    await writeFile(join(high, 'untrue.jpg'), 'no picture');
    await scene(24, 16, 1).png().toFile(join(low, 'twice.png'));
    await scene(24, 16, 8).png().toFile(join(high, 'twice.png'));
    await scene(24, 16, 8).jpeg().toFile(join(high, 'twice.jpg'));
    await scene(10, 16, 1).png().toFile(join(low, 'small.png'));
    await scene(10, 16, 8).png().toFile(join(high, 'small.png'));
    const { code, out, errors } = await evaluate('--json');
    expect(code).toBe(1);
    expect(JSON.parse(out).pictures).toMatchObject([{ name: 'good.png' }]);
    expect(errors.split('\n').filter((line) => line.startsWith('Skipped'))).toEqual([
      `Skipped alone.png: ${high} has no picture named alone`,
      `Skipped other.png: its size is 24x16, but ${high}/other.png has 24x18`,
      'Skipped small.png: SSIM needs at least 11x11 pixels, the picture has 10x16',
      expect.stringMatching(/^Skipped text\.png: .*unsupported image format/),
      `Skipped twice.png: ${high} has both twice.jpg and twice.png`,
      expect.stringMatching(/^Skipped untrue\.png: .*\/high\/untrue\.jpg: .*unsupported image format/),
    ]);
  });

  it.each([
    ['a folder that is not there', ['--low', '/nowhere'], /^--low: there is no folder \/nowhere\n$/],
    ['a folder without pictures', ['--low', root], /^There are no PNG, JPEG or WebP pictures in .*\n$/],
    ['folders without a pair', ['--high', root], /^No picture in .* has the name of one in .*low\n$/],
    [
      'a model that is not there',
      ['--model', 'gone'],
      /^there is no model named gone.*\(enhance\/no-model\)\n$/,
    ],
    ['an engine it does not know', ['--engine', 'x'], /^--engine: ort or wgsl was expected, x came\n$/],
  ])('refuses %s in one clear line', async (_what, args, words) => {
    await scene(16, 16, 1).png().toFile(join(low, 'a.png'));
    await scene(16, 16, 8).png().toFile(join(high, 'a.png'));
    const { code, out, errors } = await evaluate(...args);
    expect(errors).toMatch(words);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  // A driver on the CPU compiles for minutes where the machine is busy.
  it('scores the own engine as it scores onnxruntime', { timeout: 900_000 }, async () => {
    await scene(41, 27, 1).png().toFile(join(low, 'a.png'));
    await scene(41, 27, 8).png().toFile(join(high, 'a.png'));
    const [ort, wgsl] = [await evaluate('--json'), await evaluate('--json', '--engine', 'wgsl')];
    expect(wgsl.code, wgsl.errors).toBe(0);
    const { engine, mean } = JSON.parse(wgsl.out);
    expect(engine).toBe('wgsl');
    expect(mean.psnr).toBeCloseTo(JSON.parse(ort.out).mean.psnr, 1);
    expect(mean.ssim).toBeCloseTo(JSON.parse(ort.out).mean.ssim, 2);
  });

  it('says that nothing could be measured when every picture was skipped', async () => {
    await writeFile(join(low, 'a.png'), 'no picture');
    await scene(16, 16, 8).png().toFile(join(high, 'a.png'));
    const { code, out, errors } = await evaluate('--json');
    expect(errors).toMatch(/Skipped a\.png: /);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it('keeps its figures when the contact sheet cannot be written', async () => {
    await scene(16, 16, 1).png().toFile(join(low, 'a.png'));
    await scene(16, 16, 8).png().toFile(join(high, 'a.png'));
    const { code, out, errors } = await evaluate('--sheet', folder);
    expect(out).toMatch(/^mean /m);
    expect(errors).toContain(`--sheet: ${folder} could not be written: `);
    expect(code).toBe(1);
  });
});
