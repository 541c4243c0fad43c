/** When the pictures of a file begin, read from its index one GOP at a time, so that one picture can be stepped. */
import {
  BlobSource,
  type EncodedPacket,
  EncodedPacketSink,
  Input,
  type InputVideoTrack,
  MATROSKA,
  MP4,
  QTFF,
  WEBM,
} from 'mediabunny';

/** Everything else is made an MP4 before it is played. */
const FORMATS = [MP4, QTFF, WEBM, MATROSKA];
/** Less than any picture lasts. Seconds. */
const SLACK = 0.001;
/** A file with fewer key pictures than this is looked at no further than this from one. Pictures. */
const GOP_LIMIT = 20_000;
const INDEX_ONLY = { metadataOnly: true } as const;

/** All times are seconds in the `<video>`'s own time. Whoever opened it disposes of it. */
export class PictureTimes implements Disposable {
  readonly #input: Input;
  readonly #track: InputVideoTrack;
  readonly #sink: EncodedPacketSink;
  /** In the order shown. */
  #known: readonly number[] = [];

  private constructor(input: Input, track: InputVideoTrack, sink: EncodedPacketSink) {
    this.#input = input;
    this.#track = track;
    this.#sink = sink;
  }

  /** Nothing where the file is of a kind whose index is not read here: a step there is a guess. */
  static async open(file: Blob): Promise<PictureTimes | undefined> {
    const input = new Input({ source: new BlobSource(file), formats: FORMATS });
    try {
      const track = await input.getPrimaryVideoTrack();
      if (track) return new PictureTimes(input, track, new EncodedPacketSink(track));
    } catch (error) {
      console.warn('convert/unreadable', error);
    }
    input.dispose();
    return undefined;
  }

  /** When the picture that is shown at `seconds` begins; the first one where none is shown yet. */
  async at(seconds: number): Promise<number | undefined> {
    const times = await this.#around(seconds);
    return times.findLast((time) => time <= seconds + SLACK) ?? times[0];
  }

  /** When the picture after the one shown at `seconds` begins; undefined at the last. */
  async after(seconds: number): Promise<number | undefined> {
    return (await this.#around(seconds)).find((time) => time > seconds + SLACK);
  }

  /** When the picture before the one shown at `seconds` begins; undefined at the first. */
  async before(seconds: number): Promise<number | undefined> {
    const shown = await this.at(seconds);
    if (shown === undefined || shown - 2 * SLACK < 0) return undefined;
    return (await this.#around(shown - 2 * SLACK)).findLast((time) => time < shown - SLACK);
  }

  /** When the last picture ends. May read all of a file that has no index. */
  end(): Promise<number> {
    return this.#track.computeDuration(INDEX_ONLY);
  }

  [Symbol.dispose](): void {
    this.#input.dispose();
  }

  /** The pictures of at least the GOP at `seconds`, and the first of the one after it. */
  async #around(seconds: number): Promise<readonly number[]> {
    const covered =
      this.#known.length > 0 && this.#known[0]! <= seconds && seconds < this.#known.at(-1)! - SLACK;
    if (covered) return this.#known;
    const times: number[] = [];
    // One GOP further back where pictures that are shown before a key picture are stored after it (open GOP).
    let packet = (await this.#keyBefore(seconds)) ?? (await this.#sink.getFirstPacket(INDEX_ONLY));
    let end: EncodedPacket | undefined;
    while (packet && times.length < GOP_LIMIT) {
      times.push(packet.timestamp);
      if (end && packet.timestamp > end.timestamp) break;
      if (packet.type === 'key' && packet.timestamp > seconds + SLACK) end ??= packet;
      packet = await this.#sink.getNextPacket(packet, INDEX_ONLY);
    }
    this.#known = times.sort((a, b) => a - b);
    return this.#known;
  }

  async #keyBefore(seconds: number): Promise<EncodedPacket | null> {
    const key = await this.#sink.getKeyPacket(seconds + SLACK, INDEX_ONLY);
    return key && ((await this.#sink.getKeyPacket(key.timestamp - SLACK, INDEX_ONLY)) ?? key);
  }
}
