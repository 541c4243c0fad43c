/** How far a command is: a bar on a terminal, one line at the end elsewhere. */
import { SingleBar } from 'cli-progress';

export interface Progress extends Disposable {
  step(): void;
}

/**
 * Counts `what` (`pictures`, `frames of night.mp4`) up to `total`, as far as that is known; disposing it ends the bar.
 * Everything goes to standard error.
 */
export function openProgress(total: number | undefined, what: string): Progress {
  const terminal = process.stderr.isTTY === true;
  const started = performance.now();
  let done = 0;
  const rate = () => ({ rate: (done / ((performance.now() - started) / 1000)).toFixed(1) });
  const bar = terminal
    ? new SingleBar({
        format: `{bar} {value}${total === undefined ? '' : '/{total}'} ${what}, {rate}/s, {eta_formatted} left`,
      })
    : undefined;
  bar?.start(total ?? 0, 0, { rate: '0' });
  return {
    step() {
      done++;
      // A total that was a guess grows with what comes.
      if (bar && done > bar.getTotal()) bar.setTotal(done);
      bar?.update(done, rate());
    },
    [Symbol.dispose]() {
      bar?.stop();
      if (!terminal) console.error(`${done}/${total ?? done} ${what}`);
    },
  };
}
