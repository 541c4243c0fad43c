/** What comes over an RTSP connection: messages, interleaved packets, and what is read in their headers. */
import { header, type RtspValue } from '../../../server/ingest/rtsp-message.ts';
import { BODY_LIMIT, HEAD_LIMIT, RtspParser } from '../../../server/ingest/rtsp-parser.ts';
import { readTcpAnswer, readUdpAnswer } from '../../../server/ingest/rtsp-transport.ts';
import { NightglassError } from '../../../server/wire/nightglass-error.ts';
import { interleavedRtp, SDP_H264 } from '../../support/rtsp-script-server.ts';
import { LINES } from '../parts.ts';
import { holds, type Target, wordsOf } from '../target.ts';

const message = (...lines: readonly string[]): Buffer => Buffer.from([...lines, '', ''].join('\r\n'));
const OPTIONS = message('RTSP/1.0 200 OK', 'CSeq: 1', 'Public: DESCRIBE, SETUP, PLAY', 'Server: a camera');
const DESCRIBE = Buffer.concat([
  message('RTSP/1.0 200 OK', 'CSeq: 2', 'Content-Base: rtsp://quay/', `Content-Length: ${SDP_H264.length}`),
  Buffer.from(SDP_H264),
]);
const SETUP = message(
  'RTSP/1.0 200 OK',
  'CSeq: 3',
  'Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1234ABCD',
  'Session: 4711;timeout=60',
);
const REQUEST = message('GET_PARAMETER rtsp://quay/ RTSP/1.0', 'CSeq: 9', 'X-Folded: one', ' two');
const PACKETS = Buffer.concat([1, 2, 3].map((n) => interleavedRtp(n, n * 3_600, Buffer.alloc(40, n), n % 2)));
const UDP = message(
  'RTSP/1.0 200 OK',
  'CSeq: 3',
  'Transport: RTP/AVP;server_port=6970-6971;source=192.0.2.1',
);

/** The input is read twice: whole, and in pieces whose size its own bytes tell. Both must come to the same. */
export const RTSP: Target = {
  name: 'rtsp',
  limit: 160_000,
  words: wordsOf(
    'RTSP/1.0 ',
    '\r\n\r\n',
    '\r\n',
    '$',
    'Content-Length: ',
    'CSeq: ',
    'Transport: ',
    'interleaved=',
    ' ',
  ),
  parts: LINES,
  seeds: () => [
    Buffer.concat([OPTIONS, DESCRIBE, SETUP, PACKETS, REQUEST, PACKETS]),
    Buffer.concat([OPTIONS, PACKETS, Buffer.from([0xff, 0x24, 7, 0, 200]), PACKETS, PACKETS]),
    Buffer.concat([
      UDP,
      message('RTSP/1.0 401 Unauthorized', 'CSeq: 4', 'WWW-Authenticate: Basic realm="x"'),
    ]),
  ],
  take(input) {
    const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
    const whole = read([bytes]);
    holds(read(cut(bytes)).join() === whole.join(), 'it does not matter in what pieces the bytes come');
    return [...new Set(whole.map((said) => said.split(' ', 1)[0]))].join(' ').slice(0, 60);
  },
};

/** Everything a parser says of these chunks, and how it ended. */
function read(chunks: readonly Buffer[]): string[] {
  const parser = new RtspParser('camera:554/quay');
  parser.expectChannels([0, 1]);
  const heard: string[] = [];
  try {
    for (const chunk of chunks) {
      for (const value of parser.push(chunk)) heard.push(said(value));
      holds(
        parser.held <= Math.max(HEAD_LIMIT + 4, BODY_LIMIT),
        'no more is held than one thing can be long',
      );
    }
  } catch (error) {
    if (!(error instanceof NightglassError)) throw error;
    heard.push(error.code);
  }
  return heard;
}

function said(value: RtspValue): string {
  if (value.kind === 'interleaved')
    return `packet ${value.channel} ${Buffer.from(value.payload).toString('latin1')}`;
  holds(value.body.length <= BODY_LIMIT, 'a body has at most so many bytes');
  const lines = [...value.headers].map(([name, values]) => `${name}:${values.join('|')}`).join('\n');
  holds(
    [...value.headers.values()].flat().every((text) => !/[\r\n]/.test(text)),
    'a header is one line',
  );
  const transport = header(value, 'transport');
  const start = value.kind === 'response' ? `${Math.floor(value.status / 100)}xx` : 'request';
  return `${start}${ways(transport)} ${lines} ${Buffer.from(value.body).toString('latin1')}`;
}

function ways(transport: string | undefined): string {
  if (transport === undefined) return '';
  const answers = [readTcpAnswer, readUdpAnswer].map((readAnswer) => {
    try {
      return typeof readAnswer(transport, 'camera');
    } catch (error) {
      if (!(error instanceof NightglassError)) throw error;
      return error.code;
    }
  });
  return `/${answers.join('/')}`;
}

function cut(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  // Few pieces of a long input, lest the time is that of the cutting.
  const least = bytes.length >> 8;
  for (let at = 0; at < bytes.length; ) {
    const size = least + 1 + (bytes[at]! % 37) * ((bytes[at]! & 3) + 1);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
