/** A tile's live numbers as text that does not jump: each reading keeps its width while its number changes. */
import type { WallMicros } from '#wire/time.ts';
import type { Engine, TileStats } from '../player-protocol.ts';
import { codecName } from './codec-name.ts';
import { positionText, wallClockText } from './wall-clock-text.ts';

export interface Reading {
  readonly label: string;
  readonly value: string;
  /** The room its value takes at least, in the widths of a digit. */
  readonly width: number;
  /** True where the number is one to worry about. */
  readonly warning?: boolean;
}

/** A picture older than this is no longer live. Milliseconds. */
const LATE_MS = 1000;
const NONE = '–';
const ENGINES: Readonly<Record<Engine, string>> = {
  wgsl: 'WGSL',
  'ort-webgpu': 'onnxruntime WebGPU',
  wasm: 'WASM',
  off: 'none',
};

/**
 * The line of numbers under the large picture, in the order in which a picture travels.
 * @param position times are a file's own, from 0:00 on
 * @param past the server's now where the past is shown: its pictures have no age that says anything
 */
export const readings = (stats: TileStats, past?: WallMicros, position = false): readonly Reading[] => [
  { label: 'picture', value: pictureText(stats), width: 9 },
  { label: 'fps in', value: fpsText(stats.fpsIn), width: 5 },
  { label: 'fps out', value: fpsText(stats.fpsOut), width: 5 },
  past === undefined
    ? { label: 'age', value: durationText(stats.ageMs), width: 6, warning: isLate(stats) }
    : { label: 'taken at', value: takenAtText(stats, past, position), width: 11 },
  { label: 'enhance', value: stats.engine === 'off' ? 'off' : durationText(stats.enhanceMs), width: 6 },
  { label: 'dropped', value: dropsText(stats), width: 28 },
  { label: 'engine', value: engineText(stats), width: 6 },
];

function takenAtText({ shownCapturedAt }: TileStats, now: WallMicros, position: boolean): string {
  if (shownCapturedAt === null) return NONE;
  return position ? positionText(shownCapturedAt, true) : wallClockText(shownCapturedAt, now);
}

/** True where what is shown is too old to be called live. */
export const isLate = (stats: TileStats): boolean => stats.ageMs !== null && stats.ageMs > LATE_MS;

/** `84 ms`, `1.8 s`, `3 min`; a dash where nothing was measured. */
export function durationText(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return NONE;
  if (Math.round(ms) < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** One decimal, always: `25.0`. */
export const fpsText = (fps: number): string => (Number.isFinite(fps) ? fps.toFixed(1) : NONE);

/** `960×540 H.264`, and what is on the canvas where that is another size. */
function pictureText({ width, height, shownWidth, shownHeight, codec }: TileStats): string {
  if (width === 0 || height === 0) return NONE;
  const other = shownWidth > 0 && (shownWidth !== width || shownHeight !== height);
  return `${width}×${height} ${codecName(codec)}${other ? ` → ${shownWidth}×${shownHeight}` : ''}`;
}

function engineText({ engine, adapter, model, computeWidth, computeHeight }: TileStats): string {
  if (engine === 'off') return ENGINES.off;
  const size = computeWidth > 0 ? `${computeWidth}×${computeHeight}` : '';
  return [ENGINES[engine], adapterText(adapter), model, size].filter((part) => part !== '').join(' · ');
}

const adapterText = (adapter: string): string =>
  /^\d+$/.test(adapter) ? `${adapter} ${adapter === '1' ? 'thread' : 'threads'}` : adapter;

const dropsText = ({ droppedLate, droppedByServer, droppedUndecodable }: TileStats): string =>
  `${droppedLate} late, ${droppedByServer} server, ${droppedUndecodable} undecodable`;
