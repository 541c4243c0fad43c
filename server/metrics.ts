/** What /metrics tells: each camera's state, viewers, units and drops, in Prometheus's format. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Camera } from './camera.ts';
import type { Renditions } from './renditions.ts';

/** A registry that reads the cameras when it is asked, and so costs nothing in between. */
export function createMetrics(cameras: ReadonlyMap<string, Renditions>): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const perCamera = (name: string, help: string, value: (camera: Camera) => number) =>
    new Gauge({
      name: `nightglass_camera_${name}`,
      help,
      labelNames: ['camera'],
      registers: [registry],
      collect() {
        for (const [camera, { main }] of cameras) this.set({ camera }, value(main));
      },
    });
  perCamera('live', '1 while pictures come', ({ stream }) => (stream.state.state === 'live' ? 1 : 0));
  perCamera('viewers', 'tiles that show the camera', ({ stream }) => stream.viewers);
  perCamera('units', 'access units since the start', ({ stream }) => stream.published);
  perCamera('dropped', 'access units left out for slow viewers', ({ stream }) => stream.counters.dropped);
  perCamera('reconnects', 'reconnections since the start', ({ reconnects }) => reconnects);
  new Gauge({
    name: 'nightglass_rendition_viewers',
    help: 'tiles that show a smaller stream (sub) or H.264 made here (main-h264, sub-h264)',
    labelNames: ['camera', 'rendition'],
    registers: [registry],
    collect() {
      for (const [camera, { others }] of cameras)
        for (const [rendition, { readers }] of others) this.set({ camera, rendition }, readers);
    },
  });
  return registry;
}
