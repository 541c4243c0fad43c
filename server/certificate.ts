/** The server's TLS certificate: the operator's own, or a self-signed one made once and kept. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { NightglassError } from '#wire/nightglass-error.ts';
import { type Config, isLoopback } from './config.ts';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * The certificate to serve with, or nothing where plain HTTP is safe: on this machine alone.
 * Browsers give WebGPU and WebCodecs only to secure contexts, so any other address gets one.
 * @throws NightglassError `config/unreadable`
 */
export async function certificateFor(config: Config): Promise<Certificate | undefined> {
  if (config.tls !== undefined) return readPair(config.tls.certificate, config.tls.key);
  if (isLoopback(config.host)) return undefined;
  const certificate = join(config.dataFolder, 'self-signed.crt');
  const key = join(config.dataFolder, 'self-signed.key');
  if (!existsSync(certificate) || !existsSync(key)) await makePair(config.host, certificate, key);
  return readPair(certificate, key);
}

async function makePair(host: string, certificate: string, key: string): Promise<void> {
  const pair = await generate([{ name: 'commonName', value: host }], {
    notAfterDate: new Date(Date.now() + 10 * 365 * 86_400_000),
    algorithm: 'sha256',
  });
  await mkdir(join(certificate, '..'), { recursive: true });
  await writeFile(certificate, pair.cert);
  await writeFile(key, pair.private, { mode: 0o600 });
}

async function readPair(certificate: string, key: string): Promise<Certificate> {
  try {
    return { cert: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') };
  } catch (cause) {
    throw new NightglassError(
      'config/unreadable',
      `the certificate ${certificate} or its key could not be read`,
      {
        cause,
      },
    );
  }
}
