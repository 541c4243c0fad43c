/** A recording from its start to its end: its parts, one after the other. Lives in the recorder's worker. */
import type { ClipEnd, ExportGap } from '#wire/evidence.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import type { WallMicros } from '#wire/time.ts';
import { openClips } from './clip-folder.ts';
import { ClipPart } from './clip-part.ts';
import type { ClipRequest, PictureFacts, Progress, UnitFacts } from './record-messages.ts';

/** More gaps of an export than these are not written down, lest its journal outgrows its place. */
const GAPS = 200;

/**
 * A part keeps to one clock of the camera and one size of its pictures. Another epoch is another part (the camera was
 * away, or its size or codec changed), and so is a jump: the person moved along the past.
 */

export class Recording {
  readonly #request: ClipRequest;
  readonly #rate: number;
  /** The newest last: units of an epoch come before its pictures are decoded and shown. */
  #parts: { readonly epoch: number; readonly part: ClipPart }[] = [];
  #opened = 0;
  #finished: string[] = [];
  #before = { duration: 0, bytes: 0, pictures: 0 };
  #last: PictureFacts | undefined;
  readonly #gaps: ExportGap[] = [];
  #lost = 0;

  constructor(request: ClipRequest, rate: number) {
    this.#request = request;
    this.#rate = rate;
  }

  get progress(): Progress {
    const parts = this.#parts.map(({ part }) => part);
    const sum = (of: (part: ClipPart) => number) => parts.reduce((total, part) => total + of(part), 0);
    return {
      seconds: (this.#before.duration + sum((part) => part.duration)) / 1e6,
      bytes: this.#before.bytes + sum((part) => part.bytes),
      pictures: this.#before.pictures + sum((part) => part.kept),
      lost: this.#lost,
      part: this.#opened,
    };
  }

  /** Takes a shown picture over. */
  async picture(frame: VideoFrame, facts: PictureFacts): Promise<void> {
    this.#lost = facts.leftOut;
    const last = this.#last?.epoch === facts.epoch ? this.#last : undefined;
    // Drawn once more, in another way.
    if (last?.timestamp === facts.timestamp) return frame.close();
    const jumped = last && (facts.stretch !== last.stretch || facts.timestamp < last.timestamp);
    this.#last = facts;
    try {
      if (jumped) await this.#finish('new-part', () => true);
      else await this.#finish('new-part', ({ epoch }) => epoch !== facts.epoch);
    } catch (error) {
      frame.close();
      throw error;
    }
    await (await this.#part(facts.epoch, facts.capturedAt)).picture(frame, facts);
  }

  /** Takes an access unit of the camera. */
  async unit(data: Uint8Array, facts: UnitFacts): Promise<void> {
    const known = this.#parts.some(({ epoch }) => epoch === facts.epoch);
    if (!known && !facts.key) return;
    if (!known && this.#request.shows === 'original') await this.#finish('new-part', () => true);
    await (await this.#part(facts.epoch, facts.capturedAt)).unit(data, facts);
  }

  /** Takes note that of the span that is exported this is missing. */
  gap(gap: ExportGap): void {
    if (this.#gaps.length < GAPS) this.#gaps.push(gap);
  }

  /** Ends it; gives the ids of its clips. */
  async stop(end: ClipEnd): Promise<readonly string[]> {
    await this.#finish(end, () => true);
    return this.#finished;
  }

  async #part(epoch: number, at: WallMicros): Promise<ClipPart> {
    const known = this.#parts.find((entry) => entry.epoch === epoch);
    if (known) return known.part;
    this.#opened++;
    const request = { ...this.#request, gaps: this.#gaps };
    const part = await ClipPart.open(await openClips(), request, at, this.#opened, this.#rate);
    this.#parts.push({ epoch, part });
    return part;
  }

  async #finish(end: ClipEnd, which: (entry: { readonly epoch: number }) => boolean): Promise<void> {
    for (const entry of this.#parts.filter(which)) {
      const { part } = entry;
      const id = await part.finish(end);
      this.#parts = this.#parts.filter((other) => other !== entry);
      this.#before.duration += part.duration;
      this.#before.bytes += part.bytes;
      this.#before.pictures += part.kept;
      if (id !== undefined) this.#finished.push(id);
    }
  }
}

/** How a failure is told, and how the evidence names it. */
export function failureOf(error: unknown): {
  readonly end: ClipEnd;
  readonly failure: Pick<NightglassError, 'code' | 'message'>;
} {
  const known = error instanceof NightglassError ? error : undefined;
  const code = known?.code ?? 'record/failed';
  const message = error instanceof Error ? error.message : String(error);
  return { end: code === 'record/storage-full' ? 'storage-full' : 'failed', failure: { code, message } };
}
