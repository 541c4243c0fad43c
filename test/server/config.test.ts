import { describe, expect, it } from 'vitest';
import { type Config, isLoopback, readRequest } from '../../server/config.ts';

const DEMO = '/demo/harbour.mp4';

function configOf(args: string[], files: Record<string, string> = {}): Config {
  const request = readRequest(
    args,
    (file) => {
      const text = files[file];
      if (text === undefined) throw new Error('ENOENT');
      return text;
    },
    DEMO,
  );
  if (request.kind !== 'serve') throw new Error(`asked for ${request.kind}`);
  return request.config;
}

const withFile = (text: string): Config =>
  configOf(['--config', '/etc/ng/cameras.yaml'], { '/etc/ng/cameras.yaml': text });

describe('the configuration', () => {
  it('shows the demo camera on this machine alone when nothing is said', () => {
    const config = configOf([]);
    expect(config).toMatchObject({ host: '127.0.0.1', port: 8440, users: [] });
    expect(config.cameras).toEqual([
      {
        name: 'demo',
        title: 'Demo harbour',
        always: true,
        source: { kind: 'replay', file: DEMO },
        timeshift: { hours: 1, maxGiB: 0.5 },
      },
    ]);
  });

  it('keeps the password of a camera beside its address, never in it', () => {
    const { cameras } = configOf(['--camera', 'rtsp://ann:p%40ss@10.0.0.9:8554/main']);
    expect(cameras).toEqual([
      {
        name: 'camera',
        title: '10.0.0.9',
        always: false,
        source: { kind: 'rtsp', url: 'rtsp://10.0.0.9:8554/main', username: 'ann', password: 'p@ss' },
      },
    ]);
  });

  it('numbers several cameras given on the command line, and replays those that are files', () => {
    const { cameras } = configOf(['--camera', 'rtsp://a/1', '--camera', 'night.mp4']);
    expect(cameras.map(({ name, source }) => [name, source.kind])).toEqual([
      ['camera-1', 'rtsp'],
      ['camera-2', 'replay'],
    ]);
  });

  it('reads cameras, users and limits from a file, and paths beside that file', () => {
    const config = withFile(`
      port: 9000
      users: [{ name: bridge, password: longenough, cameras: [quay] }]
      cameras:
        quay: { title: North quay, url: 'rtsp://cam/1', username: u, password: p, always: true }
        tape: { file: night.mp4 }
      models: [base-free]
      limits: { closeAfterSeconds: 3 }
    `);
    expect(config.port).toBe(9000);
    expect(config.models).toEqual(['base-free']);
    expect(config.users).toEqual([{ name: 'bridge', password: 'longenough', cameras: ['quay'] }]);
    expect(config.limits).toMatchObject({ closeAfterSeconds: 3, queueSeconds: 2 });
    expect(config.cameras[0]).toMatchObject({ title: 'North quay', always: true });
    expect(config.cameras[1]?.source).toEqual({ kind: 'replay', file: '/etc/ng/night.mp4' });
  });

  it.each([
    [1, 1],
    [2, 1],
    [5, 3],
  ])('makes H.264 of half as many cameras as there are cores: on %i, %i', (cores, most) => {
    const request = readRequest([], () => '', DEMO, cores);
    expect(request).toMatchObject({ config: { limits: { encoders: most } } });
  });

  it('makes H.264 of as many cameras as the file says', () => {
    expect(withFile('limits: { encoders: 7 }').limits.encoders).toBe(7);
    expect(() => withFile('limits: { encoders: 0 }')).toThrow('limits.encoders');
  });

  it('keeps the past of the cameras that the file says, and those open without viewers', () => {
    const { cameras, limits } = withFile(`
      cameras:
        quay: { url: 'rtsp://cam/1', timeshift: { hours: 24, maxGiB: 50 } }
        gate: { url: 'rtsp://cam/2' }
      limits: { freeGiB: 10 }
    `);
    expect(cameras[0]).toMatchObject({ always: true, timeshift: { hours: 24, maxGiB: 50 } });
    expect(cameras[1]).toMatchObject({ always: false });
    expect(cameras[1]).not.toHaveProperty('timeshift');
    expect(limits.freeGiB).toBe(10);
    expect(withFile('').limits.freeGiB).toBe(2);
  });

  it('gives no two cameras one folder where a file system knows no capitals', () => {
    const kept = '{ file: a.mp4, timeshift: { hours: 1, maxGiB: 1 } }';
    expect(() => withFile(`cameras: { Quay: ${kept}, quay: ${kept} }`)).toThrow('Quay and quay');
    expect(withFile(`cameras: { Quay: ${kept}, quay: { file: a.mp4 } }`).cameras).toHaveLength(2);
  });

  it('gives ffmpeg the addresses and files that it alone can open, credentials beside them', () => {
    const { cameras } = withFile(`
      cameras:
        boat: { url: 'srt://ann:pass@boat:9000?mode=caller' }
        lobby: { url: 'http://cam/mjpeg', username: u, password: p, encode: true }
        webcam: { url: 'v4l2:/dev/video0' }
        tape: { file: night.avi }
    `);
    expect(cameras.map(({ source }) => source)).toEqual([
      {
        kind: 'ffmpeg',
        url: 'srt://boat:9000?mode=caller',
        username: 'ann',
        password: 'pass',
        encode: false,
      },
      { kind: 'ffmpeg', url: 'http://cam/mjpeg', username: 'u', password: 'p', encode: true },
      { kind: 'ffmpeg', url: 'v4l2:/dev/video0', encode: false },
      { kind: 'ffmpeg', url: 'file:/etc/ng/night.avi', encode: false },
    ]);
  });

  it('reads the smaller stream of a camera, as an address or with fields of its own', () => {
    const { cameras } = withFile(`
      cameras:
        quay: { url: 'rtsp://cam/1', sub: 'rtsp://ann:p%40ss@other/2' }
        gate: { url: 'rtsp://cam/1', sub: { url: 'rtsp://other/2', username: u, password: p, transport: udp } }
        tape: { file: night.mp4, sub: { file: small.mp4 } }
        bow: { whip: { token: long-enough-a-token }, sub: 'srt://boat:9000' }
        plain: { url: 'rtsp://cam/1' }
    `);
    expect(cameras.map(({ sub }) => sub)).toEqual([
      { kind: 'rtsp', url: 'rtsp://other/2', username: 'ann', password: 'p@ss' },
      { kind: 'rtsp', url: 'rtsp://other/2', username: 'u', password: 'p', transport: 'udp' },
      { kind: 'replay', file: '/etc/ng/small.mp4' },
      { kind: 'ffmpeg', url: 'srt://boat:9000', encode: false },
      undefined,
    ]);
    expect(cameras.every((camera) => !('sub' in camera) || camera.sub !== undefined)).toBe(true);
  });

  it('signs in to the smaller stream as to the camera, on the same host and nowhere else', () => {
    const { cameras } = withFile(`
      cameras:
        same: { url: 'rtsp://cam:8554/1', username: u, password: p, transport: udp, sub: 'rtsp://CAM/2' }
        own: { url: 'rtsp://cam/1', username: u, password: p, sub: 'rtsp://ann@cam/2' }
        tcp: { url: 'rtsp://cam/1', transport: udp, sub: { url: 'rtsp://cam/2', transport: tcp } }
        other: { url: 'rtsp://cam/1', username: u, password: p, sub: 'rtsp://cam.example/2' }
        plain: { url: 'rtsps://cam/1', username: u, password: p, sub: 'rtsp://cam/2' }
    `);
    expect(cameras.map(({ sub }) => sub)).toEqual([
      { kind: 'rtsp', url: 'rtsp://CAM/2', username: 'u', password: 'p', transport: 'udp' },
      { kind: 'rtsp', url: 'rtsp://cam/2', username: 'ann' },
      { kind: 'rtsp', url: 'rtsp://cam/2', transport: 'tcp' },
      { kind: 'rtsp', url: 'rtsp://cam.example/2' },
      { kind: 'rtsp', url: 'rtsp://cam/2' },
    ]);
  });

  it('keeps a camera whose smaller stream has a malformed address', () => {
    const { cameras } = withFile(`cameras: { quay: { url: 'rtsp://cam/1', sub: 'rtsp://ann:canary@:::/' } }`);
    expect(cameras[0]).toMatchObject({
      source: { kind: 'rtsp' },
      sub: {
        kind: 'broken',
        error: { code: 'ingest/bad-url', message: expect.not.stringContaining('canary') },
      },
    });
  });

  it('does not let ffmpeg open what is no camera', () => {
    const { cameras } = withFile(`cameras: { a: { url: 'concat://x|y' }, b: { url: 'v4l2:/etc/passwd' } }`);
    expect(cameras.map(({ source }) => source.kind)).toEqual(['broken', 'broken']);
  });

  it('lets a flag win over the file', () => {
    const config = configOf(['--config', 'c.yaml', '--port', '1234'], { 'c.yaml': 'port: 9000' });
    expect(config.port).toBe(1234);
  });

  it('keeps a camera whose address is malformed, as one that says so, beside the others', () => {
    const { cameras } = withFile(`cameras: { bad: { url: 'rtsp://:::/' }, good: { url: 'rtsp://cam/1' } }`);
    expect(cameras.map(({ source }) => source.kind)).toEqual(['broken', 'rtsp']);
    expect(cameras[0]?.source).toMatchObject({ error: { code: 'ingest/bad-url' } });
  });

  it.each([
    ['another address without users', ['--host', '0.0.0.0'], 'config/unsafe-address'],
    ['a port that is none', ['--port', '80a'], 'config/invalid'],
    ['a port out of range', ['--port', '65536'], 'config/invalid'],
    ['an unknown flag', ['--prot', '1'], 'config/invalid'],
    ['an argument without a flag', ['rtsp://ann:canary@cam/1'], 'config/invalid'],
    ['a file that is not there', ['--config', 'gone.yaml'], 'config/unreadable'],
  ])('refuses %s', (_what, args, code) => {
    expect(() => configOf(args)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['a field nobody knows', 'prot: 1', 'config/invalid'],
    [
      'a smaller stream with both',
      `cameras: { a: { url: 'rtsp://a', sub: { url: 'rtsp://a', file: b.mp4 } } }`,
      'config/invalid',
    ],
    ['a smaller stream of nothing', `cameras: { a: { url: 'rtsp://a', sub: {} } }`, 'config/invalid'],
    [
      'a smaller stream with a smaller stream',
      `cameras: { a: { url: 'rtsp://a', sub: { url: 'rtsp://a', sub: 'rtsp://b' } } }`,
      'config/invalid',
    ],
    ['a camera without a source', 'cameras: { quay: { title: x } }', 'config/invalid'],
    [
      'a camera with a name that fits no address',
      `cameras: { 'a/b': { url: 'rtsp://a' } }`,
      'config/invalid',
    ],
    [
      'a past of no time at all',
      'cameras: { a: { file: b.mp4, timeshift: { hours: 0, maxGiB: 1 } } }',
      'config/invalid',
    ],
    ['a past without a limit', 'cameras: { a: { file: b.mp4, timeshift: { hours: 1 } } }', 'config/invalid'],
    ['a short password', 'users: [{ name: a, password: short }]', 'config/invalid'],
    ['text that is not YAML', 'cameras: [}', 'config/unreadable'],
  ])('refuses a file with %s', (_what, text, code) => {
    expect(() => withFile(text)).toThrow(expect.objectContaining({ code }));
  });

  it('never repeats a password in an error', () => {
    const messages = [
      () => configOf(['rtsp://ann:canary@cam/1']),
      () => configOf(['--camera', 'rtsp://ann:canary@:::/']),
      () => withFile(`cameras:\n  quay: { url: 'rtsp://ann:canary@cam', password: canary, }}`),
      () => withFile(`users: [{ name: a, password: canary }]`),
    ].map((attempt) => {
      try {
        return JSON.stringify(
          attempt().cameras.map(({ source }) => source.kind === 'broken' && source.error.message),
        );
      } catch (error) {
        return String(error);
      }
    });
    expect(messages.join('\n')).not.toContain('canary');
  });

  it('knows which addresses only this machine can reach', () => {
    expect(['127.0.0.1', '127.8.8.8', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '192.168.1.2', 'example.org', '127.evil.org'].some(isLoopback)).toBe(false);
  });
});
