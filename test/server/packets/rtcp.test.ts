import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSenderReports } from '../../../server/packets/rtcp.ts';

const u32 = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
const report = (ssrc: number, seconds: number, fraction: number, timestamp: number): number[] => [
  ...[0x80, 200, 0, 6],
  ...[ssrc, seconds, fraction, timestamp, 11, 22].flatMap(u32),
];
const parse = (bytes: number[]) => parseSenderReports(Uint8Array.from(bytes));
/** 2026-05-29T06:40:00Z. */
const SECONDS = 2_208_988_800 + 1_780_036_800;
const DESCRIPTION = [0x81, 202, 0, 2, ...u32(7), 1, 1, 0x63, 0];

describe('parseSenderReports', () => {
  it('reads the wall clock and the RTP clock', () => {
    expect(parse(report(0xdeadbeef, SECONDS, 0x8000_0000, 0xffff_fff0))).toEqual([
      {
        kind: 'sender-report',
        ssrc: 0xdeadbeef,
        wallClock: 1_780_036_800_500_000,
        timestamp: 0xffff_fff0,
      },
    ]);
  });

  it('reads every report of a compound packet and steps over the rest', () => {
    const bytes = [...DESCRIPTION, ...report(1, SECONDS, 0, 5), ...DESCRIPTION, ...report(2, SECONDS, 0, 6)];
    expect(parse(bytes).map(({ ssrc, timestamp }) => [ssrc, timestamp])).toEqual([
      [1, 5],
      [2, 6],
    ]);
  });

  it('reads a report with report blocks behind it', () => {
    const bytes = report(1, SECONDS, 0, 5);
    bytes[0] = 0x81;
    bytes[3] = 12;
    expect(parse([...bytes, ...new Array<number>(24).fill(0)])).toHaveLength(1);
  });

  it('takes small seconds for the era after 2036', () => {
    expect(parse(report(1, 0, 1, 5))[0]!.wallClock).toBe(Date.UTC(2036, 1, 7, 6, 28, 16) * 1000);
  });

  it('leaves out a report of a camera that knows no wall clock', () => {
    expect(parse(report(1, 0, 0, 5))).toEqual([]);
  });

  it('keeps the reports before bytes that are not RTCP, and never fails', () => {
    const otherVersion = [0x00, ...report(2, SECONDS, 0, 5).slice(1)];
    expect(parse([...report(1, SECONDS, 0, 5), ...otherVersion])).toHaveLength(1);
    expect(parse(report(1, SECONDS, 0, 5).slice(0, -1))).toEqual([]);
    expect(parse([0x80, 200, 0, 1, ...u32(1)])).toEqual([]);
  });

  it('gives reports within a microsecond of what was sent', () => {
    const anySecond = fc.integer({ min: 2 ** 31, max: 2 ** 32 - 1 });
    const any32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(any32, anySecond, any32, any32, (ssrc, seconds, fraction, timestamp) => {
        const [read] = parse(report(ssrc, seconds, fraction, timestamp));
        const wallClock = (seconds - 2_208_988_800 + fraction / 2 ** 32) * 1e6;
        expect(read).toMatchObject({ ssrc, timestamp });
        expect(Math.abs(read!.wallClock - wallClock)).toBeLessThanOrEqual(1);
        expect(Number.isSafeInteger(read!.wallClock)).toBe(true);
      }),
    );
  });

  it('gives reports or none of any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (parts) => {
        const bytes = parts.flatMap((part) => [0x80, 200, 0, part.length >> 2, ...part]);
        expect(parse(bytes).length).toBeLessThanOrEqual(bytes.length / 28);
      }),
      { numRuns: 1000 },
    );
  });
});
