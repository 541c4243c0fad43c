import { describe, expect, it } from 'vitest';
import { wallMicros } from '#wire/time.ts';
import { KEY_EVERY_MS, KeyRequests, REQUEST_GAP_MS } from '../../../server/ingest/whip-key-requests.ts';
import {
  HOLD_MS,
  REACH_BACK,
  REACH_BACK_MS,
  REORDER_MS,
  RtpRepair,
} from '../../../server/ingest/whip-repair.ts';
import type { RtpPacket } from '../../../server/packets/rtp-item.ts';

const SPS = Uint8Array.of(0x67, 1, 2, 3);
const SLICE = Uint8Array.of(0x41, 1, 2, 3);

const packet = (sequence: number, payload = SLICE, ssrc = 7): RtpPacket => ({
  kind: 'rtp',
  payloadType: 96,
  marker: false,
  sequence: sequence & 0xffff,
  timestamp: 0,
  ssrc,
  payload,
  arrivedAt: wallMicros(0),
});

/** What each push handed on. */
function handedOn(repair: RtpRepair, sequences: readonly number[], now = 0): number[] {
  return sequences.flatMap((sequence) => repair.push(packet(sequence), now)).map(({ sequence }) => sequence);
}

describe('the repair of a lossy track', () => {
  it('hands packets on in order, whatever order they come in, across the wrap of their numbers', () => {
    const repair = new RtpRepair(false, 'h264');
    const come = [65_533, 65_535, 65_534, 2, 0, 1, 3].flatMap((sequence) => repair.push(packet(sequence), 0));
    expect(come.map(({ sequence }) => sequence)).toEqual([65_533, 65_534, 65_535, 0, 1, 2, 3]);
    expect(repair.waiting).toBe(false);
  });

  it('leaves out what it has handed on or holds already', () => {
    const repair = new RtpRepair(false, 'h264');
    expect(handedOn(repair, [10, 11, 10, 13, 13, 11, 12])).toEqual([10, 11, 12, 13]);
  });

  it('asks for a missing packet once it cannot be merely late, also at the wrap', () => {
    const repair = new RtpRepair(false, 'h264');
    handedOn(repair, [65_534, 1]);
    expect(repair.ask(REORDER_MS - 1)).toEqual([]);
    expect(repair.ask(REORDER_MS)).toEqual([65_535, 0]);
    expect(repair.ask(REORDER_MS + 1)).toEqual([]);
  });

  it('asks again after about the time an answer takes, and never faster than that', () => {
    const repair = new RtpRepair(false, 'h264');
    handedOn(repair, [1, 3]);
    expect(repair.ask(20)).toEqual([2]);
    expect(repair.ask(119)).toEqual([]);
    expect(repair.ask(120)).toEqual([2]);
    for (let lost = 5, now = 1000; lost < 45; lost += 2, now += 1000) {
      handedOn(repair, [lost - 1, lost + 1], now);
      repair.ask(now + 20);
      handedOn(repair, [lost], now + 60);
    }
    handedOn(repair, [46, 48], 99_000);
    expect(repair.ask(99_020)).toContain(47);
    expect(repair.ask(99_060)).not.toContain(47);
    expect(repair.ask(99_075)).toContain(47);
  });

  it('is patient on a link that is seen to delay, and asks sooner again where it no longer does', () => {
    const repair = new RtpRepair(false, 'h264');
    handedOn(repair, [1, 3]);
    repair.push(packet(2), 50, 'first');
    handedOn(repair, [5], 100);
    expect(repair.ask(159)).toEqual([]);
    expect(repair.ask(160)).toEqual([4]);
    repair.push(packet(4), 230, 'resent');
    for (let at = 7; at < 207; at += 2) {
      repair.push(packet(at), 300, 'first');
      repair.push(packet(at - 1), 301, 'first');
    }
    handedOn(repair, [208], 400);
    expect(repair.ask(400 + REORDER_MS)).toEqual([206, 207]);
  });

  it('waits no longer than its hold for a packet that never comes, and then goes on without it', () => {
    const repair = new RtpRepair(false, 'h264');
    handedOn(repair, [1, 3, 4]);
    expect(repair.giveUp(HOLD_MS - 1)).toEqual([]);
    expect(repair.giveUp(HOLD_MS).map(({ sequence }) => sequence)).toEqual([3, 4]);
    expect(handedOn(repair, [2, 5])).toEqual([5]);
  });

  it('holds a bounded number of packets, however much is missing', () => {
    const repair = new RtpRepair(false, 'h264');
    let handed = handedOn(repair, [0]).length;
    for (let at = 2; at < 5_000; at++) {
      handed += repair.push(packet(at), 0).length;
      handed += repair.giveUp(0).length;
    }
    expect(handed).toBeGreaterThan(900);
  });

  it('goes on at once when the sender begins anew', () => {
    const repair = new RtpRepair(false, 'h264');
    handedOn(repair, [1, 3]);
    expect(repair.push(packet(40_000), 0).map(({ sequence }) => sequence)).toEqual([3, 40_000]);
    expect(repair.push(packet(9, SLICE, 8), 0).map(({ sequence }) => sequence)).toEqual([9]);
    expect(repair.waiting).toBe(false);
  });

  it('asks for what came before the first packet of a stream, unless that begins a key unit', () => {
    const whole = new RtpRepair(true, 'h264');
    expect(whole.push(packet(100, SPS), 0)).toHaveLength(1);
    expect(whole.waiting).toBe(false);

    const vp8 = new RtpRepair(true, 'vp8');
    expect(vp8.push(packet(100, Uint8Array.of(0x10, 0xb0)), 0)).toHaveLength(1);
    expect(vp8.waiting).toBe(false);

    const cut = new RtpRepair(true, 'h264');
    expect(cut.push(packet(200), 0)).toEqual([]);
    expect(cut.ask(REORDER_MS)).toHaveLength(REACH_BACK);
    for (let at = 200 - REACH_BACK; at < 199; at++) cut.push(packet(at), 50);
    expect(cut.push(packet(199), 60).map(({ sequence }) => sequence)).toEqual([199, 200]);

    const begun = new RtpRepair(true, 'h264');
    begun.push(packet(100), 0);
    expect(begun.giveUp(REACH_BACK_MS).map(({ sequence }) => sequence)).toEqual([100]);
  });
});

describe('the requests for key units', () => {
  it('are made at once, and again each second until a key unit comes', () => {
    const keys = new KeyRequests();
    const asked = [0, 10, 999, 1000, 1500, 2000].filter((now) => keys.due(now));
    expect(asked).toEqual([0, REQUEST_GAP_MS, 2 * REQUEST_GAP_MS]);
    keys.sawKey(2100);
    expect(keys.due(3500)).toBe(false);
  });

  it('are made after a loss, never two in one second', () => {
    const keys = new KeyRequests();
    keys.due(0);
    keys.sawKey(100);
    keys.want();
    expect([200, 999, 1000, 1001].filter((now) => keys.due(now))).toEqual([1000]);
  });

  it('are made now and then while none comes by itself', () => {
    const keys = new KeyRequests();
    keys.due(0);
    keys.sawKey(100);
    expect(keys.due(100 + KEY_EVERY_MS - 1)).toBe(false);
    expect(keys.due(100 + KEY_EVERY_MS)).toBe(true);
  });

  it('are repeated at once when the first could not have reached the publisher', () => {
    const keys = new KeyRequests();
    keys.due(0);
    keys.askAnew();
    expect(keys.due(1)).toBe(true);
  });
});
