import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchModel } from '../../../client/enhance/model.ts';

let server: Server;
let folder: string;
let files: Record<string, string>;

beforeEach(async () => {
  const sha256 = createHash('sha256').update('a network').digest('hex');
  const card = {
    name: 'base',
    fusionSize: 121,
    macsPerInputPixel: 4980,
    files: { 'model.onnx': { sha256 } },
  };
  files = { '/card.json': JSON.stringify(card), '/model.onnx': 'a network' };
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

describe('the network as it is fetched', () => {
  it('is what its card says', async () => {
    const model = await fetchModel(folder);
    expect(model).toMatchObject({ name: 'base', fusionSize: 121 });
    expect(new TextDecoder().decode(model.bytes)).toBe('a network');
  });

  it('is refused when it is another than the card describes', async () => {
    files['/model.onnx'] = 'another network';
    await expect(fetchModel(folder)).rejects.toThrow('model base is not what its card says');
  });

  it('names the file that is missing', async () => {
    delete files['/model.onnx'];
    await expect(fetchModel(folder)).rejects.toThrow('model.onnx was answered with status 404');
  });

  it('refuses a card that lacks its name, its fusion size or the sum of the network', async () => {
    const card = JSON.parse(files['/card.json']!);
    for (const lacking of [
      { name: undefined },
      { fusionSize: undefined },
      { macsPerInputPixel: 0 },
      { files: {} },
    ]) {
      files['/card.json'] = JSON.stringify({ ...card, ...lacking });
      await expect(fetchModel(folder)).rejects.toThrow("the model's card lacks");
    }
  });
});
