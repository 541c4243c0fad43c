/** One camera of a running server as a viewer sees it: what came since when, and whether it can be decoded. */
import type { CameraState } from '#wire/camera-state.ts';
import type { MediaMessage } from '#wire/message.ts';
import { AWAITING_KEY, follow } from '../../client/socket/sequence.ts';
import type { CameraReport } from '../../server/camera-health.ts';
import type { Nightglass } from './nightglass.ts';
import { WireViewer } from './wire-viewer.ts';

export type UnitMessage = Extract<MediaMessage, { kind: 'unit' }>;

export class WatchedCamera implements Disposable {
  readonly name: string;
  readonly viewer: WireViewer;

  private constructor(name: string, viewer: WireViewer) {
    this.name = name;
    this.viewer = viewer;
  }

  /** Opens a camera, on a socket of its own, as stream 1. */
  static async open(server: Nightglass, name: string): Promise<WatchedCamera> {
    const viewer = await WireViewer.connect(server.origin, { authorization: `Bearer ${server.token}` });
    viewer.open(name);
    return new WatchedCamera(name, viewer);
  }

  [Symbol.dispose](): void {
    this.viewer[Symbol.dispose]();
  }

  /** How much has been heard so far, for `since`. */
  get heard(): number {
    return this.viewer.media.length;
  }

  /** The units of a stream. */
  units(stream = 1): UnitMessage[] {
    return this.viewer.media.filter(
      (message): message is UnitMessage => message.kind === 'unit' && message.stream === stream,
    );
  }

  /** The first media message after the first `since` ones that satisfies a condition. */
  message(since: number, condition: (message: MediaMessage) => boolean): Promise<MediaMessage> {
    let at = 0;
    return this.viewer.heard((message) => at++ >= since && condition(message));
  }

  /** The first state told after the first `since` control messages that satisfies a condition. */
  state(since: number, condition: (state: CameraState) => boolean): Promise<unknown> {
    let at = 0;
    return this.viewer.told(
      (told) => at++ >= since && told.type === 'camera' && told.stream === 1 && condition(told.state),
    );
  }

  /** Units that a decoder could not go on with, though the server sent them. By the wire's rules there are none. */
  outOfSequence(stream = 1): number {
    let place = AWAITING_KEY;
    let broken = 0;
    for (const message of this.viewer.media) {
      if (message.stream !== stream) continue;
      const step = follow(place, message);
      place = step.place;
      if (step.verdict !== 'take') broken++;
    }
    return broken;
  }
}

/** What the server says of a camera's health. */
export async function healthOf({ origin, token }: Nightglass, camera: string): Promise<CameraReport> {
  const headers = { authorization: `Bearer ${token}` };
  const { cameras } = await (await fetch(`${origin}/health`, { headers })).json();
  return cameras.find(({ name }: CameraReport) => name === camera);
}
