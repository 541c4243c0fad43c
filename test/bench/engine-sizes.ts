/** The sizes of pictures that the benchmark of the engine makes. */
import type { Picture } from './engine-report.ts';

const ON_A_GPU = '640x360,1280x720,1920x1080';
/** What both engines can bear that run on a CPU and do as if they had a GPU. */
const ON_SOFTWARE = '128x64,192x112,320x192';

/** @param list `WIDTHxHEIGHT`, with commas between @throws Error where it is none */
export const sizesFrom = (list: string | undefined, software: boolean): readonly Picture[] =>
  (list ?? (software ? ON_SOFTWARE : ON_A_GPU)).split(',').map((size) => {
    const [, width, height] = /^(\d+)x(\d+)$/.exec(size) ?? [];
    if (!width || !height) throw new Error(`--sizes takes sizes such as 640x360,1280x720, not ${size}`);
    return { width: Number(width), height: Number(height) };
  });
