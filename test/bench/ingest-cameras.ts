/** The cameras of the ingest benchmark, in a process of their own: run with Mbit/s; says its port, ends with IPC. */
import { noisyStream, startLoadServer } from '../support/rtsp-load-server.ts';

/** What it tells its parent once it serves. */
export interface CamerasReady {
  readonly port: number;
  readonly mbit: number;
  readonly packetsPerSecond: number;
}

const { port, mbit, packetsPerSecond } = await startLoadServer(await noisyStream(Number(process.argv[2])));
process.send?.({ port, mbit, packetsPerSecond } satisfies CamerasReady);
process.on('disconnect', () => process.exit());
