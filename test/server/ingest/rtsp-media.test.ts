import { expect, test } from 'vitest';
import { BYTES_FULL, ITEMS_FULL, MALFORMED_LIMIT, RtspMedia } from '../../../server/ingest/rtsp-media.ts';
import type { Interleaved } from '../../../server/ingest/rtsp-message.ts';
import { NightglassError } from '../../../server/wire/nightglass-error.ts';
import { IDR_SLICE, interleavedRtp } from '../../support/rtsp-script-server.ts';

const frame = (sequence: number, channel = 0, payload: Uint8Array = IDR_SLICE): Interleaved => ({
  kind: 'interleaved',
  channel,
  payload: interleavedRtp(sequence, 0, payload).subarray(4),
});

/** The sequence number of the next item, or how the items end. */
async function next(media: RtspMedia): Promise<unknown> {
  const { done, value } = await media.next();
  if (done === true) return 'end';
  return value.kind === 'rtp' ? value.sequence : value.kind;
}

test('hands on what came in order, whether it was waited for or waited itself', async () => {
  const media = new RtspMedia('camera');
  const first = next(media);
  media.receive([frame(1), frame(2)]);
  media.receive([frame(3)]);
  media.receive([frame(4)]);
  expect(await Promise.all([first, next(media), next(media), next(media)])).toEqual([1, 2, 3, 4]);
});

test('reads sender reports from their channel and leaves other channels out', async () => {
  const report = Buffer.alloc(28);
  report.writeUInt32BE(0x80c80006, 0);
  report.writeUInt32BE(0xe0000000, 8);
  const media = new RtspMedia('camera');
  media.expectChannels(4, 7);
  media.receive([
    frame(1, 0),
    { kind: 'interleaved', channel: 7, payload: report },
    frame(2, 4),
    frame(3, 5),
  ]);
  expect(await next(media)).toBe('sender-report');
  expect(await next(media)).toBe(2);
});

test('stops the reading when too many items wait, and lets it go on when half are taken', async () => {
  const media = new RtspMedia('camera');
  let room = 0;
  media.onRoom = () => {
    room += 1;
  };
  for (let sent = 1; sent < ITEMS_FULL; sent += 1) expect(media.receive([frame(sent)])).toBe('more');
  expect(media.receive([frame(0)])).toBe('enough');
  expect(media.full).toBe(true);
  for (let taken = 1; taken < ITEMS_FULL / 2; taken += 1) await media.next();
  expect(room).toBe(0);
  await media.next();
  expect(room).toBe(1);
  expect(media.full).toBe(false);
});

test('stops the reading when few but large packets wait', () => {
  const media = new RtspMedia('camera');
  const large = frame(1, 0, new Uint8Array(60_000));
  let held = 0;
  while (media.receive([large]) === 'more') held += large.payload.length;
  expect(held).toBeLessThan(BYTES_FULL);
  expect(held).toBeGreaterThan(BYTES_FULL - 2 * large.payload.length);
});

test('a lost connection is told after the items that came before it, and once', async () => {
  const media = new RtspMedia('camera');
  media.receive([frame(1)]);
  media.fail(new Error('lost'));
  expect(await next(media)).toBe(1);
  await expect(media.next()).rejects.toThrow('lost');
  expect(await next(media)).toBe('end');
});

test('a lost connection wakes the one who waits', async () => {
  const media = new RtspMedia('camera');
  const waiting = media.next();
  media.fail(new Error('lost'));
  await expect(waiting).rejects.toThrow('lost');
});

test('the end wakes the one who waits, lets go of what waits, and frees the reading', async () => {
  const waited = new RtspMedia('camera');
  const waiting = next(waited);
  waited.end();
  expect(await waiting).toBe('end');

  const full = new RtspMedia('camera');
  let room = 0;
  full.onRoom = () => {
    room += 1;
  };
  while (full.receive([frame(1)]) === 'more');
  full.end();
  expect(room).toBe(1);
  expect(await next(full)).toBe('end');
  expect(full.receive([frame(2)])).toBe('more');
  expect(await next(full)).toBe('end');
});

test('a packet that is not RTP is left out; packet after packet of it is garbage', () => {
  const media = new RtspMedia('camera');
  const broken: Interleaved = { kind: 'interleaved', channel: 0, payload: Uint8Array.of(1, 2, 3) };
  let heard = 0;
  media.onPackets = () => {
    heard += 1;
  };
  const almost = Array.from({ length: MALFORMED_LIMIT - 1 }, () => broken);
  media.receive(almost);
  expect(heard).toBe(0);
  media.receive([frame(1)]);
  expect(heard).toBe(1);
  media.receive(almost);
  expect(() => media.receive([broken])).toThrow(NightglassError);
});
