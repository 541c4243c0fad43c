/** The receiving side of an RTSP connection: bytes in, messages and interleaved packets out. Pure. */
import { NightglassError } from '#wire/nightglass-error.ts';
import {
  header,
  isStartLine,
  parseHead,
  type RtspRequest,
  type RtspResponse,
  type RtspValue,
} from './rtsp-message.ts';

/** Start line and headers together have at most this many bytes. */
export const HEAD_LIMIT = 16_384;
/** A body (a session description) has at most this many bytes. */
export const BODY_LIMIT = 65_536;
/** So many bytes that belong to nothing are passed over before the connection is given up. */
export const STRAY_LIMIT = 65_536;

const START_LINE_LIMIT = 2_304;
/** So many values in a row after stray bytes show that the reader is in step again. */
const IN_STEP_AFTER = 16;
const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
const EMPTY = Buffer.alloc(0);
const VERSION = Buffer.from('RTSP/1.');

/** Something longer than the chunk it began in, of known length: a packet, or a message's body. */
interface Unfinished {
  readonly bytes: Buffer;
  filled: number;
  readonly channel: number;
  /** The message whose body it is; undefined for a packet. */
  readonly message: RtspRequest | RtspResponse | undefined;
}

/**
 * An incremental parser (RFC 2326 §4, §10.12). Packets are views into the chunks they came in; what
 * straddles chunks, and bodies, are copied. Bytes that belong to nothing (some cameras lose part of a packet under load) are
 * passed over up to the next thing that can only be a message or a packet on an expected channel.
 */
export class RtspParser {
  readonly #place: string;
  #channels: ReadonlySet<number> = new Set();
  #rest: Buffer = EMPTY;
  #unfinished: Unfinished | undefined;
  #inStep = true;
  #stray = 0;
  #sinceStray = 0;
  #everUnderstood = false;
  /** From the last line that was looked at up to here, in the bytes at hand, all is text: no line is read twice. */
  #textTo = 0;
  /** Where in the rest the end of its head may begin: what stands before was looked through. */
  #headFrom = 0;

  /** @param place how messages name the other end */
  constructor(place: string) {
    this.#place = place;
  }

  /** Says on which channels packets will come, once that is agreed. */
  expectChannels(channels: readonly number[]): void {
    this.#channels = new Set(channels);
  }

  /** True while the bytes that came last made no sense. */
  get outOfStep(): boolean {
    return this.#stray > 0;
  }

  /** Bytes kept until more come; never more than one head, one body or one packet. */
  get held(): number {
    return this.#rest.length + (this.#unfinished?.bytes.length ?? 0);
  }

  /**
   * Takes the next bytes and yields every value they complete. The chunk must not change while packets are in use.
   * @throws NightglassError `ingest/garbage`; the parser is of no use after that
   */
  *push(chunk: Buffer): Generator<RtspValue, void, undefined> {
    let at = 0;
    let bytes = chunk;
    this.#textTo = 0;
    if (this.#unfinished !== undefined) {
      at = this.#fill(this.#unfinished, chunk);
      if (this.#unfinished.filled < this.#unfinished.bytes.length) return;
      yield this.#complete(this.#unfinished);
    } else if (this.#rest.length > 0) {
      bytes = Buffer.concat([this.#rest, chunk]);
      this.#rest = EMPTY;
    }
    while (at < bytes.length) {
      if (!this.#inStep) {
        at = this.#seek(bytes, at);
        if (!this.#inStep) break;
      }
      const first = bytes[at]!;
      if (first === DOLLAR) {
        if (bytes.length - at < 4) break;
        const end = at + 4 + bytes.readUInt16BE(at + 2);
        const channel = bytes[at + 1]!;
        if (end > bytes.length) return this.#begin(bytes, at + 4, end - at - 4, channel, undefined);
        this.#understood();
        yield { kind: 'interleaved', channel, payload: bytes.subarray(at + 4, end) };
        at = end;
      } else if (first >= 0x41 && first <= 0x5a) {
        const head = this.#readHead(bytes, at);
        if (head !== 'need-more') this.#headFrom = 0;
        if (head === 'need-more') break;
        if (head === 'stray') {
          at = this.#pass(at);
          continue;
        }
        at = head.end;
        const length = this.#bodyLength(head.message);
        if (bytes.length - at < length) return this.#begin(bytes, at, length, 0, head.message);
        this.#understood();
        yield { ...head.message, body: Buffer.from(bytes.subarray(at, at + length)) };
        at += length;
      } else if (first === CR || first === LF) {
        at += 1;
      } else {
        at = this.#pass(at);
      }
    }
    // A copy, so that a few bytes do not keep a whole chunk alive.
    this.#rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : EMPTY;
  }

  #begin(
    bytes: Buffer,
    from: number,
    length: number,
    channel: number,
    message: RtspRequest | RtspResponse | undefined,
  ): void {
    this.#unfinished = { bytes: Buffer.allocUnsafe(length), filled: 0, channel, message };
    this.#fill(this.#unfinished, bytes.subarray(from));
  }

  #fill(unfinished: Unfinished, bytes: Buffer): number {
    const taken = bytes.copy(unfinished.bytes, unfinished.filled);
    unfinished.filled += taken;
    return taken;
  }

  #complete(unfinished: Unfinished): RtspValue {
    this.#unfinished = undefined;
    this.#understood();
    if (unfinished.message !== undefined) return { ...unfinished.message, body: unfinished.bytes };
    return { kind: 'interleaved', channel: unfinished.channel, payload: unfinished.bytes };
  }

  #readHead(
    bytes: Buffer,
    at: number,
  ): 'need-more' | 'stray' | { readonly message: RtspRequest | RtspResponse; readonly end: number } {
    const furthest = Math.min(bytes.length, at + START_LINE_LIMIT + 1);
    let lineEnd = Math.max(at, this.#textTo);
    while (lineEnd < furthest && isText(bytes[lineEnd]!)) lineEnd += 1;
    this.#textTo = lineEnd;
    if (lineEnd - at > START_LINE_LIMIT) return 'stray';
    if (lineEnd === bytes.length) return 'need-more';
    const ending = bytes[lineEnd]!;
    if (ending === CR && lineEnd + 1 === bytes.length) return 'need-more';
    if (ending !== LF && (ending !== CR || bytes[lineEnd + 1] !== LF)) return 'stray';
    if (!isStartLine(bytes.toString('latin1', at, lineEnd))) return 'stray';
    const end = headEnd(bytes, Math.max(at, this.#headFrom));
    if ((end ?? bytes.length) - at > HEAD_LIMIT)
      throw this.#garbage(`at most ${HEAD_LIMIT} bytes of headers were expected, more came`);
    if (end === undefined) {
      this.#headFrom = bytes.length - at - 2;
      return 'need-more';
    }
    const message = parseHead(bytes.toString('utf8', at, end));
    return message === undefined ? 'stray' : { message, end };
  }

  #bodyLength(message: RtspRequest | RtspResponse): number {
    const value = header(message, 'content-length');
    if (value === undefined) return 0;
    if (!/^\d{1,6}$/.test(value) || Number(value) > BODY_LIMIT)
      throw this.#garbage(`a body of at most ${BODY_LIMIT} bytes was expected, another length was announced`);
    return Number(value);
  }

  /** Where the next message or expected packet begins, or the first byte that cannot be judged yet. */
  #seek(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      const kind = this.#opens(bytes, at);
      if (kind === 'need-more') return at;
      if (kind) {
        this.#inStep = true;
        return at;
      }
      this.#countStray();
    }
    return bytes.length;
  }

  #opens(bytes: Buffer, at: number): boolean | 'need-more' {
    const left = bytes.length - at;
    if (bytes[at] === DOLLAR && this.#channels.size > 0) {
      if (left >= 2 && !this.#channels.has(bytes[at + 1]!)) return false;
      // Both RTP and RTCP begin with version 2 and are at least 8 bytes long.
      if (left < 5) return 'need-more';
      return bytes.readUInt16BE(at + 2) >= 8 && bytes[at + 4]! >> 6 === 2;
    }
    if (bytes[at] !== VERSION[0]) return false;
    const compared = Math.min(left, VERSION.length);
    if (bytes.compare(VERSION, 0, compared, at, at + compared) !== 0) return false;
    return compared === VERSION.length ? true : 'need-more';
  }

  /** Passes over one byte that opens nothing, and out of step. */
  #pass(at: number): number {
    if (!this.#everUnderstood) throw this.#garbage('RTSP was expected, something else came');
    this.#countStray();
    this.#inStep = false;
    return at + 1;
  }

  #countStray(): void {
    this.#stray += 1;
    this.#sinceStray = 0;
    if (this.#stray > STRAY_LIMIT)
      throw this.#garbage('RTP packets were expected, bytes that belong to nothing came');
  }

  #understood(): void {
    this.#everUnderstood = true;
    if (this.#stray === 0) return;
    this.#sinceStray += 1;
    if (this.#sinceStray >= IN_STEP_AFTER) this.#stray = 0;
  }

  #garbage(what: string): NightglassError {
    return new NightglassError('ingest/garbage', `${this.#place}: ${what}`);
  }
}

/** Bytes over 0x7f too: reason phrases come in the camera's language. */
const isText = (byte: number): boolean => (byte >= 0x20 && byte !== 0x7f) || byte === 0x09;

/** Just past the empty line that ends the headers. */
function headEnd(bytes: Buffer, from: number): number | undefined {
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return undefined;
}
