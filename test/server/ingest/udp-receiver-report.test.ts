import { describe, expect, it } from 'vitest';
import { Reception } from '../../../server/ingest/udp-receiver-report.ts';
import { micros } from '../../../server/wire/time.ts';

const SECOND = 1_000_000;
const at = (seconds: number) => micros(seconds * SECOND);

/** Packets of 40 ms each; `late` in units of the RTP clock. */
const follow = (reception: Reception, sequence: number, late = 0, ssrc = 7): void =>
  reception.follow({
    sequence: sequence & 0xffff,
    ssrc,
    timestamp: (sequence * 3600) >>> 0,
    arrivedAt: micros((sequence * 40 * SECOND) / 1000 + (late * SECOND) / 90_000),
  });

const read = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer);
  return {
    head: [view.getUint8(0), view.getUint8(1), view.getUint16(2)],
    from: view.getUint32(4),
    of: view.getUint32(8),
    fraction: view.getUint8(12),
    lost: (view.getInt32(12) << 8) >> 8,
    highest: view.getUint32(16),
    jitter: view.getUint32(20),
    senderReport: view.getUint32(24),
    since: view.getUint32(28),
  };
};
const reportOf = (reception: Reception, seconds = 1) => read(reception.report(9, 'name', at(seconds)));

describe('a receiver report', () => {
  it('names the receiver alone before a packet came', () => {
    const bytes = new Reception().report(9, 'abcde', at(0));
    const name = [1, 5, ...Buffer.from('abcde'), 0];
    expect([...bytes]).toEqual([0x80, 201, 0, 1, 0, 0, 0, 9, 0x81, 202, 0, 3, 0, 0, 0, 9, ...name]);
  });

  it.each([1, 2, 3, 4, 5, 16])(
    'fills whole words behind a name of %i letters, with a zero at the end',
    (length) => {
      const bytes = new Reception().report(9, 'x'.repeat(length), at(0));
      expect([bytes.length % 4, bytes.at(-1)]).toEqual([0, 0]);
      expect(8 + 4 * (1 + new DataView(bytes.buffer).getUint16(10))).toBe(bytes.length);
    },
  );

  it('tells the source, the highest number with its wraps, and no loss where there is none', () => {
    const reception = new Reception();
    for (let sequence = 65_534; sequence < 65_540; sequence += 1) follow(reception, sequence);
    expect(reportOf(reception)).toEqual({
      head: [0x81, 201, 7],
      from: 9,
      of: 7,
      fraction: 0,
      lost: 0,
      highest: 65_539,
      jitter: 0,
      senderReport: 0,
      since: 0,
    });
  });

  it('tells what was lost since the report before, and in all', () => {
    const reception = new Reception();
    for (const sequence of [0, 1, 3]) follow(reception, sequence);
    expect(reportOf(reception)).toMatchObject({ fraction: 64, lost: 1, highest: 3 });
    for (const sequence of [5, 7]) follow(reception, sequence);
    expect(reportOf(reception)).toMatchObject({ fraction: 128, lost: 3, highest: 7 });
    expect(reportOf(reception)).toMatchObject({ fraction: 0, lost: 3 });
  });

  it('counts packets out of order as come, and ones that come twice against the loss', () => {
    const reception = new Reception();
    for (const sequence of [0, 2, 1, 2, 2]) follow(reception, sequence);
    expect(reportOf(reception)).toMatchObject({ fraction: 0, lost: -2, highest: 2 });
  });

  it('tells the jitter, which a wrap of the RTP clock does not touch', () => {
    const reception = new Reception();
    const wrap = Math.floor(2 ** 32 / 3600);
    for (let sequence = wrap - 2; sequence < wrap + 3; sequence += 1) follow(reception, sequence);
    expect(reportOf(reception).jitter).toBe(0);
    follow(reception, wrap + 3, 1600);
    expect(reportOf(reception).jitter).toBe(100);
  });

  it('begins anew with another source', () => {
    const reception = new Reception();
    for (const sequence of [0, 9]) follow(reception, sequence);
    follow(reception, 500, 0, 8);
    expect(reportOf(reception)).toMatchObject({ of: 8, lost: 0, highest: 500 });
  });

  it('repeats the middle of the sender report’s wall clock and how long ago it came', () => {
    const reception = new Reception();
    follow(reception, 0);
    const report = new Uint8Array(28);
    report.set([0x80, 200, 0, 6, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8]);
    reception.hear(report, at(1));
    expect(reportOf(reception, 3.5)).toMatchObject({ senderReport: 0x03040506, since: 2.5 * 65_536 });
    report[7] = 8;
    reception.hear(report, at(1));
    expect(reportOf(reception, 3.5)).toMatchObject({ senderReport: 0, since: 0 });
  });
});
