import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RtspValue } from '../../../server/ingest/rtsp-message.ts';
import { BODY_LIMIT, HEAD_LIMIT, RtspParser, STRAY_LIMIT } from '../../../server/ingest/rtsp-parser.ts';
import { NightglassError } from '../../../server/wire/nightglass-error.ts';

const OK = 'RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n';

/** A parser that has seen one good answer and expects packets on channels 0 and 1. */
function parserInSession(): RtspParser {
  const parser = new RtspParser('camera:554/quay');
  for (const _ of parser.push(Buffer.from(OK)));
  parser.expectChannels([0, 1]);
  return parser;
}

const packet = (channel: number, payload: readonly number[] | Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from([0x24, channel, payload.length >> 8, payload.length & 0xff]),
    Buffer.from(payload),
  ]);

const rtp = (first: number): number[] => [0x80, 0x60, 0, first, 0, 0, 0, 0, 0, 0, 0, 0, first, first];

/** What a value says, comparable and printable. */
function said(value: RtspValue): string {
  if (value.kind === 'interleaved') return `${value.channel}:${Buffer.from(value.payload).toString('hex')}`;
  const headers = [...value.headers].map(([name, values]) => `${name}=${values.join('|')}`).join(';');
  const start = value.kind === 'response' ? value.status : `${value.method} ${value.url}`;
  return `${start} ${headers} ${Buffer.from(value.body).toString('hex')}`;
}

/** Everything a parser says of these chunks, and how it ended. */
function read(parser: RtspParser, chunks: readonly Buffer[]): string[] {
  const heard: string[] = [];
  try {
    for (const chunk of chunks) for (const value of parser.push(chunk)) heard.push(said(value));
  } catch (error) {
    if (!(error instanceof NightglassError)) throw error;
    heard.push(error.code);
  }
  return heard;
}

/** The same bytes, cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...sorted].map((start, index) => bytes.subarray(start, sorted[index]));
}

test('reads answers, requests and packets as they come', () => {
  const parser = new RtspParser('camera');
  const bytes = Buffer.concat([
    Buffer.from('RTSP/1.0 401 Nein danke\r\nWWW-Authenticate: Basic\r\nwww-authenticate:  Digest x\r\n\r\n'),
    packet(0, [1, 2, 3]),
    Buffer.from('GET_PARAMETER rtsp://c/ RTSP/1.0\r\nCSeq: 7\r\n\r\n'),
    Buffer.from('RTSP/1.0 200\r\nContent-Length: 3\r\n\r\nabc'),
    packet(1, []),
  ]);
  expect(read(parser, [bytes])).toEqual([
    '401 www-authenticate=Basic|Digest x ',
    '0:010203',
    'GET_PARAMETER rtsp://c/ cseq=7 ',
    '200 content-length=3 616263',
    '1:',
  ]);
});

test('a packet inside one chunk is a view into it, not a copy', () => {
  // In memory of its own, because small buffers share theirs.
  const chunk = Buffer.from(Uint8Array.from([...packet(0, [1, 2, 3]), ...packet(0, [4, 5, 6])]).buffer);
  for (const value of new RtspParser('camera').push(chunk)) {
    if (value.kind !== 'interleaved') throw new Error('a packet was expected');
    expect(value.payload.buffer).toBe(chunk.buffer);
  }
});

test('takes line feeds alone, folded headers, blank lines between messages and other languages', () => {
  const text = '\r\n\r\nRTSP/1.0 200 好的\nTransport: RTP/AVP/TCP;\r\n\tinterleaved=0-1\nNonsense\n\n\r\n';
  expect(read(new RtspParser('camera'), [Buffer.from(text)])).toEqual([
    '200 transport=RTP/AVP/TCP; interleaved=0-1 ',
  ]);
});

test('no header value keeps a control character', () => {
  const text = 'RTSP/1.0 200 OK\r\nWWW-Authenticate: Digest realm="a\rX: y\0"\r\n\r\n';
  expect(read(new RtspParser('camera'), [Buffer.from(text)])).toEqual([
    '200 www-authenticate=Digest realm="a X: y " ',
  ]);
});

test.each([
  'HTTP/1.1 400 Bad Request\r\n\r\n',
  'SSH-2.0-OpenSSH_9.2\r\n',
  '220 mail ESMTP\r\n',
  '\0\0\0\0',
  'lower case\r\n',
])('what never was RTSP is garbage at once: %j', (text) => {
  expect(read(new RtspParser('camera'), [Buffer.from(text)])).toEqual(['ingest/garbage']);
});

test('finds the next packet after one that the camera sent only in part', () => {
  const whole = packet(0, rtp(1));
  const torn = whole.subarray(0, 10);
  const bytes = Buffer.concat([torn, packet(0, rtp(2)), packet(0, rtp(3)), packet(1, rtp(4))]);
  const heard = read(parserInSession(), [bytes]);
  // The torn packet swallows the head of the second; the third is found again.
  expect(heard.slice(1)).toEqual(
    [packet(0, rtp(3)), packet(1, rtp(4))].map((p) => `${p[1]}:${p.toString('hex', 4)}`),
  );
});

test('finds the next answer after garbage', () => {
  const bytes = Buffer.concat([Buffer.from('\x01garbage R RTSP/2'), Buffer.from(OK)]);
  expect(read(parserInSession(), [bytes])).toEqual(['200 cseq=1 ']);
});

test('out of step it trusts only expected channels and the version of RTP', () => {
  const decoys = Buffer.concat([
    packet(9, rtp(1)),
    packet(0, [0x00, ...rtp(1).slice(1)]),
    packet(0, [0x80, 1, 2]),
  ]);
  const bytes = Buffer.concat([Buffer.from([0xff]), decoys, packet(1, rtp(5))]);
  expect(read(parserInSession(), [bytes])).toEqual([`1:${Buffer.from(rtp(5)).toString('hex')}`]);
});

test('is out of step from a stray byte until packets follow each other again', () => {
  const parser = parserInSession();
  expect(parser.outOfStep).toBe(false);
  read(parser, [Buffer.from([0xff]), packet(0, rtp(1))]);
  expect(parser.outOfStep).toBe(true);
  read(
    parser,
    Array.from({ length: 15 }, () => packet(0, rtp(2))),
  );
  expect(parser.outOfStep).toBe(false);
});

test('endless garbage ends the connection, at the same byte however it is cut', () => {
  const garbage = Buffer.alloc(STRAY_LIMIT, 0xee);
  expect(read(parserInSession(), [garbage])).toEqual([]);
  expect(read(parserInSession(), [garbage, Buffer.from([0xee])])).toEqual(['ingest/garbage']);
  expect(read(parserInSession(), [Buffer.alloc(STRAY_LIMIT + 1, 0xee)])).toEqual(['ingest/garbage']);
});

test('garbage with a good packet in between now and then ends the connection too', () => {
  const round = Buffer.concat([Buffer.alloc(4_096, 0xee), packet(0, rtp(1))]);
  expect(
    read(
      parserInSession(),
      Array.from({ length: 17 }, () => round),
    ).at(-1),
  ).toBe('ingest/garbage');
});

test('a line that could open a message and has no end is not kept for ever', () => {
  const parser = parserInSession();
  expect(read(parser, [Buffer.from('RTSP/1.0 200 O'), Buffer.alloc(4_000, 'K')])).toEqual([]);
  expect(parser.held).toBe(0);
});

test.each([
  ['headers without end', `RTSP/1.0 200 OK\r\n${'X: y\r\n'.repeat(HEAD_LIMIT / 6)}`],
  ['a body over the limit', `RTSP/1.0 200 OK\r\nContent-Length: ${BODY_LIMIT + 1}\r\n\r\n`],
  ['a body of no length', 'RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n'],
  ['a body of an endless length', `RTSP/1.0 200 OK\r\nContent-Length: ${'9'.repeat(400)}\r\n\r\n`],
])('refuses %s', (_title, text) => {
  expect(read(new RtspParser('camera'), [Buffer.from(text)])).toEqual(['ingest/garbage']);
});

/** Bytes a camera might send, mostly sensible, in pieces. */
const piece: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 4, arbitrary: fc.nat(255).map((first) => packet(first % 3, rtp(first))) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 40 }).map((payload) => packet(0, payload)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }).map((text) => Buffer.from(text)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        OK,
        'RTSP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello',
        'OPTIONS * RTSP/1.0\r\n\r\n',
        'RTSP/1.0 200 OK\nContent-Length: 99999999\n\n',
        '$\0\0',
        'RTSP/1',
        '\r\n',
      )
      .map((text) => Buffer.from(text)),
  },
);
const stream = fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.concat(pieces));
const places = fc.array(fc.nat(), { maxLength: 40 });
const parsers = [() => new RtspParser('camera'), parserInSession];

test('how the bytes are cut into chunks changes nothing', () => {
  fc.assert(
    fc.property(stream, places, fc.constantFrom(...parsers), (bytes, cuts, open) => {
      expect(read(open(), cut(bytes, cuts))).toEqual(read(open(), [bytes]));
    }),
    { numRuns: 1_000 },
  );
});

test('bytes that come one at a time change nothing either', () => {
  fc.assert(
    fc.property(stream, (bytes) => {
      const single = Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1));
      expect(read(parserInSession(), single)).toEqual(read(parserInSession(), [bytes]));
    }),
  );
});

test('no bytes make it throw anything but a NightglassError, or keep more than one message', () => {
  const most = Math.max(HEAD_LIMIT, BODY_LIMIT, 65_535);
  fc.assert(
    fc.property(fc.array(fc.oneof(stream, fc.uint8Array({ size: 'large' })), { maxLength: 8 }), (chunks) => {
      const parser = parserInSession();
      for (const chunk of chunks) {
        if (read(parser, [Buffer.from(chunk)]).at(-1) === 'ingest/garbage') return;
        expect(parser.held).toBeLessThanOrEqual(most);
      }
    }),
  );
});
