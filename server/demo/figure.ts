/** A docker in a yellow jacket who walks along the quay: a gait of two-bone legs, built anew for every frame. */

import type { Paint } from './mesh.ts';
import { Mesh } from './mesh.ts';
import { cover, grime, linear, painted } from './paint.ts';
import type { Vec } from './view.ts';

const thigh = 0.43;
const shin = 0.45;
const hipHeight = 0.9;

/** Metres that one cycle of both legs covers. */
export const strideLength = 1.25;

const yellow = linear('#dcc32a');
const tape = linear('#dfe3e3');
const navy = linear('#26334d');

const jacket: Paint = (x, y, z, out) => {
  cover(out, yellow);
  if ((y > 1.06 && y < 1.11) || (y > 1.2 && y < 1.25)) cover(out, tape);
  if (y < 1.0) cover(out, navy, 0.9);
  grime(out, x * 3, y * 3, z * 3, 0.25);
  out.gloss = 0.01;
};

/** The figure's mesh, feet on y = 0 at the origin, walking towards +x; `cycle` is the gait's phase, 0…1. */
export function figure(cycle: number): Mesh {
  const mesh = new Mesh();
  const swing = 2 * Math.PI * cycle;
  const bob = 0.025 * Math.cos(2 * swing);
  const hip: Vec = [0, hipHeight + bob - 0.03, 0];
  const neck: Vec = [0.07, 1.46 + bob, 0];
  const trousers = painted('#2b3a5a', 0.3);
  const boots = painted('#3a2c22', 0.3, 0, 0.02);
  for (const [side, phase] of [
    [-0.1, 0],
    [0.1, 0.5],
  ] as const) {
    const foot = footAt((cycle + phase) % 1);
    const root: Vec = [hip[0], hip[1], side];
    const ankle: Vec = [foot[0], foot[1] + 0.09, side];
    const knee = kneeBetween(root, ankle);
    mesh
      .paint(trousers)
      .tube(root, knee, 0.095, 0.072, 9)
      .tube(knee, ankle, 0.07, 0.055, 9)
      .ball(knee, 0.073, 8);
    mesh
      .paint(boots)
      .tube(
        [ankle[0] - 0.05, ankle[1] - 0.03, side],
        [ankle[0] + 0.17, ankle[1] - 0.05 + foot[2], side],
        0.062,
        0.05,
        8,
      );
    mesh.ball([ankle[0], ankle[1] - 0.01, side], 0.068, 8);
  }
  mesh.paint(jacket);
  mesh
    .tube([0, 0.86 + bob, 0], [0.03, 1.1 + bob, 0], 0.17, 0.165, 12)
    .tube([0.03, 1.1 + bob, 0], [0.06, 1.42 + bob, 0], 0.168, 0.2, 12);
  mesh.ball([0.06, 1.4 + bob, 0], 0.19, 12);
  for (const [side, sign] of [
    [-0.24, -1],
    [0.24, 1],
  ] as const) {
    const angle = sign * 0.5 * Math.sin(swing + 0.3);
    const shoulder: Vec = [0.06, 1.4 + bob, side];
    const elbow: Vec = [0.05 + 0.29 * Math.sin(angle), 1.4 + bob - 0.29 * Math.cos(angle), side * 1.1];
    const bend = angle + 0.45;
    const hand: Vec = [elbow[0] + 0.27 * Math.sin(bend), elbow[1] - 0.27 * Math.cos(bend), side * 1.08];
    mesh
      .paint(painted('#d8bf2a', 0.25))
      .tube(shoulder, elbow, 0.075, 0.062, 8)
      .tube(elbow, hand, 0.062, 0.05, 8);
    mesh.ball(elbow, 0.063, 8).ball(shoulder, 0.083, 8);
    mesh.paint(painted('#a77b5f', 0.1)).ball(hand, 0.058, 8);
  }
  mesh.paint(painted('#b58a6c', 0.1)).tube(neck, [0.09, 1.58 + bob, 0], 0.06, 0.06, 8);
  mesh.ball([0.1, 1.66 + bob, 0], 0.108, 12);
  mesh.paint(painted('#2c3f63', 0.2)).tube([0.095, 1.67 + bob, 0], [0.085, 1.79 + bob, 0], 0.116, 0.075, 12);
  return mesh;
}

// Three fifths of the cycle a foot stands still on the ground while the body passes over it, then it swings forward.
function footAt(phase: number): readonly [x: number, y: number, toe: number] {
  const stance = 0.6;
  const reach = (strideLength * stance) / 2;
  if (phase < stance) return [reach - strideLength * phase, 0, phase > 0.45 ? -(phase - 0.45) * 0.3 : 0];
  const t = (phase - stance) / (1 - stance);
  const eased = t * t * (3 - 2 * t);
  return [
    -reach + 2 * reach * eased,
    0.13 * Math.sin(Math.PI * t) * (1 - 0.4 * t),
    0.05 * Math.sin(2 * Math.PI * t),
  ];
}

function kneeBetween(hip: Vec, ankle: Vec): Vec {
  const dx = ankle[0] - hip[0];
  const dy = ankle[1] - hip[1];
  const distance = Math.min(Math.hypot(dx, dy), thigh + shin - 0.002);
  const along = (distance ** 2 + thigh ** 2 - shin ** 2) / (2 * distance);
  const out = Math.sqrt(Math.max(0, thigh ** 2 - along ** 2));
  const [ux, uy] = [dx / Math.hypot(dx, dy), dy / Math.hypot(dx, dy)];
  return [hip[0] + ux * along - uy * out, hip[1] + uy * along + ux * out, hip[2]];
}
