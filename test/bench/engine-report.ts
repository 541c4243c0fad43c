/** What the benchmark of the engine found, as tables and as its last line. */
import type { Peak } from '../../shaders/engine/peak.ts';

/** Pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
}

export interface KernelTime {
  readonly name: string;
  /** Multiplications with their additions. */
  readonly macs: number;
  /** Read once and written once. */
  readonly bytes: number;
  /** GPU time; undefined where the adapter tells no times. */
  readonly ms: number | undefined;
}

export interface Row {
  readonly model: string;
  readonly output: Picture;
  readonly input: Picture;
  readonly tuning: string;
  /** Multiplications with their additions of a frame, as the card counts them. */
  readonly macs: number;
  /** Of the GPU's memory. */
  readonly memory: number;
  readonly kernels: readonly KernelTime[];
  /** Medians of the wall-clock time of a frame; `ortMs` is undefined where onnxruntime was not run. */
  readonly wgslMs: number;
  readonly ortMs: number | undefined;
  /** GPU time of a frame among many in one submission. */
  readonly gpuMs: number | undefined;
  /** Largest difference between the two outputs, of 255. */
  readonly difference: number | undefined;
  readonly rounds: number;
}

/** Prints everything; the last line is JSON. */
export function report(adapter: string, peak: Peak, rows: readonly Row[]): void {
  console.log(`${adapter}: at best ${digits(peak.gflops)} GFLOP/s in f32 and ${digits(peak.gigabytes)} GB/s`);
  for (const row of lastOfEachModel(rows)) reportKernels(row, peak);
  console.table(rows.map((row) => line(row, peak)));
  const speedups = rows.flatMap((row) => speedup(row) ?? []);
  console.log(
    JSON.stringify({
      bench: 'engine',
      adapter,
      rows: rows.map((row) => ({
        ...{ model: row.model, output: named(row.output) },
        ...{ wgslMs: digits(row.wgslMs), ortMs: row.ortMs === undefined ? null : digits(row.ortMs) },
        ...(row.gpuMs === undefined ? {} : { gpuMs: digits(row.gpuMs) }),
        speedup: digits(speedup(row)) ?? null,
        peakShare: digits(peakShare(row, peak)),
      })),
      medianSpeedup: speedups.length === 0 ? null : digits(median(speedups)),
    }),
  );
}

const bytes = ({ kernels }: Row): number => kernels.reduce((sum, kernel) => sum + kernel.bytes, 0);
/** The GPU's own time where it is known: the rest is the way to it and back. */
const best = ({ gpuMs, wgslMs }: Row): number => Math.min(gpuMs ?? wgslMs, wgslMs);
const gflops = (row: Row): number => (2 * row.macs) / best(row) / 1e6;
const peakShare = (row: Row, peak: Peak): number => gflops(row) / peak.gflops;
const speedup = ({ wgslMs, ortMs }: Row): number | undefined =>
  ortMs === undefined ? undefined : ortMs / wgslMs;
const named = ({ width, height }: Picture): string => `${width}x${height}`;

const line = (row: Row, peak: Peak) => ({
  model: row.model,
  output: named(row.output),
  kernels: row.tuning,
  rounds: row.rounds,
  'ours, ms': digits(row.wgslMs),
  'of it GPU, ms': digits(row.gpuMs),
  'onnxruntime, ms': digits(row.ortMs),
  'times as fast': digits(speedup(row)),
  'difference, of 255': digits(row.difference),
  'GFLOP/s': digits(gflops(row)),
  '% of peak': digits(100 * peakShare(row, peak)),
  'MB a frame': digits(bytes(row) / 1e6),
  '% of bandwidth': digits((100 * bytes(row)) / 1e6 / best(row) / peak.gigabytes),
  'GPU memory, MB': digits(row.memory / 1e6),
});

function reportKernels(row: Row, peak: Peak): void {
  if (row.kernels.some(({ ms }) => ms === undefined)) return;
  const whole = row.kernels.reduce((sum, { ms }) => sum + ms!, 0);
  console.log(`${row.model}, ${named(row.output)} (computed at ${named(row.input)}), by kernel:`);
  console.table(
    row.kernels.map(({ name, macs, bytes, ms }) => ({
      kernel: name,
      MMAC: digits(macs / 1e6),
      MB: digits(bytes / 1e6),
      ms: digits(ms),
      '% of the time': digits((100 * ms!) / whole),
      'GFLOP/s': digits((2 * macs) / ms! / 1e6),
      '% of peak': digits((200 * macs) / ms! / 1e6 / peak.gflops),
      '% of bandwidth': digits((100 * bytes) / ms! / 1e6 / peak.gigabytes),
    })),
  );
}

const lastOfEachModel = (rows: readonly Row[]): readonly Row[] => [
  ...new Map(rows.map((row) => [row.model, row])).values(),
];

/** Three digits: more were not measured. */
function digits(value: number): number;
function digits(value: number | undefined): number | undefined;
function digits(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.toPrecision(3));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
