/** Camera addresses: credentials split off, parts checked, names that are safe to show. */
import { domainToASCII } from 'node:url';
import { NightglassError } from '#wire/nightglass-error.ts';

const URL_LIMIT = 2048;
const RTSP_PORT = 554;
/** RTSP over TLS (RFC 7826 §4.2 and the port register). */
const RTSPS_PORT = 322;

/** A URL and the credentials that stood in it. */
export interface SplitUrl {
  /** The URL without user name and password. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

/** A checked `rtsp:` or `rtsps:` address. */
export interface RtspAddress {
  /** As it stands in request lines: no credentials, no fragment, printable ASCII. */
  readonly url: string;
  /** For connecting: a name in ASCII or an IP address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** True for `rtsps:`, which is RTSP over TLS. */
  readonly secure: boolean;
  /** How messages name this address: host, port and path; never a query, never what may be a secret. */
  readonly place: string;
}

/**
 * Takes user name and password, percent-decoded, out of a URL of any scheme.
 * @throws NightglassError `ingest/bad-url`, whose message repeats nothing of the URL
 */
export function splitCredentials(url: string): SplitUrl {
  const { scheme, authority, rest } = split(url);
  const at = authority.lastIndexOf('@');
  const bare = `${scheme}://${authority.slice(at + 1)}${rest}`;
  if (at < 0) return { url: bare };
  const userinfo = authority.slice(0, at);
  const colon = userinfo.indexOf(':');
  if (colon < 0) return { url: bare, username: decode(userinfo) };
  return {
    url: bare,
    username: decode(userinfo.slice(0, colon)),
    password: decode(userinfo.slice(colon + 1)),
  };
}

/**
 * Checks an address that has no credentials in it.
 * @throws NightglassError `ingest/bad-url`
 */
export function readRtspAddress(url: string): RtspAddress {
  const { scheme, authority, rest } = split(url);
  if (scheme !== 'rtsp' && scheme !== 'rtsps')
    throw badUrl('an address beginning with rtsp:// or rtsps:// was expected');
  const secure = scheme === 'rtsps';
  const parts = /^(\[[0-9a-f:.]+\]|[^:@[\]]+)(?::(\d{1,5}))?$/i.exec(authority);
  if (parts === null)
    throw badUrl('a host, and at most a port after it, were expected after rtsp:// or rtsps://');
  const shownHost = parts[1]!.startsWith('[') ? parts[1]! : domainToASCII(parts[1]!);
  if (shownHost === '') throw badUrl('the host is not a name or an IP address');
  const port = parts[2] === undefined ? (secure ? RTSPS_PORT : RTSP_PORT) : Number(parts[2]);
  if (port < 1 || port > 65535) throw badUrl('a port from 1 to 65535 was expected');
  const ascii = `${scheme}://${shownHost}${parts[2] === undefined ? '' : `:${port}`}${toAscii(rest)}`;
  if (ascii.length > URL_LIMIT)
    throw badUrl(`an address of at most ${URL_LIMIT} characters, written in ASCII, was expected`);
  return {
    url: ascii,
    host: shownHost.replace(/^\[|\]$/g, ''),
    port,
    secure,
    place: `${shownHost}:${port}${shownPath(rest)}`,
  };
}

/**
 * Where a redirect leads; credentials the camera wrote into it are dropped.
 * @throws NightglassError `ingest/bad-url`, also for one that leads out of TLS: passwords and pictures would be bare
 */
export function redirectTarget(from: RtspAddress, location: string): RtspAddress {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\//i.test(location);
  const target = readRtspAddress(
    absolute ? splitCredentials(location).url : resolveControl(from.url, location),
  );
  if (from.secure && !target.secure) throw badUrl('the camera sends us on to an address without TLS');
  return target;
}

/**
 * The URL an `a=control` value names (RFC 2326 §C.1.1), fit for a request line. A relative value is appended
 * rather than resolved by RFC 3986, because Dahua's bases end in a query (`…?channel=1&subtype=0/`) and expect
 * it behind that.
 * @throws NightglassError `ingest/bad-url` for one that no request line should hold
 */
export function resolveControl(base: string, control: string): string {
  const url = toAscii(join(base, control));
  if (url.length > URL_LIMIT) throw badUrl('the camera names a track by an overlong address');
  if (/^rtsps?:\/\/$/i.test(url)) throw badUrl('the camera names a track by an address without a host');
  return url;
}

function join(base: string, control: string): string {
  if (control === '' || control === '*') return base;
  if (/^rtsps?:\/\//i.test(control)) return splitCredentials(control).url;
  if (control.startsWith('/')) return `${/^[^/]*\/\/[^/?]*/.exec(base)?.[0] ?? ''}${control}`;
  return `${base}${base.endsWith('/') || control.startsWith('?') ? '' : '/'}${control}`;
}

function split(url: string): { scheme: string; authority: string; rest: string } {
  if (url.length > URL_LIMIT) throw badUrl(`an address of at most ${URL_LIMIT} characters was expected`);
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^#]*)(.*)$/is.exec(url);
  if (parts === null) throw badUrl('an address like rtsp://host:554/path was expected');
  const [, scheme = '', authority = '', rest = '', fragment = ''] = parts;
  // A password with an unescaped / ? or # would otherwise be taken for host and path, and shown in messages.
  if (rest.includes('@') || fragment.includes('@'))
    throw badUrl(
      'in user name and password, write / as %2F, ? as %3F and # as %23; after the host, @ as %40',
    );
  if (hasControlCharacter(url)) throw badUrl('the address holds a control character');
  return { scheme: scheme.toLowerCase(), authority, rest };
}

function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    // Without a cause: the runtime's own error may repeat the text.
    throw badUrl('a % in user name or password must be written as %25');
  }
  if (hasControlCharacter(decoded)) throw badUrl('user name or password holds a control character');
  return decoded;
}

function toAscii(rest: string): string {
  try {
    return rest.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
  } catch {
    throw badUrl('the address holds half a character');
  }
}

/** XMeye cameras take the password in the path (`/user=…_password=…`), so a path with a `=` is not shown. */
function shownPath(rest: string): string {
  const path = rest.split('?', 1)[0]!;
  return path.includes('=') ? '/…' : path.slice(0, 128);
}

/** True for text that could break out of a header line. */
export const hasControlCharacter = (text: string): boolean => /\p{Cc}/u.test(text);

const badUrl = (message: string): NightglassError => new NightglassError('ingest/bad-url', message);
