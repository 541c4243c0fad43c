/** What a viewer asks HLS and clips for: queries of playlists, names of stored segments, names of clips. */
import { isAbsolute, normalize } from 'node:path';
import { cameraOfClip, clipFileKind } from '#wire/clip-name.ts';
import { initOf, isHalf, isHour, nameOf, placeOf, storedOf } from '../../../server/hls/archive-names.ts';
import { handedOn } from '../../../server/hls/handed-on.ts';
import { playlistRequest } from '../../../server/hls/live-request.ts';
import { LINES } from '../parts.ts';
import { holds, readBack, same, type Target, wordsOf } from '../target.ts';

/** Letters that would end an attribute, a line or an address in a playlist. */
const BREAKS_OUT = /["\s\p{Cc}]/u;

/** Whether a name, put behind a folder, stays in it: a relative path that goes nowhere else. */
const staysInside = (place: string): boolean =>
  !isAbsolute(place) && normalize(place) === place && !place.startsWith('..') && !/[\\\0]/.test(place);

/** The whole input is the query of a playlist's address. */
export const HLS_QUERY: Target = {
  name: 'hls-query',
  limit: 4_096,
  words: wordsOf('_HLS_msn=', '_HLS_part=', '_HLS_skip=', 'YES', 'v2', '&', '=', '%22', '%0A', '+').concat(
    wordsOf('token=', 'sets=in-band', '-1', '1e9', '999999999999999', '\n#EXT-X-ENDLIST', '%', '%ff', '"'),
  ),
  text: true,
  seeds: () =>
    [
      '_HLS_msn=217000000&_HLS_part=3&_HLS_skip=YES',
      '_HLS_msn=0&token=abc-DEF_123&sets=in-band',
      'token=a%22%0A%23EXT-X-KEY&_HLS_skip=v2',
    ].map((text) => Buffer.from(text)),
  take(input) {
    const query = new URLSearchParams(Buffer.from(input).toString('utf8'));
    const carried = handedOn(query);
    holds(!BREAKS_OUT.test(carried.query), 'what is carried on stays within its address');
    const again = new URLSearchParams(carried.query);
    holds(again.get('token') === query.get('token'), 'the token is carried on as it came');
    holds(
      [...again.keys()].every((name) => ['token', 'sets'].includes(name)),
      'nothing else is carried on',
    );
    holds(
      same(
        readBack(() => handedOn(again)),
        carried,
      ),
      'carried on again it is the same',
    );
    const { number, part, delta } = playlistRequest(query);
    for (const one of [number, part])
      holds(one === undefined || (Number.isSafeInteger(one) && one >= 0), 'numbers are whole and exact');
    return `${number === undefined ? '' : 'number '}${part === undefined ? '' : 'part '}${delta} ${carried.inBand}`;
  },
};

const SEGMENT = '1780000000000000-0-2000000-50-1048576-0123456789abcdef-dk.m4s';
const CLIP = 'quay-20260529T064000.512Z-3f9a';

/** The first line is the name of a file of the past, the second a clip's id, the third a file of it. */
export const FILE_NAMES: Target = {
  name: 'file-names',
  limit: 1_024,
  words: wordsOf('../', '..', '/', '\\', '%2f', '\u0000', '.part', '.m4s', '.mp4', '-dk', '-d', '-k').concat(
    wordsOf('init-', '0123456789abcdef', '0000', '9007199254740992', 'poster.jpg', '.json', '-side-by-side'),
  ),
  parts: LINES,
  text: true,
  seeds: () =>
    [
      `${SEGMENT}\n${CLIP}\n${CLIP}.mp4`,
      `init-0123456789abcdef.mp4\n${CLIP}\n${CLIP}.json`,
      `${SEGMENT}.part\n${CLIP}\nposter.jpg`,
      `0000000000000000-999999-0-1-1-ffffffffffffffff.m4s\n${CLIP}\n${CLIP}-side-by-side.webm`,
      '2026-05-28T20\nx\ny',
    ].map((text) => Buffer.from(text)),
  take(input) {
    const [name = '', id = '', file = ''] = Buffer.from(input).toString('utf8').split('\n');
    const stored = storedOf(name);
    if (stored !== undefined) {
      holds(nameOf(stored) === name, 'a segment has one name');
      const [hour = '', ...rest] = readBack(() => placeOf(stored)).split('/');
      holds(isHour(hour) && same(rest, [name]), 'a segment lies in the folder of its hour');
    }
    const init = initOf(name);
    const kinds = [stored !== undefined, init !== undefined, isHalf(name), isHour(name)];
    holds(kinds.filter(Boolean).length <= 1, 'a name is of one kind');
    if (kinds.includes(true)) holds(staysInside(name), 'a file of the past stays in its folder');
    const camera = cameraOfClip(id);
    const kind = clipFileKind(id, file);
    if (camera !== undefined) holds(staysInside(id) && id.startsWith(camera), 'a clip stays in its folder');
    if (kind !== undefined)
      holds(camera !== undefined && staysInside(file), 'a file of a clip stays in its folder');
    return `${kinds.indexOf(true)} ${camera !== undefined} ${kind}`;
  },
};
