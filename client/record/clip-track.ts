/** One file of a clip while it is recorded: its pictures in MP4, and what is known of them. */
import type { EvidenceClock, EvidenceFile, Shown } from '#wire/evidence.ts';
import { type WallMicros, wallMicros } from '#wire/time.ts';
import { ClipFile } from './clip-file.ts';
import type { TrackConfig } from './mp4-header.ts';
import { type CodedPicture, Mp4Track } from './mp4-track.ts';
import type { SyncFile } from './sync-file.ts';

/** When a picture was captured, and what was done to it. */
export interface Capture {
  readonly capturedAt: WallMicros;
  readonly captureClock: EvidenceClock;
  readonly enhanced: boolean;
}

export interface TrackLosses {
  readonly source: number;
  readonly server: number;
  readonly late: number;
  readonly encoder: number;
}

const NONE: TrackLosses = { source: 0, server: 0, late: 0, encoder: 0 };

export class ClipTrack {
  readonly #name: string;
  readonly #shows: Shown;
  readonly #file: ClipFile;
  readonly #mp4: Mp4Track;
  #config: TrackConfig | undefined;
  #kept = 0;
  #enhanced = 0;
  #span: { from: WallMicros; to: WallMicros } | undefined;
  /** What holds for the bytes that are with the disk. */
  #written: EvidenceFile | undefined;

  /** Takes over an empty file. `written` is called whenever more of it is with the disk. */
  constructor(name: string, shows: Shown, file: SyncFile, written: () => void) {
    this.#name = name;
    this.#shows = shows;
    this.#file = new ClipFile(file);
    this.#mp4 = new Mp4Track((bytes) => {
      this.#file.append(bytes);
      // Of a fragment's pictures, which are all that were added before; the header alone is no clip.
      if (this.#kept > 0) this.#written = this.#facts('');
      written();
    });
  }

  losses: TrackLosses = NONE;
  readonly clocks = new Set<EvidenceClock>();

  /** Bytes with the disk, and µs of pictures. */
  get bytes(): number {
    return this.#file.bytes;
  }

  get duration(): number {
    return this.#mp4.duration;
  }

  get kept(): number {
    return this.#kept;
  }

  /** @throws NightglassError `record/storage-full`, or an Error where the pictures cannot be stored */
  async add(picture: CodedPicture, config: TrackConfig, capture: Capture): Promise<void> {
    this.#config ??= config;
    await this.#mp4.add(picture, config);
    const { capturedAt } = capture;
    this.#kept++;
    if (capture.enhanced) this.#enhanced++;
    this.clocks.add(capture.captureClock);
    const { from, to } = this.#span ?? { from: capturedAt, to: capturedAt };
    this.#span = {
      from: wallMicros(Math.min(from, capturedAt)),
      to: wallMicros(Math.max(to, capturedAt)),
    };
  }

  /** What is known of what is with the disk; nothing where it holds no picture. Without the file's SHA-256. */
  get written(): EvidenceFile | undefined {
    return this.#written;
  }

  /** Writes the rest if there is room, and closes the file. Nothing where it holds no picture. */
  finish(): EvidenceFile | undefined {
    let failure: unknown;
    try {
      this.#mp4.finish();
    } catch (error) {
      failure = error;
    }
    const sha256 = this.#file.close();
    if (failure !== undefined && this.#written === undefined) return undefined;
    return this.#written && { ...this.#written, sha256 };
  }

  #facts(sha256: string): EvidenceFile | undefined {
    if (!this.#span || !this.#config) return undefined;
    const { codec, codedWidth = 0, codedHeight = 0 } = this.#config;
    const { source, ...lost } = this.losses;
    const pictures = {
      source: Math.max(source, this.#kept),
      kept: this.#kept,
      enhanced: this.#enhanced,
      lost,
    };
    const { bytes } = this.#file;
    const size = { width: codedWidth, height: codedHeight };
    return { name: this.#name, shows: this.#shows, bytes, sha256, codec, ...size, ...this.#span, pictures };
  }
}
