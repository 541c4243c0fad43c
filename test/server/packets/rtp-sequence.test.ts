import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtpSequence } from '../../../server/packets/rtp-sequence.ts';
import { rtpPacket } from '../../support/rtp-packetiser.ts';

const follow = (numbers: readonly number[]) => {
  const sequence = new RtpSequence();
  return numbers.map((number) => sequence.follow(rtpPacket({ sequence: number & 0xffff })));
};

describe('RtpSequence', () => {
  it.each([
    ['counts on across the wrap', [65_534, 65_535, 0, 1], ['next', 'next', 'next', 'next']],
    ['sees a missing packet', [1, 2, 4, 5], ['next', 'next', 'gap', 'next']],
    ['sees a missing packet at the wrap', [65_535, 1], ['next', 'gap']],
    ['takes a repetition for late', [1, 2, 2, 1, 3], ['next', 'next', 'late', 'late', 'next']],
    ['takes a packet that comes after its gap for late', [1, 3, 2, 4], ['next', 'gap', 'late', 'next']],
    [
      'takes two late packets in a row for late',
      [10, 11, 5, 6, 12],
      ['next', 'next', 'late', 'late', 'next'],
    ],
    ['leaves out one far stray', [1, 2, 30_000, 3], ['next', 'next', 'late', 'next']],
    [
      'follows a sender that began anew',
      [1, 2, 30_000, 30_001, 30_002],
      ['next', 'next', 'late', 'gap', 'next'],
    ],
    ['needs two in a row to believe that', [1, 30_000, 40_000, 2], ['next', 'late', 'late', 'next']],
  ])('%s', (_, numbers, steps) => {
    expect(follow(numbers)).toEqual(steps);
  });

  it('takes another source for a gap', () => {
    const sequence = new RtpSequence();
    expect(sequence.follow(rtpPacket({ sequence: 5, ssrc: 1 }))).toBe('next');
    expect(sequence.follow(rtpPacket({ sequence: 6, ssrc: 2 }))).toBe('gap');
    expect(sequence.follow(rtpPacket({ sequence: 7, ssrc: 2 }))).toBe('next');
  });

  it('counts packets of another payload type that share the numbers, and only those', () => {
    const sequence = new RtpSequence();
    sequence.follow(rtpPacket({ sequence: 5 }));
    sequence.skip(rtpPacket({ sequence: 6, payloadType: 97 }));
    sequence.skip(rtpPacket({ sequence: 7, payloadType: 98, ssrc: 99 }));
    expect(sequence.follow(rtpPacket({ sequence: 7 }))).toBe('next');
  });

  it('says next of every number in order, from any start', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.integer({ min: 1, max: 200 }), (start, count) => {
        const numbers = Array.from({ length: count }, (_, index) => start + index);
        expect(new Set(follow(numbers))).toEqual(new Set(['next']));
      }),
    );
  });
});
