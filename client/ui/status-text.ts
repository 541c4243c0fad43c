/** What a tile says about its status, in plain English. */
import type { ErrorCode } from '#wire/nightglass-error.ts';
import type { TileStatus } from '../player-protocol.ts';
import { codecName } from './codec-name.ts';

export interface StatusText {
  /** `working`: it comes by itself; `stuck`: a person may have to act. */
  readonly tone: 'working' | 'stuck';
  readonly heading: string;
  readonly detail: string;
  /** What the server said, for whoever looks closer. */
  readonly cause?: string;
  /** True where signing in helps. */
  readonly signIn?: true;
}

/** What stands over the picture, or nothing while it plays. @param title the camera's name for people */
export function statusText(status: TileStatus, title: string): StatusText | undefined {
  switch (status.status) {
    case 'connecting':
      return { tone: 'working', heading: 'Connecting', detail: `Reaching ${title}…` };
    case 'waiting-for-key':
      return {
        tone: 'working',
        heading: 'Waiting for a key frame',
        detail: 'The camera has answered. Its picture starts with the next key frame.',
      };
    case 'signed-out':
      return {
        tone: 'stuck',
        heading: 'Signed out',
        detail: 'Open the login link the server printed when it started, or sign in.',
        signIn: true,
      };
    case 'unreachable':
      return unreachableText(status.code, status.message);
    case 'unsupported':
      return unsupportedText(status.codec);
    case 'playing':
      return undefined;
  }
}

function unsupportedText(codec: string): StatusText {
  const name = codecName(codec);
  const elsewhere =
    name === 'H.265'
      ? 'in another browser or on a device with H.265 hardware'
      : 'in a browser that decodes it';
  return {
    tone: 'stuck',
    heading: `This browser cannot decode ${name}`,
    detail: `Open this page ${elsewhere}, or set the camera or its second stream to H.264.`,
    cause: `${codec} (decode/unsupported-codec)`,
  };
}

function unreachableText(code: ErrorCode, message: string): StatusText {
  const why = WHY[code];
  return {
    tone: 'stuck',
    heading: HEADINGS[code] ?? 'Camera unreachable',
    detail: why ?? message,
    cause: why === undefined ? code : `${message} (${code})`,
  };
}

const HEADINGS: Partial<Readonly<Record<ErrorCode, string>>> = {
  'ingest/no-ffmpeg': 'ffmpeg is missing on the server',
  'ingest/too-many-encoders': 'The server is making H.264 of too many cameras',
  'hls/not-ready': 'Waiting for the camera',
  'hls/nothing-recorded': 'Nothing recorded',
  'hls/unsupported-codec': 'No picture over plain HTTP',
  'socket/lost': 'Server unreachable',
  'socket/unauthorised': 'Not allowed',
  'socket/unknown-camera': 'No such camera',
  'socket/too-many-streams': 'Too many pictures open',
  'wire/malformed': 'Page and server do not understand each other',
  'wire/unknown-version': 'Page and server do not understand each other',
  'decode/failed': 'Picture cannot be decoded',
  'decode/unsupported-codec': 'This browser cannot decode the camera’s codec',
  'present/no-canvas': 'Picture cannot be drawn',
};

const WHY: Partial<Readonly<Record<ErrorCode, string>>> = {
  'ingest/bad-url': 'Its address cannot be opened. Check it in the server’s configuration.',
  'ingest/unknown-host': 'No machine of that name was found. Check the host name.',
  'ingest/refused': 'The host answers but refuses the port. Check the port, and that RTSP is switched on.',
  'ingest/unreachable': 'The host does not answer. Check its power, its cable and the network.',
  'ingest/unauthorised': 'The camera did not accept the user name and password.',
  'ingest/not-found': 'The camera has no stream of that path. Check the path in its manual.',
  'ingest/rejected': 'The camera answered with an error.',
  'ingest/redirect-loop': 'The camera sent us on too many times. Give its last address directly.',
  'ingest/no-video': 'The camera offers no video. Choose another path or profile.',
  'ingest/silent': 'The camera accepted the connection and then said nothing. Trying again by itself.',
  'ingest/garbage': 'What comes is not RTSP. Check that the port is the camera’s RTSP port.',
  'ingest/closed': 'The camera ended the connection. Trying again by itself.',
  'ingest/no-picture': 'The camera sends no picture that can be decoded. Trying again by itself.',
  'ingest/failed': 'The server could not read this camera; its log says more. Trying again by itself.',
  'ingest/unreadable-file': 'The file to replay is missing, or is no MP4 with H.264 or H.265 video.',
  'ingest/no-ffmpeg':
    'It is needed to show this camera in this browser. Install it, or set the camera or its second stream to H.264.',
  'ingest/ffmpeg-failed':
    'The server’s ffmpeg could not read this camera or make H.264 of it. Trying again by itself.',
  'ingest/too-many-encoders':
    'This browser cannot decode this camera’s H.265. The picture begins by itself when fewer such cameras are watched.',
  'ingest/untrusted-certificate':
    'The camera’s certificate is not trusted. If the fingerprint below is the camera’s, write it into the configuration.',
  'ingest/udp-blocked':
    'The camera sends over UDP and nothing arrives; a firewall may be in the way. Set this camera to TCP.',
  'ingest/no-publisher': 'Nobody is publishing to this camera. It begins by itself when somebody does.',
  'ingest/already-published': 'Somebody else is publishing to this camera already.',
  'ingest/bad-offer': 'What was published cannot be taken: H.264 video was expected.',
  'packets/unsupported-codec': 'The camera sends a codec that cannot be passed on. Set it to H.264 or H.265.',
  'packets/malformed': 'The camera’s stream broke the rules of its format. Going on at the next key frame.',
  'hls/not-ready': 'The camera has given no picture yet. It begins by itself when it does.',
  'hls/nothing-recorded': 'Nothing of that time is kept any more. Choose another on the timeline.',
  'hls/unsupported-codec':
    'The camera’s codec is not offered this way. Set it to H.264, or open this page where WebSockets come through.',
  'socket/lost': 'The link to the server broke. Trying again by itself.',
  'socket/unauthorised': 'You have no right to see this camera. Ask whoever runs the server.',
  'socket/unknown-camera': 'The server has no camera of that name.',
  'socket/too-many-streams': 'This page asked for more pictures than the server allows. Open fewer.',
  'wire/malformed': 'Reload the page.',
  'wire/unknown-version': 'They are of different versions. Reload the page.',
  'decode/unsupported-codec': 'Set the camera to H.264, or open this page in another browser.',
  'decode/failed': 'Going on at the next key frame.',
  'present/no-canvas': 'The browser gave nothing to draw on. Reload the page, or use another browser.',
};
