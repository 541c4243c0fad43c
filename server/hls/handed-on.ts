/** What the addresses in a playlist carry on of the playlist's own address. */
import { NightglassError } from '#wire/nightglass-error.ts';

/** For players that send headers with the playlist alone, and for those that take no second init segment. */
export interface HandedOn {
  /** Follows each address: empty, or a query with its `?`. */
  readonly query: string;
  /** Parameter sets are wanted in the samples too. */
  readonly inBand: boolean;
}

export const NOTHING_HANDED_ON: HandedOn = { query: '', inBand: false };

/**
 * `token` as it was given, and `sets=in-band`; nothing else is carried on.
 * @param query of the playlist's address @throws NightglassError `http/bad-request`
 */
export function handedOn(query: URLSearchParams): HandedOn {
  const inBand = wantsInBand(query);
  const token = query.get('token');
  const carried = new URLSearchParams();
  if (token !== null) carried.set('token', token);
  if (inBand) carried.set('sets', 'in-band');
  return { query: carried.size === 0 ? '' : `?${carried}`, inBand };
}

/** @throws NightglassError `http/bad-request` */
export function wantsInBand(query: URLSearchParams): boolean {
  const sets = query.get('sets');
  if (sets === null || sets === 'in-band') return sets !== null;
  throw new NightglassError('http/bad-request', 'sets: nothing or in-band was expected');
}
