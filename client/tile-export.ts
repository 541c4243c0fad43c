/** A span of a camera's past → every picture of it, enhanced, in a clip. As fast as it goes; others take their turns. */
import type { ExportGap } from '#wire/evidence.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { modeOf } from './enhance/compute-size.ts';
import type { Equipment } from './enhance/equipment.ts';
import type { SpanItem, SpanUnit } from './export/span.ts';
import { recordedOf, spanPieces } from './export/span-pieces.ts';
import { spanUnits } from './export/span-units.ts';
import { decodeSpan, type SpanPicture } from './export/unit-decoder.ts';
import { ExportProgress } from './export-progress.ts';
import { type ExportedPicture, ExportStage } from './export-stage.ts';
import type { ExportRequest, ExportState, FromPlayer, TileOptions } from './player-protocol.ts';
import type { ClipRequest, PictureFacts, UnitFacts } from './record/record-messages.ts';
import { TileRecorder } from './record/tile-recorder.ts';
import { PAGE_VERSION } from './version.ts';

/** What an export finds at its tile. */
export interface ExportSurroundings {
  readonly camera: string;
  readonly options: TileOptions;
  readonly equipment: Equipment;
  readonly tell: (state: ExportState) => void;
}

type Ended = Extract<ExportState, { state: 'ended' }>;

/** Runs to its end by itself, and tells it. Disposing it stops it: what is done is kept. */
export class TileExport implements Disposable {
  readonly #request: ExportRequest;
  readonly #around: ExportSurroundings;
  readonly #stage: ExportStage;
  readonly #stopped = new AbortController();
  readonly #progress: ExportProgress;
  readonly #gaps: ExportGap[] = [];
  #recorder: { readonly to: TileRecorder; readonly ended: Promise<RecorderEnd> } | undefined;
  #pictures = 0;
  #over = false;

  constructor(request: ExportRequest, around: ExportSurroundings) {
    this.#request = request;
    this.#around = around;
    this.#progress = new ExportProgress(request.shows, around.tell);
    const { shows } = request;
    this.#stage = new ExportStage(shows === 'side-by-side' ? 'beside' : 'alone');
    if (shows !== 'original') this.#stage.equip(around.equipment);
  }

  /** Has ended, and told so. */
  get over(): boolean {
    return this.#over;
  }

  /** The page's equipment is another now. */
  equip(equipment: Equipment): void {
    if (this.#request.shows !== 'original' && !this.#over) this.#stage.equip(equipment);
  }

  /** Resolves when everything is written and told. Never rejects. */
  async run(): Promise<void> {
    const { tell } = this.#around;
    this.#progress.tell(0);
    let failure: Ended['failure'];
    try {
      await this.#walk(this.#stopped.signal);
    } catch (error) {
      if (!this.#stopped.signal.aborted) failure = failureOf(error);
    }
    this.#recorder?.to.stop(failure ? 'failed' : 'stopped');
    const end = await this.#recorder?.ended;
    this.#stage[Symbol.dispose]();
    this.#over = true;
    const told = end?.failure ?? failure;
    const stopped = this.#stopped.signal.aborted && end?.failure === undefined;
    const { clips = [] } = end ?? {};
    tell({
      state: 'ended',
      clips,
      pictures: this.#pictures,
      gaps: this.#gaps,
      stopped,
      ...(told && { failure: told }),
    });
  }

  [Symbol.dispose](): void {
    this.#stopped.abort();
  }

  async #walk(signal: AbortSignal): Promise<void> {
    const { addresses, span, shows } = this.#request;
    this.#progress.recorded = await recordedOf(addresses.timeline, span, signal);
    const units = spanUnits(spanPieces(addresses, span, signal), span);
    for await (const item of shows === 'original' ? units : decodeSpan(units)) {
      // A frame that came as it was stopped is closed in `#picture`.
      if (item.kind === 'picture') await this.#picture(item, signal);
      else this.#take(item);
      signal.throwIfAborted();
      await this.#recorder?.to.room();
    }
    if (!this.#recorder)
      throw new NightglassError('hls/nothing-recorded', 'nothing of that time is recorded');
  }

  #take(item: SpanItem): void {
    if (item.kind === 'gap') {
      this.#gaps.push(item.gap);
      this.#recorder?.to.gap(item.gap);
      return;
    }
    const { unit } = item;
    const recorder = this.#open(unit);
    const facts: UnitFacts = { ...placeOf(unit), key: unit.key, config: unit.config, lost: 0 };
    recorder.unit(unit.data, facts);
    if (!unit.wanted) return;
    this.#progress.came(unit);
    if (this.#request.shows === 'original') this.#done();
  }

  async #picture({ frame, unit, stretch }: SpanPicture, signal: AbortSignal): Promise<void> {
    using _closed = { [Symbol.dispose]: () => frame.close() };
    // Whoever exports an enhanced clip does not mean one at no strength.
    const strength = this.#around.options.strength || 1;
    const { timestamp } = unit;
    const asked = { timestamp, stretch, tiles: 1, fps: 0, steady: true };
    const made = await this.#stage.enhance(frame, asked, strength, signal);
    const facts: PictureFacts = {
      ...placeOf(unit),
      ...makerOf(made),
      mode: modeOf({ width: frame.displayWidth, height: frame.displayHeight }),
      stretch,
      enhanced: true,
      strength,
      // Of the span's pictures up to this one, however many of them could be decoded.
      decoded: this.#progress.position(unit),
      late: 0,
      droppedByServer: 0,
      leftOut: 0,
    };
    this.#recorder?.to.picture(new VideoFrame(made.canvas, { timestamp }), facts);
    this.#done();
  }

  #done(): void {
    this.#pictures++;
    this.#progress.tell(this.#pictures);
  }

  /** Opened with the first unit, which says how many pictures a second there are. */
  #open({ duration }: SpanUnit): TileRecorder {
    if (this.#recorder) return this.#recorder.to;
    const { shows, keepOriginal, title, span } = this.#request;
    const camera = { name: this.#around.camera, title };
    const request: ClipRequest = { shows, keepOriginal, camera, version: PAGE_VERSION, span };
    let told: (end: RecorderEnd) => void = () => {};
    const ended = new Promise<RecorderEnd>((resolve) => {
      told = resolve;
    });
    const to = new TileRecorder(request, Math.min(120, 1e6 / Math.max(1, duration)), {
      progress: (progress) => {
        this.#progress.bytes = progress.bytes;
      },
      ended: (clips, failure) => {
        told({ clips, failure });
        // By itself: the disk is full, or the encoder failed.
        if (failure) this.#stopped.abort();
      },
    });
    for (const gap of this.#gaps) to.gap(gap);
    this.#recorder = { to, ended };
    return to;
  }
}

interface RecorderEnd {
  readonly clips: readonly string[];
  readonly failure: Ended['failure'];
}

const placeOf = ({ timestamp, epoch, capturedAt }: SpanUnit) =>
  ({ timestamp, epoch, capturedAt, captureClock: 'archive' }) as const;

const makerOf = ({ enhancer: { engine, adapter }, network }: ExportedPicture) => ({
  engine,
  adapter,
  model: network.name,
  modelSha256: network.sha256,
});

function failureOf(error: unknown): NonNullable<Ended['failure']> {
  const code = error instanceof NightglassError ? error.code : 'record/failed';
  return { code, message: error instanceof Error ? error.message : String(error) };
}

/** A tile's exports, one after the other. */
export class TileExports implements Disposable {
  readonly #tile: number;
  readonly #post: (message: FromPlayer) => void;
  #running: TileExport | undefined;

  constructor(tile: number, post: (message: FromPlayer) => void) {
    this.#tile = tile;
    this.#post = post;
  }

  /** True while one runs that needs the engine's turns. */
  get running(): boolean {
    return this.#running !== undefined && !this.#running.over;
  }

  /** Starts, unless one runs already. */
  start(request: ExportRequest, around: Omit<ExportSurroundings, 'tell'>): void {
    if (this.running) return;
    const tell = (state: ExportState) => this.#post({ type: 'export', tile: this.#tile, export: state });
    this.#running = new TileExport(request, { ...around, tell });
    void this.#running.run();
  }

  equip(equipment: Equipment): void {
    this.#running?.equip(equipment);
  }

  stop(): void {
    this.#running?.[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}
