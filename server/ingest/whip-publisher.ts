/** One publisher's WebRTC session, from its offer to its end (RFC 9725 §4.2). */
import { randomUUID } from 'node:crypto';
import {
  GenericNack,
  PictureLossIndication,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtcpPayloadSpecificFeedback,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
  StunProtocol,
  useOPUS,
  type RtcpPacket as WeriftRtcp,
  type RtpPacket as WeriftRtp,
} from 'werift';
import { NightglassError } from '#wire/nightglass-error.ts';
import { wallNow } from '#wire/time.ts';
import { parseSenderReports } from '../packets/rtcp.ts';
import type { RtpPacket, VideoTrack } from '../packets/rtp-item.ts';
import { type Feedback, WhipFeed } from './whip-feed.ts';
import type { IceFragment } from './whip-fragment.ts';
import { WhipGuard } from './whip-guard.ts';
import { iceOptions, type WhipNetwork } from './whip-network.ts';
import { type WhipOffer, writeAnswer } from './whip-offer.ts';

/** No connection within this ends the session. Milliseconds. */
export const CONNECT_MS = 10_000;
/** Nothing heard for so long, not even an ICE check, ends the session, as consent would (RFC 7675 §5.1). Milliseconds. */
export const SILENCE_MS = 30_000;
const TRICKLED_LIMIT = 64;

export type PublisherState =
  | { readonly name: 'opening' }
  | { readonly name: 'connected' }
  /** `why` is a plain sentence for the log. */
  | { readonly name: 'ended'; readonly why: string };

type Transport = RTCPeerConnection['dtlsTransports'][number];

/** Receives one video track; whoever opens, disposes. Ends by itself when the publisher does. */
export class Publisher implements AsyncDisposable {
  /** Names the session in its address; not to be guessed. */
  readonly id = randomUUID();
  readonly track: VideoTrack;
  /** Called once, when media can come. */
  onConnected: () => void = () => {};
  /** Called once, when the session is over. */
  onEnded: (why: string) => void = () => {};
  readonly #offer: WhipOffer;
  readonly #peer: RTCPeerConnection;
  readonly #timers: NodeJS.Timeout[] = [];
  #state: PublisherState = { name: 'opening' };
  #transport: Transport | undefined;
  #closed: Promise<void> | undefined;
  readonly #guarded = new WeakSet<object>();
  #heardAt = performance.now();
  #trickled = 0;
  #feed: WhipFeed | undefined;
  /** Of the video's packets; known from the first. */
  #ssrc: number | undefined;

  constructor(offer: WhipOffer, network: WhipNetwork) {
    this.#offer = offer;
    this.track = offer.track;
    this.#peer = new RTCPeerConnection({
      ...iceOptions(network),
      codecs: { audio: [useOPUS()], video: videoCodecs(offer) },
      headerExtensions: { audio: [], video: [] },
      iceFilterStunResponse: (_request, _from, protocol) => this.#guardedAlready(protocol),
    });
    this.#peer.connectionStateChange.subscribe((state) => {
      if (state === 'connected') this.#connected();
      if (state === 'failed') this.end('the connection to the publisher failed');
      if (state === 'disconnected') this.end('the publisher no longer answers');
      if (state === 'closed') this.end('the publisher ended the session');
    });
  }

  get state(): PublisherState {
    return this.#state;
  }

  /** Milliseconds since anything came from the publisher. */
  get silentFor(): number {
    return performance.now() - this.#heardAt;
  }

  /** Entity tag of the ICE session (RFC 9725 §4.3), with its quotes. It never changes: ICE restarts are refused. */
  get etag(): string {
    return `"${this.id.slice(0, 8)}"`;
  }

  /** The answer, every candidate of ours in it. @throws NightglassError `ingest/bad-offer` */
  async open(): Promise<string> {
    try {
      await this.#peer.setRemoteDescription({ type: 'offer', sdp: this.#offer.sdp });
      this.#listen();
      await this.#peer.setLocalDescription(await this.#peer.createAnswer());
    } catch (cause) {
      this.end('the offer was not understood');
      throw new NightglassError('ingest/bad-offer', "the publisher's offer was not understood", { cause });
    }
    this.#timers.push(
      setTimeout(() => {
        if (this.#state.name === 'opening')
          this.end(`the publisher did not connect in ${CONNECT_MS / 1000} s`);
      }, CONNECT_MS),
      setInterval(() => {
        if (this.silentFor > SILENCE_MS)
          this.end(`nothing came from the publisher for ${SILENCE_MS / 1000} s`);
      }, 1_000),
    );
    return writeAnswer(this.#peer.localDescription?.sdp ?? '', this.#offer);
  }

  /**
   * Takes candidates that came after the offer. As ICE-lite we need none: the publisher's checks tell its address.
   * @returns false where the fragment is of another ICE session, which would be a restart
   */
  async trickle({ ufrag, candidates }: IceFragment): Promise<boolean> {
    if (ufrag !== this.#offer.ufrag) return false;
    if (this.#peer.config.iceLite) return true;
    for (const { candidate, mid } of candidates)
      if (this.#trickled++ < TRICKLED_LIMIT)
        await this.#peer.addIceCandidate({ candidate, sdpMid: mid }).catch(() => {});
    return true;
  }

  /** The packets from now on, for one consumer: an earlier feed ends. Nothing is kept while nobody reads. */
  watch(): WhipFeed {
    this.#feed?.end();
    this.#feed = new WhipFeed(this.#feedback, this.#ssrc === undefined, this.track.codec);
    if (this.#state.name === 'ended') this.#feed.fail(gone());
    return this.#feed;
  }

  /** Ends the session at once; what it held is released in the background. */
  end(why: string): void {
    if (this.#state.name === 'ended') return;
    this.#state = { name: 'ended', why };
    for (const timer of this.#timers) clearTimeout(timer);
    this.#feed?.fail(gone());
    this.#closed = this.#peer.close().catch(() => {});
    this.onEnded(why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end('the server ended the session');
    await this.#closed;
  }

  readonly #feedback: Feedback = {
    resend: (lost) => {
      if (this.#offer.resends)
        this.#send((senderSsrc, mediaSourceSsrc) => {
          const feedback = new GenericNack({ senderSsrc, mediaSourceSsrc, lost: [...lost] });
          return new RtcpTransportLayerFeedback({ feedback });
        });
    },
    keyUnit: () => {
      if (!this.#offer.keyUnits) return;
      this.#send((senderSsrc, mediaSsrc) => {
        const feedback = new PictureLossIndication({ senderSsrc, mediaSsrc });
        return new RtcpPayloadSpecificFeedback({ feedback });
      });
    },
  };

  /**
   * Puts the guard before a port at the first request there; that one goes unanswered, and its sender asks again.
   * Before it nothing else is listened to. What a relay hands on comes from whom it was told to.
   */
  #guardedAlready(protocol: object): boolean {
    if (!(protocol instanceof StunProtocol) || this.#guarded.has(protocol)) return true;
    this.#guarded.add(protocol);
    const { transport } = protocol;
    const deliver = transport.onData;
    const guard = new WhipGuard(this.#peer.iceTransports[0]?.localParameters.password ?? '');
    transport.onData = (datagram, from) => {
      if (!guard.admits(datagram, from.join(':'))) return;
      this.#heardAt = performance.now();
      deliver(datagram, from);
    };
    return false;
  }

  #send(make: (ours: number, theirs: number) => WeriftRtcp): void {
    const receiver = this.#peer.getTransceivers().find(({ kind }) => kind === 'video')?.receiver;
    if (this.#state.name !== 'connected' || this.#ssrc === undefined || receiver === undefined) return;
    this.#transport?.sendRtcp([make(receiver.rtcpSsrc, this.#ssrc)]).catch(() => {});
  }

  #connected(): void {
    if (this.#state.name !== 'opening') return;
    this.#state = { name: 'connected' };
    this.onConnected();
  }

  /** Below werift's routing, which wants the sender's SSRC in the offer: not every publisher writes it. */
  #listen(): void {
    const transport = this.#peer.dtlsTransports[0];
    this.#transport = transport;
    transport?.onStateChange.subscribe((state) => {
      if (state === 'closed') this.end('the publisher ended the session');
      if (state === 'failed') this.end('the connection to the publisher failed');
    });
    transport?.onRtp.subscribe((packet) => this.#receive(packet));
    transport?.onRtcp.subscribe((packet) => {
      if (packet instanceof RtcpSrPacket && packet.ssrc === this.#ssrc)
        for (const report of parseSenderReports(packet.serialize())) this.#feed?.hear(report);
    });
  }

  #receive({ header, payload }: WeriftRtp): void {
    const { payloadType } = this.track;
    const first = this.#ssrc === undefined;
    if (header.payloadType === payloadType) this.#ssrc = header.ssrc;
    const feed = this.#feed;
    if (feed === undefined || this.#ssrc === undefined) return;
    const { marker, timestamp } = header;
    const arrivedAt = wallNow();
    const packet = (sequence: number, bytes: Uint8Array): RtpPacket => ({
      kind: 'rtp',
      payloadType,
      marker,
      sequence,
      timestamp,
      ssrc: this.#ssrc!,
      payload: bytes,
      arrivedAt,
    });
    const { retransmission } = this.#offer;
    if (header.payloadType === payloadType)
      feed.receive(
        packet(header.sequenceNumber, payload),
        retransmission === undefined ? 'unknown' : 'first',
      );
    // RFC 4588 §4: the original sequence number leads the payload. Without one it is padding.
    else if (header.payloadType === retransmission && payload.length > 2)
      feed.receive(packet((payload[0]! << 8) | payload[1]!, payload.subarray(2)), 'resent');
    if (first) feed.mediaBegan();
  }
}

/** The one codec that is left of the offer, of any profile, and its retransmission. */
const videoCodecs = ({ track }: WhipOffer): RTCRtpCodecParameters[] => [
  new RTCRtpCodecParameters({
    mimeType: `video/${track.codec.toUpperCase()}`,
    clockRate: 90_000,
    payloadType: 96,
  }),
  new RTCRtpCodecParameters({
    mimeType: 'video/rtx',
    clockRate: 90_000,
    payloadType: 97,
    parameters: 'apt=96',
  }),
];

const gone = (): NightglassError =>
  new NightglassError('ingest/no-publisher', 'nobody is publishing to this camera');
