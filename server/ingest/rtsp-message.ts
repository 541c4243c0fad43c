/** RTSP messages as values, and how they are written (RFC 2326 §4–§7). */

/** Lower-case name → values in the order they came; `WWW-Authenticate` may come several times. */
export type RtspHeaders = ReadonlyMap<string, readonly string[]>;

export interface RtspResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly headers: RtspHeaders;
  readonly body: Uint8Array;
}

/** A request, from either side: cameras may ask their client too. */
export interface RtspRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly url: string;
  readonly headers: RtspHeaders;
  readonly body: Uint8Array;
}

/** Binary data inside the connection (RFC 2326 §10.12): an RTP or RTCP packet, by channel. */
export interface Interleaved {
  readonly kind: 'interleaved';
  readonly channel: number;
  readonly payload: Uint8Array;
}

export type RtspValue = RtspResponse | RtspRequest | Interleaved;

const NO_BODY = new Uint8Array(0);

/** The first value of a header, by lower-case name. */
export const header = (message: { readonly headers: RtspHeaders }, name: string): string | undefined =>
  message.headers.get(name)?.[0];

/** True when the line can open a message. */
export const isStartLine = (line: string): boolean => STATUS_LINE.test(line) || REQUEST_LINE.test(line);

const STATUS_LINE = /^RTSP\/1\.\d (\d{3})(?: |$)/;
const REQUEST_LINE = /^([A-Z_]{3,32}) (\S+) RTSP\/1\.\d$/;

/**
 * Reads the start line and headers, without a body; undefined when the first line opens no message.
 * Lines may end in LF alone and headers may be folded; lines without a colon are passed over.
 */
export function parseHead(text: string): RtspResponse | RtspRequest | undefined {
  const [startLine = '', ...lines] = text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    // A value may be sent back, so nothing that could break out of its line stays in it.
    const value = line
      .slice(colon + 1)
      .replace(/\p{Cc}/gu, ' ')
      .trim();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  const status = STATUS_LINE.exec(startLine);
  if (status !== null) return { kind: 'response', status: Number(status[1]), headers, body: NO_BODY };
  const request = REQUEST_LINE.exec(startLine);
  if (request !== null)
    return { kind: 'request', method: request[1]!, url: request[2]!, headers, body: NO_BODY };
  return undefined;
}

/** A request without a body, ready to send. Values must be free of line breaks. */
export function formatRequest(
  method: string,
  url: string,
  headers: readonly (readonly [string, string])[],
): string {
  return `${method} ${url} RTSP/1.0\r\n${formatHeaders(headers)}\r\n`;
}

/** An answer without a body, ready to send. */
export function formatResponse(
  status: number,
  reason: string,
  headers: readonly (readonly [string, string])[],
): string {
  return `RTSP/1.0 ${status} ${reason}\r\n${formatHeaders(headers)}\r\n`;
}

const formatHeaders = (headers: readonly (readonly [string, string])[]): string =>
  headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
