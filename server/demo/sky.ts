/** The evening over the harbour: sky radiance with clouds, stars and a moon, and the soft light of the west. */

import { unit } from './mesh.ts';
import { fractalNoise, hash, mix, ramp } from './noise.ts';

/** A colour in linear light, written in place. */
export type Colour = [r: number, g: number, b: number];

/** Where the moon stands, and how large it is drawn (radians). */
export const moon = { direction: unit([-0.095, 0.15, 1]), radius: 0.0125, radiance: [26, 25, 22.5] as const };

/** The afterglow behind the camera: the one directional light, as wide as a bank of bright cloud. */
export const afterglow = {
  direction: unit([-0.75, 0.62, -0.72]),
  spread: 0.16,
  irradiance: [0.62, 0.5, 0.38] as const,
};

/** The sky without clouds: what lights the scene. `dx, dy, dz` is a unit direction; below the horizon it is the sea. */
export function skyGradient(dx: number, dy: number, dz: number, out: Colour): void {
  if (dy < 0) {
    out[0] = 0.07;
    out[1] = 0.09;
    out[2] = 0.1;
    return;
  }
  const rise = 1 - Math.exp(-dy * 5);
  // The town's glow hangs over the skyline, strongest to the right of its middle.
  const town = Math.exp(-dy * 10) * (0.4 + 0.6 * Math.exp(-((dx - 0.2) ** 2) * 7)) * (dz > 0 ? 1 : 0.35);
  out[0] = mix(0.19, 0.055, rise) + 0.68 * town;
  out[1] = mix(0.29, 0.16, rise) + 0.32 * town;
  out[2] = mix(0.41, 0.37, rise) + 0.03 * town;
}

/** The sky as the camera sees it: gradient, clouds, stars and moon. */
export function skyPicture(dx: number, dy: number, dz: number, out: Colour): void {
  skyGradient(dx, Math.max(0, dy), dz, out);
  const nearMoon = Math.max(0, dx * moon.direction[0] + dy * moon.direction[1] + dz * moon.direction[2]);
  const offMoon = Math.acos(Math.min(1, nearMoon));
  // Clouds lie on a flat ceiling, so that they crowd together towards the horizon.
  const ceiling = 1 / (Math.max(0, dy) + 0.09);
  const cx = dx * ceiling;
  const cz = dz * ceiling * 1.7;
  const warp = fractalNoise(cx * 0.7 + 3, cz * 0.7, 1.5, 3) - 0.5;
  const thickness = fractalNoise(cx * 0.8 + warp * 1.6, cz * 0.8 + 9 + warp, 4.2, 6);
  const cover = ramp(0.42, 0.68, thickness);
  const starlight = stars(dx, dy, dz) * (1 - cover);
  const disc = ramp(moon.radius, moon.radius * 0.86, offMoon);
  const seas =
    0.72 +
    0.28 *
      ramp(0.4, 0.55, fractalNoise((dx - moon.direction[0]) * 150, (dy - moon.direction[1]) * 150, 3, 3));
  const corona = 0.5 * Math.exp(-offMoon * 26) + 0.16 * Math.exp(-offMoon * 7);
  const lit = 0.5 * Math.exp(-offMoon * 5) * (0.3 + thickness);
  const underside = 0.55 + 0.75 * ramp(0.78, 0.45, thickness);
  for (let i = 0; i < 3; i++) {
    const clear = out[i]! + starlight;
    const cloud =
      out[i]! * underside +
      lit * [0.9, 0.86, 0.8][i]! +
      [0.075, 0.05, 0.04][i]! * (0.3 + 2 * Math.exp(-dy * 14));
    out[i] = mix(clear, cloud, cover * 0.85) + corona * [0.9, 0.88, 0.8][i]! * (1 - 0.5 * cover);
    out[i] = mix(out[i]!, moon.radiance[i]! * seas, disc * (1 - 0.75 * cover));
  }
}

function stars(dx: number, dy: number, dz: number): number {
  if (dy < 0.02) return 0;
  const grid = 90;
  const u = (dx / dz) * grid;
  const v = (dy / dz) * grid;
  const iu = Math.floor(u);
  const iv = Math.floor(v);
  if (hash(iu, iv, 77) < 0.8) return 0;
  const offU = u - iu - 0.2 - 0.6 * hash(iu, iv, 78);
  const offV = v - iv - 0.2 - 0.6 * hash(iu, iv, 79);
  const size = 0.05;
  return (
    1.6 *
    hash(iu, iv, 80) ** 3 *
    Math.exp(-(offU * offU + offV * offV) / (size * size)) *
    ramp(0.02, 0.12, dy)
  );
}
