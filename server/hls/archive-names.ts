/** The names of the archive's files. A segment's name alone tells all that its index needs. */
import { type Micros, micros, type WallMicros, wallMicros } from '#wire/time.ts';

/** What is known of a stored segment. */
export interface Stored {
  /** Capture wall clock of its first picture. */
  readonly capturedAt: WallMicros;
  readonly duration: Micros;
  /** How often the capture clock had gone back before it. Within a run, capture times rise. */
  readonly run: number;
  readonly pictures: number;
  /** Of the file, in bytes. */
  readonly bytes: number;
  /** The id of the init segment it needs: 16 hex digits. */
  readonly init: string;
  /** Timestamps or pictures may jump before it. */
  readonly discontinuity: boolean;
  /** It begins with a key unit. */
  readonly independent: boolean;
}

/** What is added to a file's name while it is being written. */
export const HALF = '.part';

const SEGMENT = /^(\d{16})-(\d{1,6})-(\d{1,10})-(\d{1,6})-(\d{1,12})-([0-9a-f]{16})(-d?k?)?\.m4s$/;
const INIT = /^init-([0-9a-f]{16})\.mp4$/;
const HOUR = /^\d{4}-\d\d-\d\dT\d\d$/;
const HALF_FILE = /^(?:init-[0-9a-f]{16}\.mp4|[\da-fdk-]{1,80}\.m4s)\.part$/;

/** E.g. `1780000000000000-0-2000000-50-1048576-0123456789abcdef-dk.m4s`: capture time, run, duration, pictures, bytes, init. */
export function nameOf(stored: Stored): string {
  const { capturedAt, run, duration, pictures, bytes, init, discontinuity, independent } = stored;
  const at = String(capturedAt).padStart(16, '0');
  const flags = `${discontinuity ? 'd' : ''}${independent ? 'k' : ''}`;
  return `${at}-${run}-${duration}-${pictures}-${bytes}-${init}${flags && `-${flags}`}.m4s`;
}

/** Nothing for a name that `nameOf` would not give. */
export function storedOf(name: string): Stored | undefined {
  const match = SEGMENT.exec(name);
  if (match === null) return undefined;
  const [, at, run, duration, pictures, bytes, init = '', flags = ''] = match;
  const stored: Stored = {
    capturedAt: wallMicros(Number(at)),
    duration: micros(Number(duration)),
    run: Number(run),
    pictures: Number(pictures),
    bytes: Number(bytes),
    init,
    discontinuity: flags.includes('d'),
    independent: flags.includes('k'),
  };
  // A number has one spelling, so that a segment has one name.
  return Number.isSafeInteger(stored.capturedAt) && nameOf(stored) === name ? stored : undefined;
}

/** When its last picture ends. */
export const endOf = ({ capturedAt, duration }: Pick<Stored, 'capturedAt' | 'duration'>): WallMicros =>
  wallMicros(capturedAt + duration);

export const initName = (id: string): string => `init-${id}.mp4`;

export const initOf = (name: string): string | undefined => INIT.exec(name)?.[1];

/** Whether the name is of a file that the archive was writing. */
export const isHalf = (name: string): boolean => HALF_FILE.test(name);

/** The folder of a segment: its hour in UTC, e.g. `2026-05-28T20`. */
export const hourOf = (capturedAt: WallMicros): string =>
  new Date(capturedAt / 1000).toISOString().slice(0, 13);

export const isHour = (name: string): boolean => HOUR.test(name);

/** Where a segment lies within its camera's folder. */
export const placeOf = (stored: Stored): string => `${hourOf(stored.capturedAt)}/${nameOf(stored)}`;

/** What a file takes of a disk that is divided into blocks of 4 KiB, bytes. */
export const onDisk = (bytes: number): number => Math.ceil(bytes / 4096) * 4096;
