/** One part of a recording: a folder with one or two files, from the first picture to where the camera's clock ends. */
import {
  type ClipEnd,
  type Enhancement,
  type EvidenceFacts,
  type EvidenceFile,
  type ExportGap,
  spanOf,
} from '#wire/evidence.ts';
import type { WallMicros } from '#wire/time.ts';
import { alone, JOURNAL, removeJournal, writeEvidence } from './clip-folder.ts';
import { clipId } from './clip-id.ts';
import { ClipTrack } from './clip-track.ts';
import { evenSize } from './encoder-choice.ts';
import { Journal } from './journal.ts';
import { type EncodedPicture, PictureEncoder } from './picture-encoder.ts';
import type { ClipRequest, PictureFacts, UnitFacts } from './record-messages.ts';
import { openSyncFile } from './sync-file.ts';

/** More changes than these are not written down: who moves the strength so often gets the first of them. */
const CHANGES = 100;

/** `gaps`: of the span that is exported; grows. */
type PartRequest = ClipRequest & { readonly gaps: readonly ExportGap[] };

export class ClipPart {
  readonly id: string;
  readonly #clips: FileSystemDirectoryHandle;
  readonly #folder: FileSystemDirectoryHandle;
  readonly #journal: Journal;
  readonly #request: PartRequest;
  readonly #number: number;
  readonly #rate: number;
  readonly #enhancement: Enhancement[] = [];
  readonly #shownFacts = new Map<number, PictureFacts>();
  #encoder: PictureEncoder | undefined;
  #encoded: EncodedPicture[] = [];
  #shown: ClipTrack | undefined;
  #original: ClipTrack | undefined;
  #first: PictureFacts | undefined;
  #lostBefore = 0;
  #units = 0;
  #newestUnit = Number.NEGATIVE_INFINITY;
  #replayed = false;

  private constructor(
    opened: { clips: FileSystemDirectoryHandle; folder: FileSystemDirectoryHandle; journal: Journal },
    request: PartRequest,
    number: number,
    rate: number,
  ) {
    this.id = opened.folder.name;
    this.#clips = opened.clips;
    this.#folder = opened.folder;
    this.#journal = opened.journal;
    this.#request = request;
    this.#number = number;
    this.#rate = rate;
  }

  /** Makes the part's folder. @param rate pictures a second, about */
  static async open(
    clips: FileSystemDirectoryHandle,
    request: PartRequest,
    at: WallMicros,
    number: number,
    rate: number,
  ): Promise<ClipPart> {
    return await alone(async () => {
      const folder = await clips.getDirectoryHandle(clipId(request.camera.name, at), { create: true });
      const journal = new Journal(await openSyncFile(folder, JOURNAL, { create: true }));
      return new ClipPart({ clips, folder, journal }, request, number, rate);
    });
  }

  get bytes(): number {
    return (this.#shown?.bytes ?? 0) + (this.#original?.bytes ?? 0);
  }

  /** Of the file that was asked for; µs. */
  get duration(): number {
    return (this.#shown ?? this.#original)?.duration ?? 0;
  }

  get kept(): number {
    return (this.#shown ?? this.#original)?.kept ?? 0;
  }

  /** Takes a shown picture over. @throws what the encoder or the disk failed with */
  async picture(frame: VideoFrame, facts: PictureFacts): Promise<void> {
    try {
      const { codedWidth: width, codedHeight: height } = frame;
      this.#encoder ??= await PictureEncoder.open(
        { ...evenSize({ width, height }), rate: this.#rate },
        (encoded) => this.#encoded.push(encoded),
      );
      this.#first ??= facts;
      this.#note(facts);
      this.#shownFacts.set(facts.timestamp, facts);
    } catch (error) {
      frame.close();
      throw error;
    }
    await this.#encoder.encode(frame);
    await this.#store();
  }

  /** Takes a unit; one that nothing in the file precedes is left out. @throws what the disk failed with */
  async unit(data: Uint8Array, facts: UnitFacts): Promise<void> {
    if (!this.#original && !facts.key) return;
    // After a dropped link the server begins with its last GOP: what is in the file already is not taken again.
    if (facts.key) this.#replayed = facts.timestamp <= this.#newestUnit;
    if (this.#replayed && facts.timestamp <= this.#newestUnit) return;
    this.#replayed = false;
    this.#newestUnit = Math.max(this.#newestUnit, facts.timestamp);
    if (!this.#original) this.#lostBefore = facts.lost;
    this.#original ??= await this.#track('original');
    const server = facts.lost - this.#lostBefore;
    this.#units++;
    this.#original.losses = { source: this.#units + server, server, late: 0, encoder: 0 };
    const { key, timestamp, config, capturedAt, captureClock } = facts;
    const { codec, codedWidth, codedHeight, description } = config;
    const stored = { codec, codedWidth, codedHeight, ...(description && { description }) };
    const capture = { capturedAt, captureClock, enhanced: false };
    await this.#original.add({ data, key, timestamp }, stored, capture);
  }

  /** Ends the part. Gives its id, or nothing where no picture was recorded. */
  async finish(end: ClipEnd): Promise<string | undefined> {
    // What the encoder still holds is worth a try: after a failure it holds nothing.
    await this.#encoder?.finish().catch(() => undefined);
    await this.#store().catch(() => undefined);
    this.#encoder?.[Symbol.dispose]();
    const files = [this.#shown, this.#original].flatMap((track) => track?.finish() ?? []);
    if (files.length > 0) await writeEvidence(this.#folder, this.#facts(files, end));
    this.#journal.close();
    if (files.length > 0) await removeJournal(this.#folder);
    else await this.#clips.removeEntry(this.id, { recursive: true });
    return files.length > 0 ? this.id : undefined;
  }

  async #store(): Promise<void> {
    for (const { config, ...picture } of this.#encoded.splice(0)) {
      const facts = this.#shownFacts.get(picture.timestamp);
      if (!facts) continue;
      this.#shownFacts.delete(picture.timestamp);
      this.#shown ??= await this.#track(this.#request.shows);
      this.#shown.losses = this.#losses(facts);
      await this.#shown.add(picture, config, facts);
    }
  }

  #losses(facts: PictureFacts) {
    const first = this.#first ?? facts;
    return {
      source: facts.decoded - first.decoded + 1,
      server: facts.droppedByServer - first.droppedByServer,
      late: facts.late - first.late,
      encoder: facts.leftOut - first.leftOut,
    };
  }

  async #track(shows: ClipRequest['shows']): Promise<ClipTrack> {
    const name = `${this.id}-${shows}.mp4`;
    const file = await openSyncFile(this.#folder, name, { create: true });
    return new ClipTrack(name, shows, file, () => {
      const files = [this.#shown, this.#original].flatMap((track) => track?.written ?? []);
      if (files.length > 0) this.#journal.write(this.#facts(files, 'cut-off'));
    });
  }

  #note({ capturedAt, enhanced, strength, engine, adapter, model, modelSha256, mode }: PictureFacts): void {
    const change: Enhancement = {
      from: capturedAt,
      enhanced,
      strength,
      model,
      modelSha256,
      engine,
      adapter,
      ...(mode && { mode }),
    };
    const last = this.#enhancement.at(-1);
    const same = last && JSON.stringify({ ...last, from: capturedAt }) === JSON.stringify(change);
    if (!same && this.#enhancement.length < CHANGES) this.#enhancement.push(change);
  }

  #facts(files: readonly EvidenceFile[], end: ClipEnd): EvidenceFacts {
    const clocks = new Set([this.#shown, this.#original].flatMap((track) => [...(track?.clocks ?? [])]));
    const [clock = 'arrival'] = clocks;
    const { span, gaps } = this.#request;
    return {
      kind: 'nightglass.evidence',
      version: 1,
      medium: 'clip',
      nightglass: this.#request.version,
      camera: this.#request.camera,
      part: this.#number,
      ...spanOf(files),
      captureClock: clocks.size > 1 ? 'both' : clock,
      enhancement: this.#enhancement,
      ...(span && { exported: { ...span, gaps } }),
      end,
      cutOff: false,
      files,
    };
  }
}
