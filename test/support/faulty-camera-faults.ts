/** The faults that cameras are known for, one by one. */
import { createHash } from 'node:crypto';
import type { Fault, FaultyCamera } from './faulty-camera.ts';
import type { CodedPicture } from './rtp-packetiser.ts';
import type { ScriptConnection, ScriptRequest } from './rtsp-script-server.ts';

const HOUR = 3600 * 90_000;
const PICTURE = 3600;
/** Seconds from 1900 to 1970. */
const NTP_EPOCH = 2_208_988_800;
const SPS = 7;
const PPS = 8;
const IDR = 5;
const ANOTHER = { ssrc: 0xbeef, sequence: 31_000, timestamp: 0x1234_5678 };

const isType = (nal: Uint8Array, type: number): boolean => (nal[0]! & 0x1f) === type;
const isKey = ({ nals }: CodedPicture): boolean => nals.some((nal) => isType(nal, IDR));
const reset = ({ socket }: ScriptConnection): unknown => socket.resetAndDestroy();
const hangUp = ({ socket }: ScriptConnection): unknown => socket.destroy();
const each =
  (what: (connection: ScriptConnection) => unknown) =>
  ({ connections }: FaultyCamera): void => {
    for (const connection of connections) what(connection);
  };

/** Sends nothing, and answers as if it were well. */
export const stall: Fault = { packets: () => [] };

/** As when its power is cut and its port answers for it: connections stay open, nothing is ever said on them. */
export const halfOpen: Fault = {
  begin: (camera) => camera.abandonConnections(),
  before: () => true,
  packets: () => [],
};

/** Resets its connections, and every new one. */
export const resets: Fault = { begin: each(reset), onConnect: reset };

/** Closes its connections without a word. */
export const closes: Fault = { begin: each(hangUp) };

/** Is gone for a while, and comes back with other numbers. */
export const reboot: Fault = {
  begin(camera) {
    each(reset)(camera);
    camera.renumber(ANOTHER);
  },
  onConnect: reset,
};

/** Its encoder begins anew with other numbers, inside the connection. */
export const encoderRestart: Fault = { begin: (camera) => camera.renumber(ANOTHER) };

/** Sends sound where pictures were, and when asked again offers sound alone. */
export const audioOnly: Fault = {
  before(request, connection) {
    if (request.method !== 'DESCRIBE') return false;
    const sdp = 'v=0\r\ns=Quay\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\na=control:trackID=2\r\n';
    connection.reply(request, 200, [['Content-Type', 'application/sdp']], sdp);
    return true;
  },
  packets: (packets) =>
    packets.map((packet) => ({ ...packet, payloadType: 0, payload: new Uint8Array(160).fill(0xd5) })),
};

/** Sends a GOP of 60 s and 1,500 pictures, twenty times as fast. */
export const longGop = (pictures: readonly CodedPicture[]): Fault => ({ clip: { pictures, speed: 20 } });

/** Loses one packet of that GOP, soon after its key unit. */
export function longGopWithALoss(pictures: readonly CodedPicture[]): Fault {
  let count = 0;
  return { clip: { pictures, speed: 1 }, packets: (packets) => packets.filter(() => ++count !== 60) };
}

/** Says with every picture that its clock stands three hours back. */
export const wrongClock: Fault = {
  frames: (frames) => (frames[0] === undefined ? [] : [senderReport(frames[0]), ...frames]),
};

/** Stamps a picture three hours off now and then, ahead and back in turn. */
export const hoursOff: Fault = {
  picture: (picture, count) =>
    count % 7 === 0
      ? { ...picture, timestamp: picture.timestamp + (count % 2 === 0 ? 3 : -3) * HOUR }
      : picture,
};

/** Stamps pictures like the one before, or before that one. */
export const repeatsStamps: Fault = {
  picture: (picture, count) => ({
    ...picture,
    timestamp: picture.timestamp - [0, 1, 0, 2][count % 4]! * PICTURE,
  }),
};

/** Changes to pictures of another size and profile, in the middle of the stream. */
export const anotherSps = (pictures: readonly CodedPicture[]): Fault => ({ clip: { pictures, speed: 1 } });

/** Sends no PPS to whoever connects anew. */
export const withoutPps: Fault = {
  begin: each(hangUp),
  picture: ({ nals, timestamp }) => ({ timestamp, nals: nals.filter((nal) => !isType(nal, PPS)) }),
};

/** Puts bytes that mean nothing between its packets. */
export const garbage: Fault = {
  frames: (frames) => frames.flatMap((frame, at) => (at === 0 ? [noise(frame.length % 61), frame] : [frame])),
};

export const duplicates: Fault = { packets: (packets) => packets.flatMap((packet) => [packet, packet]) };

/** Sends the last two packets of every seventh picture the wrong way round. */
export const reorders: Fault = {
  packets: (packets, count) =>
    count % 7 === 0 ? [...packets.slice(0, -2), ...packets.slice(-2).reverse()] : packets,
};

/** Leaves out one packet in so many. */
export function loses(oneIn: number): Fault {
  let count = 0;
  return { packets: (packets) => packets.filter(() => ++count % oneIn !== 0) };
}

/** Sends key pictures of 4 MB, about one a second. */
export const hugeKeys: Fault = {
  mtu: 60_000,
  picture: (picture, count) =>
    isKey(picture) && count % 20 < 10
      ? { ...picture, nals: picture.nals.map((nal) => (isType(nal, IDR) ? padded(nal) : nal)) }
      : picture,
};

/** Wants everybody to sign in anew, by SHA-256 and nothing else. */
export const sha256Only = (username: string, password: string): Fault => ({
  begin: each(hangUp),
  before(request, connection) {
    if (isSigned(request, username, password)) return false;
    const challenge = 'Digest realm="quay", nonce="cafe", algorithm=SHA-256, qop="auth"';
    connection.reply(request, 401, [['WWW-Authenticate', challenge]]);
    return true;
  },
});

/** Takes 0.7 s for every answer. */
export const slowAnswers: Fault = { begin: each(hangUp), delay: 700 };

/** Repeats its SPS without its PPS, and cuts both short. */
export const brokenSps: Fault = {
  begin: each(hangUp),
  picture: ({ nals, timestamp }) => ({
    timestamp,
    nals: nals.map((nal) => (isType(nal, SPS) ? nal.subarray(0, 5) : nal)),
  }),
};

/** Says that what follows is RTP of version 1: nothing of it can be read. */
export const notRtp: Fault = {
  frames: (frames) =>
    frames.map((frame) => Buffer.concat([frame.subarray(0, 4), Buffer.of(0x40), frame.subarray(5)])),
};

/** An RTCP sender report on the channel next to that of an RTP packet (RFC 3550 §6.4.1), three hours wrong. */
function senderReport(frame: Buffer): Buffer {
  const report = Buffer.alloc(4 + 28);
  report.set([0x24, 1, 0, 28, 0x80, 200, 0, 6]);
  frame.copy(report, 8, 12, 16);
  report.writeUInt32BE(Math.floor(Date.now() / 1000) + NTP_EPOCH - 3 * 3600, 12);
  frame.copy(report, 20, 8, 12);
  return report;
}

/** RFC 7616 §3.4.1. */
function isSigned({ method, headers }: ScriptRequest, username: string, password: string): boolean {
  const said = headers.get('authorization') ?? '';
  const field = (name: string): string => new RegExp(`\\b${name}="?([^",]*)"?`).exec(said)?.[1] ?? '';
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const [nonce, nc, cnonce, qop] = ['nonce', 'nc', 'cnonce', 'qop'].map(field);
  const secret = hash(`${username}:quay:${password}`);
  const request = hash(`${method}:${field('uri')}`);
  return field('response') === hash(`${secret}:${nonce}:${nc}:${cnonce}:${qop}:${request}`);
}

/** Of a pattern that has no start code, nor looks like one. */
function padded(nal: Uint8Array): Uint8Array {
  const large = new Uint8Array(4_000_000).fill(0x55);
  large.set(nal);
  return large;
}

/** Bytes that look like nothing, a dollar sign now and then among them. */
const noise = (length: number): Buffer =>
  Buffer.from(
    Array.from({ length: length + 5 }, (_, at) => (at % 11 === 3 ? 0x24 : (at * 37 + length) & 0xff)),
  );
