import { expect, test } from 'vitest';
import { BYTES_FULL, ITEMS_FULL, MALFORMED_LIMIT, RtspMedia } from '../../../server/ingest/rtsp-media.ts';
import type { Interleaved } from '../../../server/ingest/rtsp-message.ts';
import { NightglassError } from '../../../server/wire/nightglass-error.ts';
import { IDR_SLICE, interleavedRtp } from '../../support/rtsp-script-server.ts';

/** What the reads went into, where it does not matter. */
const MEMORY = new ArrayBuffer(0);

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
  media.receive([frame(1), frame(2)], MEMORY);
  media.receive([frame(3)], MEMORY);
  media.receive([frame(4)], MEMORY);
  expect(await Promise.all([first, next(media), next(media), next(media)])).toEqual([1, 2, 3, 4]);
});

test('reads sender reports from their channel and leaves other channels out', async () => {
  const report = Buffer.alloc(28);
  report.writeUInt32BE(0x80c80006, 0);
  report.writeUInt32BE(0xe0000000, 8);
  const media = new RtspMedia('camera');
  media.expectChannels(4, 7);
  const frames: Interleaved[] = [
    frame(1, 0),
    { kind: 'interleaved', channel: 7, payload: report },
    frame(2, 4),
    frame(3, 5),
  ];
  media.receive(frames, MEMORY);
  expect(await next(media)).toBe('sender-report');
  expect(await next(media)).toBe(2);
});

test('stops the reading when too many items wait, and lets it go on when half are taken', async () => {
  const media = new RtspMedia('camera');
  let room = 0;
  media.onRoom = () => {
    room += 1;
  };
  for (let sent = 1; sent < ITEMS_FULL; sent += 1) expect(media.receive([frame(sent)], MEMORY)).toBe('more');
  expect(media.receive([frame(0)], MEMORY)).toBe('enough');
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
  while (media.receive([large], MEMORY) === 'more') held += large.payload.length;
  expect(held).toBeLessThan(BYTES_FULL);
  expect(held).toBeGreaterThan(BYTES_FULL - 2 * large.payload.length);
});

test('a lost connection is told after the items that came before it, and once', async () => {
  const media = new RtspMedia('camera');
  media.receive([frame(1)], MEMORY);
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
  while (full.receive([frame(1)], MEMORY) === 'more');
  full.end();
  expect(room).toBe(1);
  expect(await next(full)).toBe('end');
  expect(full.receive([frame(2)], MEMORY)).toBe('more');
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
  media.receive(almost, MEMORY);
  expect(heard).toBe(0);
  media.receive([frame(1)], MEMORY);
  expect(heard).toBe(1);
  media.receive(almost, MEMORY);
  expect(() => media.receive([broken], MEMORY)).toThrow(NightglassError);
});

test('gives memory back when a unit is made, unless the item handed out last is in it', async () => {
  const media = new RtspMedia('camera');
  const [first, second, third] = [new ArrayBuffer(1), new ArrayBuffer(2), new ArrayBuffer(3)];
  const given: ArrayBufferLike[] = [];
  media.onCopied = (memory) => given.push(memory);
  media.receive([frame(1)], first);
  media.receive([frame(2), frame(3)], first);
  media.receive([frame(4)], second);
  media.receive([frame(5)], third);
  for (let taken = 1; taken <= 3; taken += 1) await media.next();
  media.unitMade();
  expect(given).toEqual([]);
  await media.next();
  media.unitMade();
  expect(given).toEqual([first]);
  media.unitMade();
  expect(given).toEqual([first]);
  await media.next();
  media.unitMade();
  expect(given).toEqual([first, second]);
});
