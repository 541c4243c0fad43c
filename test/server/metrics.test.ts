import { pino } from 'pino';
import { expect, it } from 'vitest';
import { Camera } from '../../server/camera.ts';
import { readRequest } from '../../server/config.ts';
import { Encoders } from '../../server/encoders.ts';
import type { Source } from '../../server/ingest/source.ts';
import { createMetrics } from '../../server/metrics.ts';
import { Renditions } from '../../server/renditions.ts';

const FILE = 'cameras: { quay: { file: a.mp4, sub: { file: b.mp4 } }, bow: { file: c.mp4 } }';

const quiet: Source = {
  async *units(signal) {
    await new Promise((ended) => signal.addEventListener('abort', ended));
  },
};

it('the metrics tell of each camera’s full stream, and who watches its others', async () => {
  const request = readRequest(['--config', 'x'], () => FILE, '');
  if (request.kind !== 'serve') throw new Error('not to serve');
  const { cameras, limits } = request.config;
  const log = pino({ level: 'silent' });
  const renditions = new Map(
    cameras.map((camera) => {
      const [main, sub] = [camera, camera].map((settings) => new Camera(settings, quiet, limits, log));
      return [camera.name, new Renditions(main!, camera.sub && sub, limits, new Encoders(1), log)];
    }),
  );
  const readers = (['main', 'sub', 'sub'] as const).map((rendition) =>
    renditions.get('quay')!.rendering(rendition).stream.read({ want: 'live' }),
  );
  const text = await createMetrics(renditions).metrics();
  for (const reader of readers) reader[Symbol.dispose]();
  await Promise.all([...renditions.values()].map((camera) => camera[Symbol.asyncDispose]()));
  const lines = text.split('\n').filter((line) => /^nightglass_\w+_viewers\{/.test(line));
  expect(lines).toEqual([
    'nightglass_camera_viewers{camera="quay"} 1',
    'nightglass_camera_viewers{camera="bow"} 0',
    'nightglass_rendition_viewers{camera="quay",rendition="main-h264"} 0',
    'nightglass_rendition_viewers{camera="quay",rendition="sub"} 2',
    'nightglass_rendition_viewers{camera="quay",rendition="sub-h264"} 0',
    'nightglass_rendition_viewers{camera="bow",rendition="main-h264"} 0',
  ]);
});
