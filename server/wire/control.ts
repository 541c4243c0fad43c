/** Text WebSocket messages: JSON control, both ways. */
import type { Codec } from './access-unit.ts';
import type { CameraState } from './camera-state.ts';
import { type ErrorCode, NightglassError } from './nightglass-error.ts';
import { type Micros, micros, type WallMicros, wallMicros } from './time.ts';

/** How much of a stream a tile wants: all of it, key units only (hidden or tiny tile), nothing for now. */
export type Want = 'live' | 'key' | 'pause';
const WANTS: readonly Want[] = ['live', 'key', 'pause'];

/** Which of a camera's streams: the full one, or the smaller one for small tiles. A camera may have `main` alone. */
export type Rendition = 'main' | 'sub';
const RENDITIONS: readonly Rendition[] = ['main', 'sub'];

/** What a viewer decodes that does not say. */
export const ALL_CODECS: readonly Codec[] = ['h264', 'h265'];

/** What a viewer says. `stream` is a u32 of the viewer's own choosing, one per tile. */
export type ViewerMessage =
  | {
      readonly type: 'open';
      readonly stream: number;
      readonly camera: string;
      readonly want: Want;
      /** Absent: `main`. */
      readonly rendition?: Rendition;
      /** Absent: all of them. */
      readonly decodes?: readonly Codec[];
    }
  /** Goes over to another rendition as soon as it has a picture. */
  | { readonly type: 'rendition'; readonly stream: number; readonly rendition: Rendition }
  | { readonly type: 'want'; readonly stream: number; readonly want: Want }
  /** The last timestamp this tile showed; lag is measured from it. */
  | { readonly type: 'ack'; readonly stream: number; readonly timestamp: Micros }
  | { readonly type: 'close'; readonly stream: number }
  /** Asks for the server's wall clock; the answer repeats `sentAt`. */
  | { readonly type: 'clock'; readonly sentAt: WallMicros };

/** What the server says. */
export type ServerMessage =
  | { readonly type: 'camera'; readonly stream: number; readonly state: CameraState }
  | { readonly type: 'clock'; readonly sentAt: WallMicros; readonly serverAt: WallMicros }
  /** A request about one stream was refused; the socket stays open. */
  | {
      readonly type: 'refused';
      readonly stream: number;
      readonly code: ErrorCode;
      readonly message: string;
    };

/** A viewer's text message has at most this many characters. */
export const CONTROL_LIMIT = 4096;

/** @throws NightglassError `wire/malformed` */
export function readViewerMessage(text: string): ViewerMessage {
  const fields = readObject(text);
  switch (fields.type) {
    case 'open':
      return {
        type: 'open',
        stream: u32(fields),
        camera: cameraName(fields),
        want: want(fields),
        ...(fields.rendition === undefined ? {} : { rendition: rendition(fields) }),
        ...(fields.decodes === undefined ? {} : { decodes: decodes(fields) }),
      };
    case 'rendition':
      return { type: 'rendition', stream: u32(fields), rendition: rendition(fields) };
    case 'want':
      return { type: 'want', stream: u32(fields), want: want(fields) };
    case 'ack':
      return { type: 'ack', stream: u32(fields), timestamp: micros(integer(fields, 'timestamp')) };
    case 'close':
      return { type: 'close', stream: u32(fields) };
    case 'clock':
      return { type: 'clock', sentAt: wallMicros(integer(fields, 'sentAt')) };
    default:
      throw malformed('a type of open, want, rendition, ack, close or clock was expected');
  }
}

/** Reads what the server, whom the page trusts, says. @throws NightglassError `wire/malformed` */
export function readServerMessage(text: string): ServerMessage {
  const fields = readObject(text);
  switch (fields.type) {
    case 'camera':
    case 'clock':
    case 'refused':
      return fields as unknown as ServerMessage;
    default:
      throw malformed('a type of camera, clock or refused was expected');
  }
}

function readObject(text: string): Record<string, unknown> {
  if (text.length > CONTROL_LIMIT)
    throw malformed(`at most ${CONTROL_LIMIT} characters were expected, ${text.length} came`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed('a JSON object was expected, something else came', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('a JSON object was expected, something else came');
  return value as Record<string, unknown>;
}

function integer(fields: Record<string, unknown>, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw malformed(`a whole number was expected in ${name}`);
  return value;
}

function u32(fields: Record<string, unknown>): number {
  const value = integer(fields, 'stream');
  if (value < 0 || value > 0xffff_ffff) throw malformed('a stream id from 0 to 4294967295 was expected');
  return value;
}

function cameraName(fields: Record<string, unknown>): string {
  const value = fields.camera;
  if (typeof value !== 'string' || value.length === 0 || value.length > 64)
    throw malformed('a camera name of 1 to 64 characters was expected');
  return value;
}

function want(fields: Record<string, unknown>): Want {
  const value = WANTS.find((known) => known === fields.want);
  if (value === undefined) throw malformed('a want of live, key or pause was expected');
  return value;
}

function rendition(fields: Record<string, unknown>): Rendition {
  const value = RENDITIONS.find((known) => known === fields.rendition);
  if (value === undefined) throw malformed('a rendition of main or sub was expected');
  return value;
}

function decodes({ decodes: given }: Record<string, unknown>): readonly Codec[] {
  const known = (codec: unknown): codec is Codec => ALL_CODECS.some((one) => one === codec);
  if (!Array.isArray(given) || given.length === 0 || given.length > ALL_CODECS.length || !given.every(known))
    throw malformed('a list of h264, h265 or both was expected in decodes');
  return given;
}

const malformed = (message: string, cause?: unknown): NightglassError =>
  new NightglassError('wire/malformed', message, { cause });
