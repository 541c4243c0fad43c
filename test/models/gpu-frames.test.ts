/** A video's pictures wholly by our own kernels on Dawn, beside the same pictures by onnxruntime and loops. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../models/tools/engine.ts';
import type { Look } from '../../models/tools/enhance-frame.ts';
import { psnr } from '../../models/tools/metrics.ts';
import type { Model } from '../../models/tools/model.ts';
import { decoded } from '../../models/tools/video/decode.ts';
import { enhanceVideo } from '../../models/tools/video/enhance-video.ts';
import { readFacts } from '../../models/tools/video/facts.ts';
import { openFrames } from '../../models/tools/video/frames.ts';
import { DEMO_CLIP } from '../support/clip.ts';
import { ffmpeg, streamsOf, timesOf } from '../support/video-facts.ts';

const { signal } = new AbortController();
const WHOLE = { from: 0, to: undefined };

let folder: string;
let ort: Model;
let wgsl: Model;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightglass-gpu-frames-'));
  ort = await openEngine('ort', 'base');
  wgsl = await openEngine('wgsl', 'base');
});

afterAll(async () => {
  await ort[Symbol.asyncDispose]();
  await wgsl[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Four pictures of the demo camera, cut. */
async function clip(name: string, cut: string, ...coded: readonly string[]): Promise<string> {
  const file = join(folder, name);
  await ffmpeg('-i', DEMO_CLIP, '-vf', `crop=${cut}`, '-frames:v', '4', ...coded, file);
  return file;
}

/** What a model makes of each picture, as RGBA. */
async function enhanced(model: Model, source: string, look: Look) {
  const facts = await readFacts(source, signal);
  using frames = await openFrames(model, facts, look);
  const pictures: Uint8ClampedArray[] = [];
  for await (const { bytes, time } of decoded(source, facts, WHOLE, frames.takes, signal))
    pictures.push(await frames.enhance(bytes, Number(time) * 1000));
  return { pictures, size: frames.size };
}

describe('a video on the GPU', { timeout: 600_000 }, () => {
  it.each<{ what: string; size: string; coded: readonly string[]; look: Look }>([
    {
      what: 'of its own size, with its own detail, not wholly enhanced',
      size: '96:64',
      coded: ['-c:v', 'libx264', '-crf', '4', '-colorspace', 'bt709'],
      look: { mode: 'same-size', strength: 0.8 },
    },
    {
      what: 'of twice an odd size, noise averaged over time, BT.601 in full range',
      size: '51:33:exact=1,scale=out_color_matrix=smpte170m:out_range=full',
      coded: ['-c:v', 'ffv1', '-color_range', 'pc', '-colorspace', 'smpte170m'],
      look: { mode: 'super-resolve', strength: 1, denoise: true },
    },
  ])('comes to the pictures of onnxruntime: $what', async ({ size, coded, look }) => {
    const source = await clip(`${look.mode}.mkv`, size, ...coded);
    const [expected, found] = [await enhanced(ort, source, look), await enhanced(wgsl, source, look)];
    expect(expected.size).toMatchObject(found.size);
    expect(found.pictures.length).toBe(4);
    for (const [at, pixels] of found.pictures.entries()) {
      const truth = expected.pictures[at]!;
      expect(pixels.length).toBe(truth.length);
      expect(psnr({ ...found.size, pixels }, { ...found.size, pixels: truth })).toBeGreaterThan(40);
    }
  });

  it('is written with every picture at its time', async () => {
    const source = await clip('written.mkv', '96:64', '-c:v', 'libx264');
    const target = join(folder, 'written.mp4');
    const look = { mode: 'same-size', strength: 1 } as const;
    await enhanceVideo(wgsl, { source, target, span: WHOLE, look }, signal);
    expect((await streamsOf(target))[0]).toMatchObject({ width: 96, height: 64 });
    expect((await timesOf(target)).map((time) => time.toFixed(3))).toEqual(
      (await timesOf(source)).map((time) => time.toFixed(3)),
    );
  });
});
