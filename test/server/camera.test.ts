import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import type { CameraState } from '#wire/camera-state.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { micros, wallNow } from '#wire/time.ts';
import { Camera } from '../../server/camera.ts';
import type { Limits } from '../../server/config.ts';
import type { StreamItem } from '../../server/fanout/stream-item.ts';
import type { Source } from '../../server/ingest/source.ts';
import type { StreamFault, TellFault } from '../../server/packets/stream-fault.ts';

const LIMITS: Limits = {
  closeAfterSeconds: 0.02,
  pictureTimeoutSeconds: 600,
  keyTimeoutSeconds: 120,
  gopMiB: 1,
  queueMiB: 1,
  queueSeconds: 2,
  encoders: 1,
  freeGiB: 2,
};

const CONFIG = { codec: 'avc1.640028', codedWidth: 64, codedHeight: 48, format: 'annexb' } as const;

const unit = (key: boolean): AccessUnit => {
  const common = {
    timestamp: micros(0),
    capturedAt: wallNow(),
    captureClock: 'arrival',
    data: new Uint8Array(8),
  } as const;
  return key ? { ...common, key, config: CONFIG } : { ...common, key };
};

type Step = AccessUnit | StreamFault | Error | 'end';

/** A camera whose every connection does what the script says: units and faults, then an error, an end, or silence. */
class ScriptedSource implements Source {
  readonly #script: readonly (readonly Step[])[];
  readonly #heard = new Set<() => void>();
  opened = 0;
  closed = 0;
  keysAsked = 0;

  constructor(...script: readonly (readonly Step[])[]) {
    this.#script = script;
  }

  requestKey(): void {
    this.keysAsked++;
  }

  async *units(signal: AbortSignal, tell: TellFault): AsyncIterable<AccessUnit> {
    const connection = this.#script[Math.min(this.opened, this.#script.length - 1)]!;
    this.opened++;
    this.#tell();
    try {
      for (const step of connection) {
        if (step === 'end') return;
        if (step instanceof Error) throw step;
        if ('kind' in step) tell(step);
        else yield step;
      }
      if (!signal.aborted) await new Promise((aborted) => signal.addEventListener('abort', aborted));
    } finally {
      this.closed++;
      this.#tell();
    }
  }

  /** Resolves when a count is reached. */
  async reaches(count: () => boolean): Promise<void> {
    while (!count()) await new Promise<void>((resolve) => this.#heard.add(resolve));
  }

  #tell(): void {
    for (const resolve of this.#heard) resolve();
    this.#heard.clear();
  }
}

/** The states a viewer is told, in order, up to the first that satisfies the condition. */
async function statesUntil(
  items: AsyncIterator<StreamItem>,
  condition: (state: CameraState) => boolean,
): Promise<CameraState[]> {
  const states: CameraState[] = [];
  for (;;) {
    const { value, done } = await items.next();
    if (done) throw new Error(`the reader ended after ${named(states)}`);
    if (value.kind !== 'state') continue;
    states.push(value.state);
    if (condition(value.state)) return states;
  }
}

const named = (states: readonly CameraState[]): string[] => states.map(({ state }) => state);

describe('a camera', () => {
  let camera: Camera;

  afterEach(async () => {
    vi.useRealTimers();
    await camera[Symbol.asyncDispose]();
  });

  const open = (source: Source, always = false): Camera => {
    const settings = { name: 'quay', title: 'Quay', always, source: { kind: 'replay', file: '' } } as const;
    camera = new Camera(settings, source, LIMITS, pino({ level: 'silent' }));
    return camera;
  };

  it('stays closed until somebody watches, and closes after the last has left', async () => {
    const source = new ScriptedSource([unit(true)]);
    const { stream } = open(source);
    expect(source.opened).toBe(0);
    const first = stream.read({ want: 'live' });
    const second = stream.read({ want: 'live' });
    await source.reaches(() => source.opened === 1);
    first[Symbol.dispose]();
    second[Symbol.dispose]();
    await source.reaches(() => source.closed === 1);
    expect(source.opened).toBe(1);
  });

  it('stays open for a viewer who comes back in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const source = new ScriptedSource([unit(true)]);
    const { stream } = open(source);
    stream.read({ want: 'live' })[Symbol.dispose]();
    using back = stream.read({ want: 'live' });
    await statesUntil(back[Symbol.asyncIterator](), ({ state }) => state === 'live');
    await vi.advanceTimersByTimeAsync(LIMITS.closeAfterSeconds * 10_000);
    expect(source).toMatchObject({ opened: 1, closed: 0 });
  });

  it('opens again for a viewer who comes later', async () => {
    const source = new ScriptedSource([unit(true)]);
    const { stream } = open(source);
    stream.read({ want: 'live' })[Symbol.dispose]();
    await source.reaches(() => source.closed === 1);
    using _later = stream.read({ want: 'live' });
    await source.reaches(() => source.opened === 2);
  });

  it('is open without viewers when it is to be open always', async () => {
    const source = new ScriptedSource([unit(true)]);
    open(source, true);
    await source.reaches(() => source.opened === 1);
  });

  it('tells that it waits for a key frame while only delta units come', async () => {
    using reader = open(new ScriptedSource([unit(false), unit(false), unit(true)])).stream.read({
      want: 'live',
    });
    const states = await statesUntil(reader[Symbol.asyncIterator](), ({ state }) => state === 'live');
    expect(named(states).slice(-3)).toEqual(['connecting', 'waiting-for-key', 'live']);
  });

  it('connects again after an error and after an end, and tells each reason once', async () => {
    const refused = new NightglassError('ingest/refused', 'the host refused the port');
    const source = new ScriptedSource([refused], [refused], [unit(true), 'end'], [unit(true)]);
    using reader = open(source).stream.read({ want: 'live' });
    const items = reader[Symbol.asyncIterator]();
    const states = await statesUntil(items, ({ state }) => state === 'live');
    expect(named(states).filter((state) => state === 'unreachable')).toHaveLength(1);
    expect(source.opened).toBe(3);
    const [ended] = (await statesUntil(items, ({ state }) => state === 'unreachable')).slice(-1);
    expect(ended).toMatchObject({ code: 'ingest/closed' });
    await statesUntil(items, ({ state }) => state === 'live');
    expect(camera.reconnects).toBe(3);
  });

  it('begins a new epoch after a reconnection', async () => {
    using reader = open(new ScriptedSource([unit(true), 'end'], [unit(true)])).stream.read({ want: 'live' });
    const epochs: number[] = [];
    for await (const item of reader) {
      if (item.kind === 'unit') epochs.push(item.epoch);
      if (epochs.length === 2) break;
    }
    expect(epochs[1]).toBeGreaterThan(epochs[0]!);
  });

  it('tells its viewers of a loss, and counts it', async () => {
    const lost = { kind: 'lost', units: 3 } as const;
    using reader = open(new ScriptedSource([unit(true), unit(false), lost, unit(true)])).stream.read({
      want: 'live',
    });
    const told: string[] = [];
    for await (const item of reader) {
      if (item.kind !== 'state') told.push(item.kind === 'gap' ? `gap ${item.dropped}` : item.kind);
      if (told.length === 6) break;
    }
    expect(told).toEqual(['config', 'unit', 'unit', 'gap 3', 'config', 'unit']);
    expect(camera.health).toMatchObject({ lost: 3 });
  });

  it('waits for a key frame while pictures come that nobody can read', async () => {
    using reader = open(new ScriptedSource([{ kind: 'unreadable' }, unit(true)])).stream.read({
      want: 'live',
    });
    const states = await statesUntil(reader[Symbol.asyncIterator](), ({ state }) => state === 'live');
    expect(named(states).slice(-2)).toEqual(['waiting-for-key', 'live']);
  });

  it('asks its source for a key unit when its last GOP has become too large to keep', async () => {
    const large: AccessUnit = { ...unit(false), data: new Uint8Array(LIMITS.gopMiB * 1024 * 1024) };
    const source = new ScriptedSource([unit(true), large, unit(false), 'end'], []);
    using _reader = open(source).stream.read({ want: 'live' });
    await source.reaches(() => source.opened === 2);
    expect(source.keysAsked).toBe(1);
  });

  it('measures what passes, and keeps the last failure', async () => {
    const source = new ScriptedSource([unit(true), unit(false), unit(true), 'end'], []);
    using _reader = open(source).stream.read({ want: 'live' });
    await source.reaches(() => source.opened === 2);
    expect(camera.health).toMatchObject({ gop: { units: 2 }, lastError: { code: 'ingest/closed' } });
  });

  it('names what nobody foresaw without repeating it', async () => {
    using reader = open(new ScriptedSource([new Error('canary')])).stream.read({ want: 'live' });
    const [unreachable] = (
      await statesUntil(reader[Symbol.asyncIterator](), ({ state }) => state === 'unreachable')
    ).slice(-1);
    expect(unreachable).toMatchObject({
      code: 'ingest/failed',
      message: expect.not.stringContaining('canary'),
    });
  });
});
