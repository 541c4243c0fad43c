/** One target's run in a thread of its own, so that an input that never returns can be ended, and named. */
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { corpusOf } from './corpus.ts';
import { type Found, type FuzzReport, fuzz } from './fuzz.ts';
import type { Target } from './target.ts';

/** An input larger than this is named by its first part alone. */
const WATCHED_BYTES = 262_144;
const STUCK_MS = 10_000;
const HEAP_MIB = 512;

/** Node 20 does not hand tsx on to threads. */
const WITH_TYPESCRIPT = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))})
  .then(({ register }) => register())
  .then(() => import(${JSON.stringify(import.meta.url)}))`;

interface Job {
  /** The module of the targets, a URL, and which of them. */
  readonly targets: string;
  readonly name: string;
  readonly seed: number;
  readonly seconds: number;
  readonly inputs: number;
  /** Without a new input for so long, the last one is said never to return. */
  readonly stuckMs?: number;
  /** Counts inputs; the input's length; the input itself. */
  readonly watched: SharedArrayBuffer;
}

export type WorkerReport = FuzzReport & { readonly seconds: number };

/**
 * Fuzzes a target for so long, or with so many inputs, whichever is over first. One that never returns, or takes the
 * process's memory, is found too, and ends the run.
 * @param targets a module that exports `TARGETS`
 */
export async function fuzzInWorker(options: Omit<Job, 'watched'>): Promise<WorkerReport> {
  const watched = new SharedArrayBuffer(8 + WATCHED_BYTES);
  const [counters, bytes] = [new Uint32Array(watched, 0, 2), new Uint8Array(watched, 8)];
  const worker = new Worker(WITH_TYPESCRIPT, {
    eval: true,
    workerData: { ...options, watched } satisfies Job,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  const { stuckMs = STUCK_MS } = options;
  const start = performance.now();
  return await new Promise((resolve, reject) => {
    let before = -1;
    const broken = (what: string): void => {
      clearInterval(watch);
      const input = bytes.slice(0, Math.min(counters[1]!, WATCHED_BYTES));
      const found: Found[] = [{ what, input }];
      const seconds = (performance.now() - start) / 1000;
      const counts = { inputs: counters[0]!, understood: 0, outcomes: 0, slowestMs: stuckMs };
      void worker.terminate().then(() => resolve({ ...counts, seconds, heapGrowth: undefined, found }));
    };
    const watch = setInterval(() => {
      // Zero: the thread is still being started.
      if (counters[0] === before && before > 0) broken('never returns');
      before = counters[0]!;
    }, stuckMs);
    worker.once('message', (report: WorkerReport) => {
      clearInterval(watch);
      resolve(report);
    });
    worker.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return broken(`takes more than ${HEAP_MIB} MiB`);
      clearInterval(watch);
      reject(error);
    });
  });
}

async function work({ targets, name, seed, seconds, inputs, watched }: Job): Promise<WorkerReport> {
  const { TARGETS } = (await import(targets)) as { TARGETS: readonly Target[] };
  const target = TARGETS.find((one) => one.name === name);
  if (target === undefined) throw new Error(`no target is named ${name}`);
  const [counters, bytes] = [new Uint32Array(watched, 0, 2), new Uint8Array(watched, 8)];
  // Most of what a refusal costs is its stack; a fault's first line is enough.
  Error.stackTraceLimit = 2;
  const start = performance.now();
  const report = await fuzz(target, {
    seed,
    corpus: corpusOf(name).map(({ input }) => input),
    goOn: (count) => count < inputs && performance.now() - start < seconds * 1000,
    watch: (input) => {
      counters[0]! += 1;
      counters[1] = input.length;
      bytes.set(input.subarray(0, WATCHED_BYTES));
    },
  });
  return { ...report, seconds: (performance.now() - start) / 1000 };
}

if (parentPort !== null && (workerData as Job | null)?.watched !== undefined)
  parentPort.postMessage(await work(workerData as Job));
