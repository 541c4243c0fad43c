import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Config, readRequest } from '../../server/config.ts';

function configOf(text: string): Config {
  const request = readRequest(['--config', 'c.yaml'], () => text, '');
  if (request.kind !== 'serve') throw new Error(`asked for ${request.kind}`);
  return request.config;
}

const TOKEN = 'sixteen-letters-';

describe('the configuration of published cameras', () => {
  it('gives a camera a token, and refuses a second publisher unless told otherwise', () => {
    const { cameras, webrtc } = configOf(`
      cameras:
        bow: { whip: { token: ${TOKEN} } }
        aft: { whip: { token: ${TOKEN}2, onSecondPublisher: replace } }
    `);
    expect(cameras.map(({ source }) => source)).toEqual([
      { kind: 'whip', token: TOKEN, onSecondPublisher: 'refuse' },
      { kind: 'whip', token: `${TOKEN}2`, onSecondPublisher: 'replace' },
    ]);
    expect(webrtc).toEqual({ iceServers: [], addresses: [] });
  });

  it('says how publishers reach the server', () => {
    const { webrtc } = configOf(`
      webrtc:
        ports: [50000, 50099]
        addresses: [203.0.113.7, '2001:db8::7']
        iceServers:
          - { urls: 'stun:stun.example.net' }
          - { urls: ['turn:[2001:db8::1]:3478?transport=udp'], username: ann, credential: secret }
    `);
    expect(webrtc).toEqual({
      ports: [50_000, 50_099],
      addresses: ['203.0.113.7', '2001:db8::7'],
      iceServers: [
        { urls: ['stun:stun.example.net'] },
        { urls: ['turn:[2001:db8::1]:3478?transport=udp'], username: 'ann', credential: 'secret' },
      ],
    });
  });

  it('stands in the example as it is read', () => {
    const example = readFileSync(new URL('../../nightglass.example.yaml', import.meta.url), 'utf8');
    const webrtc = /# webrtc:\n(?:#.*\n)+/.exec(example)?.[0].replaceAll(/^# /gm, '') ?? '';
    expect(configOf(example).cameras.map(({ source }) => source.kind)).toContain('whip');
    expect(configOf(webrtc).webrtc).toMatchObject({
      ports: [50_000, 50_099],
      iceServers: [{ username: 'nightglass' }],
    });
  });

  it.each([
    ['a short token', 'cameras: { bow: { whip: { token: short } } }'],
    ['a token with a space', "cameras: { bow: { whip: { token: 'sixteen letters and more' } } }"],
    ['two sources', `cameras: { bow: { file: a.mp4, whip: { token: ${TOKEN} } } }`],
    ['one port alone', 'webrtc: { ports: [50000, 50000] }'],
    ['an address that is a name', 'webrtc: { addresses: [host.example.net] }'],
    ['an ICE server of another scheme', "webrtc: { iceServers: [{ urls: 'http://example.net' }] }"],
    [
      'a credential that would break out of its header',
      `webrtc: { iceServers: [{ urls: 'turn:a', username: a, credential: 'a"; b' }] }`,
    ],
  ])('refuses %s', (_what, text) => {
    expect(() => configOf(text)).toThrow(expect.objectContaining({ code: 'config/invalid' }));
  });
});
