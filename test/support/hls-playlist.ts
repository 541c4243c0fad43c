/** Reads an HLS media playlist (RFC 8216bis §4), independently of the code under test. */

export interface ListedPart {
  readonly uri: string;
  readonly duration: number;
  readonly independent: boolean;
}

export interface ListedSegment {
  readonly number: number;
  /** Discontinuity sequence number. */
  readonly discontinuities: number;
  readonly discontinuity: boolean;
  readonly map: string | undefined;
  /** Milliseconds since 1970. */
  readonly dateTime: number | undefined;
  readonly parts: readonly ListedPart[];
  /** Absent of the segment that grows. */
  readonly whole: { readonly uri: string; readonly duration: number } | undefined;
}

export interface MediaPlaylist {
  /** Of tags that stand once, by their names without `#EXT-X-`. */
  readonly tags: ReadonlyMap<string, string>;
  readonly skipped: number;
  readonly segments: readonly ListedSegment[];
  readonly hint: string | undefined;
}

/** Tags of the whole playlist; each may stand once. */
const ONCE = ['VERSION', 'TARGETDURATION', 'SERVER-CONTROL', 'PART-INF', 'MEDIA-SEQUENCE']
  .concat(['DISCONTINUITY-SEQUENCE', 'SKIP', 'ENDLIST', 'PLAYLIST-TYPE', 'INDEPENDENT-SEGMENTS'])
  .concat(['PRELOAD-HINT']);

/** @throws Error for a line that is none of a live playlist, or stands where it may not */
export function readPlaylist(text: string): MediaPlaylist {
  const [head, ...lines] = text.split('\n');
  if (head !== '#EXTM3U') throw new Error(`a playlist begins with #EXTM3U, not ${head}`);
  if (lines.pop() !== '') throw new Error('the last line of a playlist ends');
  const tags = new Map<string, string>();
  const segments: ListedSegment[] = [];
  let open = fresh();
  let map: string | undefined;
  let number = 0;
  let discontinuities = 0;
  let extinf: number | undefined;
  const finish = (uri?: string): void => {
    const whole = uri === undefined ? undefined : { uri, duration: extinf! };
    segments.push({ ...open, number, discontinuities, map, whole });
    number += 1;
    extinf = undefined;
    open = fresh();
  };
  for (const line of lines) {
    if (!line.startsWith('#')) {
      if (extinf === undefined) throw new Error(`${line} has no EXTINF`);
      finish(line);
      continue;
    }
    const [, name = '', value = ''] = /^#(?:EXT-X-)?([A-Z0-9-]+)(?::(.*))?$/.exec(line) ?? [];
    if (ONCE.includes(name)) {
      if (tags.has(name)) throw new Error(`${name} stands twice`);
      if (segments.length > 0 && !['ENDLIST', 'PRELOAD-HINT'].includes(name))
        throw new Error(`${name} comes late`);
      tags.set(name, value);
      if (name === 'MEDIA-SEQUENCE') number = Number(value);
      if (name === 'DISCONTINUITY-SEQUENCE') discontinuities = Number(value);
      if (name === 'SKIP') number += Number(attributesOf(value).get('SKIPPED-SEGMENTS'));
    } else if (name === 'DISCONTINUITY') {
      discontinuities += 1;
      open.discontinuity = true;
    } else if (name === 'MAP') map = attributesOf(value).get('URI');
    else if (name === 'PROGRAM-DATE-TIME') open.dateTime = Date.parse(value);
    else if (name === 'PART') open.parts.push(partOf(attributesOf(value)));
    else if (name === 'EXTINF') extinf = Number(/^(\d+\.\d+),$/.exec(value)?.[1]);
    else throw new Error(`${line} is no line of a live playlist`);
  }
  if (open.parts.length > 0) finish();
  const skip = attributesOf(tags.get('SKIP') ?? '').get('SKIPPED-SEGMENTS') ?? '0';
  const hint = attributesOf(tags.get('PRELOAD-HINT') ?? '').get('URI');
  return { tags, skipped: Number(skip), segments, hint };
}

interface Fresh {
  parts: ListedPart[];
  discontinuity: boolean;
  dateTime: number | undefined;
}

const fresh = (): Fresh => ({ parts: [], discontinuity: false, dateTime: undefined });

const partOf = (attributes: ReadonlyMap<string, string>): ListedPart => ({
  uri: attributes.get('URI') ?? '',
  duration: Number(attributes.get('DURATION')),
  independent: attributes.get('INDEPENDENT') === 'YES',
});

/** An attribute list (§4.2), quotes taken off. */
export const attributesOf = (list: string): Map<string, string> =>
  new Map(
    [...list.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,]*))/g)].map(([, name, quoted, plain]) => [
      name!,
      quoted ?? plain ?? '',
    ]),
  );
