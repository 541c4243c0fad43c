/** The one class of failure, with a closed list of codes `folder/reason`; docs/errors.md explains each. */

export const ERROR_CODES = [
  'config/unreadable',
  'config/invalid',
  'config/unsafe-address',
  'ingest/bad-url',
  'ingest/unknown-host',
  'ingest/refused',
  'ingest/unreachable',
  'ingest/unauthorised',
  'ingest/not-found',
  'ingest/rejected',
  'ingest/redirect-loop',
  'ingest/no-video',
  'ingest/untrusted-certificate',
  'ingest/silent',
  'ingest/udp-blocked',
  'ingest/garbage',
  'ingest/closed',
  'ingest/no-picture',
  'ingest/failed',
  'ingest/unreadable-file',
  'ingest/no-publisher',
  'ingest/already-published',
  'ingest/bad-offer',
  'ingest/no-ffmpeg',
  'ingest/ffmpeg-failed',
  'ingest/too-many-encoders',
  'packets/unsupported-codec',
  'packets/malformed',
  'wire/malformed',
  'wire/unknown-version',
  'socket/unauthorised',
  'socket/unknown-camera',
  'socket/too-many-streams',
  'socket/lost',
  'http/unauthorised',
  'http/forbidden',
  'http/not-found',
  'http/bad-request',
  'http/stopping',
  'http/failed',
  'hls/not-ready',
  'hls/unsupported-codec',
  'hls/nothing-recorded',
  'hls/disk-full',
  'hls/disk-failed',
  'hls/disk-slow',
  'decode/unsupported-codec',
  'decode/failed',
  'enhance/no-model',
  'enhance/device-lost',
  'enhance/failed',
  'present/no-canvas',
  'record/no-storage',
  'record/no-encoder',
  'record/storage-full',
  'record/failed',
  'clips/bad-evidence',
  'clips/unsafe-path',
  'clips/missing-file',
  'clips/altered',
  'clips/bad-name',
  'clips/too-large',
  'clips/no-room',
  'clips/disk-full',
  'clips/disk-failed',
  'clips/exists',
  'clips/busy',
  'convert/too-large',
  'convert/unavailable',
  'convert/unreadable',
  'convert/failed',
  'demo/encoder-failed',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** A failure a person can act on: the message says what was expected, what came, and where. */
export class NightglassError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NightglassError';
    this.code = code;
  }
}
