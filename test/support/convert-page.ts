/** A page that has ffmpeg.wasm and nothing else, beside a folder of files. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import express from 'express';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { launchChromium } from './chromium.ts';
import { temporaryFolder } from './h264-clip.ts';

const modules = join(import.meta.dirname, '../../node_modules');

export interface ConvertPage extends AsyncDisposable {
  /** Has the tools of convert-page-entry.ts as `globalThis.convert`. */
  readonly page: Page;
  /** Where the page's `fileAt` and `keep` find and put files. */
  readonly folder: string;
  /** Paths that the page asked the server for. */
  readonly asked: readonly string[];
}

/** Builds the page and opens it. Whoever opens it disposes of it. */
export async function openConvertPage(): Promise<ConvertPage> {
  const temporary = await temporaryFolder();
  const [site, built, folder] = ['site', 'built', 'files'].map((name) => join(temporary.path, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [site, folder]) await mkdir(each);
  await writeFile(join(site, 'index.html'), '<!doctype html><script type="module" src="/@entry"></script>');
  await build({
    root: site,
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '/@entry': join(import.meta.dirname, 'convert-page-entry.ts') } },
    worker: { format: 'es' },
    build: { outDir: built, target: 'es2022', assetsInlineLimit: 0 },
  });
  const asked: string[] = [];
  const app = express();
  app.use((request, response, next) => {
    asked.push(request.path);
    response.set(
      'content-security-policy',
      "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; media-src blob:",
    );
    next();
  });
  app.use('/ffmpeg', express.static(join(modules, '@ffmpeg/core/dist/esm'), { maxAge: '1h' }));
  app.use('/fonts', express.static(join(modules, 'dejavu-fonts-ttf/ttf')));
  app.put('/files/:name', express.raw({ type: () => true, limit: '100mb' }), async (request, response) => {
    await writeFile(join(folder, basename(request.params.name!)), request.body as Buffer);
    response.end();
  });
  app.use('/files', express.static(folder));
  app.use(express.static(built));
  const server = createServer(app);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const browser = await launchChromium();
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => 'convert' in globalThis);
  return {
    page,
    folder,
    asked,
    async [Symbol.asyncDispose]() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await temporary[Symbol.asyncDispose]();
    },
  };
}
