/** What one enhanced picture may cost, so that the camera's frame rate is held. */

/** Where it is not known yet, and what counts at least: a tile that shows key units only is to be ready for more. */
const USUAL_FPS = 25;
const FEWEST_FPS = 5;
/** Of the time between two pictures; the rest is for decoding, drawing and the page around. */
const GPU_SHARE = 0.6;
const CPU_SHARE = 0.9;
/** On a CPU more would be had at sizes only in which nothing is recognised. */
const CPU_FPS = 10;

/** What the budget depends on. */
export interface Demand {
  /** The camera's frames a second; 0 where that is not known. */
  readonly fps: number;
  /** That share the engine, this one among them. */
  readonly tiles: number;
}

/** Milliseconds for one picture of one tile on a GPU. */
export const gpuBudget = ({ fps, tiles }: Demand): number =>
  (1000 * GPU_SHARE) / Math.max(FEWEST_FPS, fps || USUAL_FPS) / tiles;

/** Milliseconds for one picture of one tile on a CPU: about ten pictures a second, all tiles together. */
export const cpuBudget = ({ fps, tiles }: Demand): number =>
  (1000 * CPU_SHARE) / Math.min(CPU_FPS, Math.max(FEWEST_FPS, fps || USUAL_FPS)) / tiles;
