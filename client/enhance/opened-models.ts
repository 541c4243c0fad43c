/** Opens the networks for an engine one after the other, so that it can start with the cheapest. */
import type { ModelCost } from './quality-control.ts';

/**
 * Waits for the first network that can be opened; those that cost more follow in the background, and stand in the Map, which is in
 * their order, when they are there. One that cannot be opened is left out.
 * @param models cheapest first @param over asks for no more when it says true
 * @throws what the last `open` threw, where none could be opened
 */
export async function openModels<Model extends ModelCost, Opened>(
  models: readonly Model[],
  open: (model: Model) => Promise<Opened>,
  over: () => boolean,
): Promise<ReadonlyMap<string, Opened>> {
  const opened = new Map<string, Opened>();
  const waiting = [...models];
  const openNext = async (): Promise<boolean> => {
    const model = waiting.shift();
    if (!model) return false;
    opened.set(model.name, await open(model));
    return true;
  };
  while (opened.size === 0) {
    try {
      await openNext();
    } catch (error) {
      if (waiting.length === 0) throw error;
      console.warn('enhance/no-model', error);
    }
  }
  void (async () => {
    while (waiting.length > 0 && !over())
      await openNext().catch((error) => console.warn('enhance/no-model', error));
  })();
  return opened;
}
