import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchModels, NoModelError } from '../../../client/enhance/model.ts';

const BASE = new URL('../../../models/artifacts/base/', import.meta.url);
const fileOf = (name: string): Buffer => readFileSync(new URL(name, BASE));

let server: Server;
let folder: string;
let files: Record<string, string | Buffer | undefined>;

const cardOf = (name: string, macsPerInputPixel: number) => ({
  ...{ format: 1, name, fusionSize: 121, macsPerInputPixel },
  files: { 'model.onnx': { sha256: createHash('sha256').update(`network ${name}`).digest('hex') } },
});

function serve(name: string, card: unknown): void {
  files[`/${name}/card.json`] = JSON.stringify(card);
  files[`/${name}/model.onnx`] = `network ${name}`;
}

beforeEach(async () => {
  files = { '/index.json': JSON.stringify({ models: ['base', 'lite'] }) };
  serve('base', cardOf('base', 4980));
  serve('lite', cardOf('lite', 2480));
  server = createServer(({ url = '' }, response) => {
    if (files[url] === undefined) response.statusCode = 404;
    response.end(files[url]);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  folder = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(() => {
  server.close();
});

describe('the networks as they are fetched', () => {
  it('come cheapest first, each with its file', async () => {
    const models = await fetchModels(folder);
    expect(models).toMatchObject([{ name: 'lite', fusionSize: 121 }, { name: 'base' }]);
    const { bytes } = await models[1]!.onnx();
    expect(new TextDecoder().decode(bytes)).toBe('network base');
  });

  it('are the pinned one alone, where one is', async () => {
    expect(await fetchModels(folder, 'base')).toMatchObject([{ name: 'base' }]);
    await expect(fetchModels(folder, 'quality')).rejects.toThrow('the server has no model named quality');
  });

  it('are of a shape only the one named like it, unless it is pinned, and never the teacher', async () => {
    files['/index.json'] = JSON.stringify({ models: ['base', 'base-free', 'teacher'] });
    serve('base', { ...cardOf('base', 4980), network: 'base' });
    serve('base-free', { ...cardOf('base-free', 4980), network: 'base' });
    serve('teacher', { ...cardOf('teacher', 40_076), network: 'teacher' });
    expect(await fetchModels(folder)).toMatchObject([{ name: 'base' }]);
    expect(await fetchModels(folder, 'base-free')).toMatchObject([{ name: 'base-free' }]);
    files['/index.json'] = JSON.stringify({ models: ['base-free', 'teacher'] });
    expect(await fetchModels(folder)).toMatchObject([{ name: 'base-free' }]);
  });

  it('are what their cards say', async () => {
    files['/base/model.onnx'] = 'another network';
    const [, base] = await fetchModels(folder);
    await expect(base!.onnx()).rejects.toThrow('model base is not what its card says');
    await expect(base!.onnx()).rejects.toBeInstanceOf(NoModelError);
  });

  it('name the file that is missing', async () => {
    files['/base/model.onnx'] = undefined;
    const [, base] = await fetchModels(folder);
    await expect(base!.onnx()).rejects.toThrow('model.onnx was answered with status 404');
  });

  it('leave out one whose card cannot be used, and do without it', async () => {
    serve('lite', { ...cardOf('lite', 2480), format: 2 });
    expect(await fetchModels(folder)).toMatchObject([{ name: 'base' }]);
  });

  it('refuse a card of a future version, in words', async () => {
    serve('base', { ...cardOf('base', 4980), format: 2 });
    await expect(fetchModels(folder, 'base')).rejects.toThrow(
      "the model's card has format 2; this page reads format 1",
    );
  });

  it('refuse a card that lacks what is needed of it', async () => {
    const lacks = [{ name: undefined }, { fusionSize: undefined }, { macsPerInputPixel: 0 }, { files: {} }];
    for (const lacking of lacks) {
      serve('base', { ...cardOf('base', 4980), ...lacking });
      await expect(fetchModels(folder, 'base')).rejects.toThrow("the model's card lacks");
    }
  });

  it('refuse an answer that is no card at all', async () => {
    files['/base/card.json'] = '<!doctype html>';
    await expect(fetchModels(folder, 'base')).rejects.toThrow('card.json is not JSON');
  });
});

describe('the files for our own engine', () => {
  beforeEach(() => {
    files['/base/card.json'] = fileOf('card.json');
    files['/base/weights.bin'] = fileOf('weights.bin');
  });

  it('are the shipped card and its weights', async () => {
    const [model] = await fetchModels(folder, 'base');
    const { card, weights } = await model!.files();
    expect(card.fusionSize).toBe(model!.fusionSize);
    expect(weights.byteLength).toBe(fileOf('weights.bin').byteLength);
  });

  it('are refused when they are cut short, or others', async () => {
    const whole = fileOf('weights.bin');
    const [model] = await fetchModels(folder, 'base');
    files['/base/weights.bin'] = whole.subarray(0, -4);
    await expect(model!.files()).rejects.toBeInstanceOf(NoModelError);
    files['/base/weights.bin'] = Buffer.from(whole).fill(1, 0, 1);
    await expect(model!.files()).rejects.toThrow('weights.bin is not the file its card names');
  });
});
