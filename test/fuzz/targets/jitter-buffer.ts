/** RTP packets as UDP brings them: in any order, twice, of several sources. */
import { micros } from '#wire/time.ts';
import { JITTER_LIMITS, JitterBuffer } from '../../../server/ingest/udp-jitter-buffer.ts';
import { packetise } from '../../support/rtp-packetiser.ts';
import { h264Pictures } from '../h264-stream.ts';
import { RECORDS } from '../parts.ts';
import { inputOf, itemsOf } from '../rtp-records.ts';
import { holds, type Target } from '../target.ts';

export const JITTER_BUFFER: Target = {
  name: 'jitter-buffer',
  limit: 32_768,
  words: [],
  parts: RECORDS,
  seeds: () =>
    [65_400, 65_530, 7].map((firstSequence) =>
      inputOf(packetise(h264Pictures({ slices: 3 }), { mtu: 30, firstSequence })),
    ),
  take(input) {
    const buffer = new JitterBuffer();
    const given = new Set<object>();
    let came = 0;
    let now = 0;
    let most = 0;
    const take = (packets: readonly object[]): void => {
      for (const packet of packets) {
        holds(!given.has(packet), 'no packet is given twice');
        given.add(packet);
      }
    };
    for (const item of itemsOf(RECORDS.split(input))) {
      if (item.kind !== 'rtp') continue;
      came++;
      now = Math.max(now, item.arrivedAt);
      take(buffer.push({ sequence: item.sequence, ssrc: item.ssrc, arrivedAt: micros(now) }));
      most = Math.max(most, buffer.held);
      holds(buffer.held <= JITTER_LIMITS.packets, 'no more wait than the limit says');
    }
    take(buffer.expire(micros(now + JITTER_LIMITS.wait)));
    holds(buffer.held === 0 && buffer.due === undefined, 'nothing waits after its time');
    holds(given.size <= came, 'no more comes out than went in');
    return `${most > 0} ${most >= JITTER_LIMITS.packets} ${given.size < came}`;
  },
};
