/** The candidates a publisher sends after its offer (RFC 8840: application/trickle-ice-sdpfrag). Pure. */
import { NightglassError } from '#wire/nightglass-error.ts';
import { usableCandidate } from './whip-offer.ts';

export interface IceFragment {
  readonly ufrag: string;
  /** `candidate:…`, each with the `a=mid` of the section it stands in. Names and TCP are left out. */
  readonly candidates: readonly { readonly candidate: string; readonly mid: string }[];
}

const LINES_LIMIT = 256;

/** @throws NightglassError `http/bad-request` */
export function readFragment(text: string): IceFragment {
  const lines = text.split(/\r\n|\n/).filter((line) => line !== '');
  if (lines.length > LINES_LIMIT || lines.some((line) => !/^[a-z]=/.test(line)))
    throw new NightglassError('http/bad-request', 'an SDP fragment of ICE candidates was expected');
  const ufrag = lines.find((line) => line.startsWith('a=ice-ufrag:'))?.slice('a=ice-ufrag:'.length);
  if (ufrag === undefined)
    throw new NightglassError(
      'http/bad-request',
      'the SDP fragment names no session: a=ice-ufrag is missing',
    );
  let mid = '0';
  const candidates: { candidate: string; mid: string }[] = [];
  for (const line of lines) {
    if (line.startsWith('a=mid:')) mid = line.slice('a=mid:'.length);
    if (line.startsWith('a=candidate:') && usableCandidate(line))
      candidates.push({ candidate: line.slice('a='.length), mid });
  }
  return { ufrag, candidates };
}
