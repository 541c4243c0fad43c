/** RTP packets of one video track → access units: the step that RTSP and WebRTC cameras share. */
import type { AccessUnit } from '#wire/access-unit.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { type PictureReader, pictureReader, type ReadPicture } from './picture-reader.ts';
import { RtpClock } from './rtp-clock.ts';
import type { RtpItem, VideoTrack } from './rtp-item.ts';
import type { TellFault } from './stream-fault.ts';

/**
 * What the decoder at the other end can do with the next delta unit. Before the first key unit nothing, yet the unit
 * is handed on, because it proves that pictures flow. After a loss nothing either, and the unit is dropped: a decoder
 * fed with it would show a broken picture.
 */
type Decodable = 'not-yet' | 'yes' | 'lost';

/**
 * Yields every whole access unit of a track, in the order sent; after a loss, from the next key unit on. Ends when
 * `items` ends. Payloads are copied, as a rule once, into the unit's data.
 * @param tell told of what goes wrong meanwhile
 * @throws NightglassError `packets/malformed` for a parameter set that cannot be read or a clock rate of 0,
 * `packets/unsupported-codec` for packets that are interleaved or of a kind that is not carried
 */
export async function* accessUnits(
  items: AsyncIterable<RtpItem>,
  track: VideoTrack,
  tell: TellFault = () => {},
): AsyncGenerator<AccessUnit, void, undefined> {
  if (!(track.clockRate > 0))
    throw new NightglassError(
      'packets/malformed',
      `a clock rate above 0 was expected, ${track.clockRate} came`,
    );
  const reader = pictureReader(track);
  const pictures = new Pictures(track, reader, tell);
  for await (const item of items) {
    if (item.kind === 'sender-report') pictures.clock.hear(item);
    else
      for (const picture of reader.push(item)) {
        const unit = pictures.next(picture);
        if (unit) yield unit;
      }
  }
  for (const picture of reader.end()) {
    const unit = pictures.next(picture);
    if (unit) yield unit;
  }
}

class Pictures {
  readonly clock: RtpClock;
  readonly #reader: PictureReader;
  readonly #tell: TellFault;
  #decodable: Decodable = 'not-yet';
  #restamped = 0;

  constructor(track: VideoTrack, reader: PictureReader, tell: TellFault) {
    this.clock = new RtpClock(track.clockRate, (fault) => tell({ kind: 'wall-clock', fault }));
    this.#tell = tell;
    this.#reader = reader;
  }

  next(read: ReadPicture): AccessUnit | undefined {
    const { afterLoss } = read;
    const picture = read.assemble(afterLoss || this.#decodable !== 'yes');
    if (typeof picture === 'object' && picture.key) this.#decodable = 'yes';
    else if (this.#decodable === 'yes' && (afterLoss || !picture)) this.#decodable = 'lost';
    const useless = picture !== 'unshowable' && this.#decodable === 'lost';
    // How many were lost before this one, nothing says: one at least.
    const lost = (afterLoss ? 1 : 0) + (useless ? 1 : 0);
    if (lost > 0) this.#tell({ kind: 'lost', units: lost });
    if (!picture && this.#decodable === 'not-yet') this.#tell({ kind: 'unreadable' });
    if (!picture || picture === 'unshowable' || useless) return undefined;
    const times = this.clock.read(read, this.#reader.reordered);
    if (this.clock.restamped > this.#restamped) this.#tell({ kind: 'restamped' });
    this.#restamped = this.clock.restamped;
    return { ...picture, ...times };
  }
}
