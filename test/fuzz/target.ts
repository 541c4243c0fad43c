/** What is fuzzed: one parser, or a chain of them, that takes bytes of a peer. */
import { NightglassError } from '#wire/nightglass-error.ts';
import type { Shape } from './mutator.ts';

export interface Target extends Shape {
  readonly name: string;
  /** Inputs that are right, and so places to begin at. Not empty, and the same every time. */
  seeds(): Uint8Array[];
  /**
   * Takes an input and says in a word or two what became of it: inputs of a new outcome are kept and changed further.
   * @throws NightglassError where the input is refused; anything else that is thrown is a fault found
   */
  take(input: Uint8Array): string | Promise<string>;
}

/** What one input did. `found` is a fault; its text has no numbers that differ from input to input. */
export type Verdict =
  | { readonly kind: 'understood' | 'refused'; readonly outcome: string }
  | { readonly kind: 'found'; readonly what: string };

/** Milliseconds; a longer time for one input is a hang. */
export const HANG_MS = 50;
/** Milliseconds; a time above is taken again, twice, because the machine is shared. */
const DOUBTED_MS = 10;

/**
 * Gives the input to the target and judges what came, and the time it took. Where that was long it is the shortest of
 * three, and the processor's rather than the clock's: others' work is not this input's.
 */
export async function judge(
  target: Target,
  input: Uint8Array,
  hangMs = HANG_MS,
): Promise<{ verdict: Verdict; ms: number }> {
  const first = await once(target, input);
  if (first.ms <= DOUBTED_MS || first.verdict.kind === 'found') return first;
  let ms = first.ms;
  for (let again = 0; again < 2; again++) {
    const before = process.cpuUsage();
    const timed = await once(target, input);
    const { user, system } = process.cpuUsage(before);
    ms = Math.min(ms, timed.ms, (user + system) / 1000);
  }
  return ms > hangMs
    ? { verdict: { kind: 'found', what: `took longer than ${hangMs} ms` }, ms }
    : { ...first, ms };
}

async function once(target: Target, input: Uint8Array): Promise<{ verdict: Verdict; ms: number }> {
  const start = performance.now();
  try {
    const outcome = target.take(input);
    const said = typeof outcome === 'string' ? outcome : await outcome;
    return { verdict: { kind: 'understood', outcome: said }, ms: performance.now() - start };
  } catch (error) {
    const ms = performance.now() - start;
    if (error instanceof NightglassError)
      return { verdict: { kind: 'refused', outcome: withoutNumbers(`${error.code} ${error.message}`) }, ms };
    const where =
      error instanceof Error ? (/\n\s+at (.*?)(?: \(|\n|$)/.exec(error.stack ?? '')?.[1] ?? '') : '';
    return { verdict: { kind: 'found', what: `${withoutNumbers(String(error))} in ${where}` }, ms };
  }
}

/** So that one fault, or one kind of refusal, counts once. */
const withoutNumbers = (text: string): string => text.replace(/\d+/g, '#').slice(0, 120);

/** States what holds for every input. @throws Error, which is a fault found */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(`does not hold: ${what}`);
}

/** What `read` gives; a refusal in here is a fault, because what is read was just written. */
export function readBack<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`what was written is refused: ${cause}`);
  }
}

/** Whether two values hold the same, deeply. */
export const same = (a: unknown, b: unknown): boolean =>
  JSON.stringify(a, plain) === JSON.stringify(b, plain);

/** Bytes are the same whatever holds them. */
function plain(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const raw = this[key];
  if (raw instanceof Uint8Array) return Buffer.from(raw).toString('hex');
  return typeof value === 'bigint' ? String(value) : value;
}

/** The words of a text format, as a target's `words`. */
export const wordsOf = (...texts: readonly string[]): Uint8Array[] => texts.map((text) => Buffer.from(text));
