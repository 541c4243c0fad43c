/** Runs one target: changed inputs, one after another, until it is told to stop. */
import { mutate } from './mutator.ts';
import { Random } from './random.ts';
import { HANG_MS, judge, type Target } from './target.ts';

/** Inputs kept because they did something new. Together they are small beside what counts as a leak. */
const POOL_LIMIT = 512;
const POOL_INPUT_LIMIT = 4096;
/** Different faults told of one target; after so many it is broken, not fuzzed. */
const FOUND_LIMIT = 16;
/** Inputs before the heap is first measured: caches are full, and code is compiled, by then. */
const WARM_UP = 2_000;
/** Tries at making one found input smaller. */
const MINIMISING_TRIES = 400;

/** What was found, and the input that does it. */
export interface Found {
  readonly what: string;
  readonly input: Uint8Array;
}

export interface FuzzReport {
  readonly inputs: number;
  readonly understood: number;
  /** Kinds of outcomes seen. */
  readonly outcomes: number;
  readonly slowestMs: number;
  /** Bytes, after collecting garbage; undefined where the collector cannot be called (node without --expose-gc). */
  readonly heapGrowth: number | undefined;
  readonly found: readonly Found[];
}

export interface FuzzOptions {
  readonly seed: number;
  /** Inputs that once were faults: given first, and made others from. */
  readonly corpus?: readonly Uint8Array[];
  /** Asked before each input. */
  readonly goOn: (inputs: number) => boolean;
  /** Told of each input before it is given to the target, so that one that never returns is known. */
  readonly watch?: (input: Uint8Array) => void;
  /** What counts as a hang. */
  readonly hangMs?: number;
}

export async function fuzz(
  target: Target,
  { seed, corpus = [], goOn, watch, hangMs = HANG_MS }: FuzzOptions,
): Promise<FuzzReport> {
  const random = new Random(seed);
  const seeds = target.seeds();
  const pool = [...seeds, ...corpus];
  const seen = new Set<string>();
  const found = new Map<string, Found>();
  let inputs = 0;
  let understood = 0;
  let slowestMs = 0;
  let heapBefore = heapAfterCollecting();
  const take = async (input: Uint8Array): Promise<void> => {
    watch?.(input);
    const { verdict, ms } = await judge(target, input, hangMs);
    inputs++;
    slowestMs = Math.max(slowestMs, ms);
    if (verdict.kind === 'understood') understood++;
    if (verdict.kind === 'found') {
      const { what } = verdict;
      if (found.has(what) || found.size >= FOUND_LIMIT) return;
      // What is slow would be slow to make smaller.
      found.set(what, { what, input: ms > hangMs ? input : await minimised(target, input, what, watch) });
    } else if (!seen.has(verdict.outcome) && pool.length < POOL_LIMIT) {
      seen.add(verdict.outcome);
      if (input.length <= POOL_INPUT_LIMIT) pool.push(input);
    }
  };
  for (const input of [...pool]) await take(input);
  while (goOn(inputs)) {
    await take(mutate(random, random.pick(random.oneIn(2) ? seeds : pool), pool, target));
    if (inputs === WARM_UP) heapBefore = heapAfterCollecting();
  }
  const heapNow = heapAfterCollecting();
  return {
    inputs,
    understood,
    outcomes: seen.size,
    slowestMs,
    heapGrowth: heapBefore === undefined || heapNow === undefined ? undefined : heapNow - heapBefore,
    found: [...found.values()],
  };
}

/** A smaller input with the same fault: ever smaller pieces are left out while it stays. */
async function minimised(
  target: Target,
  input: Uint8Array,
  what: string,
  watch: FuzzOptions['watch'],
): Promise<Uint8Array> {
  let smallest = input;
  let tries = 0;
  for (let piece = input.length >> 1; piece > 0 && tries < MINIMISING_TRIES; piece >>= 1)
    for (let at = 0; at < smallest.length && tries < MINIMISING_TRIES; tries++) {
      const without = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + piece)]);
      watch?.(without);
      const { verdict } = await judge(target, without);
      if (verdict.kind === 'found' && verdict.what === what) smallest = without;
      else at += piece;
    }
  return smallest;
}

/** Bytes of the JavaScript heap and of buffers outside it. */
function heapAfterCollecting(): number | undefined {
  if (globalThis.gc === undefined) return undefined;
  for (let round = 0; round < 3; round++) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
