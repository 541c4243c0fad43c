import { describe, expect, it } from 'vitest';
import { readFragment } from '../../../server/ingest/whip-fragment.ts';
import { readOffer, writeAnswer } from '../../../server/ingest/whip-offer.ts';
import { audioSection, offerOf, videoSection } from '../../support/whip-offers.ts';

describe("a publisher's offer", () => {
  it('is cut down to H.264 in packetization mode 1 and its retransmission', () => {
    const offer = readOffer(offerOf(videoSection(), audioSection()));
    expect(offer).toMatchObject({
      track: { codec: 'h264', payloadType: 102, clockRate: 90_000 },
      retransmission: 103,
      resends: true,
      keyUnits: true,
      ufrag: 'Uf4g',
    });
    expect(offer.sdp).toContain('m=video 9 UDP/TLS/RTP/SAVPF 102 103\r\n');
    expect(offer.sdp).not.toMatch(/:(?:96|97|108) /);
    // werift repairs by itself where it sees either kind.
    expect(offer.sdp).not.toMatch(/nack|transport-cc/);
    expect(offer.sdp).toContain('a=rtpmap:111 opus/48000/2');
  });

  it('falls back to packetization mode 0, said or not', () => {
    const codecs = ['a=rtpmap:97 H264/90000', 'a=fmtp:97 profile-level-id=42e01f'];
    const { track, resends } = readOffer(offerOf(videoSection({ types: '97', codecs })));
    expect(track.payloadType).toBe(97);
    expect(resends).toBe(false);
  });

  it('has its parameter sets read, where it names them', () => {
    const sets = 'a=fmtp:97 packetization-mode=1;sprop-parameter-sets=Z0IAHg==,aM4=,AAAA';
    const codecs = ['a=rtpmap:97 H264/90000', sets];
    const { track } = readOffer(offerOf(videoSection({ types: '97', codecs })));
    expect(track.parameterSets.map(([first]) => first)).toEqual([0x67, 0x68]);
  });

  it('loses candidates that are names or TCP, which nobody here looks up or dials', () => {
    const more = [
      'a=candidate:1 1 udp 2113937151 192.0.2.4 50000 typ host',
      'a=candidate:2 1 udp 2113937151 3f1c9c9e-6b1b.local 50001 typ host',
      'a=candidate:3 1 tcp 1518280447 192.0.2.4 9 typ host tcptype active',
      'a=end-of-candidates',
    ];
    const { sdp } = readOffer(offerOf(videoSection({ more })));
    expect(sdp.match(/a=candidate:.*/g)).toEqual([more[0]]);
    expect(sdp).not.toContain('end-of-candidates');
  });

  it('asks for one layer where several are offered', () => {
    const more = ['a=rid:hi send', 'a=rid:lo send', 'a=simulcast:send hi;lo'];
    expect(readOffer(offerOf(videoSection({ more }))).sdp).not.toMatch(/rid|simulcast/);
  });

  it.each([
    ['text that is no SDP', 'hello', 'ingest/bad-offer'],
    ['nothing', '', 'ingest/bad-offer'],
    ['no video', offerOf(audioSection()), 'ingest/bad-offer'],
    ['two videos', offerOf(videoSection(), videoSection()), 'ingest/bad-offer'],
    [
      'a data channel',
      offerOf(videoSection(), ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel']),
      'ingest/bad-offer',
    ],
    ['video to be received', offerOf(videoSection({ direction: 'recvonly' })), 'ingest/bad-offer'],
    ['no encryption', offerOf(videoSection().filter((line) => !line.includes('finger'))), 'ingest/bad-offer'],
    ['endless lines', offerOf(videoSection({ more: Array(3000).fill('a=x') })), 'ingest/bad-offer'],
  ])('is refused with %s', (_what, offer, code) => {
    expect(() => readOffer(offer)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['VP8', 'vp8'],
    ['VP9', 'vp9'],
    ['AV1', 'av1'],
  ])('without H.264 is cut down to %s, where that comes first', (name, codec) => {
    const codecs = [
      'a=rtpmap:99 H265/90000',
      `a=rtpmap:96 ${name}/90000`,
      'a=rtcp-fb:96 nack pli',
      'a=rtpmap:97 rtx/90000',
      'a=fmtp:97 apt=96',
      'a=rtpmap:98 VP8/90000',
    ];
    const offer = readOffer(offerOf(videoSection({ types: '99 96 97 98', codecs })));
    expect(offer).toMatchObject({
      track: { codec, payloadType: 96, clockRate: 90_000, parameterSets: [] },
      retransmission: 97,
      resends: false,
      keyUnits: true,
    });
    expect(offer.sdp).toContain('m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n');
    expect(offer.sdp).not.toMatch(/:9[89] /);
  });

  it('is refused without any of these, naming what it has', () => {
    const codecs = ['a=rtpmap:96 H266/90000', 'a=rtpmap:97 rtx/90000', 'a=rtpmap:98 H265/90000'];
    const offer = offerOf(videoSection({ types: '96 97 98', codecs }));
    expect(() => readOffer(offer)).toThrow(
      expect.objectContaining({
        code: 'packets/unsupported-codec',
        message: 'H.264, VP8, VP9 or AV1 video was expected, the publisher offers H266, H265',
      }),
    );
  });

  it('is answered as ICE-lite for the whole session', () => {
    const answer = 'v=0\r\nm=video 9 X 102\r\na=ice-lite\r\nm=audio 9 X 111\r\na=ice-lite\r\n';
    const offer = readOffer(offerOf(videoSection()));
    expect(writeAnswer(answer, offer)).toBe('v=0\r\na=ice-lite\r\nm=video 9 X 102\r\nm=audio 9 X 111\r\n');
  });

  it('is answered with the feedback that was offered, and with none that was not', () => {
    const answer = 'm=video 9 X 102\r\na=rtpmap:102 H264/90000\r\na=fmtp:102 x\r\n';
    const offer = readOffer(offerOf(videoSection()));
    expect(writeAnswer(answer, offer)).toBe(
      'm=video 9 X 102\r\na=rtpmap:102 H264/90000\r\na=rtcp-fb:102 nack\r\na=rtcp-fb:102 nack pli\r\na=fmtp:102 x\r\n',
    );
    expect(writeAnswer(answer, { ...offer, resends: false, keyUnits: false })).toBe(answer);
  });
});

describe('candidates that come after the offer', () => {
  it('are read with the section they belong to', () => {
    const fragment = [
      'a=ice-ufrag:Uf4g',
      'a=ice-pwd:x',
      'm=video 9 UDP/TLS/RTP/SAVPF 0',
      'a=mid:v',
      'a=candidate:1 1 udp 1 192.0.2.4 50000 typ host',
      'a=candidate:1 1 udp 1 host.local 50000 typ host',
      'a=end-of-candidates',
    ].join('\r\n');
    expect(readFragment(fragment)).toEqual({
      ufrag: 'Uf4g',
      candidates: [{ candidate: 'candidate:1 1 udp 1 192.0.2.4 50000 typ host', mid: 'v' }],
    });
  });

  it.each([
    ['text that is no SDP', 'hello'],
    ['no session', 'a=candidate:1 1 udp 1 192.0.2.4 50000 typ host'],
    ['endless lines', `a=ice-ufrag:x\r\n${'a=x\r\n'.repeat(300)}`],
  ])('are refused with %s', (_what, fragment) => {
    expect(() => readFragment(fragment)).toThrow(expect.objectContaining({ code: 'http/bad-request' }));
  });
});
