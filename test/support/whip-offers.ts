/** Offers as publishers write them. */

const SESSION = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=msid-semantic: WMS',
];

const TRANSPORT = [
  'c=IN IP4 0.0.0.0',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=ice-ufrag:Uf4g',
  'a=ice-pwd:0123456789abcdefghijklmn',
  'a=ice-options:trickle',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
  'a=setup:actpass',
];

export interface VideoLines {
  /** In the order of preference. */
  readonly types?: string;
  readonly codecs?: readonly string[];
  readonly direction?: string;
  readonly more?: readonly string[];
}

/** Chromium's codecs, shortened. */
const CHROMIUM_CODECS = [
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:96 nack',
  'a=rtcp-fb:96 nack pli',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:108 H264/90000',
  'a=rtcp-fb:108 nack',
  'a=rtcp-fb:108 nack pli',
  'a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f',
  'a=rtpmap:102 H264/90000',
  'a=rtcp-fb:102 goog-remb',
  'a=rtcp-fb:102 transport-cc',
  'a=rtcp-fb:102 nack',
  'a=rtcp-fb:102 nack pli',
  'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f',
  'a=rtpmap:103 rtx/90000',
  'a=fmtp:103 apt=102',
];

export const videoSection = ({
  types = '96 97 108 102 103',
  codecs = CHROMIUM_CODECS,
  direction = 'sendonly',
  more = [],
}: VideoLines = {}): string[] => [
  `m=video 9 UDP/TLS/RTP/SAVPF ${types}`,
  ...TRANSPORT,
  'a=mid:0',
  `a=${direction}`,
  'a=rtcp-mux',
  ...codecs,
  ...more,
];

export const audioSection = (): string[] => [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  ...TRANSPORT,
  'a=mid:1',
  'a=sendonly',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
];

export function offerOf(...sections: readonly (readonly string[])[]): string {
  const mids = sections.flat().flatMap((line) => /^a=mid:(.*)/.exec(line)?.[1] ?? []);
  const session = SESSION.map((line) =>
    line.startsWith('a=group') ? `a=group:BUNDLE ${mids.join(' ')}` : line,
  );
  return `${[session, ...sections].flat().join('\r\n')}\r\n`;
}
