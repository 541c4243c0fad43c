/** A camera that is recorded, with the whole server: what the tests of its past begin with. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Nightglass, startNightglass } from './nightglass.ts';
import { nextStats } from './player-page.ts';

export interface RecordedCamera extends AsyncDisposable {
  /** Another one after each restart, at the same address. */
  readonly server: Nightglass;
  /** For whatever the test makes; gone afterwards. */
  readonly folder: string;
  /** Ends the server, waits for `meanwhile`, and starts it again on the same past. */
  restart(meanwhile?: () => Promise<unknown>): Promise<void>;
}

/** The camera `quay` plays a file again and again; the last hours of it are kept. Whoever starts it disposes of it. */
export async function startRecordedCamera(clip: string, hours = 1): Promise<RecordedCamera> {
  const folder = await mkdtemp(join(tmpdir(), 'nightglass-'));
  const config = join(folder, 'nightglass.yaml');
  const lines = [
    'cameras:',
    '  quay:',
    `    file: ${clip}`,
    `    timeshift: { hours: ${hours}, maxGiB: 0.5 }`,
  ];
  await writeFile(config, [`dataFolder: ${join(folder, 'data')}`, ...lines, ''].join('\n'));
  const start = (...more: string[]) => startNightglass('--config', config, '--token', 'the-token', ...more);
  let server = await start();
  return {
    get server() {
      return server;
    },
    folder,
    async restart(meanwhile) {
      const { port } = new URL(server.origin);
      await server[Symbol.asyncDispose]();
      await meanwhile?.();
      server = await start('--port', port);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The newest span of `quay` that the page's timeline tells of, once it is longer than so much. µs */
export async function recordedSpan(page: Page, length: number): Promise<{ from: number; to: number }> {
  for (;;) {
    const { spans } = await page.evaluate(async () =>
      (await fetch('/api/cameras/quay/timeline?from=0&to=9000000000000000')).json(),
    );
    const last = spans.at(-1);
    if (last !== undefined && last.to - last.from > length) return last;
    await nextStats(page);
  }
}
