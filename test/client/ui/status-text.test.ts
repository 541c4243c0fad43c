import { describe, expect, it } from 'vitest';
import type { TileStatus } from '../../../client/player-protocol.ts';
import { missingFeature } from '../../../client/ui/missing-feature.ts';
import { statusText } from '../../../client/ui/status-text.ts';
import { ERROR_CODES } from '../../../server/wire/nightglass-error.ts';

const textOf = (status: TileStatus) => statusText(status, 'Quay');

describe('what a tile says about its status', () => {
  it('says nothing over a picture that plays', () => {
    expect(textOf({ status: 'playing' })).toBeUndefined();
    expect(textOf({ status: 'playing', note: 'no WebGPU' })).toBeUndefined();
  });

  it('says whom it is reaching', () => {
    expect(textOf({ status: 'connecting' })).toEqual({
      tone: 'working',
      heading: 'Connecting',
      detail: 'Reaching Quay…',
    });
  });

  it('says what it waits for', () => {
    expect(textOf({ status: 'waiting-for-key' })).toMatchObject({
      tone: 'working',
      heading: 'Waiting for a key frame',
    });
  });

  it('says how to come in again', () => {
    const text = textOf({ status: 'signed-out' });
    expect(text).toMatchObject({ heading: 'Signed out', signIn: true });
    expect(text?.detail).toContain('login link');
  });

  it('says why a camera is unreachable, and what the server said', () => {
    expect(textOf({ status: 'unreachable', code: 'ingest/refused', message: 'port 554 refused' })).toEqual({
      tone: 'stuck',
      heading: 'Camera unreachable',
      detail: 'The host answers but refuses the port. Check the port, and that RTSP is switched on.',
      cause: 'port 554 refused (ingest/refused)',
    });
  });

  it('does not blame the camera when the server is gone', () => {
    const text = textOf({ status: 'unreachable', code: 'socket/lost', message: 'closed' });
    expect(text?.heading).toBe('Server unreachable');
  });

  it.each(ERROR_CODES)('says something in plain words about %s', (code) => {
    const text = textOf({ status: 'unreachable', code, message: 'what the server said' });
    expect(text?.heading).toBeTruthy();
    expect(text?.detail).toMatch(/^[A-Zw].+/);
    expect(text?.detail).not.toContain('/');
    expect(text?.cause).toContain(code);
  });

  it.each(ERROR_CODES.filter((code) => code.startsWith('ingest/') || code.startsWith('socket/')))(
    'explains %s in its own words, not the server’s',
    (code) => {
      expect(textOf({ status: 'unreachable', code, message: 'what the server said' })?.detail).not.toBe(
        'what the server said',
      );
    },
  );

  it('names the codec this browser cannot decode as people do', () => {
    expect(textOf({ status: 'unsupported', codec: 'hvc1.1.6.L120' })).toMatchObject({
      heading: 'This browser cannot decode H.265',
      detail:
        'Open this page in another browser or on a device with H.265 hardware, or set the camera or its second stream to H.264.',
      cause: 'hvc1.1.6.L120 (decode/unsupported-codec)',
    });
    expect(textOf({ status: 'unsupported', codec: 'av01.0.04M.08' })?.detail).not.toContain('H.265');
    expect(textOf({ status: 'unsupported', codec: 'xyz1' })?.heading).toContain('xyz1');
  });
});

describe('what a browser lacks', () => {
  const all = { secure: true, videoDecoder: true, hls: false, offscreenCanvas: true };

  it('is nothing where everything is there', () => {
    expect(missingFeature(all)).toBeUndefined();
  });

  it('is a secure page where decoding is missing on plain http', () => {
    expect(missingFeature({ ...all, secure: false, videoDecoder: false })).toContain('https or localhost');
  });

  it('is WebCodecs where decoding is missing on a secure page', () => {
    expect(missingFeature({ ...all, videoDecoder: false })).toContain('WebCodecs');
  });

  it('is OffscreenCanvas where a worker cannot draw', () => {
    expect(missingFeature({ ...all, offscreenCanvas: false })).toContain('OffscreenCanvas');
  });
});
