/** The server's TLS certificate: the operator's own, or a self-signed one made once and kept. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { generate } from 'selfsigned';
import { NightglassError } from '#wire/nightglass-error.ts';
import { type Config, isLoopback } from './config.ts';

const TEN_YEARS = 10 * 365 * 86_400_000;

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
  const pair = await generate([{ name: 'commonName', value: 'Nightglass' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + TEN_YEARS),
    extensions: [{ name: 'subjectAltName', altNames: namesOf(host) }],
  });
  await mkdir(dirname(certificate), { recursive: true });
  await writeFile(key, pair.private, { mode: 0o600 });
  await writeFile(certificate, pair.cert);
}

/** Browsers look for the address they were given among these (RFC 6125 §6.4); `type` is GeneralName's tag. */
function namesOf(host: string): { type: 2 | 7; value?: string; ip?: string }[] {
  const names = ['localhost', hostname()];
  const addresses = Object.values(networkInterfaces()).flatMap(
    (list) => list?.map(({ address }) => address) ?? [],
  );
  if (isIP(host) === 0) names.push(host);
  return [
    ...[...new Set(names)].map((value) => ({ type: 2 as const, value })),
    ...[...new Set(addresses)].filter((ip) => isIP(ip) === 4).map((ip) => ({ type: 7 as const, ip })),
  ];
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
