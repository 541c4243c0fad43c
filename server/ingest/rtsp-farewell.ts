/** Ends a session when the camera says over RTCP that its video is over (BYE, RFC 3550 §6.6). */
import { NightglassError } from '#wire/nightglass-error.ts';
import type { FrameReceiver } from './rtsp-connection.ts';
import type { Interleaved } from './rtsp-message.ts';

const BYE = 203;

/** Stands between the connection and who takes its packets; looks at RTCP alone. */
export class FarewellWatch implements FrameReceiver {
  readonly #place: string;
  readonly #next: FrameReceiver;
  #rtpChannel = 0;
  #rtcpChannel = 1;
  /** Of the packet that came last. */
  #ssrc: number | undefined;

  /** @param place how messages name the camera */
  constructor(place: string, next: FrameReceiver) {
    this.#place = place;
    this.#next = next;
  }

  /** Says on which channels RTP and RTCP come. */
  expectChannels(rtp: number, rtcp: number): void {
    this.#rtpChannel = rtp;
    this.#rtcpChannel = rtcp;
  }

  /** @throws NightglassError `ingest/closed` at BYE, once what came with it has been taken */
  receive(frames: readonly Interleaved[], memory: ArrayBufferLike): 'more' | 'enough' {
    const room = this.#next.receive(frames, memory);
    for (const { channel, payload } of frames) {
      if (channel === this.#rtpChannel && payload.length >= 12) this.#ssrc = u32(payload, 8);
      else if (channel === this.#rtcpChannel && this.#ends(payload))
        throw new NightglassError('ingest/closed', `${this.#place}: the camera ended the stream (RTCP BYE)`);
    }
    return room;
  }

  fail(error: unknown): void {
    this.#next.fail(error);
  }

  /** A source that never sent a packet may say goodbye without an end to what does. */
  #ends(rtcp: Uint8Array): boolean {
    const leaving = leavingSources(rtcp);
    return this.#ssrc === undefined ? leaving.length > 0 : leaving.includes(this.#ssrc);
  }
}

/** The sources that every BYE of a compound packet names; reads as far as the bytes are well formed. */
export function leavingSources(rtcp: Uint8Array): number[] {
  const sources: number[] = [];
  for (let at = 0; at + 4 <= rtcp.length; ) {
    const end = at + 4 + 4 * ((rtcp[at + 2]! << 8) | rtcp[at + 3]!);
    if (rtcp[at]! >> 6 !== 2 || end > rtcp.length) break;
    const count = rtcp[at + 1] === BYE ? rtcp[at]! & 0x1f : 0;
    for (let n = 0; n < count && at + 8 + 4 * n <= end; n += 1) sources.push(u32(rtcp, at + 4 + 4 * n));
    at = end;
  }
  return sources;
}

const u32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
