import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeHeader, HEADER_BYTES, type MediaMessage, payload } from '#wire/message.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { type Micros, micros, type WallMicros, wallMicros } from '#wire/time.ts';

const encode = (message: MediaMessage): Uint8Array => {
  const body = payload(message);
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  bytes.set(encodeHeader(message));
  bytes.set(body, HEADER_BYTES);
  return bytes;
};

const UNIT: MediaMessage = {
  kind: 'unit',
  stream: 1,
  epoch: 3,
  group: 17,
  index: 0,
  sentAt: wallMicros(1_780_036_800_512_000),
  key: true,
  discontinuity: false,
  timestamp: micros(2_000_000),
  capturedAt: wallMicros(1_780_036_800_500_000),
  captureClock: 'sender-report',
  data: Uint8Array.of(0, 0, 0, 1, 0x67),
};
const { stream, epoch, group, index, sentAt } = UNIT;
const PLACE = { stream, epoch, group, index, sentAt };
const CONFIG: MediaMessage = {
  kind: 'config',
  ...PLACE,
  config: { codec: 'avc1.640028', codedWidth: 960, codedHeight: 540, format: 'annexb' },
};
const GAP: MediaMessage = { kind: 'gap', ...PLACE, dropped: 0x01020304 };
const END: MediaMessage = { kind: 'end', ...PLACE, code: 'closed', message: 'the server is stopping' };

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const wall: fc.Arbitrary<WallMicros> = fc.maxSafeInteger().map(wallMicros);
const time: fc.Arbitrary<Micros> = fc.maxSafeInteger().map(micros);
const place = { stream: u32, epoch: u32, group: u32, index: u32, sentAt: wall };
const side = fc.integer({ min: 1, max: 16_384 });
const text = fc.string({ unit: 'grapheme' });
const anyMessage: fc.Arbitrary<MediaMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('config' as const),
    ...place,
    config: fc.record({
      codec: fc.string({ maxLength: 64 }),
      codedWidth: side,
      codedHeight: side,
      format: fc.constantFrom('annexb' as const, 'none' as const),
    }),
  }),
  fc.record({
    kind: fc.constant('unit' as const),
    ...place,
    key: fc.boolean(),
    discontinuity: fc.boolean(),
    timestamp: time,
    capturedAt: wall,
    captureClock: fc.constantFrom('sender-report' as const, 'arrival' as const),
    data: fc.uint8Array(),
  }),
  fc.record({ kind: fc.constant('gap' as const), ...place, dropped: u32 }),
  fc.record({
    kind: fc.constant('end' as const),
    ...place,
    code: fc.constantFrom('closed' as const, 'ingest/silent' as const),
    message: text,
  }),
);

describe('a media message', () => {
  it('comes back as it was, whatever it says', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(decodeMessage(encode(message))).toEqual(message);
      }),
      { numRuns: 500 },
    );
  });

  it('is the example of the README, byte by byte', () => {
    const readme = readFileSync(new URL('../../../server/wire/README.md', import.meta.url), 'utf8');
    const [, example] = /```\n(01 02 [\s\S]+?)…/.exec(readme)!;
    expect(Buffer.from(encode(UNIT)).toString('hex')).toBe(example!.replace(/\s/g, ''));
  });

  it.each([
    ['config', CONFIG, 1],
    ['unit', UNIT, 2],
    ['gap', GAP, 3],
    ['end', END, 4],
  ])('has 1 and its kind first and its place in the same bytes: %s', (_, message, kind) => {
    expect([...encodeHeader(message).subarray(0, 2)]).toEqual([1, kind]);
    expect(encodeHeader(message).subarray(4, 20)).toEqual(encodeHeader(UNIT).subarray(4, 20));
    expect(encodeHeader(message).subarray(40)).toEqual(encodeHeader(UNIT).subarray(40));
  });

  it('has its flags, dropped units and times where the README says', () => {
    const flags = (fields: object): number =>
      encodeHeader({ ...UNIT, key: false, captureClock: 'arrival', ...fields })[2]!;
    expect([
      flags({}),
      flags({ key: true }),
      flags({ discontinuity: true }),
      flags({ captureClock: 'sender-report' }),
    ]).toEqual([0, 1, 2, 4]);
    expect([...encodeHeader(GAP).subarray(20, 24)]).toEqual([1, 2, 3, 4]);
    for (const message of [CONFIG, GAP, END])
      expect([message.kind, ...encodeHeader(message).subarray(24, 40)]).toEqual([
        message.kind,
        ...new Array<number>(16).fill(0),
      ]);
  });

  it('holds a time before the source was opened', () => {
    const early = { ...UNIT, timestamp: micros(-40_000) };
    expect(decodeMessage(encode(early))).toEqual(early);
  });

  it('does not copy a unit’s data, going out or coming in', () => {
    expect(payload(UNIT)).toBe(UNIT.data);
    const bytes = encode(UNIT);
    expect(decodeMessage(bytes)).toMatchObject({ data: { buffer: bytes.buffer } });
  });

  it('is read from the middle of a larger buffer', () => {
    const bytes = Uint8Array.from([9, 9, 9, ...encode(UNIT)]);
    expect(decodeMessage(bytes.subarray(3))).toEqual(UNIT);
  });

  it('passes over flags it does not know', () => {
    const bytes = encode(UNIT);
    bytes[2]! |= 0xf8;
    bytes[3] = 0xff;
    expect(decodeMessage(bytes)).toEqual(UNIT);
  });
});

describe('bytes that are no media message', () => {
  const altered = (message: MediaMessage, alter: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = encode(message);
    alter(bytes);
    return bytes;
  };
  const withBody = (message: MediaMessage, body: string): Uint8Array =>
    Uint8Array.from([...encodeHeader(message), ...new TextEncoder().encode(body)]);
  const config = (fields: object): Uint8Array =>
    withBody(CONFIG, JSON.stringify({ ...(CONFIG as { config: object }).config, ...fields }));

  const notUtf8 = altered(CONFIG, (bytes) => bytes.fill(0xff, HEADER_BYTES + 10, HEADER_BYTES + 12));

  it.each([
    ['less than a header', encode(UNIT).subarray(0, 47), 'a header of 48 bytes was expected, 47 came'],
    ['a kind of 0', altered(UNIT, (bytes) => bytes.fill(0, 1, 2)), 'a kind from 1 to 4 was expected, 0 came'],
    ['a kind of 5', altered(UNIT, (bytes) => bytes.fill(5, 1, 2)), 'a kind from 1 to 4 was expected, 5 came'],
    ['a config without JSON', withBody(CONFIG, '{'), 'a payload of JSON was expected'],
    ['a config that is not UTF-8', notUtf8, 'a payload of JSON was expected'],
    ['a config of another JSON value', withBody(CONFIG, '7'), 'a payload holding a JSON object was expected'],
    ['a config that is null', withBody(CONFIG, 'null'), 'a payload holding a JSON object was expected'],
    ['a config without a codec', config({ codec: undefined }), 'without a codec string'],
    ['a config of an endless codec', config({ codec: 'a'.repeat(65) }), 'without a codec string'],
    ['a width of nothing', config({ codedWidth: 0 }), 'without a picture size'],
    ['a width no decoder takes', config({ codedWidth: 16_385 }), 'without a picture size'],
    ['half a line', config({ codedHeight: 1.5 }), 'without a picture size'],
    ['an unknown format', config({ format: 'avcc' }), 'of an unknown format'],
    ['an end without a reason', withBody(END, '{"code":"closed"}'), 'an end without a reason'],
  ])('are refused: %s', (_, bytes, message) => {
    expect(() => decodeMessage(bytes)).toThrow(
      expect.objectContaining({ code: 'wire/malformed', message: expect.stringContaining(message) }),
    );
  });

  it('are told apart from those of another version', () => {
    expect(() => decodeMessage(altered(UNIT, (bytes) => bytes.fill(2, 0, 1)))).toThrow(
      expect.objectContaining({
        code: 'wire/unknown-version',
        message: 'wire version 1 was expected, 2 came',
      }),
    );
  });

  it('make a message or a NightglassError of the wire, whatever they are', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc
        .tuple(fc.nat(6), fc.uint8Array({ minLength: 46, maxLength: 46 }), fc.oneof(fc.json(), fc.string()))
        .map(([kind, header, body]) =>
          Uint8Array.from([1, kind, ...header, ...new TextEncoder().encode(body)]),
        ),
    );
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        try {
          expect(['config', 'unit', 'gap', 'end']).toContain(decodeMessage(bytes).kind);
        } catch (error) {
          if (!(error instanceof NightglassError)) throw error;
          expect(error.code).toMatch(/^wire\//);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
