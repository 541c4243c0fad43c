import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDescription } from '../../../server/ingest/rtsp-sdp.ts';
import { NightglassError } from '../../../server/wire/nightglass-error.ts';

const BASE = 'rtsp://camera/quay/';

const sdp = (...lines: string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=x', 't=0 0', ...lines, ''].join('\r\n');
const H264 = ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000'];
const H265 = ['m=video 0 RTP/AVP 98', 'a=rtpmap:98 H265/90000'];

const read = (...lines: string[]) => readDescription(sdp(...lines), BASE, 'camera:554/quay');

/** The code and message a description is refused with. */
function refused(...lines: string[]): string {
  try {
    read(...lines);
  } catch (error) {
    if (error instanceof NightglassError) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new Error('the description was accepted');
}

test('reads track, parameter sets and controls of an ordinary camera', () => {
  const lines = [
    'a=control:*',
    ...H264,
    'a=fmtp:96 packetization-mode=1; profile-level-id=42C01E; sprop-parameter-sets=Z0LAHg==,aM48gA==',
    'a=control:trackID=1',
  ];
  expect(read(...lines)).toEqual({
    track: {
      codec: 'h264',
      payloadType: 96,
      clockRate: 90000,
      parameterSets: [Uint8Array.of(0x67, 0x42, 0xc0, 0x1e), Uint8Array.of(0x68, 0xce, 0x3c, 0x80)],
    },
    sessionUrl: BASE,
    trackUrl: `${BASE}trackID=1`,
  });
});

test('takes the first H.264 track and leaves audio, application and other video alone', () => {
  const { track, trackUrl } = read(
    'm=audio 0 RTP/AVP 0',
    'a=control:audio',
    'm=application 0 RTP/AVP 107',
    'a=rtpmap:107 vnd.onvif.metadata/90000',
    'a=control:metadata',
    'm=video 0 RTP/AVP 26',
    'a=control:mjpeg',
    'm=video 0 RTP/AVP 98 97',
    'a=rtpmap:98 H265/90000',
    'a=rtpmap:97 h264/90000',
    'a=control:first',
    'm=video 0 RTP/AVP 99',
    'a=rtpmap:99 H264/90000',
    'a=control:second',
  );
  expect(track.payloadType).toBe(97);
  expect(trackUrl).toBe(`${BASE}first`);
});

test('reads an H.265 camera, with its parameter sets in their order and nothing else', () => {
  const lines = [
    ...H265,
    'a=fmtp:98 profile-id=1;sprop-sps=QgEBAWA=;sprop-vps=QAEMAf//AWA=,QgE=,Z0I=; sprop-pps=RAHAcvA=; sprop-max-don-diff=0',
    'a=control:main',
  ];
  expect(read(...lines)).toEqual({
    track: {
      codec: 'h265',
      payloadType: 98,
      clockRate: 90000,
      parameterSets: ['40010c01ffff0160', '4201', '4201010160', '4401c072f0'].map((hex) =>
        Uint8Array.from(Buffer.from(hex, 'hex')),
      ),
      decodingOrderNumbers: false,
    },
    sessionUrl: BASE,
    trackUrl: `${BASE}main`,
  });
});

test.each([
  ['sprop-max-don-diff=2', true],
  ['sprop-max-don-diff=0', false],
  ['sprop-max-don-diff=nonsense', false],
  ['profile-id=1', false],
])('H.265 with %s has decoding order numbers: %s', (parameters, decodingOrderNumbers) => {
  expect(read(...H265, `a=fmtp:98 ${parameters}`).track).toMatchObject({ decodingOrderNumbers });
});

test('H.265 is taken by its other name', () => {
  expect(read('m=video 0 RTP/AVP 98', 'a=rtpmap:98 hevc/90000').track.codec).toBe('h265');
});

test('of H.264 and H.265 the one that every browser decodes is taken, whichever stands first', () => {
  expect(read(...H264, ...H265).track.codec).toBe('h264');
  expect(read(...H265, ...H264).track.codec).toBe('h264');
  expect(read(...H265, ...H264, 'a=fmtp:96 packetization-mode=2').track.codec).toBe('h265');
});

test('a session-level control moves PLAY, and a track without one is the session', () => {
  expect(read('a=control:rtsp://camera/aggregate', ...H264)).toMatchObject({
    sessionUrl: 'rtsp://camera/aggregate',
    trackUrl: BASE,
  });
});

test('a control that looks like a number is a control', () => {
  expect(read(...H264, 'a=control:1').trackUrl).toBe(`${BASE}1`);
});

test('parameter sets that are no SPS or PPS are left out', () => {
  const sets = (value: string) =>
    read(...H264, `a=fmtp:96 sprop-parameter-sets=${value}`).track.parameterSets;
  expect(sets('')).toEqual([]);
  expect(sets(',,')).toEqual([]);
  expect(sets('!!!,ZQ==,Z0LAHg==')).toEqual([Uint8Array.of(0x67, 0x42, 0xc0, 0x1e)]);
  expect(sets('12345678')).toEqual([]);
});

test('a track without a clock rate runs at 90 kHz', () => {
  expect(read('m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264').track.clockRate).toBe(90000);
  expect(read('m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/0').track.clockRate).toBe(90000);
});

test.each([
  ['no track at all', []],
  ['audio only', ['m=audio 0 RTP/AVP 0']],
])('a camera with %s has no video', (_title, lines) => {
  expect(refused(...lines)).toMatch(/^ingest\/no-video camera:554\/quay: /);
});

test.each([
  ['MJPEG', ['m=video 0 RTP/AVP 26']],
  ['MJPEG', ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 JPEG/90000']],
  ['MPEG-4 part 2', ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 MP4V-ES/90000']],
  ['AV1, MJPEG', ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 AV1/90000', 'm=video 0 RTP/AVP 26']],
  ['H.264 in packetization mode 2', [...H264, 'a=fmtp:96 packetization-mode=2']],
  ['a codec without a name', ['m=video 0 RTP/AVP 96']],
])('names the codec it cannot take: %s', (name, lines) => {
  expect(refused(...lines)).toBe(
    `packets/unsupported-codec camera:554/quay: H.264 or H.265 video was expected, the camera sends ${name}`,
  );
});

const line = fc.oneof(
  fc.constantFrom(
    ...H264,
    ...H265,
    'm=video 0 RTP/AVP',
    'm=video',
    'm=video x RTP/AVP 96',
    'a=fmtp:96',
    'a=fmtp:96 =;=',
    'a=control',
  ),
  fc.string({ unit: 'binary' }),
  fc
    .tuple(
      fc.constantFrom(
        'a=rtpmap:96 ',
        'a=fmtp:96 ',
        'a=fmtp:98 sprop-vps=',
        'a=fmtp:98 sprop-max-don-diff=',
        'a=control:',
        'a=rtpmap:',
        'm=video 0 RTP/AVP 96 ',
        'm=',
      ),
      fc.string({ unit: 'binary' }),
    )
    .map((parts) => parts.join('')),
  fc
    .constantFrom('__proto__', 'constructor', 'toString')
    .map((key) => `a=fmtp:96 ${key}=1;sprop-parameter-sets=${key}`),
);

test('no description makes it throw anything but a NightglassError', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      try {
        const { track, trackUrl, sessionUrl } = read(...lines);
        expect(track.clockRate).toBeGreaterThan(0);
        expect(`${trackUrl}${sessionUrl}`).toMatch(/^[\x21-\x7e]+$/);
      } catch (error) {
        if (!(error instanceof NightglassError)) throw error;
      }
    }),
    { numRuns: 1_000 },
  );
});
