/** The parts of nightglass.yaml that publishers (WHIP) need: a camera's token, and how WebRTC reaches the server. */
import { isIP } from 'node:net';
import { z } from 'zod';
import type { SecondPublisher } from './ingest/whip-desk.ts';
import type { IceServer } from './ingest/whip-network.ts';

/** A camera somebody publishes to. */
export interface WhipCamera {
  /** What a publisher of this camera must know. */
  readonly token: string;
  readonly onSecondPublisher: SecondPublisher;
}

export interface WebrtcConfig {
  /** STUN and TURN servers, for the server and, in the answer's `Link` headers, for publishers. */
  readonly iceServers: readonly IceServer[];
  /** First and last UDP port; absent = any. */
  readonly ports?: readonly [number, number];
  /** IP addresses publishers reach this machine at, besides its own. */
  readonly addresses: readonly string[];
}

export const whipSchema = z.strictObject({
  token: z.string().regex(/^[!-~]{16,512}$/, 'must have 16 characters or more, and no spaces'),
  onSecondPublisher: z.enum(['refuse', 'replace']).default('refuse'),
});

/** What stands in an HTTP header between quotes as it is. */
const headerText = z.string().regex(/^[!#-[\]-~]{1,512}$/, 'must have no spaces, quotes or backslashes');

const iceUrl = z
  .string()
  .regex(
    /^(?:stun|turns?):[\w.[\]:-]{1,253}(?:\?transport=(?:udp|tcp))?$/,
    'must look like stun:host:port or turn:host:port?transport=udp',
  );

const port = z.number().int().min(1024).max(65_535);

export const webrtcSchema = z.strictObject({
  iceServers: z
    .array(
      z.strictObject({
        urls: z.union([iceUrl, z.array(iceUrl).min(1).max(8)]),
        username: headerText.optional(),
        credential: headerText.optional(),
      }),
    )
    .max(8)
    .default([]),
  ports: z
    .tuple([port, port])
    .refine(([first, last]) => first < last, { message: 'must be the first port and a higher last one' })
    .optional(),
  addresses: z
    .array(z.string().refine((address) => isIP(address) !== 0, { message: 'must be IP addresses' }))
    .max(16)
    .default([]),
});

export const webrtcConfig = ({
  iceServers,
  ports,
  addresses,
}: z.output<typeof webrtcSchema>): WebrtcConfig => ({
  iceServers: iceServers.map(({ urls, username, credential }) => ({
    urls: typeof urls === 'string' ? [urls] : urls,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  })),
  ...(ports === undefined ? {} : { ports }),
  addresses,
});
