/** Clips as the units of a camera, and streams of them, for the tests of HLS. */
import type { AccessUnit } from '#wire/access-unit.ts';
import { micros, wallMicros } from '#wire/time.ts';
import { Stream } from '../../server/fanout/stream.ts';
import type { StreamItem } from '../../server/fanout/stream-item.ts';
import { H264Assembler } from '../../server/packets/h264-assembler.ts';
import { H265Assembler } from '../../server/packets/h265-assembler.ts';
import { nalUnit } from '../../server/packets/nal-unit.ts';
import { codedPictures, type H264Clip } from './h264-clip.ts';
import { type H265Clip, h265Pictures } from './h265-clip.ts';

/** When the picture of timestamp 0 is captured. */
export const CAPTURED = 1_780_000_000_000_000;

/** In decoding order, at the clip's own times from `from` µs on, captured on time by the camera's clock. */
export async function clipUnits(
  clip: ({ readonly codec: 'h264' } & H264Clip) | ({ readonly codec: 'h265' } & H265Clip),
  from = 0,
): Promise<AccessUnit[]> {
  const assembler = clip.codec === 'h264' ? new H264Assembler([]) : new H265Assembler([]);
  const pictures = clip.codec === 'h264' ? await codedPictures(clip) : await h265Pictures(clip);
  const first = Math.min(...pictures.map(({ timestamp }) => timestamp));
  return pictures.map(({ nals, timestamp: ticks }, index) => {
    const picture = assembler.assemble(nals.map(nalUnit), index === 0);
    if (typeof picture !== 'object') throw new Error(`picture ${index} is ${picture}`);
    const timestamp = micros(Math.round(((ticks - first) * 100) / 9) + from);
    const capturedAt = wallMicros(CAPTURED + timestamp);
    return { ...picture, timestamp, capturedAt, captureClock: 'sender-report' };
  });
}

/** The same units later, as a camera's clip played again. */
export const later = (units: readonly AccessUnit[], by: number): AccessUnit[] =>
  units.map((unit) => ({
    ...unit,
    timestamp: micros(unit.timestamp + by),
    capturedAt: wallMicros(unit.capturedAt + by),
  }));

/** What happens to a camera: a unit comes, units are lost, it goes away. */
export type Happening = AccessUnit | 'lost' | 'away';

/** What a reader is given of it, from the first unit to the end of the stream. */
export async function* readItems(
  happenings: readonly Happening[],
): AsyncGenerator<StreamItem, void, undefined> {
  const unlimited = { bytes: 1e12, age: micros(1e15), lag: micros(1e15) };
  const stream = new Stream({ limits: unlimited });
  const reader = stream.read({ want: 'live' });
  const iterator = reader[Symbol.asyncIterator]();
  for (const one of happenings) {
    if (one === 'lost') stream.lose(1);
    else if (one === 'away')
      stream.setState({ state: 'unreachable', since: wallMicros(0), code: 'ingest/closed', message: '' });
    else {
      if (stream.state.state !== 'live') stream.setState({ state: 'live', since: wallMicros(0) });
      stream.publish(one);
    }
    // Each is taken before the next comes, or a state would overtake units.
    yield* taken(iterator, one);
  }
  stream.end('closed', '');
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

/** As many items as one happening gives. */
async function* taken(iterator: AsyncIterator<StreamItem, undefined>, one: Happening) {
  if (one === 'lost') return;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    yield next.value;
    if (next.value.kind === 'unit' && one !== 'away') return;
    if (next.value.kind === 'state' && next.value.state.state === 'unreachable' && one === 'away') return;
  }
}
