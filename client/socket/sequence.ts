/** Whether an access unit follows on the one before it; one that does not would decode into a broken picture. */
import type { MediaMessage } from '#wire/message.ts';

/** Where a tile stands in its stream. */
export type Place =
  | { readonly state: 'awaiting-key' }
  | {
      readonly state: 'following';
      readonly epoch: number;
      readonly group: number;
      readonly index: number;
    };

export const AWAITING_KEY: Place = { state: 'awaiting-key' };

/**
 * The place after `message`, and whether it goes on to the decoder: `take`, `skip` (a unit that nothing precedes),
 * or `break` (units are missing before it: the decoder must be told, and the unit skipped).
 * A unit follows on if it is a key unit, or of the same epoch and group and its index is the one before plus 1.
 */
export function follow(
  place: Place,
  message: MediaMessage,
): { readonly place: Place; readonly verdict: 'take' | 'skip' | 'break' } {
  if (message.kind === 'config') return { place, verdict: 'take' };
  if (message.kind !== 'unit') return { place: AWAITING_KEY, verdict: 'take' };
  const { epoch, group, index } = message;
  if (message.key) return { place: { state: 'following', epoch, group, index }, verdict: 'take' };
  if (place.state === 'awaiting-key') return { place, verdict: 'skip' };
  const follows = place.epoch === epoch && place.group === group && place.index + 1 === index;
  return follows
    ? { place: { ...place, index }, verdict: 'take' }
    : { place: AWAITING_KEY, verdict: 'break' };
}

/**
 * The messages a decoder can use, in order. Where units are missing a `gap` of 0 dropped units stands for the break,
 * and nothing but a config follows it before the next key unit. `skipped` is called for every unit left out.
 */
export async function* inSequence(
  messages: AsyncIterable<MediaMessage>,
  skipped: () => void,
): AsyncGenerator<MediaMessage, void> {
  let place = AWAITING_KEY;
  for await (const message of messages) {
    const step = follow(place, message);
    place = step.place;
    if (step.verdict === 'take') {
      yield message;
      continue;
    }
    skipped();
    if (step.verdict === 'break') {
      const { stream, epoch, group, index, sentAt } = message;
      yield { kind: 'gap', stream, epoch, group, index, sentAt, dropped: 0 };
    }
  }
}
