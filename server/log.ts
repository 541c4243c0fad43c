/** The server's log: one line an event, on standard error, with everything secret blanked. */
import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

const REDACTED = '…';
/** `user:password@` in any address, and the values of fields and query parameters that name a secret. */
const PATTERNS: readonly [RegExp, string][] = [
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*@/gi, `$1${REDACTED}@`],
  [/\b(authorization|cookie)("?\s*[=:]\s*"?)[^"\n]+/gi, `$1$2${REDACTED}`],
  [/\b(token|password)("?\s*[=:]\s*"?)[^\s&"',}]+/gi, `$1$2${REDACTED}`],
];

/** A logger that never prints one of `secrets`, nor what looks like one. People get colours, machines JSON. */
export function createLog(secrets: readonly string[], output: NodeJS.WriteStream): Logger {
  const target = output.isTTY
    ? pretty({ destination: output, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' })
    : output;
  const redacting: DestinationStream = {
    write: (line) => target.write(redact(line, secrets)),
  };
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, redacting);
}

/** Blanks secrets in a line of text. */
export function redact(line: string, secrets: readonly string[]): string {
  const known = secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .reduce((text, secret) => (secret.length < 4 ? text : text.replaceAll(secret, REDACTED)), line);
  return PATTERNS.reduce((text, [pattern, instead]) => text.replace(pattern, instead), known);
}
