/** One tile's decoder: access units in, the newest frame out, whatever happens to the browser's decoder meanwhile. */
import type { VideoConfig } from '#wire/access-unit.ts';
import { sameConfig } from '#wire/access-unit.ts';
import type { MediaMessage, UnitMessage } from '#wire/message.ts';
import { type Micros, micros } from '#wire/time.ts';
import { worthShowing } from './catch-up.ts';
import { Mailbox } from './mailbox.ts';
import { decoderConfig, supports } from './supports.ts';
import { type Origin, UnitLedger } from './unit-ledger.ts';

/** What the decoder is doing; each state holds only what is true in it. */
export type DecoderState =
  /** None is open; the next key unit opens one. */
  | { readonly state: 'closed' }
  /** Open, and nothing decodes until a key unit comes. */
  | { readonly state: 'awaiting-key'; readonly decoder: VideoDecoder; readonly config: VideoConfig }
  | { readonly state: 'decoding'; readonly decoder: VideoDecoder; readonly config: VideoConfig }
  /** This browser cannot decode the codec; another config may change that. */
  | { readonly state: 'unsupported'; readonly config: VideoConfig }
  /** Failed again and again; the next key unit tries once more. */
  | { readonly state: 'failed'; readonly message: string };

/** A decoded picture and what is known of it. Whoever holds it closes its frame. */
export interface Picture extends Origin {
  readonly frame: VideoFrame;
}

/** What became of the units; counted for ever. */
export interface Tally {
  decoded: number;
  /** Frames that a newer one overtook. */
  late: number;
  /** Units that no decoder took. */
  undecodable: number;
}

export interface DecoderNews {
  readonly changed: (state: DecoderState) => void;
  /** The decoder was lost, and a key unit is wanted sooner than the camera sends one. */
  readonly lost: () => void;
}

/** A decoder this many units behind gives them up: more than the GOP of a camera that saves on key units. */
const BACKLOG = 900;
const FAILURES_IN_A_ROW = 3;

export class TileDecoder implements Disposable {
  readonly tally: Tally = { decoded: 0, late: 0, undecodable: 0 };
  /** Holds the newest frame that is worth showing. */
  readonly pictures = new Mailbox<Picture>((older) => this.#drop(older.frame));
  /** True while the pictures come from elsewhere: what was still being decoded is dropped. */
  muted = false;
  readonly #news: DecoderNews;
  readonly #Decoder: typeof VideoDecoder;
  readonly #ledger = new UnitLedger();
  #state: DecoderState = { state: 'closed' };
  #config: VideoConfig | undefined;
  #newest: Micros = micros(0);
  #failures = 0;
  #quietSince: number | undefined;
  #first = true;
  #disposed = false;

  /** `Decoder` is the browser's own; a test may hand in another. */
  constructor(news: DecoderNews, Decoder: typeof VideoDecoder = globalThis.VideoDecoder) {
    this.#news = news;
    this.#Decoder = Decoder;
  }

  /** Takes the next message of `inSequence`. Never throws: failures become states. */
  async feed(message: MediaMessage): Promise<void> {
    if (message.kind === 'config') this.#config = message.config;
    else if (message.kind === 'unit') await this.#decode(message);
    else this.#breakOff();
  }

  /** Takes a picture that was decoded elsewhere, in place of its own. */
  receive(picture: Picture): void {
    this.tally.decoded++;
    this.pictures.put(picture);
  }

  /** Fails as a decoder does that the browser takes away. */
  rehearseLoss(): void {
    if ('decoder' in this.#state) this.#state.decoder.close();
    this.#failed(new DOMException('A lost decoder was rehearsed.', 'QuotaExceededError'));
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#close();
    this.pictures.end();
  }

  async #decode(unit: UnitMessage): Promise<void> {
    if (unit.key) await this.#makeReady();
    if (this.#state.state !== 'decoding') {
      this.tally.undecodable++;
      return;
    }
    const { decoder, config } = this.#state;
    if (decoder.decodeQueueSize > BACKLOG) {
      this.tally.late += decoder.decodeQueueSize;
      this.tally.undecodable++;
      decoder.reset();
      decoder.configure(decoderConfig(config));
      this.#become({ state: 'awaiting-key', decoder, config });
      return;
    }
    this.#ledger.enter(unit);
    this.#newest = unit.timestamp;
    const { timestamp, data } = unit;
    try {
      decoder.decode(new EncodedVideoChunk({ type: unit.key ? 'key' : 'delta', timestamp, data }));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Before a key unit: from whatever state to `decoding`, if that can be. */
  async #makeReady(): Promise<void> {
    const config = this.#config;
    if (!config) return;
    const known = 'config' in this.#state && sameConfig(this.#state.config, config);
    // Told again with each key unit: another codec may have been asked for meanwhile, in vain.
    if (known && this.#state.state === 'unsupported') this.#become(this.#state);
    if (known && this.#state.state !== 'awaiting-key') return;
    const supported = known || (await supports(this.#Decoder, config));
    if (this.#disposed) return;
    if (!supported) {
      this.#close();
      this.#become({ state: 'unsupported', config });
      return;
    }
    try {
      const decoder = 'decoder' in this.#state ? this.#state.decoder : this.#open();
      if (!known) decoder.configure(decoderConfig(config));
      this.#become({ state: 'decoding', decoder, config });
    } catch (error) {
      this.#failed(error);
    }
  }

  #open(): VideoDecoder {
    const decoder: VideoDecoder = new this.#Decoder({
      output: (frame) => this.#output(frame),
      error: (error) => {
        if ('decoder' in this.#state && this.#state.decoder === decoder) this.#failed(error);
      },
    });
    return decoder;
  }

  #output(frame: VideoFrame): void {
    this.tally.decoded++;
    this.#failures = 0;
    const now = performance.now();
    this.#quietSince ??= now;
    const origin = this.#ledger.take(frame.timestamp);
    const quietMs = now - this.#quietSince;
    const worth =
      origin && !this.muted && worthShowing({ ...origin, newest: this.#newest, quietMs, first: this.#first });
    if (!worth) {
      this.#drop(frame);
      return;
    }
    this.#first = false;
    this.#quietSince = now;
    this.pictures.put({ frame, ...origin });
  }

  #drop(frame: VideoFrame): void {
    this.tally.late++;
    frame.close();
  }

  #breakOff(): void {
    this.#quietSince = undefined;
    if (this.#state.state === 'decoding') this.#become({ ...this.#state, state: 'awaiting-key' });
  }

  #failed(cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    // The browser takes decoders from pages in the background; that is no failure (WebCodecs §reclaiming).
    if (error.name !== 'QuotaExceededError') this.#failures++;
    this.#close();
    if (this.#failures >= FAILURES_IN_A_ROW) this.#become({ state: 'failed', message: error.message });
    this.#news.lost();
  }

  #close(): void {
    this.#quietSince = undefined;
    if ('decoder' in this.#state && this.#state.decoder.state !== 'closed') this.#state.decoder.close();
    this.#become({ state: 'closed' });
  }

  #become(state: DecoderState): void {
    this.#state = state;
    this.#news.changed(state);
  }
}
