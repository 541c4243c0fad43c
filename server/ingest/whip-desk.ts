/** Who publishes to one camera: nobody or one publisher. */
import { NightglassError } from '#wire/nightglass-error.ts';
import { accessUnits } from '../packets/access-units.ts';
import type { Source } from './source.ts';
import type { WhipFeed } from './whip-feed.ts';
import type { WhipNetwork } from './whip-network.ts';
import { readOffer } from './whip-offer.ts';
import { Publisher } from './whip-publisher.ts';

/** What becomes of a second publisher: it is refused, or the first one is ended. */
export type SecondPublisher = 'refuse' | 'replace';

/** A publisher this silent has lost its link or its page; a newcomer may take its place. Milliseconds. */
export const VACANT_MS = 8_000;

export interface Published {
  readonly publisher: Publisher;
  readonly answer: string;
}

/** Holds the publisher of one camera from its offer to its end. */
export class WhipDesk implements AsyncDisposable {
  /** Called when media can come. */
  onConnected: () => void = () => {};
  /** Called when a publisher is gone, with the reason in plain words. */
  onEnded: (why: string) => void = () => {};
  readonly #network: WhipNetwork;
  readonly #second: SecondPublisher;
  readonly #leaving = new Set<Publisher>();
  #publisher: Publisher | undefined;
  #closed = false;

  constructor(network: WhipNetwork, second: SecondPublisher) {
    this.#network = network;
    this.#second = second;
  }

  /** Who is connected and not silent. */
  get connected(): Publisher | undefined {
    const publisher = this.#publisher;
    return publisher?.state.name === 'connected' && publisher.silentFor < VACANT_MS ? publisher : undefined;
  }

  /** The session of that id, or nothing. */
  find(id: string): Publisher | undefined {
    return this.#publisher?.id === id ? this.#publisher : undefined;
  }

  /** @throws NightglassError `ingest/bad-offer`, `packets/unsupported-codec`, `ingest/already-published`, `http/stopping` */
  async publish(offer: string): Promise<Published> {
    const wanted = readOffer(offer);
    if (this.#closed) throw new NightglassError('http/stopping', 'the server is stopping');
    const first = this.#publisher;
    if (first !== undefined && this.#second === 'refuse' && first.silentFor < VACANT_MS)
      throw new NightglassError('ingest/already-published', 'somebody else publishes to this camera');
    const publisher = new Publisher(wanted, this.#network);
    publisher.onConnected = () => this.onConnected();
    publisher.onEnded = (why) => this.#ended(publisher, why);
    this.#publisher = publisher;
    first?.end('another publisher took its place');
    return { publisher, answer: await publisher.open() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#publisher?.end('the server is stopping');
    await Promise.all([...this.#leaving].map((publisher) => publisher[Symbol.asyncDispose]()));
  }

  #ended(publisher: Publisher, why: string): void {
    if (this.#publisher === publisher) this.#publisher = undefined;
    this.#leaving.add(publisher);
    publisher[Symbol.asyncDispose]().then(() => this.#leaving.delete(publisher));
    this.onEnded(why);
  }
}

/** The publisher of a desk as a camera. Without one it is unreachable, and says so. */
export function whipSource(desk: WhipDesk): Source {
  let watching: WhipFeed | undefined;
  return {
    requestKey: () => watching?.wantKey(),
    async *units(signal, tell) {
      const publisher = desk.connected;
      if (publisher === undefined)
        throw new NightglassError('ingest/no-publisher', 'nobody is publishing to this camera');
      using feed = publisher.watch();
      watching = feed;
      const stop = () => feed.end();
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) feed.end();
      try {
        for await (const unit of accessUnits(feed, publisher.track, tell)) {
          if (unit.key) feed.sawKey();
          yield unit;
        }
      } catch (error) {
        // Whatever came of being told to stop is no failure of the camera.
        if (!signal.aborted) throw error;
      } finally {
        if (watching === feed) watching = undefined;
        signal.removeEventListener('abort', stop);
      }
    },
  };
}
