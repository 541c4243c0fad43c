import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redact } from '../../server/log.ts';

it('blanks a known secret wherever it stands, plain or percent-encoded', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 4 }).filter((secret) => !'…'.includes(secret) && secret.trim().length > 3),
      fc.string(),
      fc.string(),
      (secret, before, after) => {
        const line = redact(`${before}${secret}|${encodeURIComponent(secret)}${after}`, [secret]);
        expect(line.includes(secret) && !`${before}…|…${after}`.includes(secret)).toBe(false);
      },
    ),
  );
});

it('blanks a known secret in the form it has in an address', () => {
  expect(redact('GET /main?key=p%40ss%20word', ['p@ss word'])).toBe('GET /main?key=…');
});

it('blanks what looks like a secret even when nobody told it', () => {
  const lines = [
    'opening rtsp://ann:canary@10.0.0.9/main',
    'GET /socket?token=canary&x=1',
    '{"password":"canary"}',
    'Authorization: Bearer canary',
    'Cookie: other=1; nightglass=canary',
  ];
  for (const line of lines) expect(redact(line, [])).not.toContain('canary');
});

it('leaves a line without secrets as it is', () => {
  const line = 'camera quay: no picture came for 8 s from 10.0.0.9:554';
  expect(redact(line, ['hunter22'])).toBe(line);
});
