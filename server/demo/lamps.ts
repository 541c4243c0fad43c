/** Every lamp of the harbour: where it hangs, how strong it is and how large its glass. */
import type { Vec } from './view.ts';

export interface Lamp {
  readonly at: Vec;
  /** Radiant intensity in linear light: what a white surface gives back at one metre. */
  readonly intensity: readonly [r: number, g: number, b: number];
  /** Radius of the glass in metres. */
  readonly radius: number;
}

const sodium = [1, 0.62, 0.27] as const;
const warm = [1, 0.78, 0.5] as const;
const cool = [0.86, 0.95, 1] as const;

/** The two lanterns on the near quay. */
export const quayLamps: readonly Lamp[] = [
  lamp([-6.1, 5.75, 15.3], warm, 46, 0.17),
  lamp([7.3, 5.75, 15.3], warm, 46, 0.17),
];

/** The lamps on the container pier. */
export const pierLamps: readonly Lamp[] = [
  lamp([7.6, 7.2, 44.6], cool, 55, 0.22),
  lamp([20.3, 9.4, 44.8], sodium, 70, 0.24),
  lamp([33, 9.4, 44.8], sodium, 70, 0.24),
];

/** The row along the town's front, the warehouse doors and the lighthouse's lantern. */
export const townLamps: readonly Lamp[] = [
  ...[-40, -27.5, -15, -2.5, 10, 22.5, 35, 47.5, 60].map((x, i) =>
    lamp([x, 5.2, 109], i % 3 === 1 ? cool : sodium, 42, 0.3),
  ),
  lamp([-46.5, 17.1, 92], warm, 160, 0.75),
];

export const harbourLamps: readonly Lamp[] = [...quayLamps, ...pierLamps, ...townLamps];

function lamp(at: Vec, tint: readonly [number, number, number], strength: number, radius: number): Lamp {
  return {
    at,
    intensity: [tint[0] * strength, tint[1] * strength, tint[2] * strength],
    radius,
  };
}
