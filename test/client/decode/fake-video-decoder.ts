/** A `VideoDecoder` for Node, which has none: one frame a unit, on demand, and failures as browsers report them. */

export class FakeFrame {
  closed = false;
  readonly timestamp: number;

  constructor(timestamp: number) {
    this.timestamp = timestamp;
  }

  close(): void {
    this.closed = true;
  }
}

/** What the page hands to `decode`. */
export class FakeChunk {
  readonly type: 'key' | 'delta';
  readonly timestamp: number;

  constructor({ type, timestamp }: { type: 'key' | 'delta'; timestamp: number }) {
    this.type = type;
    this.timestamp = timestamp;
  }
}

interface Callbacks {
  readonly output: (frame: FakeFrame) => void;
  readonly error: (error: DOMException) => void;
}

/** WebCodecs §4: configured before it decodes, a key unit first, closed by its own errors. */
export class FakeVideoDecoder {
  static opened: FakeVideoDecoder[] = [];
  static supported = (_codec: string): boolean => true;

  static async isConfigSupported(config: { codec: string }): Promise<{ supported: boolean }> {
    return { supported: FakeVideoDecoder.supported(config.codec) };
  }

  state: 'unconfigured' | 'configured' | 'closed' = 'unconfigured';
  readonly configs: Record<string, unknown>[] = [];
  readonly #callbacks: Callbacks;
  #queue: FakeChunk[] = [];
  #needsKey = true;

  constructor(callbacks: Callbacks) {
    this.#callbacks = callbacks;
    FakeVideoDecoder.opened.push(this);
  }

  get decodeQueueSize(): number {
    return this.#queue.length;
  }

  configure(config: Record<string, unknown>): void {
    if (this.state === 'closed') throw new DOMException('closed', 'InvalidStateError');
    this.state = 'configured';
    this.configs.push(config);
    this.#needsKey = true;
  }

  decode(chunk: FakeChunk): void {
    if (this.state !== 'configured') throw new DOMException(this.state, 'InvalidStateError');
    if (this.#needsKey && chunk.type !== 'key')
      throw new DOMException('a key chunk is required', 'DataError');
    this.#needsKey = false;
    this.#queue.push(chunk);
  }

  reset(): void {
    this.state = 'unconfigured';
    this.#queue = [];
  }

  close(): void {
    this.state = 'closed';
    this.#queue = [];
  }

  /** Puts out a frame for each unit that waits. */
  work(): FakeFrame[] {
    const frames = this.#queue.map(({ timestamp }) => new FakeFrame(timestamp));
    this.#queue = [];
    for (const frame of frames) this.#callbacks.output(frame);
    return frames;
  }

  fail(name: string): void {
    this.state = 'closed';
    this.#callbacks.error(new DOMException('the decoder failed', name));
  }
}
