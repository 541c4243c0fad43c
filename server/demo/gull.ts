/** A gull at rest on a post. */
import type { Mesh } from './mesh.ts';
import { painted } from './paint.ts';

/** Adds a gull on a post whose top is at y, its beak towards +x or −x. */
export function addGull(mesh: Mesh, x: number, y: number, z: number, facing: 1 | -1): void {
  mesh.paint(painted('#eeece6', 0.15)).ball([x + 0.12 * facing, y + 0.27, z], 0.11, 8);
  mesh.tube([x - 0.08 * facing, y + 0.24, z], [x + 0.12 * facing, y + 0.27, z], 0.1, 0.11, 8);
  mesh.tube([x + 0.13 * facing, y + 0.3, z], [x + 0.19 * facing, y + 0.46, z], 0.075, 0.065, 8);
  mesh.ball([x + 0.2 * facing, y + 0.48, z], 0.075, 8);
  mesh
    .paint(painted('#8f979e', 0.2))
    .tube([x + 0.06 * facing, y + 0.32, z], [x - 0.3 * facing, y + 0.24, z], 0.085, 0.02, 7);
  mesh
    .paint(painted('#d99a2b', 0.1))
    .tube([x + 0.26 * facing, y + 0.47, z], [x + 0.37 * facing, y + 0.45, z], 0.025, 0.01, 6);
  for (const side of [-0.04, 0.04])
    mesh.tube([x + 0.04 * facing, y, z + side], [x + 0.04 * facing, y + 0.2, z + side], 0.014, 0.014, 5);
}
