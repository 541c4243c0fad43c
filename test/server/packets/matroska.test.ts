import { describe, expect, it } from 'vitest';
import { matroskaHeader, matroskaPicture } from '../../../server/packets/matroska.ts';
import { ffmpeg } from '../../support/clip.ts';
import { h265Units } from '../../support/h265-units.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('a Matroska stream', () => {
  it('begins with what it is and one video track, in a segment without an end, its ticks microseconds', () => {
    const header = hex(matroskaHeader({ width: 320, height: 180 }));
    expect(header.startsWith('1a45dfa3')).toBe(true);
    expect(header).toContain(`18538067${'01ffffffffffffff'}1549a966`);
    expect(header).toContain(`2ad7b1${'0100000000000008'}${'00000000000003e8'}`);
    expect(header).toContain(`b0${'0100000000000008'}${'0000000000000140'}`);
    expect(header).toContain(`ba${'0100000000000008'}${'00000000000000b4'}`);
  });

  it('has each picture in a cluster of its own, at its timestamp', () => {
    const data = Uint8Array.of(0, 0, 0, 1, 0x26);
    const [block, timestamp] = ['a30100000000000009810000', 'e701000000000000080000000123456789'];
    expect(hex(matroskaPicture(0x123456789, true, data))).toBe(
      `1f43b6750100000000000023${timestamp}${block}80${hex(data)}`,
    );
    expect(hex(matroskaPicture(0x123456789, false, data))).toContain(`${block}00${hex(data)}`);
  });

  it('is read by ffmpeg, timestamps to the microsecond', async () => {
    const units = await h265Units({ width: 96, height: 64, frames: 6 });
    const pictures = units.map((unit) => matroskaPicture(unit.timestamp, unit.key, unit.data));
    const stream = Buffer.concat([matroskaHeader({ width: 96, height: 64 }), ...pictures]);
    const url = `data:video/x-matroska;base64,${stream.toString('base64')}`;
    const lines = (await ffmpeg(['-copyts', '-i', url, '-c', 'copy', '-f', 'framecrc', '-'])).toString();
    expect(lines).toContain('#tb 0: 1/1000000');
    const times = [...lines.matchAll(/^0,\s*-?\d+,\s*(\d+),/gm)].map(([, time]) => Number(time));
    expect(times).toEqual(units.map(({ timestamp }) => timestamp));
  });
});
