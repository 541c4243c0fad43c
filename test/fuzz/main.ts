/**
 * `npm run fuzz -- NAME|all [--seconds 10] [--inputs N] [--seed 1]`: gives each parser inputs that are nearly right.
 *
 * An input may be understood or refused with a NightglassError. Anything else thrown, a statement of the target that
 * does not hold, more than 50 ms for one input, or a heap that grows is a fault: the input is written to
 * test/fuzz/found/NAME/, and the exit code is 1. docs/fuzzing.md says what to do then.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { TARGETS } from './targets.ts';
import { fuzzInWorker, type WorkerReport } from './worker.ts';

const MIB = 1024 * 1024;
/** What is kept of inputs that did something new takes up to 2 MiB; the rest is what collecting leaves. */
const HEAP_GROWTH_LIMIT = 8 * MIB;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    inputs: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const [wanted = ''] = positionals;
const names = TARGETS.map(({ name }) => name).filter((name) => wanted === 'all' || wanted === name);

if (names.length === 0) {
  console.error('npm run fuzz -- NAME|all [--seconds 10] [--inputs N] [--seed 1], where NAME is one of:');
  console.error(`  ${TARGETS.map(({ name }) => name).join(' ')}`);
  process.exitCode = 2;
}
if (names.length > 0)
  row('NAME', 'inputs', 'inputs/s', 'understood', 'outcomes', 'slowest ms', 'heap MiB', 'found');
for (const name of names) {
  const report = await fuzzInWorker({
    targets: new URL('targets.ts', import.meta.url).href,
    name,
    seed: Number(values.seed),
    inputs: Number(values.inputs ?? Number.POSITIVE_INFINITY),
    seconds: Number(values.seconds ?? (values.inputs === undefined ? 10 : Number.POSITIVE_INFINITY)),
  });
  tell(name, report);
  const leaks = (report.heapGrowth ?? 0) > HEAP_GROWTH_LIMIT;
  if (leaks) console.log(`  ${name}: the heap grew by more than ${HEAP_GROWTH_LIMIT / MIB} MiB`);
  for (const { what, input } of report.found) console.log(`  ${name}: ${what}\n    ${keep(name, input)}`);
  if (leaks || report.found.length > 0) process.exitCode = 1;
}

function tell(name: string, report: WorkerReport): void {
  const { inputs, seconds, understood, outcomes, slowestMs, heapGrowth, found } = report;
  row(
    name,
    `${inputs}`,
    `${Math.round(inputs / seconds)}`,
    `${Math.round((understood / inputs) * 100)} %`,
    `${outcomes}`,
    slowestMs.toFixed(1),
    heapGrowth === undefined ? '?' : (heapGrowth / MIB).toFixed(1),
    `${found.length}`,
  );
}

function row(name: string, ...columns: readonly string[]): void {
  console.log(name.padEnd(20) + columns.map((text) => text.padStart(11)).join(''));
}

function keep(name: string, input: Uint8Array): string {
  const folder = new URL(`found/${name}/`, import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = `${createHash('sha256').update(input).digest('hex').slice(0, 16)}.bin`;
  writeFileSync(new URL(file, folder), input);
  return `test/fuzz/found/${name}/${file}, ${input.length} bytes`;
}
