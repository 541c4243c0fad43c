/** present → record: what a tile shows, drawn once more and handed to its recorder, and what the page is told of it. */
import type { EvidenceClock } from '#wire/evidence.ts';
import type { MediaMessage } from '#wire/message.ts';
import type { Picture } from './decode/tile-decoder.ts';
import { modeOf } from './enhance/compute-size.ts';
import type { Equipment } from './enhance/equipment.ts';
import type { NetworkName } from './enhance/model.ts';
import type { FileClock } from './playback-state.ts';
import type { FromPlayer, RecordingState, RecordRequest, TileOptions } from './player-protocol.ts';
import type { ClipRequest, Maker, PictureFacts, SnapshotPicture } from './record/record-messages.ts';
import { storeSnapshot, TileRecorder } from './record/tile-recorder.ts';
import type { Lane, LaneCopy } from './tile-lane.ts';
import type { TileStage } from './tile-stage.ts';
import { PAGE_VERSION } from './version.ts';

/** What is known of a tile when it shows a picture. */
export interface ShownNow {
  readonly options: TileOptions;
  readonly equipment: Equipment;
  /** Counts since the tile was opened. */
  readonly decoded: number;
  readonly late: number;
  readonly droppedByServer: number;
}

export class TileRecording implements Disposable {
  readonly #tile: number;
  readonly #camera: string;
  readonly #post: (message: FromPlayer) => void;
  readonly #fileClock: FileClock | undefined;
  #recorder: TileRecorder | undefined;
  #copy: { readonly lane: Lane; readonly copy: LaneCopy } | undefined;
  #opening: Lane | undefined;

  /** @param fileClock present where the pictures are of a file */
  constructor(tile: number, camera: string, post: (message: FromPlayer) => void, fileClock?: FileClock) {
    this.#tile = tile;
    this.#camera = camera;
    this.#post = post;
    this.#fileClock = fileClock;
  }

  /** Starts, unless it is recording already. @param rate pictures a second, about */
  start(request: RecordRequest, rate: number): void {
    if (this.#recorder) return;
    const { shows } = request;
    this.#tell({ state: 'recording', shows, seconds: 0, bytes: 0, pictures: 0, lost: 0, part: 0 });
    const recorder = new TileRecorder(this.#clip(request), rate, {
      progress: (progress) => this.#tell({ state: 'recording', shows, ...progress }),
      ended: (clips, failure) => {
        if (this.#recorder === recorder) this.#recorder = undefined;
        this.#dropCopy();
        this.#tell({ state: 'ended', clips, ...(failure && { failure }) });
      },
    });
    this.#recorder = recorder;
  }

  stop(): void {
    this.#recorder?.stop();
  }

  /** Takes what comes for the tile, on its way to the decoder. */
  message(message: MediaMessage): void {
    this.#recorder?.message(message);
  }

  /** Takes a picture that was just presented; it stays the stage's. Never throws, never waits. */
  presented(picture: Picture, lane: Lane, now: ShownNow): void {
    const recorder = this.#recorder;
    if (!recorder?.wantsPictures) return;
    const copy = this.#copyOn(lane);
    if (!copy) recorder.leftOut++;
    if (!copy || !recorder.hasRoom()) return;
    const { enhance, strength } = now.options;
    const { timestamp } = picture;
    try {
      const layout = recorder.request.shows === 'side-by-side' ? 'beside' : 'alone';
      const canvas = copy.draw(picture.frame, enhance ? strength : 0, layout);
      if (canvas)
        recorder.picture(
          new VideoFrame(canvas, { timestamp }),
          this.#factsOf(picture, lane, now, recorder.leftOut),
        );
    } catch (error) {
      recorder.leftOut++;
      console.warn('record/failed', error);
    }
  }

  /** Keeps what the tile shows as PNG, enhanced (where it is) and as the camera sent it. */
  async snapshot(title: string, stage: TileStage, now: ShownNow): Promise<void> {
    const tell = (outcome: Extract<FromPlayer, { type: 'snapshot' }>['outcome']) =>
      this.#post({ type: 'snapshot', tile: this.#tile, outcome });
    const { lane } = stage;
    try {
      using copy = await lane?.openCopy();
      // Taken after the wait: from here on nothing else is enhanced or shown before both are drawn.
      const { standing } = stage;
      if (!standing || !lane || !copy) throw new Error('there is no picture yet');
      const facts = this.#factsOf(standing, lane, now, 0);
      const { enhance, strength } = now.options;
      const enhanced = facts.enhanced && enhance ? copy.draw(standing.frame, strength, 'alone') : undefined;
      const drawn: Promise<SnapshotPicture>[] = [pngOf(plainCanvas(standing.frame), 'original')];
      if (enhanced) drawn.unshift(pngOf(enhanced, 'enhanced'));
      const request = this.#clip({ shows: enhanced ? 'enhanced' : 'original', keepOriginal: true, title });
      tell(await storeSnapshot(request, await Promise.all(drawn), facts));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      tell({ failure: { code: 'record/failed', message } });
    }
  }

  /** Ends a recording; its file is finished behind the tile. */
  [Symbol.dispose](): void {
    this.stop();
    this.#dropCopy();
  }

  #clip({ shows, keepOriginal, title }: RecordRequest): ClipRequest {
    return { shows, keepOriginal, camera: { name: this.#camera, title }, version: PAGE_VERSION };
  }

  /** A copy for this lane; nothing while it is being opened. */
  #copyOn(lane: Lane): LaneCopy | undefined {
    if (this.#copy?.lane === lane) return this.#copy.copy;
    if (this.#opening === lane) return undefined;
    this.#opening = lane;
    void lane.openCopy().then(
      (copy) => {
        if (this.#opening !== lane || !this.#recorder) return copy[Symbol.dispose]();
        this.#dropCopy();
        this.#copy = { lane, copy };
      },
      (error) => console.warn('record/failed', error),
    );
    return undefined;
  }

  #dropCopy(): void {
    this.#copy?.copy[Symbol.dispose]();
    this.#copy = undefined;
    this.#opening = undefined;
  }

  #factsOf(picture: Picture, lane: Lane, now: ShownNow, leftOut: number): PictureFacts {
    return factsOf(picture, this.#fileClock ?? picture.captureClock, lane, now, leftOut);
  }

  #tell(recording: RecordingState): void {
    this.#post({ type: 'recording', tile: this.#tile, recording });
  }
}

function factsOf(
  picture: Picture,
  captureClock: EvidenceClock,
  lane: Lane,
  now: ShownNow,
  leftOut: number,
): PictureFacts {
  const { timestamp, epoch, stretch, capturedAt } = picture;
  const { decoded, late, droppedByServer, options } = now;
  const strength = options.enhance ? options.strength : 0;
  return {
    ...{ timestamp, epoch, stretch, capturedAt, captureClock },
    ...{ decoded, late, droppedByServer, leftOut },
    enhanced: lane.holds && strength > 0,
    strength,
    ...makerOf(now.equipment, options.enhance ? lane.network : undefined, picture.frame),
  };
}

function makerOf(equipment: Equipment, network: NetworkName | undefined, frame: VideoFrame): Maker {
  const enhancer = equipment.surface === 'none' ? undefined : equipment.enhancer;
  if (!enhancer || !network) return { engine: 'off', adapter: '', model: '', modelSha256: '' };
  const { engine, adapter } = enhancer;
  const mode = modeOf({ width: frame.displayWidth, height: frame.displayHeight });
  return { engine, adapter, model: network.name, modelSha256: network.sha256, mode };
}

function plainCanvas(frame: VideoFrame): OffscreenCanvas {
  const canvas = new OffscreenCanvas(frame.displayWidth, frame.displayHeight);
  canvas.getContext('2d', { alpha: false })?.drawImage(frame, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function pngOf(canvas: OffscreenCanvas, shows: SnapshotPicture['shows']): Promise<SnapshotPicture> {
  const { width, height } = canvas;
  return { shows, png: await canvas.convertToBlob({ type: 'image/png' }), width, height };
}
