import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enhancePicture } from '../../models/tools/enhance-picture.ts';
import { type Model, openModel } from '../../models/tools/model.ts';
import { readPicture } from '../../models/tools/picture.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function enhance(...args: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'models/tools/enhance.ts', ...args], {
    cwd: root,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const [code] = await once(child, 'close');
  return { code, output };
}

/** A dark ramp with colour, so that brightening shows. */
const darkPicture = (width: number, height: number): Sharp =>
  sharp(
    Uint8Array.from({ length: width * height * 3 }, (_, at) => ((at * 7) % 23) + (at % 3) * 4),
    { raw: { width, height, channels: 3 } },
  );

describe('npm run enhance', () => {
  let from: string;
  let to: string;

  beforeEach(async () => {
    from = await mkdtemp(join(tmpdir(), 'nightglass-in-'));
    to = join(from, 'out');
  });

  afterEach(() => rm(from, { recursive: true }));

  it('leaves a picture by day as it is', async () => {
    const day = Uint8Array.from({ length: 64 * 48 * 3 }, (_, at) => 90 + ((at * 7) % 120));
    await sharp(day, { raw: { width: 64, height: 48, channels: 3 } })
      .png()
      .toFile(join(from, 'day.png'));
    expect((await enhance('--in', from, '--out', to, '--mode', 'same-size')).code).toBe(0);
    expect(await sharp(join(to, 'day.png')).raw().toBuffer()).toEqual(Buffer.from(day));
  });

  it('doubles PNG, JPEG and WebP pictures of any size, keeps their names, and brightens them', async () => {
    await darkPicture(41, 27).png().toFile(join(from, 'odd.png'));
    await darkPicture(64, 48).jpeg().toFile(join(from, 'whole.JPG'));
    await darkPicture(3, 5).webp({ lossless: true }).toFile(join(from, 'tiny.webp'));
    await darkPicture(16, 16).greyscale().png({ palette: true }).toFile(join(from, 'grey.png'));
    const { code, output } = await enhance('--in', from, '--out', to);
    expect(output).toContain('4/4');
    expect(code).toBe(0);
    expect((await readdir(to)).sort()).toEqual(['grey.png', 'odd.png', 'tiny.png', 'whole.png']);
    expect(await sharp(join(to, 'odd.png')).metadata()).toMatchObject({ width: 82, height: 54, channels: 3 });
    expect(await sharp(join(to, 'tiny.png')).metadata()).toMatchObject({ width: 6, height: 10 });
    const mean = async (file: string) => (await sharp(file).stats()).channels[1]!.mean;
    expect(await mean(join(to, 'whole.png'))).toBeGreaterThan(2 * (await mean(join(from, 'whole.JPG'))));
  });

  it('gives back the size it was given when it halves the picture first', async () => {
    await darkPicture(61, 40).png().toFile(join(from, 'a.png'));
    expect((await enhance('--in', from, '--out', to, '--downsample', '2')).code).toBe(0);
    expect(await sharp(join(to, 'a.png')).metadata()).toMatchObject({ width: 61, height: 40 });
  });

  it('names and skips a broken picture, enhances the others, and says so by its exit code', async () => {
    await darkPicture(16, 16).png().toFile(join(from, 'good.png'));
    const cut = (await darkPicture(64, 64).jpeg().toBuffer()).subarray(0, 300);
    await writeFile(join(from, 'cut.jpg'), cut);
    await writeFile(join(from, 'text.png'), 'no picture');
    const { code, output } = await enhance('--in', from, '--out', to);
    expect(code).toBe(1);
    expect(output).toMatch(/Skipped cut\.jpg: /);
    expect(output).toMatch(/Skipped text\.png: /);
    expect(await readdir(to)).toEqual(['good.png']);
  });

  it('says that nothing was enhanced when every picture was skipped', async () => {
    await writeFile(join(from, 'text.png'), 'no picture');
    const { code, output } = await enhance('--in', from, '--out', to);
    expect(output).toMatch(/Skipped text\.png: /);
    expect(code).toBe(2);
  });

  it('does not write two pictures into one file', async () => {
    await darkPicture(8, 8).png().toFile(join(from, 'a.png'));
    await darkPicture(8, 8).jpeg().toFile(join(from, 'a.jpg'));
    const { code, output } = await enhance('--in', from, '--out', to);
    expect(code).toBe(1);
    expect(output).toMatch(/Skipped a\.png: a\.png was already made from a\.jpg/);
  });

  it.each([
    [
      'a folder that is not there',
      ['--in', '/nowhere', '--out', 'x'],
      /^--in: there is no folder \/nowhere\n$/,
    ],
    ['a folder without pictures', ['--in', root, '--out', 'x'], /no PNG, JPEG or WebP pictures/],
    [
      'a name that is no folder',
      ['--in', root, '--out', 'x', '--model', '../base'],
      /--model: .* \.\.\/base/,
    ],
    [
      'an option it does not know',
      ['--in', root, '--out', 'x', '--fast'],
      /^Unknown option '--fast'[^\n]*\n$/,
    ],
    [
      'a factor it does not know',
      ['--in', root, '--out', 'x', '--downsample', '3'],
      /^--downsample: 1 or 2 was expected, 3 came\n$/,
    ],
    ['nothing to do', [], /npm run enhance/],
  ])('refuses %s in one clear line', async (_what, args, words) => {
    const { code, output } = await enhance(...args);
    expect(code).toBe(2);
    expect(output).toMatch(words);
  });

  it('refuses a model that is not there', async () => {
    await darkPicture(8, 8).png().toFile(join(from, 'a.png'));
    const { code, output } = await enhance('--in', from, '--out', to, '--model', 'gone');
    expect(code).toBe(2);
    expect(output).toMatch(/no model named gone.*enhance\/no-model/);
  });

  it('refuses a model whose file is not what its card says', async () => {
    await cp(join(root, 'models/artifacts/base'), join(from, 'base'), { recursive: true });
    await appendFile(join(from, 'base/model.onnx'), 'x');
    const opening = openModel('base', pathToFileURL(`${from}/`));
    await expect(opening).rejects.toMatchObject({ code: 'enhance/no-model', message: /damaged/ });
  });
});

describe('a picture read from a file', () => {
  const two = Uint8Array.of(10, 20, 30, 200, 100, 0);
  const coloured = sharp(two, { raw: { width: 2, height: 1, channels: 3 } });
  const grey = sharp(Uint8Array.of(10, 200), { raw: { width: 2, height: 1, channels: 1 } }).toColourspace(
    'b-w',
  );
  const flat = [...two];

  it.each([
    ['without its alpha', coloured.clone().ensureAlpha(0.5), [2, 1, flat]],
    ['with 8 of its 16 bits', coloured.clone().toColourspace('rgb16'), [2, 1, flat]],
    ['upright', coloured.clone().withMetadata({ orientation: 6 }), [1, 2, flat]],
    ['in three channels though it is grey', grey, [2, 1, [10, 10, 10, 200, 200, 200]]],
  ])('comes %s', async (_how, image, expected) => {
    const folder = await mkdtemp(join(tmpdir(), 'nightglass-read-'));
    const file = join(folder, 'a.png');
    await image.png().toFile(file);
    const { width, height, pixels } = await readPicture(file);
    await rm(folder, { recursive: true });
    expect([width, height, [...pixels]]).toEqual(expected);
  });
});

describe('a picture on its way through the network', () => {
  const picture = (
    width: number,
    height: number,
    value: (x: number, y: number, colour: number) => number,
  ) => ({
    width,
    height,
    pixels: Uint8Array.from({ length: 3 * width * height }, (_, at) => {
      const pixel = Math.floor(at / 3);
      return value(pixel % width, Math.floor(pixel / width), at % 3);
    }),
  });

  /** Gives each pixel of its input four times, and keeps the input. */
  function copying(inputs: { image: Float32Array; width: number; height: number }[]): Model {
    return {
      async subpixels(image, width, height) {
        inputs.push({ image, width, height });
        const plane = width * height;
        return Float32Array.from(
          { length: 12 * plane },
          (_, at) => image[Math.floor(at / plane / 4) * plane + (at % plane)]!,
        );
      },
      async [Symbol.asyncDispose]() {},
    };
  }

  it('lies at the top left of a grid of 8, its edges repeated, and comes back without them', async () => {
    const inputs: { image: Float32Array; width: number; height: number }[] = [];
    const value = (x: number, y: number, colour: number) => 20 * x + 10 * y + colour;
    const { seen, enhanced } = await enhancePicture(copying(inputs), picture(9, 3, value), 1);
    const [{ image, width, height } = { image: new Float32Array(), width: 0, height: 0 }] = inputs;
    expect([width, height]).toEqual([16, 8]);
    expect([...image].map((each) => Math.round(each * 255))).toEqual(
      Array.from({ length: 3 * 16 * 8 }, (_, at) =>
        value(Math.min(at % 16, 8), Math.min(Math.floor(at / 16) % 8, 2), Math.floor(at / 128)),
      ),
    );
    expect(seen).toMatchObject({ width: 9, height: 3 });
    const doubled = picture(18, 6, (x, y, colour) => value(x >> 1, y >> 1, colour));
    expect({ ...enhanced, pixels: [...enhanced.pixels] }).toEqual({
      ...doubled,
      pixels: [...doubled.pixels],
    });
  });

  it('keeps its size and its place when it is halved first, odd as it may be', async () => {
    const stripe = picture(13, 11, (x, y) => (x >= 8 && y >= 6 ? 200 : 0));
    const { seen, enhanced } = await enhancePicture(copying([]), stripe, 2);
    expect(seen).toMatchObject({ width: 7, height: 6 });
    expect(enhanced).toMatchObject({ width: 13, height: 11 });
    for (const [at, was] of stripe.pixels.entries())
      expect(Math.abs(enhanced.pixels[at]! - was)).toBeLessThan(40);
  });
});
