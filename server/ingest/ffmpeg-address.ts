/** Addresses that ffmpeg opens for us: which ones, and how they reach it without a secret in its arguments. */
import { NightglassError } from '#wire/nightglass-error.ts';
import { hasControlCharacter } from './rtsp-url.ts';

/** Network protocols, and what each may open in turn. Nothing here runs a program or reads the operator's files. */
const NETWORK: Readonly<Record<string, string>> = {
  http: 'http,tcp',
  https: 'https,tls,tcp',
  rtmp: 'rtmp,tcp',
  rtmps: 'rtmps,rtmp,tls,tcp',
  srt: 'srt,udp',
  udp: 'udp',
};

export interface FfmpegAddress {
  /** Scheme `http`, `https`, `rtmp`, `rtmps`, `srt`, `udp`, `v4l2`, or `file` for a clip that is replayed. No credentials. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** True encodes to H.264 at once; false copies, and encodes where the camera does not send H.264. */
  readonly encode: boolean;
}

/** Whether an address begins with a scheme that ffmpeg opens for us. */
export const isFfmpegAddress = (url: string): boolean => scheme(url) in NETWORK || scheme(url) === 'v4l2';

/**
 * ffmpeg's input arguments, what it reads on standard input, and what must be blanked in its messages. A network
 * address is given as a list of one on standard input, so that neither it nor its password stands in the arguments.
 * @throws NightglassError `ingest/bad-url`, whose message repeats nothing of the address
 */
export function inputOf(address: FfmpegAddress): {
  readonly args: readonly string[];
  readonly script: string;
  readonly secrets: readonly string[];
} {
  const { url, password } = address;
  const secrets = password === undefined ? [] : [password, encodeURIComponent(password)];
  if (hasControlCharacter(url)) throw badUrl('the address holds a control character');
  if (scheme(url) === 'v4l2') {
    const device = url.slice('v4l2:'.length).replace(/^\/\//, '');
    if (!/^\/dev\/video\d{1,3}$/.test(device)) throw badUrl('a device such as v4l2:/dev/video0 was expected');
    return { args: ['-f', 'v4l2', '-protocol_whitelist', 'file', '-i', device], script: '', secrets };
  }
  if (scheme(url) === 'file') {
    const file = url.slice('file:'.length);
    return {
      args: ['-protocol_whitelist', 'file', '-re', '-stream_loop', '-1', '-i', `file:${file}`],
      script: '',
      secrets,
    };
  }
  const protocols = NETWORK[scheme(url)];
  if (protocols === undefined)
    throw badUrl(`one of ${Object.keys(NETWORK).join(', ')} was expected before ://`);
  const list = ['-f', 'concat', '-safe', '0', '-protocol_whitelist', `pipe,${protocols}`, '-i', 'pipe:0'];
  return { args: list, script: `ffconcat version 1.0\nfile ${quoted(withCredentials(address))}\n`, secrets };
}

function withCredentials({ url, username, password }: FfmpegAddress): string {
  if (username === undefined) return url;
  const userinfo = [username, ...(password === undefined ? [] : [password])]
    .map(encodeURIComponent)
    .join(':');
  return url.replace('://', () => `://${userinfo}@`);
}

/** ffmpeg's own quoting (ffmpeg-utils "Quoting and escaping"): nothing is special between ' and '. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const scheme = (url: string): string => /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? '';

const badUrl = (message: string): NightglassError => new NightglassError('ingest/bad-url', message);
