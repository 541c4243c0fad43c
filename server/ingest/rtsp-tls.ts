/** Whether the certificate a camera shows over RTSPS is to be trusted. Pure. */
import { NightglassError } from '#wire/nightglass-error.ts';

/** How a camera's certificate is judged; with nothing said it must be one that this machine's authorities signed. */
export interface TlsTrust {
  /** SHA-256 of the one certificate that is right, 64 hexadecimal digits with or without colons. */
  readonly fingerprint?: string | undefined;
  /** False takes any certificate: whoever sits between can then read along. */
  readonly rejectUnauthorised?: boolean | undefined;
}

/** What the camera showed. */
export interface ShownCertificate {
  /** SHA-256, `AB:CD:…`; undefined when it showed none. */
  readonly fingerprint: string | undefined;
  /** Why the authorities do not vouch for it, e.g. `DEPTH_ZERO_SELF_SIGNED_CERT`; undefined when they do. */
  readonly problem: string | undefined;
}

/** True for what can be a fingerprint. */
export const isFingerprint = (text: string): boolean => /^[0-9a-f]{64}$/.test(normalised(text));

/**
 * What is wrong with trusting the certificate; undefined when nothing is. The message shows the fingerprint that
 * came, so that it can be compared with the camera's own page and pinned.
 */
export function distrust(
  { fingerprint: pinned, rejectUnauthorised = true }: TlsTrust,
  { fingerprint, problem }: ShownCertificate,
  place: string,
): NightglassError | undefined {
  if (fingerprint === undefined) return untrusted(`${place}: a certificate was expected, none came`);
  if (pinned !== undefined) {
    if (normalised(pinned) === normalised(fingerprint)) return undefined;
    return untrusted(`${place}: another certificate than the pinned one came, its SHA-256 is ${fingerprint}`);
  }
  if (problem === undefined || !rejectUnauthorised) return undefined;
  return untrusted(
    `${place}: the certificate is not one this machine trusts (${problem}); its SHA-256 is ${fingerprint}: ` +
      "pin it with tls.fingerprint once it is known to be the camera's",
  );
}

const normalised = (fingerprint: string): string => fingerprint.replace(/[:\s]/g, '').toLowerCase();

const untrusted = (message: string): NightglassError =>
  new NightglassError('ingest/untrusted-certificate', message);
