/** Which kernels were the fastest on this machine, kept by the browser from visit to visit. */

const KEY = 'nightglass.tunings';
/** A GPU and a network have one each; old drivers' and networks' are let go of. */
const MOST = 32;

/** Everything kept, by GPU and network; nothing where the browser keeps nothing for this page. */
export function keptTunings(): Readonly<Record<string, string>> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return {};
    return Object.fromEntries(Object.entries(kept).filter(([, tuning]) => typeof tuning === 'string'));
  } catch {
    return {};
  }
}

/** Keeps one more, the newest last. */
export function keepTuning(key: string, tuning: string): void {
  const others = Object.entries(keptTunings()).filter(([other]) => other !== key);
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries([...others, [key, tuning]].slice(-MOST))));
  } catch {
    // It is tried again on the next visit.
  }
}
