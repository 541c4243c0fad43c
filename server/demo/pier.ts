/** The container pier on the right and the timber dolphins the trawler lies to. */
import { container } from './cargo-paint.ts';
import { harbourWall, timber } from './ground-paint.ts';
import { pierLamps } from './lamps.ts';
import type { Mesh } from './mesh.ts';
import { hash } from './noise.ts';
import { luminous, painted } from './paint.ts';
import { cabin } from './vessel-paint.ts';

const liveries = [
  ['#a33a2a', 'NORDLINE'],
  ['#1f4f8f', 'KESTREL'],
  ['#2d7a55', 'VERDANT'],
  ['#c78a22', 'HELIOS'],
  ['#8a8f94', 'ARGENT'],
  ['#6b2f52', 'MERIDIAN'],
  ['#2b8290', 'TIDEWAY'],
  ['#b8502a', 'NORDLINE'],
] as const;

const deck = 0.35;

/** Adds the pier, its containers, lamps and fenders. */
export function addPier(mesh: Mesh): void {
  for (let x = 6.5; x < 72; x += 6) mesh.paint(harbourWall(-1.0)).box(x, -4, 43.6, x + 6, deck, 60);
  mesh.paint(painted('#c9a12c', 0.6)).box(6.5, deck, 43.6, 78.5, deck + 0.22, 43.85);
  for (let i = 0; i < 12; i++) {
    const x = 8 + i * 4.2;
    if (x > 11.5 && x < 16.5) continue;
    mesh.paint(painted('#222224', 0.3), [x, 0, 0]).tube([x, -0.75, 43.3], [x, -0.75, 43.6], 0.62, 0.62, 16);
    mesh.paint(painted('#3a3a3c', 0.3), [x, 0, 0]).tube([x, -0.75, 43.26], [x, -0.75, 43.32], 0.3, 0.3, 12);
  }
  mesh.paint(cabin('#e8e4d8', '#1f4a7c', { text: 'PIER 2', x: 12.4, y: -0.57, size: 0.6, ink: '#f4f1e6' }));
  mesh.box(12.1, -0.85, 43.5, 15.9, 0.3, 43.58);
  stackContainers(mesh);
  for (const lamp of pierLamps) lampMast(mesh, ...lamp.at, lamp.radius);
  ladder(mesh, 10.4);
  reachStacker(mesh, 12.2, 45.4);
}

function stackContainers(mesh: Mesh): void {
  const heights = [2, 3, 3, 4, 3, 2, 4, 3];
  heights.forEach((high, column) => {
    for (let level = 0; level < high; level++) {
      for (const row of [0, 1]) {
        if (row === 1 && hash(column, level, 61) < 0.3) continue;
        const [hex, name] =
          liveries[Math.floor(hash(column * 3 + 1, level * 5 + row, 44) * liveries.length)]!;
        const x = 14.2 + column * 6.35 + 0.14 * (hash(column, level, 62) - 0.5);
        const y = deck + level * 2.6;
        const z = 47 + row * 3.2;
        mesh
          .paint(container(hex, name, column * 10 + level + row * 100), [x, y, z])
          .box(x, y, z, x + 6.06, y + 2.57, z + 2.44);
      }
    }
  });
}

function lampMast(mesh: Mesh, x: number, y: number, z: number, radius: number): void {
  mesh
    .paint(painted('#8b9196', 0.4, 0.2), [x, 0, z])
    .tube([x, deck, z + 0.5], [x, y + 0.5, z + 0.5], 0.14, 0.08, 8);
  mesh.box(x - 0.9, y + 0.25, z - 0.2, x + 0.9, y + 0.4, z + 0.6);
  mesh.paint(luminous(90, 80, 62)).ball([x, y, z], radius, 10);
}

function ladder(mesh: Mesh, x: number): void {
  mesh.paint(painted('#b9a13a', 0.5, 0.6));
  for (const side of [0, 0.5]) mesh.tube([x + side, -2.2, 43.5], [x + side, deck + 0.9, 43.5], 0.04, 0.04, 5);
  for (let y = -1.8; y < deck; y += 0.33) mesh.tube([x, y, 43.5], [x + 0.5, y, 43.5], 0.025, 0.025, 4);
}

function reachStacker(mesh: Mesh, x: number, z: number): void {
  // A yellow yard machine with its boom over the first column.
  mesh.paint(painted('#d39a1e', 0.4, 0.3, 0.03));
  mesh.profile(
    [
      [x, 1.2],
      [x, 2.3],
      [x - 1.6, 2.4],
      [x - 3.2, 2.0],
      [x - 3.2, 1.1],
    ],
    z,
    z + 2.2,
  );
  mesh.tube([x - 2.8, 2.2, z + 1.1], [x + 4.6, 5.4, z + 1.1], 0.34, 0.26, 8);
  mesh.paint(painted('#2a2f33', 0.2, 0, 0.1)).box(x - 1.5, 2.3, z + 0.1, x - 0.3, 3.6, z + 1.3);
  mesh.paint(painted('#d39a1e', 0.4)).box(x - 1.6, 3.6, z, x - 0.2, 3.75, z + 1.4);
  mesh.paint(painted('#1d1d1f', 0.4));
  for (const axle of [-2.5, -0.5]) {
    mesh.tube([x + axle, deck + 0.75, z - 0.1], [x + axle, deck + 0.75, z + 0.5], 0.75, 0.75, 14);
  }
  mesh.paint(painted('#c33f2b', 0.4)).box(x + 3.2, 5.0, z - 1.9, x + 5.6, 5.35, z + 4.1);
}

/** Adds the two piles with their fenders that the trawler lies between. */
export function addDolphins(mesh: Mesh, places: readonly (readonly [x: number, z: number])[]): void {
  for (const [x, z] of places) {
    mesh.paint(timber, [x, 0, z]);
    for (const [dx, dz] of [
      [-0.28, -0.2],
      [0.28, -0.2],
      [0, 0.3],
    ] as const) {
      mesh.tube([x + dx, -4, z + dz], [x + dx * 0.55, 1.9, z + dz * 0.55], 0.24, 0.21, 10);
    }
    mesh.paint(painted('#4a4c4e', 0.5, 0.8), [x, 0, z]).tube([x, 1.3, z], [x, 1.5, z], 0.46, 0.46, 14);
    mesh.paint(painted('#ebe6da', 0.4), [x, 0, z]).tube([x, 1.9, z], [x, 2.25, z], 0.33, 0.2, 12);
  }
}
