/** An H.265 clip as the units of a camera, with odd timestamps and a wall clock of its own. */
import type { AccessUnit } from '#wire/access-unit.ts';
import { micros, wallMicros } from '#wire/time.ts';
import { H265Assembler } from '../../server/packets/h265-assembler.ts';
import { nalUnit } from '../../server/packets/nal-unit.ts';
import { type H265Clip, h265Pictures } from './h265-clip.ts';

/** When the first picture of every clip is captured. */
export const CAPTURED = 1_700_000_000_000_000;

/** In decoding order; no two pictures lie equally far apart. */
export async function h265Units(clip: H265Clip): Promise<AccessUnit[]> {
  const assembler = new H265Assembler([]);
  return (await h265Pictures(clip)).map(({ nals, timestamp: ticks }, index) => {
    const picture = assembler.assemble(nals.map(nalUnit), index === 0);
    if (typeof picture !== 'object') throw new Error(`picture ${index} is ${picture}`);
    const number = Math.round(ticks / 3600);
    const timestamp = micros(77_777 + number * 40_000 + ((number * 7919) % 1000));
    const capturedAt = wallMicros(CAPTURED + timestamp * 2);
    return { ...picture, timestamp, capturedAt, captureClock: 'sender-report' };
  });
}
