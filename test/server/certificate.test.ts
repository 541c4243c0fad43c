import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { certificateFor } from '../../server/certificate.ts';
import { type Config, readRequest } from '../../server/config.ts';

describe('the certificate', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nightglass-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  function configFor(host: string, more: Partial<Config> = {}): Config {
    const yaml = 'users: [{ name: bridge, password: on the bridge }]';
    const request = readRequest(['--config', 'x', '--host', host], () => yaml, '');
    if (request.kind !== 'serve') throw new Error('not to serve');
    return { ...request.config, dataFolder: join(folder, 'data'), ...more };
  }

  it('is not needed on this machine alone', async () => {
    expect(await certificateFor(configFor('127.0.0.1'))).toBeUndefined();
  });

  it('is made for any other address, names this machine, and is the same after a restart', async () => {
    const made = await certificateFor(configFor('0.0.0.0'));
    const certificate = new X509Certificate(made?.cert ?? '');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(new Date(certificate.validTo).getTime()).toBeGreaterThan(Date.now() + 300 * 86_400_000);
    expect(await certificateFor(configFor('0.0.0.0'))).toEqual(made);
  });

  it('keeps its key from everybody else', async () => {
    await certificateFor(configFor('0.0.0.0'));
    expect((await stat(join(folder, 'data', 'self-signed.key'))).mode & 0o077).toBe(0);
  });

  it("is the operator's own where one is given", async () => {
    await certificateFor(configFor('0.0.0.0'));
    const [certificate, key] = ['crt', 'key'].map((end) => join(folder, 'data', `self-signed.${end}`)) as [
      string,
      string,
    ];
    const own = await certificateFor(configFor('127.0.0.1', { tls: { certificate, key } }));
    expect(own?.cert).toBe(await readFile(certificate, 'utf8'));
  });

  it('stops the start when it cannot be read', async () => {
    const tls = { certificate: join(folder, 'gone.crt'), key: join(folder, 'gone.key') };
    await expect(certificateFor(configFor('127.0.0.1', { tls }))).rejects.toMatchObject({
      code: 'config/unreadable',
    });
  });
});
