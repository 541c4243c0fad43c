/**
 * `npm run bench -- engine [--models base] [--sizes 640x360,1920x1080] [--seconds 150] [--gpu]`: our engine against
 * onnxruntime-web's WebGPU in one Chromium on one adapter, in turns. The adapter is Chromium's software one, or the
 * machine's own with `--gpu`. With `--dawn` our engine alone in Node, see engine-dawn.ts.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import express from 'express';
import { type Browser, chromium } from 'playwright-core';
import { build } from 'vite';
import { launchChromium } from '../support/chromium.ts';
import { temporaryFolder } from '../support/h264-clip.ts';
import { modelsFrom } from './engine-models.ts';
import { type Row, report } from './engine-report.ts';
import { sizesFrom } from './engine-sizes.ts';

const root = join(import.meta.dirname, '../..');
/** Chromium otherwise rounds the GPU's clock to 0.1 ms, which is more than some kernels take. */
const EXACT_TIMES = '--enable-webgpu-developer-features';

export async function run(args: string[]): Promise<void> {
  if (args.includes('--dawn')) {
    const dawn = await import('./engine-dawn.ts');
    await dawn.run(args.filter((argument) => argument !== '--dawn'));
    return;
  }
  const { values } = parseArgs({
    args,
    options: {
      models: { type: 'string' },
      sizes: { type: 'string' },
      seconds: { type: 'string', default: '150' },
      gpu: { type: 'boolean', default: false },
    },
  });
  const models = modelsFrom(values.models, join(root, 'models/artifacts'));
  await using temporary = await temporaryFolder();
  await using site = await serve(temporary.path);
  await using browser = await opened(values.gpu);
  const page = await browser.one.newPage();
  page.setDefaultTimeout(0);
  await page.goto(site.address);
  await page.waitForFunction(() => 'engineBench' in globalThis);
  const { adapter, software, peak } = await page.evaluate(() => globalThis.engineBench.open());
  const sizes = sizesFrom(values.sizes, software);
  const wanted = models.flatMap((model) => sizes.map((output) => ({ model, output })));
  const seconds = Number(values.seconds) / wanted.length;
  const rows: Row[] = [];
  for (const { model, output } of wanted) {
    console.log(`${model}, ${output.width}x${output.height} …`);
    rows.push(await page.evaluate((row) => globalThis.engineBench.row(row), { model, output, seconds }));
  }
  report(adapter, peak, rows);
}

async function opened(gpu: boolean): Promise<{ one: Browser } & AsyncDisposable> {
  const one = gpu
    ? await chromium.launch({
        executablePath: '/usr/bin/chromium',
        args: ['--no-sandbox', '--enable-unsafe-webgpu', '--enable-features=Vulkan', EXACT_TIMES],
      })
    : await launchChromium(EXACT_TIMES);
  return { one, [Symbol.asyncDispose]: () => one.close() };
}

async function serve(folder: string) {
  const [site, built] = [join(folder, 'site'), join(folder, 'built')];
  await mkdir(site);
  await writeFile(join(site, 'index.html'), '<!doctype html><script type="module" src="/@entry"></script>');
  await build({
    root: site,
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '/@entry': join(import.meta.dirname, 'engine-page.ts') } },
    build: { outDir: built, target: 'es2022', assetsInlineLimit: 0 },
  });
  const app = express();
  app.use('/models', express.static(join(root, 'models/artifacts')));
  app.use('/runtime', express.static(join(root, 'node_modules/onnxruntime-web/dist')));
  app.use(express.static(built));
  const server = createServer(app);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
