/** A camera on HTTP: what ffmpeg makes in real time, to every request that knows the password. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpCamera extends AsyncDisposable {
  readonly port: number;
  /** Ends every stream that runs now; a new request is answered again. */
  hangUp(): void;
}

export interface HttpCameraFormat {
  /** Of the answer. */
  readonly contentType: string;
  /** ffmpeg's codec and format, up to the output. */
  readonly args: readonly string[];
}

const LOW_DELAY = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25'];

export const MPEG_TS: HttpCameraFormat = {
  contentType: 'video/mp2t',
  args: [...LOW_DELAY, '-pix_fmt', 'yuv420p', '-f', 'mpegts', '-muxdelay', '0', '-flush_packets', '1'],
};
export const FLV: HttpCameraFormat = {
  contentType: 'video/x-flv',
  args: [...LOW_DELAY, '-pix_fmt', 'yuv420p', '-f', 'flv', '-flush_packets', '1'],
};
export const MJPEG: HttpCameraFormat = {
  contentType: 'multipart/x-mixed-replace; boundary=ffmpeg',
  args: ['-c:v', 'mjpeg', '-f', 'mpjpeg', '-flush_packets', '1'],
};

export async function openHttpCamera(
  { contentType, args }: HttpCameraFormat,
  userinfo = 'viewer:sec/ret@1',
): Promise<HttpCamera> {
  const children = new Set<ChildProcess>();
  const expected = `Basic ${Buffer.from(userinfo).toString('base64')}`;
  const server: Server = createServer((request, response) => {
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="camera"' }).end();
      return;
    }
    response.writeHead(200, { 'content-type': contentType });
    const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=160x96:rate=25'];
    const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...source, ...args, 'pipe:1'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.add(child);
    child.on('close', () => children.delete(child));
    child.stdout?.pipe(response);
    response.on('close', () => child.kill('SIGKILL'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hangUp = (): void => {
    for (const child of children) child.kill('SIGKILL');
  };
  return {
    port: (server.address() as AddressInfo).port,
    hangUp,
    async [Symbol.asyncDispose]() {
      hangUp();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
