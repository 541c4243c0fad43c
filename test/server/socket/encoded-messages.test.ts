import { describe, expect, it } from 'vitest';
import { decodeMessage } from '#wire/message.ts';
import { wallMicros } from '#wire/time.ts';
import type { UnitItem } from '../../../server/fanout/stream-item.ts';
import { EncodedMessages, type MediaItem } from '../../../server/socket/encoded-messages.ts';
import { CONFIG, key, seconds } from '../fanout/made-up-camera.ts';

const PLACE = { epoch: 2, group: 3, index: 0 };
const unit: UnitItem = {
  kind: 'unit',
  ...PLACE,
  unit: { ...key(1), data: Uint8Array.of(0, 0, 0, 1, 0x65, 7), captureClock: 'sender-report' },
  discontinuity: true,
  replay: false,
  publishedAt: seconds(1),
  runningAt: seconds(1),
};

describe('An item, encoded', () => {
  const ITEMS: [MediaItem, object][] = [
    [
      unit,
      {
        kind: 'unit',
        key: true,
        discontinuity: true,
        timestamp: 1e6,
        capturedAt: unit.unit.capturedAt,
        captureClock: 'sender-report',
        data: unit.unit.data,
      },
    ],
    [
      { kind: 'config', ...PLACE, config: CONFIG },
      { kind: 'config', config: CONFIG },
    ],
    [
      { kind: 'gap', ...PLACE, dropped: 12 },
      { kind: 'gap', dropped: 12 },
    ],
    [
      { kind: 'end', ...PLACE, code: 'closed', message: 'over' },
      { kind: 'end', code: 'closed', message: 'over' },
    ],
  ];
  it.each(ITEMS)('is the message of the wire with the viewer’s stream id: %o', (item, expected) => {
    const message = decodeMessage(new EncodedMessages().encode(item, 9, wallMicros(77)));
    expect({ ...message, ...('data' in message && { data: Uint8Array.from(message.data) }) }).toEqual({
      ...PLACE,
      stream: 9,
      sentAt: 77,
      ...expected,
    });
  });

  it('is the same bytes for all viewers who chose the same stream id, in the same moment', () => {
    const encoded = new EncodedMessages();
    const first = encoded.encode(unit, 1, wallMicros(1000));
    expect(encoded.encode(unit, 2, wallMicros(1000))).not.toBe(first);
    expect(encoded.encode(unit, 1, wallMicros(1000))).toBe(first);
  });

  it('is new bytes with the new moment, and for another item', () => {
    const encoded = new EncodedMessages();
    encoded.encode(unit, 1, wallMicros(1000));
    expect(decodeMessage(encoded.encode(unit, 1, wallMicros(2000))).sentAt).toBe(2000);
    expect(decodeMessage(encoded.encode({ ...unit, group: 4 }, 1, wallMicros(2000))).group).toBe(4);
  });

  it('is right however many stream ids there are', () => {
    const encoded = new EncodedMessages();
    for (let round = 0; round < 2; round++)
      for (let stream = 0; stream < 64; stream++)
        expect(decodeMessage(encoded.encode(unit, stream, wallMicros(1))).stream).toBe(stream);
  });
});
