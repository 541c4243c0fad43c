import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NightglassError } from '#wire/nightglass-error.ts';
import { parseRtp } from '../../../server/packets/rtp.ts';
import { ARRIVAL } from '../../support/rtp-packetiser.ts';

/** Version 2, marker, payload type 96, sequence 0xfffe, timestamp 0x89abcdef, ssrc 0xdeadbeef, payload 65 88. */
const PLAIN = [0x80, 0xe0, 0xff, 0xfe, 0x89, 0xab, 0xcd, 0xef, 0xde, 0xad, 0xbe, 0xef, 0x65, 0x88];
const parse = (bytes: number[]) => parseRtp(Uint8Array.from(bytes), ARRIVAL);
const withFlags = (flags: number, before: number[], after: number[] = []): number[] => [
  0x80 | flags,
  ...PLAIN.slice(1, 12),
  ...before,
  0x65,
  0x88,
  ...after,
];

describe('parseRtp', () => {
  it('reads every field of a plain packet', () => {
    expect(parse(PLAIN)).toEqual({
      kind: 'rtp',
      payloadType: 96,
      marker: true,
      sequence: 0xfffe,
      timestamp: 0x89abcdef,
      ssrc: 0xdeadbeef,
      payload: Uint8Array.of(0x65, 0x88),
      arrivedAt: ARRIVAL,
    });
  });

  it.each([
    ['contributing sources', withFlags(2, [1, 1, 1, 1, 2, 2, 2, 2])],
    ['a header extension', withFlags(0x10, [0xbe, 0xde, 0, 1, 9, 9, 9, 9])],
    ['padding', withFlags(0x20, [], [0, 0, 3])],
    ['all of them', withFlags(0x31, [1, 1, 1, 1, 0xbe, 0xde, 0, 0], [1])],
  ])('leaves out %s', (_, bytes) => {
    expect([...parse(bytes).payload]).toEqual([0x65, 0x88]);
  });

  it('does not copy the payload', () => {
    const bytes = Uint8Array.from([0, ...PLAIN]);
    expect(parseRtp(bytes.subarray(1), ARRIVAL).payload.buffer).toBe(bytes.buffer);
  });

  it('takes a packet without payload, which some senders probe with', () => {
    expect(parse(PLAIN.slice(0, 12)).payload).toHaveLength(0);
  });

  it.each([
    ['less than a header', PLAIN.slice(0, 11), 'a header of 12 bytes was expected, 11 came'],
    ['another version', [0x40, ...PLAIN.slice(1)], 'RTP version 2 was expected, 1 came'],
    ['more contributing sources than bytes', [0x8f, ...PLAIN.slice(1)], 'longer than the packet'],
    ['an extension header cut off', [0x90, ...PLAIN.slice(1)], 'a header extension begins after the end'],
    ['an extension cut off', withFlags(0x10, [0, 0, 0xff, 0xff]), 'longer than the packet'],
    ['padding longer than the packet', withFlags(0x20, [], [200]), 'longer than the packet'],
    ['padding of nothing', withFlags(0x20, [], [0]), 'padding of no bytes'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parse(bytes)).toThrow(
      expect.objectContaining({ code: 'packets/malformed', message: expect.stringContaining(message) }),
    );
  });

  it('finds the payload behind any header that is well formed', () => {
    fc.assert(
      fc.property(
        fc.record({
          sources: fc.array(fc.nat(255), { maxLength: 15 }),
          extension: fc.option(fc.array(fc.nat(255), { maxLength: 9 })),
          payload: fc.uint8Array({ maxLength: 50 }),
          padding: fc.nat(255),
        }),
        ({ sources, extension, payload, padding }) => {
          const bytes = [
            0x80 | (padding > 0 ? 0x20 : 0) | (extension ? 0x10 : 0) | sources.length,
            ...PLAIN.slice(1, 12),
            ...sources.flatMap((source) => [source, 0, 0, source]),
            ...(extension
              ? [0, 0, 0, extension.length, ...extension.flatMap((word) => [word, 1, 2, 3])]
              : []),
            ...payload,
            ...(padding > 0 ? [...new Array<number>(padding - 1).fill(0), padding] : []),
          ];
          expect(parse(bytes).payload).toEqual(payload);
        },
      ),
    );
  });

  it('makes a packet or a packets/malformed of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, versionTwo) => {
        if (versionTwo && bytes.length > 0) bytes[0] = 0x80 | (bytes[0]! & 0x3f);
        try {
          expect(parseRtp(bytes, ARRIVAL).payload.length).toBeLessThanOrEqual(bytes.length - 12);
        } catch (error) {
          if (!(error instanceof NightglassError)) throw error;
          expect(error.code).toBe('packets/malformed');
        }
      }),
      { numRuns: 1000 },
    );
  });
});
