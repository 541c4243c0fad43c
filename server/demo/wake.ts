/** What a moving boat leaves on the water: the bow waves' arms and a trail of foam. */
import { fractalNoise, ramp } from './noise.ts';

/** A boat under way along x. */
export interface Wake {
  /** Amidships, in world metres. */
  readonly x: number;
  readonly z: number;
  readonly heading: 1 | -1;
  readonly length: number;
  readonly halfBeam: number;
}

/** How one point of the water is changed: added slopes and the share that foam covers. */
export interface Disturbance {
  slopeX: number;
  slopeZ: number;
  foam: number;
}

const trail = 42;

/** Adds a wake at a point of the water to `out`; false when the point is out of its reach. */
export function addWake(wake: Wake, x: number, z: number, out: Disturbance): boolean {
  const aside = z - wake.z;
  const behind = (wake.x - x) * wake.heading + wake.length / 2;
  if (behind < -1 || behind > trail || Math.abs(aside) > 10) return false;
  const fade = 1 - ramp(trail * 0.5, trail, behind);
  // The arms open at about 19° (Kelvin, 1887), with crests that run outwards.
  const off = Math.abs(aside) - wake.halfBeam * 0.7 - 0.33 * behind;
  const breadth = 0.45 + 0.035 * behind;
  const arm = (0.2 * fade * Math.exp(-((off / breadth) ** 2))) / (1 + 0.16 * behind);
  const crest = arm * Math.cos((2 * Math.PI * off) / (0.7 + 0.02 * behind));
  out.slopeX -= 0.5 * crest * wake.heading;
  out.slopeZ += 0.85 * crest * Math.sign(aside);
  const astern = behind - wake.length;
  const width = wake.halfBeam * 0.55 + 0.045 * Math.max(0, astern);
  const churned =
    astern > -0.8 ? fade * Math.exp(-((aside / width) ** 2)) * Math.exp(-Math.max(0, astern) / 13) : 0;
  const bow = behind < 5 ? 0.8 * Math.exp(-((off / 0.22) ** 2)) * (1 - behind / 5) : 0;
  // Most of the reach is undisturbed: the costly noise is read only where it shows.
  if (churned + bow < 0.02) return true;
  const patches = fractalNoise(x * 1.3, z * 3.4, 0.7, 4);
  out.foam += churned * ramp(0.25, 0.58, patches + 0.25 * churned) + bow * ramp(0.42, 0.66, patches);
  out.slopeZ += 0.12 * churned * (fractalNoise(x * 2.1, z * 2.1, 5.3, 3) - 0.5);
  return true;
}
