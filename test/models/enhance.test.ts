import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openModel } from '../../models/tools/model.ts';

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

  it('does not write two pictures into one file', async () => {
    await darkPicture(8, 8).png().toFile(join(from, 'a.png'));
    await darkPicture(8, 8).jpeg().toFile(join(from, 'a.jpg'));
    const { code, output } = await enhance('--in', from, '--out', to);
    expect(code).toBe(1);
    expect(output).toMatch(/Skipped a\.png: a\.png was already made from a\.jpg/);
  });

  it.each([
    ['a folder that is not there', ['--in', '/nowhere', '--out', 'x'], /no folder \/nowhere/],
    ['a folder without pictures', ['--in', root, '--out', 'x'], /no PNG, JPEG or WebP pictures/],
    ['a factor it does not know', ['--in', root, '--out', 'x', '--downsample', '3'], /--downsample: 1 or 2/],
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
