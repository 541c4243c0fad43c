/** Binary WebSocket messages: one access unit, or a mark between units, behind a fixed 48-byte header. */
import type { CaptureClock, VideoConfig } from './access-unit.ts';
import { type ErrorCode, NightglassError } from './nightglass-error.ts';
import { type Micros, micros, type WallMicros, wallMicros } from './time.ts';

/** The WebSocket subprotocol; its name carries the version. */
export const SUBPROTOCOL = 'nightglass.v1';
export const WIRE_VERSION = 1;
export const HEADER_BYTES = 48;

const KINDS = { config: 1, unit: 2, gap: 3, end: 4 } as const;
const KEY = 1;
const DISCONTINUITY = 2;
const SENDER_REPORT = 4;

/** Where a message stands in its stream: the fields every kind has. */
export interface Position {
  /** Stream id, chosen by the viewer when it asked for the stream. u32. */
  readonly stream: number;
  /** Changes on a reconnect or when the parameter sets change. u32. */
  readonly epoch: number;
  /** Counts GOPs, u32; a group begins with a key unit. */
  readonly group: number;
  /** Index in the group, 0 for its key unit. u32. */
  readonly index: number;
  /** The server's wall clock when it handed the message to the socket. */
  readonly sentAt: WallMicros;
}

/** Comes before every key unit, so every key unit is a place to join, on any server. */
export interface ConfigMessage extends Position {
  readonly kind: 'config';
  readonly config: VideoConfig;
}

export interface UnitMessage extends Position {
  readonly kind: 'unit';
  readonly key: boolean;
  /** True on the first unit after the timestamps or the pictures jumped. */
  readonly discontinuity: boolean;
  readonly timestamp: Micros;
  readonly capturedAt: WallMicros;
  readonly captureClock: CaptureClock;
  readonly data: Uint8Array;
}

/** Units were left out for this viewer; the next unit is a key unit. */
export interface GapMessage extends Position {
  readonly kind: 'gap';
  /** How many units were left out since the last message. u32. */
  readonly dropped: number;
}

/** The stream has ended for this viewer. */
export interface EndMessage extends Position {
  readonly kind: 'end';
  readonly code: ErrorCode | 'closed';
  readonly message: string;
}

export type MediaMessage = ConfigMessage | UnitMessage | GapMessage | EndMessage;

/** The 48-byte header of a message; the payload follows it as it is. See README.md for the layout. */
export function encodeHeader(message: MediaMessage): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, WIRE_VERSION);
  view.setUint8(1, KINDS[message.kind]);
  view.setUint32(4, message.stream);
  view.setUint32(8, message.epoch);
  view.setUint32(12, message.group);
  view.setUint32(16, message.index);
  view.setBigInt64(40, BigInt(message.sentAt));
  if (message.kind === 'gap') view.setUint32(20, message.dropped);
  if (message.kind === 'unit') {
    view.setUint8(2, flags(message));
    view.setBigInt64(24, BigInt(message.timestamp));
    view.setBigInt64(32, BigInt(message.capturedAt));
  }
  return bytes;
}

/** What follows the header. For a unit this is its data, not a copy. */
export function payload(message: MediaMessage): Uint8Array {
  switch (message.kind) {
    case 'unit':
      return message.data;
    case 'config':
      return new TextEncoder().encode(JSON.stringify(message.config));
    case 'end':
      return new TextEncoder().encode(JSON.stringify({ code: message.code, message: message.message }));
    case 'gap':
      return new Uint8Array(0);
  }
}

/**
 * Reads one binary message. A unit's data is a view into `bytes`, not a copy.
 * @throws NightglassError `wire/unknown-version`, `wire/malformed`
 */
export function decodeMessage(bytes: Uint8Array): MediaMessage {
  if (bytes.byteLength < HEADER_BYTES)
    throw malformed(`a header of ${HEADER_BYTES} bytes was expected, ${bytes.byteLength} came`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(0);
  if (version !== WIRE_VERSION)
    throw new NightglassError(
      'wire/unknown-version',
      `wire version ${WIRE_VERSION} was expected, ${version} came`,
    );
  const position: Position = {
    stream: view.getUint32(4),
    epoch: view.getUint32(8),
    group: view.getUint32(12),
    index: view.getUint32(16),
    sentAt: wallMicros(Number(view.getBigInt64(40))),
  };
  const body = bytes.subarray(HEADER_BYTES);
  switch (view.getUint8(1)) {
    case KINDS.config:
      return { kind: 'config', ...position, config: readConfig(body) };
    case KINDS.unit:
      return { kind: 'unit', ...position, ...readUnit(view), data: body };
    case KINDS.gap:
      return { kind: 'gap', ...position, dropped: view.getUint32(20) };
    case KINDS.end:
      return { kind: 'end', ...position, ...readEnd(body) };
    default:
      throw malformed(`a kind from 1 to 4 was expected, ${view.getUint8(1)} came`);
  }
}

const flags = (unit: UnitMessage): number =>
  (unit.key ? KEY : 0) |
  (unit.discontinuity ? DISCONTINUITY : 0) |
  (unit.captureClock === 'sender-report' ? SENDER_REPORT : 0);

function readUnit(view: DataView) {
  const bits = view.getUint8(2);
  return {
    key: (bits & KEY) !== 0,
    discontinuity: (bits & DISCONTINUITY) !== 0,
    captureClock: (bits & SENDER_REPORT) !== 0 ? ('sender-report' as const) : ('arrival' as const),
    timestamp: micros(Number(view.getBigInt64(24))),
    capturedAt: wallMicros(Number(view.getBigInt64(32))),
  };
}

function readConfig(body: Uint8Array): VideoConfig {
  const { codec, codedWidth, codedHeight, format } = readJson(body);
  if (typeof codec !== 'string' || codec.length > 64) throw malformed('a config without a codec string came');
  if (!isSize(codedWidth) || !isSize(codedHeight)) throw malformed('a config without a picture size came');
  if (format !== 'annexb' && format !== 'none') throw malformed('a config of an unknown format came');
  return { codec, codedWidth, codedHeight, format };
}

function readEnd(body: Uint8Array) {
  const { code, message } = readJson(body);
  if (typeof code !== 'string' || typeof message !== 'string')
    throw malformed('an end without a reason came');
  return { code: code as ErrorCode | 'closed', message };
}

const isSize = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 16384;

function readJson(body: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw malformed('a payload of JSON was expected, something else came', cause);
  }
  throw malformed('a payload holding a JSON object was expected, something else came');
}

const malformed = (message: string, cause?: unknown): NightglassError =>
  new NightglassError('wire/malformed', message, { cause });
