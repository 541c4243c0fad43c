/** A tile's end of its recording: hands pictures and units to the recording's worker, and never waits for it. */
import type { VideoConfig } from '#wire/access-unit.ts';
import type { ClipEnd, ExportGap } from '#wire/evidence.ts';
import type { MediaMessage } from '#wire/message.ts';
import type { ErrorCode } from '#wire/nightglass-error.ts';
import type {
  ClipRequest,
  FromRecorder,
  PictureFacts,
  Progress,
  SnapshotPicture,
  ToRecorder,
  UnitFacts,
} from './record-messages.ts';

/** More pictures than these are not on their way to the encoder: others are left out meanwhile, and counted. */
const PICTURES_UNDER_WAY = 5;
/** More bytes than these are not on their way to the disk. */
const BYTES_UNDER_WAY = 32 * 1024 * 1024;

export interface RecorderNews {
  readonly progress: (progress: Progress) => void;
  readonly ended: (
    clips: readonly string[],
    failure?: { readonly code: ErrorCode; readonly message: string },
  ) => void;
}

/** Starts the worker that records, and ends with `ended`. */
export const startRecordWorker = (): Worker =>
  new Worker(new URL('./record-worker.ts', import.meta.url), { type: 'module' });

export class TileRecorder {
  readonly request: ClipRequest;
  /** Pictures that were not handed over because the encoder was late. */
  leftOut = 0;
  readonly #worker: Worker;
  #pictures = 0;
  #bytes = 0;
  #lostUnits = 0;
  #awaitingKey = true;
  #config: VideoConfig | undefined;
  #stopping = false;
  #wake: () => void = () => {};

  /** @param rate pictures a second, about; 25 where it is not known */
  constructor(request: ClipRequest, rate: number, news: RecorderNews, worker: Worker = startRecordWorker()) {
    this.request = request;
    this.#worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<FromRecorder>) => {
      if (data.type === 'progress') return news.progress(data.progress);
      if (data.type === 'taken') {
        if (data.picture) this.#pictures--;
        this.#bytes -= data.bytes;
        this.#wake();
        return;
      }
      worker.terminate();
      this.#end();
      news.ended(data.clips, data.failure);
    });
    worker.addEventListener('error', ({ message }) => {
      if (this.#stopping) return;
      this.#end();
      worker.terminate();
      news.ended([], { code: 'record/failed', message: message || 'its script could not be loaded' });
    });
    this.#send({ type: 'open', request, rate: rate >= 1 ? rate : 25 });
  }

  get wantsPictures(): boolean {
    return this.request.shows !== 'original' && !this.#stopping;
  }

  get #wantsUnits(): boolean {
    return (this.request.shows === 'original' || this.request.keepOriginal) && !this.#stopping;
  }

  /** Whether another picture may be drawn and handed over now; one that may not is counted. */
  hasRoom(): boolean {
    if (this.#pictures < PICTURES_UNDER_WAY) return true;
    this.leftOut++;
    return false;
  }

  /** Resolves when another picture and unit may be handed over, or nothing is taken any more. */
  async room(): Promise<void> {
    while (!this.#stopping && (this.#pictures >= PICTURES_UNDER_WAY || this.#bytes >= BYTES_UNDER_WAY))
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  /** Takes an access unit that was stored. A copy of it goes. */
  unit(data: Uint8Array, facts: UnitFacts): void {
    if (!this.#wantsUnits) return;
    this.#bytes += data.length;
    this.#send({ type: 'unit', data: data.slice(), facts });
  }

  /** Takes note of what is missing, before the picture behind it comes. */
  gap(gap: ExportGap): void {
    this.#send({ type: 'gap', gap });
  }

  /** Gives the frame away. */
  picture(frame: VideoFrame, facts: PictureFacts): void {
    this.#pictures++;
    this.#send({ type: 'picture', frame, facts }, [frame]);
  }

  /** Takes everything that comes for the tile, in order; from the next key unit on it is kept. */
  message(message: MediaMessage): void {
    if (!this.#wantsUnits) return;
    if (message.kind === 'config') this.#config = message.config;
    if (message.kind === 'gap') this.#lostUnits += message.dropped;
    if (message.kind === 'gap' || message.kind === 'end') this.#awaitingKey = true;
    const config = this.#config;
    if (message.kind !== 'unit' || !config) return;
    const { key, timestamp, epoch, capturedAt, captureClock, data } = message;
    if (key) this.#awaitingKey = false;
    if (this.#bytes + data.length > BYTES_UNDER_WAY) this.#awaitingKey = true;
    if (this.#awaitingKey) {
      this.#lostUnits++;
      return;
    }
    this.#bytes += data.length;
    const facts = { key, timestamp, epoch, capturedAt, captureClock, config, lost: this.#lostUnits };
    // A copy goes: the decoder reads the same bytes.
    this.#send({ type: 'unit', data, facts });
  }

  /** Ends the recording, which tells when it has ended. */
  stop(end: ClipEnd = 'stopped'): void {
    if (this.#stopping) return;
    this.#end();
    this.#send({ type: 'stop', end });
  }

  #end(): void {
    this.#stopping = true;
    this.#wake();
  }

  #send(message: ToRecorder, given: Transferable[] = []): void {
    this.#worker.postMessage(message, given);
  }
}

/** Keeps a snapshot; resolves with its id, or with why it could not be kept. */
export async function storeSnapshot(
  request: ClipRequest,
  pictures: readonly SnapshotPicture[],
  facts: PictureFacts,
): Promise<
  { readonly id: string } | { readonly failure: { readonly code: ErrorCode; readonly message: string } }
> {
  const worker = startRecordWorker();
  try {
    return await new Promise((resolve) => {
      worker.addEventListener('message', ({ data }: MessageEvent<FromRecorder>) => {
        if (data.type !== 'ended') return;
        const [id] = data.clips;
        const failure = data.failure ?? { code: 'record/failed', message: 'nothing was kept' };
        resolve(id === undefined ? { failure } : { id });
      });
      worker.addEventListener('error', ({ message }) =>
        resolve({ failure: { code: 'record/failed', message: message || 'its script could not be loaded' } }),
      );
      worker.postMessage({ type: 'snapshot', request, pictures, facts } satisfies ToRecorder);
    });
  } finally {
    worker.terminate();
  }
}
