/** What is known of a clip or a snapshot, kept as JSON beside its files: what it shows, of when, and what was done. */
import { NightglassError } from './nightglass-error.ts';
import { type WallMicros, wallMicros } from './time.ts';

/** `original`: as the camera sent it; `side-by-side`: the camera's picture left, the enhanced one right. */
export type Shown = 'enhanced' | 'original' | 'side-by-side';
const SHOWN: readonly string[] = ['enhanced', 'original', 'side-by-side'] satisfies Shown[];

/** Why a clip ends where it does. `cut-off`: the page was closed or crashed, and what was written by then was kept. */
export type ClipEnd = 'stopped' | 'new-part' | 'camera-away' | 'storage-full' | 'failed' | 'cut-off';
const ENDS: readonly string[] = [
  'stopped',
  'new-part',
  'camera-away',
  'storage-full',
  'failed',
  'cut-off',
] satisfies ClipEnd[];

/** `super-resolve`: a small camera's picture is shown at twice its size; `same-size`: another keeps its own. */
export type EnhancementMode = 'same-size' | 'super-resolve';
const MODES: readonly string[] = ['same-size', 'super-resolve'] satisfies EnhancementMode[];

/** What was done to the pictures from one moment on, until the next of these. */
export interface Enhancement {
  /** Capture time of the first picture it holds for. */
  readonly from: WallMicros;
  /** False: the camera's own pictures were shown, because the person or the machine left them so. */
  readonly enhanced: boolean;
  /** 0…1, as the person set it. */
  readonly strength: number;
  /** The network's name and the SHA-256 of its file; empty where none ran. */
  readonly model: string;
  readonly modelSha256: string;
  /** `wgsl`, `wasm`, `ort-webgpu` or `off`, and what it ran on. */
  readonly engine: string;
  readonly adapter: string;
  /** Absent where no network ran, and in files of before it was written down. */
  readonly mode?: EnhancementMode;
}

/**
 * Whose clock the capture times are of: the camera's (its RTCP sender reports), or that of the server when the picture
 * arrived; `archive`: as the server dates it in the past or over HLS, which is one of the two; of a file that
 * was opened, what the file says of its beginning, or nobody's: its position from 0:00 on.
 */
export type EvidenceClock = 'sender-report' | 'arrival' | 'archive' | 'file' | 'position';

/** Of a clip that was exported from the past: what was asked for, and where of that it has no pictures. */
export interface ExportedSpan {
  readonly from: WallMicros;
  readonly to: WallMicros;
  /** As far as they were known when this part ended; the last part's are all. */
  readonly gaps: readonly ExportGap[];
}

export interface ExportGap {
  readonly from: WallMicros;
  readonly to: WallMicros;
  /** `gone`: the server had deleted it meanwhile. `unreadable`: it is damaged, or no decoder took it. */
  readonly why: 'not-recorded' | 'gone' | 'unreadable';
}
const GAPS: readonly string[] = ['not-recorded', 'gone', 'unreadable'] satisfies ExportGap['why'][];

/** Of the pictures of one file. */
export interface PictureCounts {
  /** What came from the camera in the file's span, as far as this viewer was sent it. */
  readonly source: number;
  /** What the file holds. */
  readonly kept: number;
  /** Of those, the ones that the network worked on. */
  readonly enhanced: number;
  /** Left out before the viewer (at least so many), because a newer one had come, and because the encoder was late. */
  readonly lost: { readonly server: number; readonly late: number; readonly encoder: number };
}

/** What was made of a recorded clip afterwards: pictures encoded anew, which are nobody's own bits any more. */
export interface Derivation {
  /** In plain English with its numbers, in the order it was done: `trimmed to 1.240 s … 3.400 s`. */
  readonly operations: readonly string[];
  /** What did it, with its version. */
  readonly tool: string;
  /** The clip's files that it was made from, as their own evidence says. */
  readonly sources: readonly DerivationSource[];
  /** The `checksum` of that evidence. */
  readonly checksum: string;
}

export interface DerivationSource {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface EvidenceFile {
  /** In the folder of the JSON. */
  readonly name: string;
  readonly shows: Shown;
  readonly bytes: number;
  /** Of the whole file, 64 hex digits. */
  readonly sha256: string;
  /** A WebCodecs codec string, or `png`. */
  readonly codec: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Capture times of its first and its last picture. */
  readonly from: WallMicros;
  readonly to: WallMicros;
  readonly pictures: PictureCounts;
}

/** Everything but the checksum. */
export interface EvidenceFacts {
  readonly kind: 'nightglass.evidence';
  readonly version: 1;
  readonly medium: 'clip' | 'snapshot';
  /** The version of the page that made it. */
  readonly nightglass: string;
  readonly camera: { readonly name: string; readonly title: string };
  /** Counts the files of one recording: a new one begins when the camera's clock or picture size begins anew. */
  readonly part: number;
  readonly from: WallMicros;
  readonly to: WallMicros;
  /** The same in ISO 8601, for people. */
  readonly utc: { readonly from: string; readonly to: string };
  readonly captureClock: EvidenceClock | 'both';
  readonly enhancement: readonly Enhancement[];
  /** Absent where it was recorded as it was shown. */
  readonly exported?: ExportedSpan;
  /** Present where it was made from a recorded clip. */
  readonly derived?: Derivation;
  readonly end: ClipEnd;
  /** True where more was recorded than could be kept: up to two seconds are missing at the end. */
  readonly cutOff: boolean;
  readonly files: readonly EvidenceFile[];
}

export interface Evidence extends EvidenceFacts {
  /** SHA-256 of `evidenceText`, 64 hex digits: shows that the JSON was edited carelessly, not who wrote it. */
  readonly checksum: string;
}

/** More is no evidence of ours. Characters. */
export const EVIDENCE_LIMIT = 1024 * 1024;

/** What the checksum is taken of: all other fields as JSON, without spaces, the names in order. */
export const evidenceText = (facts: EvidenceFacts): string => {
  const { checksum: _, ...rest } = facts as Partial<Evidence>;
  return JSON.stringify(rest, (_name, value: unknown) =>
    isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
};

/** A file's own name: no folder, nothing hidden, nothing a shell or a file system would read otherwise. */
export const isPlainName = (name: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,199}$/.test(name) && !name.includes('..');

/** ISO 8601 in UTC, to the millisecond. */
export const utcOf = (at: WallMicros): string => new Date(at / 1000).toISOString();

/** @throws NightglassError `clips/bad-evidence`, or `clips/unsafe-path` where a file's name leads elsewhere */
export function readEvidence(text: string): Evidence {
  if (text.length > EVIDENCE_LIMIT) throw bad(`at most ${EVIDENCE_LIMIT} characters were expected`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw bad('JSON was expected, something else came', cause);
  }
  if (!isRecord(value) || value.kind !== 'nightglass.evidence') throw bad('it has another kind');
  if (value.version !== 1) throw bad(`version 1 was expected, ${String(value.version)} came`);
  check(value, 'medium', (medium) => medium === 'clip' || medium === 'snapshot');
  for (const name of ['nightglass', 'captureClock']) check(value, name, isText);
  check(value, 'camera', (camera) => isRecord(camera) && isText(camera.name) && isText(camera.title));
  check(value, 'utc', (utc) => isRecord(utc) && isText(utc.from) && isText(utc.to));
  for (const name of ['part', 'from', 'to']) check(value, name, isCount);
  check(value, 'end', (end) => ENDS.includes(end as string));
  check(value, 'cutOff', (cutOff) => typeof cutOff === 'boolean');
  check(value, 'checksum', isSha256);
  check(value, 'enhancement', (list) => Array.isArray(list) && list.every(isEnhancement));
  check(value, 'exported', (span) => span === undefined || isExported(span));
  check(value, 'files', (list) => Array.isArray(list) && list.length > 0 && list.every(isFile));
  check(value, 'derived', (derived) => derived === undefined || isDerivation(derived));
  const evidence = value as unknown as Evidence;
  for (const { name } of [...evidence.files, ...(evidence.derived?.sources ?? [])]) {
    if (isPlainName(name)) continue;
    throw new NightglassError(
      'clips/unsafe-path',
      `a file's plain name was expected, ${JSON.stringify(name)} came`,
    );
  }
  return evidence;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isSha256 = (value: unknown): boolean => isText(value) && /^[0-9a-f]{64}$/.test(value);

const isEnhancement = (value: unknown): boolean =>
  isRecord(value) &&
  isCount(value.from) &&
  typeof value.enhanced === 'boolean' &&
  typeof value.strength === 'number' &&
  (value.mode === undefined || MODES.includes(value.mode as string)) &&
  ['model', 'modelSha256', 'engine', 'adapter'].every((name) => isText(value[name]));

const isExported = (value: unknown): boolean =>
  isRecord(value) &&
  isCount(value.from) &&
  isCount(value.to) &&
  Array.isArray(value.gaps) &&
  value.gaps.every(
    (gap) => isRecord(gap) && isCount(gap.from) && isCount(gap.to) && GAPS.includes(gap.why as string),
  );

const isDerivation = (value: unknown): boolean =>
  isRecord(value) &&
  Array.isArray(value.operations) &&
  value.operations.every(isText) &&
  isText(value.tool) &&
  isSha256(value.checksum) &&
  Array.isArray(value.sources) &&
  value.sources.length > 0 &&
  value.sources.every(
    (source) => isRecord(source) && isText(source.name) && isCount(source.bytes) && isSha256(source.sha256),
  );

const isFile = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value.name) &&
  isText(value.codec) &&
  SHOWN.includes(value.shows as string) &&
  isSha256(value.sha256) &&
  ['bytes', 'width', 'height', 'from', 'to'].every((name) => isCount(value[name])) &&
  isCounts(value.pictures);

const isCounts = (value: unknown): boolean =>
  isRecord(value) &&
  ['source', 'kept', 'enhanced'].every((name) => isCount(value[name])) &&
  isRecord(value.lost) &&
  Object.values(value.lost).every(isCount);

function check(value: Record<string, unknown>, name: string, holds: (field: unknown) => boolean): void {
  if (!holds(value[name])) throw bad(`its field ${name} is missing or is not what it should be`);
}

const bad = (what: string, cause?: unknown): NightglassError =>
  new NightglassError('clips/bad-evidence', `this is no evidence of a clip: ${what}`, { cause });

/** Joins what is known with its checksum. `sha256` gives 64 hex digits of a text's UTF-8. */
export const sealed = (facts: EvidenceFacts, sha256: (text: string) => string): Evidence => ({
  ...facts,
  checksum: sha256(evidenceText(facts)),
});

/** The span of some files. */
export const spanOf = (files: readonly Pick<EvidenceFile, 'from' | 'to'>[]) => {
  const from = wallMicros(Math.min(...files.map((file) => file.from)));
  const to = wallMicros(Math.max(...files.map((file) => file.to)));
  return { from, to, utc: { from: utcOf(from), to: utcOf(to) } };
};
