import { expect, test } from 'vitest';
import { readUdpAnswer, udpOffer } from '../../../server/ingest/rtsp-transport.ts';

test('offers a pair of ports', () => {
  expect(udpOffer(40_000)).toBe('RTP/AVP;unicast;client_port=40000-40001');
});

test.each([
  ['RTP/AVP;unicast;client_port=4-5;server_port=6970-6971;ssrc=1', undefined, [6970, 6971]],
  ['RTP/AVP/UDP;unicast;server_port=6970', undefined, [6970, 6971]],
  ['RTP/AVP;unicast;Source=10.0.0.9;server_port = 6970 - 7000', '10.0.0.9', [6970, 7000]],
  ['RTP/AVP;source="[fe80::9]";server_port=1-2', 'fe80::9', [1, 2]],
  ['RTP/AVP;unicast;source=camera.local', undefined, undefined],
  ['RTP/AVP;unicast;server_port=0-1', undefined, undefined],
  ['RTP/AVP;unicast;server_port=65535', undefined, undefined],
  ['RTP/AVP;unicast;server_port=99999-99998', undefined, undefined],
  [undefined, undefined, undefined],
])('reads the answer %s', (answer, source, ports) => {
  expect(readUdpAnswer(answer, 'quay')).toEqual({ source, ports });
});

test.each(['RTP/AVP/TCP;unicast;interleaved=0-1', 'RTP/AVP;multicast;destination=239.0.0.1;port=5000-5001'])(
  'does not take the answer %s for UDP to this machine',
  (answer) => {
    expect(() => readUdpAnswer(answer, 'quay')).toThrow(
      /^quay: RTP over UDP was asked for.*transport to tcp/,
    );
  },
);
