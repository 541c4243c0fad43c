/** Encodes the pictures of one clip, one size, in order. */
import { NightglassError } from '#wire/nightglass-error.ts';
import { chooseEncoder, type EncodedSize } from './encoder-choice.ts';
import type { TrackConfig } from './mp4-header.ts';

export interface EncodedPicture {
  readonly data: Uint8Array;
  readonly key: boolean;
  readonly timestamp: number;
  readonly config: TrackConfig;
}

/** Another place to begin at least so often. µs. */
const KEY_INTERVAL = 2_000_000;
/** More pictures than this are not put into the encoder at once. */
const QUEUE = 3;

export class PictureEncoder implements Disposable {
  readonly size: EncodedSize;
  readonly #encoder: VideoEncoder;
  readonly #config: VideoEncoderConfig;
  #described: TrackConfig | undefined;
  #lastKey: number | undefined;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  private constructor(
    size: EncodedSize,
    config: VideoEncoderConfig,
    encoded: (picture: EncodedPicture) => void,
  ) {
    this.size = size;
    this.#config = config;
    this.#encoder = new VideoEncoder({
      output: (chunk, metadata) => {
        if (metadata?.decoderConfig) this.#described = this.#describe(metadata.decoderConfig);
        const data = new Uint8Array(chunk.byteLength);
        chunk.copyTo(data);
        const { timestamp } = chunk;
        if (this.#described) encoded({ data, key: chunk.type === 'key', timestamp, config: this.#described });
      },
      error: (error) => {
        this.#failure = error;
        this.#wake();
      },
    });
    this.#encoder.addEventListener('dequeue', () => this.#wake());
    this.#encoder.configure(config);
  }

  /** `encoded` is called for each picture, in order. @throws NightglassError `record/no-encoder` */
  static async open(size: EncodedSize, encoded: (picture: EncodedPicture) => void): Promise<PictureEncoder> {
    const config = await chooseEncoder(size, async (asked) => {
      const { supported } = await VideoEncoder.isConfigSupported(asked).catch(() => ({ supported: false }));
      return supported === true;
    });
    if (config) return new PictureEncoder(size, config, encoded);
    const { width, height } = size;
    throw new NightglassError(
      'record/no-encoder',
      `this browser encodes no video of ${width}×${height} pixels`,
    );
  }

  get codec(): string {
    return this.#described?.codec ?? this.#config.codec;
  }

  /** Takes the frame over. Resolves when the encoder can take another. @throws what the encoder failed with */
  async encode(frame: VideoFrame): Promise<void> {
    try {
      this.#check();
      const { timestamp } = frame;
      const keyFrame = this.#lastKey === undefined || timestamp - this.#lastKey >= KEY_INTERVAL;
      if (keyFrame) this.#lastKey = timestamp;
      this.#encoder.encode(frame, { keyFrame });
    } finally {
      frame.close();
    }
    while (this.#encoder.encodeQueueSize >= QUEUE && !this.#failure)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#check();
  }

  /** Resolves when everything is encoded. */
  async finish(): Promise<void> {
    this.#check();
    await this.#encoder.flush();
  }

  [Symbol.dispose](): void {
    if (this.#encoder.state !== 'closed') this.#encoder.close();
  }

  #check(): void {
    if (this.#failure) throw this.#failure;
  }

  #describe(config: VideoDecoderConfig): TrackConfig {
    const { width: codedWidth, height: codedHeight } = this.size;
    return { ...config, codedWidth, codedHeight };
  }
}
