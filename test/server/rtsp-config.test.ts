import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CameraSource } from '../../server/camera-source.ts';
import { readRequest } from '../../server/config.ts';

const FINGERPRINT = Array.from({ length: 32 }, () => 'AB').join(':');

function sourcesOf(text: string): CameraSource[] {
  const request = readRequest(['--config', 'cameras.yaml'], () => text, 'harbour.mp4');
  if (request.kind !== 'serve') throw new Error(`asked for ${request.kind}`);
  return request.config.cameras.map(({ source }) => source);
}

const quay = (fields: string): CameraSource => sourcesOf(`cameras: { quay: { ${fields} } }`)[0]!;

describe('an RTSP camera', () => {
  it('says how its packets come, and nothing where nothing is said', () => {
    expect(quay('url: "rtsp://cam/1", transport: udp')).toEqual({
      kind: 'rtsp',
      url: 'rtsp://cam/1',
      transport: 'udp',
    });
    expect(quay('url: "rtsp://cam/1"')).toEqual({ kind: 'rtsp', url: 'rtsp://cam/1' });
  });

  it('may be reached over TLS, with the one certificate that is right', () => {
    expect(quay(`url: "rtsps://me:pw@cam/1", tls: { fingerprint: "${FINGERPRINT}" }`)).toEqual({
      kind: 'rtsp',
      url: 'rtsps://cam/1',
      username: 'me',
      password: 'pw',
      tls: { fingerprint: FINGERPRINT },
    });
    expect(quay('url: "rtsps://cam/1", tls: { rejectUnauthorised: false }')).toMatchObject({
      tls: { rejectUnauthorised: false },
    });
  });

  it.each([
    [
      'UDP beside TLS',
      'url: "rtsps://ann:canary@cam/1", transport: udp',
      /quay.transport: rtsps:.. is carried over TCP/,
    ],
    ['a transport of its own', 'url: "rtsp://ann:canary@cam/1", transport: quic', /quay.transport/],
    ['a transport of a file', 'file: night.mp4, transport: udp', /quay.transport: is for rtsp/],
    ['TLS of an address without it', 'url: "rtsp://ann:canary@cam/1", tls: {}', /quay.tls: is for rtsps/],
    [
      'a fingerprint that is none',
      'url: "rtsps://cam/1", tls: { fingerprint: "AB:CD" }',
      /64 hexadecimal digits/,
    ],
  ])('is refused with %s, in words that hold no password', (_, fields, says) => {
    const refusal = (): unknown => quay(fields);
    expect(refusal).toThrow(expect.objectContaining({ code: 'config/invalid' }));
    expect(refusal).toThrow(says);
    expect(refusal).not.toThrow(/canary/);
  });

  it('stands in the example, both ways', () => {
    const example = readFileSync(new URL('../../nightglass.example.yaml', import.meta.url), 'utf8');
    const cameras = sourcesOf(example);
    expect(cameras).toContainEqual(expect.objectContaining({ kind: 'rtsp', transport: 'tcp' }));
    expect(cameras).toContainEqual(expect.objectContaining({ url: expect.stringMatching(/^rtsps:/) }));
    const pinned = example.replace(
      /# (tls:\n) {4}# {3}(fingerprint: )'AB:CD:…'/,
      `$1      $2'${FINGERPRINT}'`,
    );
    expect(sourcesOf(pinned)).toContainEqual(expect.objectContaining({ tls: { fingerprint: FINGERPRINT } }));
  });
});
