import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CameraState } from '#wire/camera-state.ts';
import { wallMicros } from '#wire/time.ts';
import { CameraLog } from '../../server/camera-log.ts';

const SINCE = wallMicros(0);
const LIVE: CameraState = { state: 'live', since: SINCE };
const CLOSED: CameraState = {
  state: 'unreachable',
  since: SINCE,
  code: 'ingest/closed',
  message: 'it hung up',
};

describe("a camera's log", () => {
  let lines: Record<string, unknown>[];
  let seconds: number;
  let log: CameraLog;

  beforeEach(() => {
    lines = [];
    seconds = 0;
    const write = (line: string): unknown => lines.push(JSON.parse(line));
    log = new CameraLog(pino({ base: null }, { write }), () => seconds * 1000);
  });

  it('tells each state, and of a failure its code', () => {
    log.state(LIVE);
    log.state(CLOSED);
    expect(lines).toMatchObject([
      { level: 30, msg: 'camera live' },
      { level: 40, msg: 'camera unreachable: it hung up', code: 'ingest/closed' },
    ]);
  });

  it('tells each kind of fault once in a connection', () => {
    for (const _connection of [1, 2]) {
      log.connecting();
      for (const units of [1, 5]) log.fault({ kind: 'lost', units });
      log.fault({ kind: 'restamped' });
      for (const fault of ['off', 'drifting', 'off'] as const) log.fault({ kind: 'wall-clock', fault });
    }
    const kinds = lines.slice(0, 4).map(({ msg }) => msg);
    expect(new Set(kinds).size).toBe(4);
    expect(lines.map(({ msg }) => msg)).toEqual([...kinds, ...kinds]);
  });

  it('is never flooded by a camera that comes and goes, and says how much it left out', () => {
    for (; seconds < 3600; seconds++) {
      log.state(LIVE);
      log.state(CLOSED);
    }
    expect(lines.length).toBeLessThan(3600 / 20 + 20);
    const leftOut = lines.reduce((sum, line) => sum + Number(line.linesLeftOut ?? 0), 0);
    expect(leftOut + lines.length).toBeGreaterThan(7150);
  });
});
