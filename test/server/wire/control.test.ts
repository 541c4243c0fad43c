import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONTROL_LIMIT,
  readServerMessage,
  readViewerMessage,
  type ServerMessage,
  type ViewerMessage,
} from '#wire/control.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { micros, wallMicros } from '#wire/time.ts';

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const wall = fc.maxSafeInteger().map(wallMicros);
const want = fc.constantFrom('live' as const, 'key' as const, 'pause' as const);
const rendition = fc.constantFrom('main' as const, 'sub' as const);
const codec = fc.constantFrom('h264' as const, 'h265' as const);
const anyViewerMessage: fc.Arbitrary<ViewerMessage> = fc.oneof(
  fc.record(
    {
      type: fc.constant('open' as const),
      stream: u32,
      camera: fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme-ascii' }),
      want,
      rendition,
      decodes: fc.array(codec, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: ['type', 'stream', 'camera', 'want'], noNullPrototype: true },
  ),
  fc.record({ type: fc.constant('rendition' as const), stream: u32, rendition }),
  fc.record({ type: fc.constant('want' as const), stream: u32, want }),
  fc.record({ type: fc.constant('ack' as const), stream: u32, timestamp: fc.maxSafeInteger().map(micros) }),
  fc.record({ type: fc.constant('close' as const), stream: u32 }),
  fc.record({ type: fc.constant('clock' as const), sentAt: wall }),
);

const code = fc.constantFrom('socket/unknown-camera' as const, 'ingest/refused' as const);
const anyServerMessage: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.record({
    type: fc.constant('camera' as const),
    stream: u32,
    state: fc.oneof(
      fc.record({
        state: fc.constantFrom(
          'idle' as const,
          'connecting' as const,
          'waiting-for-key' as const,
          'live' as const,
        ),
        since: wall,
      }),
      fc.record({ state: fc.constant('unreachable' as const), since: wall, code, message: fc.string() }),
    ),
  }),
  fc.record({ type: fc.constant('clock' as const), sentAt: wall, serverAt: wall }),
  fc.record({ type: fc.constant('refused' as const), stream: u32, code, message: fc.string() }),
);

const OPEN = { type: 'open', stream: 1, camera: 'quay', want: 'live' };

describe('what a viewer says', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(anyViewerMessage, (message) => {
        expect(readViewerMessage(JSON.stringify(message))).toEqual(message);
      }),
    );
  });

  it('leaves out fields that nobody asked for', () => {
    const text = JSON.stringify({ ...OPEN, token: 'x', constructor: 1 }).replace(
      '{',
      '{"__proto__":{"a":1},',
    );
    expect(readViewerMessage(text)).toEqual(OPEN);
  });

  it.each([
    ['no JSON', '{', 'a JSON object was expected'],
    ['nothing', '', 'a JSON object was expected'],
    ['null', 'null', 'a JSON object was expected'],
    ['a list', '[]', 'a JSON object was expected'],
    ['a number', '7', 'a JSON object was expected'],
    [
      'an unknown type',
      '{"type":"exec"}',
      'a type of open, want, rendition, ack, close or clock was expected',
    ],
    ['no type', '{}', 'a type of open, want, rendition, ack, close or clock was expected'],
    ['an unknown rendition', JSON.stringify({ ...OPEN, rendition: 'third' }), 'main or sub was expected'],
    ['a rendition of null', JSON.stringify({ ...OPEN, rendition: null }), 'main or sub was expected'],
    ['no rendition to go to', '{"type":"rendition","stream":1}', 'main or sub was expected'],
    ['an unknown codec', JSON.stringify({ ...OPEN, decodes: ['h264', 'vp8'] }), 'a list of h264, h265'],
    ['no codec at all', JSON.stringify({ ...OPEN, decodes: [] }), 'a list of h264, h265'],
    ['a codec and no list', JSON.stringify({ ...OPEN, decodes: 'h264' }), 'a list of h264, h265'],
    [
      'more codecs than there are',
      JSON.stringify({ ...OPEN, decodes: Array(9).fill('h264') }),
      'a list of h264, h265',
    ],
    ['a stream below 0', JSON.stringify({ ...OPEN, stream: -1 }), 'from 0 to 4294967295'],
    ['a stream above u32', JSON.stringify({ ...OPEN, stream: 2 ** 32 }), 'from 0 to 4294967295'],
    ['half a stream', JSON.stringify({ ...OPEN, stream: 0.5 }), 'a whole number was expected in stream'],
    ['a stream in words', JSON.stringify({ ...OPEN, stream: '1' }), 'a whole number was expected in stream'],
    ['a camera without a name', JSON.stringify({ ...OPEN, camera: '' }), 'of 1 to 64 characters'],
    ['an endless name', JSON.stringify({ ...OPEN, camera: 'x'.repeat(65) }), 'of 1 to 64 characters'],
    ['a camera that is a list', JSON.stringify({ ...OPEN, camera: ['quay'] }), 'of 1 to 64 characters'],
    ['an unknown want', JSON.stringify({ ...OPEN, want: 'all' }), 'a want of live, key or pause'],
    [
      'a want of an object’s own',
      JSON.stringify({ ...OPEN, want: 'toString' }),
      'a want of live, key or pause',
    ],
    ['a time past counting', '{"type":"clock","sentAt":1e300}', 'a whole number was expected in sentAt'],
    ['no time', '{"type":"ack","stream":1}', 'a whole number was expected in timestamp'],
    ['too much', JSON.stringify({ ...OPEN, more: 'x'.repeat(CONTROL_LIMIT) }), 'at most 4096 characters'],
    ['too deep a nest', '['.repeat(CONTROL_LIMIT), 'a JSON object was expected'],
  ])('is refused when it is %s', (_, text, message) => {
    expect(() => readViewerMessage(text)).toThrow(
      expect.objectContaining({ code: 'wire/malformed', message: expect.stringContaining(message) }),
    );
  });

  it('is taken up to the last character that is allowed', () => {
    const text = JSON.stringify(OPEN);
    expect(readViewerMessage(text.padEnd(CONTROL_LIMIT))).toEqual(OPEN);
    expect(() => readViewerMessage(text.padEnd(CONTROL_LIMIT + 1))).toThrow('4097 came');
  });

  it('makes a message or a wire/malformed of any text', () => {
    const fields = fc.record(
      {
        type: fc.constantFrom('open', 'want', 'rendition', 'ack', 'close', 'clock'),
        stream: fc.anything(),
        camera: fc.anything(),
        want: fc.anything(),
        rendition: fc.anything(),
        decodes: fc.anything(),
        timestamp: fc.anything(),
        sentAt: fc.anything(),
      },
      { requiredKeys: ['type'] },
    );
    const anyText = fc.oneof(
      fc.string(),
      fc.json(),
      fields.map((value) => JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? 0 : field))),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          readViewerMessage(text);
        } catch (error) {
          if (!(error instanceof NightglassError)) throw error;
          expect(error.code).toBe('wire/malformed');
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what the server says', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(anyServerMessage, (message) => {
        expect(readServerMessage(JSON.stringify(message))).toEqual(message);
      }),
    );
  });

  it.each(['', '[]', '7', '{"type":"open"}', '{}'])('is refused when it is %j', (text) => {
    expect(() => readServerMessage(text)).toThrow(expect.objectContaining({ code: 'wire/malformed' }));
  });

  it('makes a message or a wire/malformed of any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          readServerMessage(text);
        } catch (error) {
          if (!(error instanceof NightglassError)) throw error;
          expect(error.code).toBe('wire/malformed');
        }
      }),
    );
  });
});
