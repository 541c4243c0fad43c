import { describe, expect, it } from 'vitest';
import { type FatalError, recoveryFrom } from '../../../client/hls/recovery.ts';

const LONG_AGO = Number.POSITIVE_INFINITY;
const error = (facts: Partial<FatalError>): FatalError => ({
  type: 'networkError',
  details: 'fragLoadError',
  status: undefined,
  message: 'it did not come',
  ...facts,
});

describe('an error that hls.js does not get over', () => {
  it('is waited out where the network is away, and said to be the server’s', () => {
    expect(recoveryFrom(error({ status: 0 }), LONG_AGO)).toMatchObject({
      way: 'reopen',
      trouble: { status: 'unreachable', code: 'socket/lost' },
    });
  });

  it('is a matter of signing in where the server says so', () => {
    expect(recoveryFrom(error({ status: 401 }), LONG_AGO)).toMatchObject({
      trouble: { status: 'signed-out' },
    });
  });

  it('resets the decoder once, and opens the playlist anew where that did not help', () => {
    const broken = error({ type: 'mediaError', details: 'bufferAppendError' });
    expect(recoveryFrom(broken, LONG_AGO)).toEqual({ way: 'reset-media' });
    expect(recoveryFrom(broken, 100)).toMatchObject({ way: 'reopen', trouble: { code: 'decode/failed' } });
  });

  it('names the codec that the browser cannot play', () => {
    const unplayable = error({
      type: 'mediaError',
      details: 'manifestIncompatibleCodecsError',
      message: 'no level with compatible codecs found in manifest ["hvc1.1.6.L120.90"]',
    });
    expect(recoveryFrom(unplayable, LONG_AGO)).toMatchObject({
      trouble: { status: 'unsupported', codec: 'hvc1.1.6.L120.90' },
    });
  });
});
