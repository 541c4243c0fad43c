/** A camera whose pictures carry a number, and which remembers when it sent each. */
import { ffmpeg } from '../support/clip.ts';
import { startLoadServer } from '../support/rtsp-load-server.ts';

/** Pictures are numbered from 0 to one less than this, over and over; a power of two. */
export const TIMECODES = 256;
const FPS = 25;
const WIDTH = 640;
const HEIGHT = 360;

export interface TimecodeCamera extends AsyncDisposable {
  readonly url: string;
  /** When the newest picture of this number left the camera before `at`, both ms since the Unix epoch. */
  sentAt(code: number, at: number): number | undefined;
}

export async function startTimecodeCamera(): Promise<TimecodeCamera> {
  /** In the order sent; a camera that is opened anew counts from 0 again. */
  const sent: { readonly picture: number; readonly at: number }[] = [];
  const server = await startLoadServer(await numberedStream(), (picture) => {
    sent.push({ picture, at: performance.timeOrigin + performance.now() });
  });
  return {
    url: `rtsp://127.0.0.1:${server.port}/timecode`,
    sentAt(code, at) {
      return sent.findLast(({ picture, at: left }) => picture % TIMECODES === code && left <= at)?.at;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The picture's number stands in its top ninth, one block a bit, white for 1, the lowest bit on the left. */
function numberedStream(): Promise<Buffer> {
  const bit = `mod(floor(N/pow(2,floor(X/${WIDTH / Math.log2(TIMECODES)}))),2)`;
  const strip = (plane: string, height: number, drawn: string) =>
    `${plane}='if(lt(Y,${height}),${drawn},${plane}(X,Y))'`;
  const filter = [
    `testsrc2=size=${WIDTH}x${HEIGHT}:rate=${FPS}:duration=${TIMECODES / FPS},format=yuv420p`,
    `geq=${strip('lum', HEIGHT / 9, `if(${bit},235,16)`)}:${strip('cb', HEIGHT / 18, '128')}:${strip('cr', HEIGHT / 18, '128')}`,
  ].join(',');
  const encode = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', String(2 * FPS), '-b:v', '2M'];
  return ffmpeg(['-f', 'lavfi', '-i', filter, ...encode, '-pix_fmt', 'yuv420p', '-f', 'h264', '-']);
}
