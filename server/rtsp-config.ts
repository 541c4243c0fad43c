/** What the configuration can say of an RTSP camera beyond its address: how packets come, and whom to trust. */
import { z } from 'zod';
import { NO_SRTP } from './ingest/rtsp-session.ts';
import { isFingerprint, type TlsTrust } from './ingest/rtsp-tls.ts';

export interface RtspOptions {
  readonly transport?: 'tcp' | 'udp';
  readonly tls?: TlsTrust;
}

export const rtspSchema = {
  transport: z.enum(['tcp', 'udp']).optional(),
  tls: z
    .strictObject({
      rejectUnauthorised: z.boolean().optional(),
      fingerprint: z
        .string()
        .refine(isFingerprint, 'must be a SHA-256 fingerprint: 64 hexadecimal digits, colons allowed')
        .optional(),
    })
    .optional(),
};

interface Checked {
  readonly url?: string | undefined;
  readonly transport?: 'tcp' | 'udp' | undefined;
  readonly tls?: TlsTrust | undefined;
}

/** Says what does not go together; the address itself, which may hold a password, is not repeated. */
export function checkRtsp({ url = '', transport, tls }: Checked, context: z.RefinementCtx): void {
  const issue = (path: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [path], message });
  const scheme = /^(rtsps?):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (transport !== undefined && scheme === undefined) issue('transport', 'is for rtsp:// addresses');
  if (transport === 'udp' && scheme === 'rtsps') issue('transport', NO_SRTP);
  if (tls !== undefined && scheme !== 'rtsps') issue('tls', 'is for rtsps:// addresses');
}

/** Without what was left out. */
export const rtspOptions = ({ transport, tls }: Checked): RtspOptions => ({
  ...(transport === undefined ? {} : { transport }),
  ...(tls === undefined ? {} : { tls }),
});
