/** What /metrics tells: each camera's state, viewers, units and drops, in Prometheus's format. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Camera } from './camera.ts';

/** A registry that reads the cameras when it is asked, and so costs nothing in between. */
export function createMetrics(cameras: ReadonlyMap<string, Camera>): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const perCamera = (name: string, help: string, value: (camera: Camera) => number) =>
    new Gauge({
      name: `nightglass_camera_${name}`,
      help,
      labelNames: ['camera'],
      registers: [registry],
      collect() {
        for (const [camera, of] of cameras) this.set({ camera }, value(of));
      },
    });
  perCamera('live', '1 while pictures come', ({ stream }) => (stream.state.state === 'live' ? 1 : 0));
  perCamera('viewers', 'tiles that show the camera', ({ stream }) => stream.readers);
  perCamera('units', 'access units since the start', ({ stream }) => stream.published);
  perCamera('dropped', 'access units left out for slow viewers', ({ stream }) => stream.counters.dropped);
  perCamera('reconnects', 'reconnections since the start', ({ reconnects }) => reconnects);
  return registry;
}
