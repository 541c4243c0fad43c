/** What a failure is answered with over HTTP. */
import { type ErrorCode, NightglassError } from '#wire/nightglass-error.ts';

const STATUS: Partial<Record<ErrorCode, number>> = {
  'http/unauthorised': 401,
  'http/forbidden': 403,
  'http/not-found': 404,
  'http/bad-request': 400,
  'hls/not-ready': 503,
  'hls/nothing-recorded': 404,
  'hls/unsupported-codec': 415,
  'clips/bad-name': 400,
  'clips/bad-evidence': 422,
  'clips/unsafe-path': 422,
  'clips/missing-file': 422,
  'clips/altered': 422,
  'clips/too-large': 413,
  'clips/no-room': 507,
  'clips/disk-full': 507,
  'clips/exists': 409,
  'clips/busy': 409,
};

/** Its status and what its answer says; a status of 500 is the server's own fault, whose cause is for the log alone. */
export function answerFor(error: unknown): { status: number; code: ErrorCode; message: string } {
  if (error instanceof NightglassError) {
    const status = STATUS[error.code] ?? 500;
    return { status, code: error.code, message: error.message };
  }
  // body-parser's and express's own errors carry the status of a bad request.
  const status = (error as { status?: unknown }).status;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return { status, code: 'http/bad-request', message: 'the request was not understood' };
  return { status: 500, code: 'http/failed', message: 'the request failed; the log says why' };
}
