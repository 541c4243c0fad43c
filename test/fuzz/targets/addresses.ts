/** Addresses of cameras, redirects included, and what ffmpeg is told of them. */
import { inputOf, isFfmpegAddress } from '../../../server/ingest/ffmpeg-address.ts';
import { readRtspAddress, redirectTarget, splitCredentials } from '../../../server/ingest/rtsp-url.ts';
import { NightglassError } from '../../../server/wire/nightglass-error.ts';
import { LINES } from '../parts.ts';
import { holds, readBack, same, type Target, wordsOf } from '../target.ts';

const FROM = readRtspAddress('rtsps://camera.example/quay?one=1');
const PASSWORD = /p4ss-?w0rd/;

/** The first line is an address with credentials, the second a `Location` of a camera. */
export const ADDRESSES: Target = {
  name: 'addresses',
  limit: 4_096,
  words: wordsOf(
    'rtsp://',
    'rtsps://',
    'http://',
    'srt://',
    'v4l2:/dev/video0',
    'file:',
    '@',
    ':',
    '/',
    '?',
    '#',
    '%',
  ).concat(wordsOf('[::1]', '%2F', "'", '\u0000', 'xn--', 'ä', '..', '\\', '%ff')),
  parts: LINES,
  text: true,
  seeds: () =>
    [
      'rtsp://ann:p4ss-w0rd@camera.example:8554/quay?channel=1&subtype=0\nrtsps://other.example/quay',
      "https://ann:p4ss%2Fw0rd@[2001:db8::1]:8443/live'.m3u8\n/elsewhere?x=1",
      'rtsps://käse.example/user=ann_password=x\nrtsp://ann:p4ss@other/',
      'v4l2:/dev/video0\ntrack1',
    ].map((text) => Buffer.from(text)),
  take(input) {
    const [address = '', location = ''] = Buffer.from(input).toString('utf8').split('\n');
    const outcomes = [
      outcome(() => takeAddress(address)),
      outcome(() => {
        const { secure, url } = redirectTarget(FROM, location);
        holds(secure && url.startsWith('rtsps://'), 'no redirect leads out of TLS');
        return 'elsewhere';
      }),
    ];
    return outcomes.join(' ');
  },
};

function takeAddress(address: string): string {
  if (isFfmpegAddress(address)) {
    const split = address.includes('://') ? splitCredentials(address) : { url: address };
    const { args, script } = inputOf({ ...split, encode: false });
    holds(!PASSWORD.test(args.join(' ')), 'no password is in the arguments');
    holds(
      script === '' || /^ffconcat version 1\.0\nfile '[^\p{Cc}]*'\n$/u.test(script),
      'the list names one address',
    );
    return args.includes('pipe:0') ? 'ffmpeg' : 'ffmpeg by name';
  }
  const { url } = splitCredentials(address);
  const read = readRtspAddress(url);
  holds(
    /^rtsps?:\/\/[\x21-\x7e]+$/.test(read.url) && !read.url.includes('@'),
    'the address fits a request line',
  );
  holds(read.host !== '' && read.port >= 1 && read.port <= 65_535, 'there is a host and a port');
  holds(!/\?|\/.*=/.test(read.place), 'messages name no query');
  const again = readBack(() => readRtspAddress(read.url));
  holds(same({ ...again, place: read.place }, read), 'read again it is the same');
  return `${read.secure} ${read.host.includes(':')}`;
}

/** What came of it, or the code it was refused with. */
function outcome(take: () => string): string {
  try {
    return take();
  } catch (error) {
    if (!(error instanceof NightglassError)) throw error;
    return error.message.slice(0, 60);
  }
}
