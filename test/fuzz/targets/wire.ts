/** The wire, both ways: binary messages as the browser reads them, text as either side does. */
import { readServerMessage, readViewerMessage } from '#wire/control.ts';
import { decodeMessage, encodeHeader, type MediaMessage, payload } from '#wire/message.ts';
import { micros, wallMicros } from '#wire/time.ts';
import { AWAITING_KEY, follow } from '../../../client/socket/sequence.ts';
import { RECORDS } from '../parts.ts';
import { holds, readBack, same, type Target, wordsOf } from '../target.ts';

const POSITION = { stream: 1, epoch: 3, group: 17, index: 0, sentAt: wallMicros(1_780_000_000_512_000) };
const MESSAGES: readonly MediaMessage[] = [
  {
    kind: 'config',
    ...POSITION,
    config: { codec: 'avc1.640028', codedWidth: 960, codedHeight: 540, format: 'annexb' },
  },
  ...[true, false].map((key, index) => ({
    kind: 'unit' as const,
    ...POSITION,
    index,
    key,
    discontinuity: key,
    timestamp: micros(2_000_000 * index),
    capturedAt: wallMicros(1_780_000_000_500_000),
    captureClock: 'sender-report' as const,
    data: Uint8Array.of(0, 0, 0, 1, 0x67, index),
  })),
  { kind: 'gap', ...POSITION, group: 18, dropped: 40 },
  { kind: 'end', ...POSITION, code: 'ingest/closed', message: 'the camera ended the stream' },
];

const written = (message: MediaMessage): Uint8Array =>
  Buffer.concat([encodeHeader(message), payload(message)]);
const SAFE = Number.MAX_SAFE_INTEGER;

/** Each record is one message. */
export const WIRE_MEDIA: Target = {
  name: 'wire-media',
  limit: 4_096,
  words: wordsOf('{"codec":"', '"codedWidth":', '"format":"annexb"', '{}', 'null', '[', '"code":'),
  parts: RECORDS,
  seeds: () => [
    RECORDS.join(MESSAGES.map(written)),
    ...MESSAGES.map((message) => RECORDS.join([written(message)])),
  ],
  take(input) {
    let place = AWAITING_KEY;
    const kinds: string[] = [];
    for (const record of RECORDS.split(input)) {
      const message = decodeMessage(record);
      const times = [
        message.sentAt,
        ...(message.kind === 'unit' ? [message.timestamp, message.capturedAt] : []),
      ];
      // Beyond that, a number of µs is no longer exact; no clock comes there for 285 years.
      if (times.every((time) => Math.abs(time) <= SAFE))
        holds(
          same(
            readBack(() => decodeMessage(written(message))),
            message,
          ),
          'written and read it is the same',
        );
      const step = follow(place, message);
      place = step.place;
      kinds.push(`${message.kind} ${step.verdict}`);
    }
    return [...new Set(kinds)].join();
  },
};

const VIEWER = [
  '{"type":"open","stream":1,"camera":"quay","want":"live"}',
  '{"type":"open","stream":2,"camera":"quay","want":"key","rendition":"sub","decodes":["h264"]}',
  '{"type":"rendition","stream":2,"rendition":"main"}',
  '{"type":"want","stream":4294967295,"want":"key"}',
  '{"type":"ack","stream":1,"timestamp":2000000}',
  '{"type":"close","stream":1}',
  '{"type":"clock","sentAt":1780036800500000}',
];
const SERVER = [
  '{"type":"camera","stream":1,"state":{"state":"live","since":1780036800000000}}',
  '{"type":"clock","sentAt":1780036800500000,"serverAt":1780036800507000}',
  '{"type":"refused","stream":1,"code":"socket/unknown-camera","message":"…"}',
];

/** One text message, read as a viewer's and as the server's. */
export const WIRE_CONTROL: Target = {
  name: 'wire-control',
  text: true,
  limit: 6_144,
  words: wordsOf(
    '"type":',
    '"open"',
    '"want"',
    '"stream":',
    '"camera":',
    '"__proto__":',
    'null',
    '{',
    '[',
    '-0',
    '1e9',
  ).concat(wordsOf('"rendition":"sub"', '"decodes":["h264"]', '"key"', ',', '"', '\\u0000', '\ud83d')),
  seeds: () => [...VIEWER, ...SERVER].map((text) => Buffer.from(text)),
  take(input) {
    const text = Buffer.from(input).toString('utf8');
    const isServers = /"type":"(?:camera|refused)"|"serverAt"/.test(text);
    const message = (isServers ? readServerMessage : readViewerMessage)(text);
    if (isServers) return `server ${message.type}`;
    const again = readBack(() => readViewerMessage(JSON.stringify(message)));
    holds(same(again, message), 'written and read it is the same');
    return `viewer ${Object.keys(message).join()} ${'want' in message ? message.want : ''}`;
  },
};
