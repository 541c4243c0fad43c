/** The quay the camera stands on: setts, kerb, bollards, lanterns, the van and what fishermen leave about. */
import { drum, fishBox, van, wheel } from './cargo-paint.ts';
import { granite, harbourWall, setts, timber } from './ground-paint.ts';
import { addGull } from './gull.ts';
import { quayLamps } from './lamps.ts';
import { Mesh } from './mesh.ts';
import { hash } from './noise.ts';
import { glass, luminous, painted, planks } from './paint.ts';

/** Where the water's surface lies, in metres under the quay's top. */
export const waterLevel = -1.9;

const edge = 16.9;

/** Everything nearer than the water. */
export function nearQuay(): Mesh {
  const mesh = new Mesh();
  ground(mesh);
  for (const x of [-13.4, -7.9, -2.4, 3.1, 8.6, 14.1]) bollard(mesh, x, edge - 0.75);
  for (const lamp of quayLamps) lantern(mesh, lamp.at[0], lamp.at[1], lamp.at[2]);
  addGull(mesh, -2.4, 0.58, edge - 0.75, 1);
  parkVan(mesh, 2.3, 13.2);
  boxes(mesh);
  pots(mesh);
  lifebuoy(mesh, 1.25, 15.6);
  return mesh;
}

function ground(mesh: Mesh): void {
  // Cut into strips so that the ray tree can tell near ground from far.
  for (let x = -40; x < 40; x += 4) {
    mesh.paint(setts).box(x, -0.5, 8, x + 4, 0, edge - 0.6);
    mesh.paint(granite).box(x, -0.5, edge - 0.6, x + 4, 0.09, edge);
    mesh.paint(harbourWall(-1.2)).box(x, -4, edge - 0.3, x + 4, -0.5, edge - 0.05);
  }
}

function bollard(mesh: Mesh, x: number, z: number): void {
  const iron = painted('#3b3f43', 0.5, 0.75, 0.03);
  mesh.paint(iron, [x, 0, z]).tube([x, 0, z], [x, 0.06, z], 0.33, 0.33, 14);
  mesh.tube([x, 0.06, z], [x, 0.42, z], 0.19, 0.16, 14);
  mesh.paint(painted('#e8e2d2', 0.5, 0.3), [x, 0, z]).tube([x, 0.22, z], [x, 0.34, z], 0.187, 0.18, 14);
  mesh.paint(iron, [x, 0, z]).tube([x, 0.42, z], [x, 0.5, z], 0.16, 0.27, 14);
  mesh.tube([x, 0.5, z], [x, 0.58, z], 0.27, 0.2, 14);
}

function lantern(mesh: Mesh, x: number, y: number, z: number): void {
  const green = painted('#2f4a44', 0.35, 0.2, 0.04);
  const post = x < 0 ? x - 0.75 : x + 0.75;
  mesh.paint(green, [post, 0, z]);
  mesh.tube([post, 0, z], [post, 0.5, z], 0.2, 0.16, 12).tube([post, 0.5, z], [post, 0.62, z], 0.2, 0.12, 12);
  mesh.tube([post, 0.62, z], [post, y + 0.35, z], 0.1, 0.06, 10);
  mesh.tube([post, y + 0.32, z], [x, y + 0.42, z], 0.045, 0.04, 8);
  mesh.tube([post, y - 0.35, z], [(post + x) / 2, y + 0.36, z], 0.025, 0.025, 6);
  // A wide shade over an open globe.
  mesh.tube([x, y + 0.14, z], [x, y + 0.4, z], 0.42, 0.08, 14);
  mesh.paint(luminous(95, 74, 47)).ball([x, y, z], 0.17, 12);
}

function parkVan(mesh: Mesh, x: number, z: number): void {
  const outline = [
    [0.12, 0.38],
    [0.05, 0.62],
    [0.16, 0.98],
    [0.95, 1.16],
    [1.5, 1.92],
    [1.78, 2.06],
    [4.75, 2.1],
    [4.88, 1.95],
    [4.95, 0.7],
    [4.92, 0.38],
  ] as const;
  mesh.paint(van, [x, 0, z]);
  const body = outline.map(([u, v]): [number, number] => [x + u, v]);
  mesh.profile(body, z, z + 1.9, 0.07);
  mesh.paint(glass);
  mesh.profile(
    [
      [x + 1.16, 1.2],
      [x + 1.58, 1.84],
      [x + 1.86, 1.86],
      [x + 1.86, 1.2],
    ],
    z - 0.012,
    z + 1.91,
  );
  mesh.quad(
    [x + 0.99, 1.2, z + 0.16],
    [x + 1.47, 1.9, z + 0.2],
    [x + 1.47, 1.9, z + 1.7],
    [x + 0.99, 1.2, z + 1.74],
  );
  for (const axle of [0.95, 3.95]) {
    mesh
      .paint(painted('#1c1c1e', 0.4), [0, 0, 0])
      .tube([x + axle, 0.36, z - 0.014], [x + axle, 0.36, z + 0.3], 0.42, 0.42, 20);
    mesh
      .paint(wheel, [x + axle, 0.33, z])
      .tube([x + axle, 0.33, z - 0.05], [x + axle, 0.33, z + 0.2], 0.33, 0.33, 22);
    mesh.tube([x + axle, 0.33, z + 1.65], [x + axle, 0.33, z + 1.92], 0.33, 0.33, 14);
  }
  mesh.paint(painted('#2a2c2e', 0.5)).box(x - 0.02, 0.32, z + 0.05, x + 0.2, 0.55, z + 1.85);
  mesh.box(x + 4.88, 0.34, z + 0.05, x + 5.02, 0.52, z + 1.85);
  mesh.box(x + 1.02, 1.22, z - 0.16, x + 1.1, 1.46, z - 0.02);
  mesh.paint(painted('#f0e9d2', 0.1, 0, 0.08)).box(x + 0.03, 0.72, z + 0.12, x + 0.2, 0.92, z + 0.42);
  mesh.paint(luminous(0.5, 0.03, 0.02)).box(x + 4.9, 0.85, z + 0.02, x + 4.96, 1.2, z + 0.14);
  mesh.paint(painted('#8a8f92', 0.4)).box(x + 2.1, 2.1, z + 0.35, x + 4.5, 2.13, z + 0.4);
  mesh.box(x + 2.1, 2.1, z + 1.5, x + 4.5, 2.13, z + 1.55);
  mesh.paint(planks('#a9825a', 0.2)).box(x + 2.0, 2.15, z + 0.5, x + 4.7, 2.2, z + 0.75);
  mesh.paint(painted('#b9bfc2', 0.3)).box(x + 2.0, 2.14, z + 1.0, x + 4.8, 2.22, z + 1.06);
  mesh.box(x + 2.0, 2.14, z + 1.35, x + 4.8, 2.22, z + 1.41);
}

function boxes(mesh: Mesh): void {
  const colours = ['#1f5fa8', '#d8772b', '#2f8a57', '#c9b23a', '#a83b34', '#3a8fa3'];
  const stacks = [
    [-7.1, 13.3, 5],
    [-6.22, 13.4, 3],
    [-5.3, 13.2, 2],
    [-6.7, 12.55, 2],
    [-5.7, 12.4, 1],
    [-8.0, 13.35, 4],
    [-7.7, 12.6, 1],
  ] as const;
  stacks.forEach(([x, z, high], stack) => {
    for (let level = 0; level < high; level++) {
      const colour = colours[Math.floor(hash(stack, level, 12) * colours.length)]!;
      const left = x + 0.06 * (hash(stack, level, 13) - 0.5);
      const low = level * 0.31;
      mesh.paint(fishBox(colour, level % 2 === 0 ? 'SEABORN' : 'NG PORT'), [left, low, z]);
      mesh.box(left, low, z, left + 0.8, low + 0.24, z + 0.55);
      mesh.box(left - 0.025, low + 0.235, z - 0.025, left + 0.825, low + 0.3, z + 0.575);
    }
  });
  const drums = [
    [-4.0, 13.3, '#2c5f8c'],
    [-3.3, 13.45, '#a23a2c'],
    [-3.55, 12.75, '#6f7f38'],
  ] as const;
  for (const [x, z, hex] of drums) {
    mesh.paint(drum(hex), [x, 0, z]).tube([x, 0, z], [x, 0.9, z], 0.3, 0.3, 20);
    mesh.paint(painted('#2b2d30', 0.5, 0.5), [x, 0, z]).tube([x, 0.885, z], [x, 0.895, z], 0.27, 0.27, 20);
  }
  // A pallet with a coil of rope on it.
  mesh.paint(planks('#b08a5e', 0.14), [0, 0, 0]);
  for (let i = 0; i < 6; i++) mesh.box(-2.1, 0.12, 13.9 + i * 0.17, -0.9, 0.15, 14.02 + i * 0.17);
  for (const x of [-2.1, -1.56, -1.02]) mesh.box(x, 0, 13.9, x + 0.12, 0.12, 14.87);
  mesh.paint(painted('#c7a865', 0.3));
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < 20; j++) {
      const turn = (k: number): readonly [number, number, number] => {
        const angle = (k / 20) * 2 * Math.PI;
        const radius = 0.34 - (i % 2) * 0.07;
        return [-1.5 + radius * Math.cos(angle), 0.19 + i * 0.055, 14.38 + radius * Math.sin(angle)];
      };
      mesh.tube(turn(j), turn(j + 1), 0.04, 0.04, 6);
    }
  }
}

function pots(mesh: Mesh): void {
  // Lobster pots: hoops, slats and a net of cord, in a row by the kerb.
  const places = [
    [10.7, 15.2, 0],
    [11.6, 15.1, 0],
    [12.5, 15.25, 0],
    [11.1, 15.15, 0.47],
    [12.05, 15.15, 0.47],
  ] as const;
  for (const [x, z, y] of places) {
    mesh.paint(timber, [x, y, z]).box(x, y, z, x + 0.8, y + 0.05, z + 0.5);
    const arch = (angle: number, along: number): readonly [number, number, number] => [
      x + along,
      y + 0.05 + 0.38 * Math.sin(angle),
      z + 0.25 - 0.25 * Math.cos(angle),
    ];
    mesh.paint(painted('#3f6f86', 0.4));
    for (const along of [0.02, 0.27, 0.53, 0.78]) {
      for (let i = 0; i < 8; i++)
        mesh.tube(arch((i * Math.PI) / 8, along), arch(((i + 1) * Math.PI) / 8, along), 0.02, 0.02, 5);
    }
    mesh.paint(painted('#4f8f6a', 0.4));
    for (let i = 0; i <= 8; i++)
      mesh.tube(arch((i * Math.PI) / 8, 0.02), arch((i * Math.PI) / 8, 0.78), 0.012, 0.012, 4);
  }
}

function lifebuoy(mesh: Mesh, x: number, z: number): void {
  mesh.paint(painted('#e9e4d6', 0.35, 0.15)).tube([x, 0, z], [x, 1.55, z], 0.05, 0.05, 8);
  mesh.paint(painted('#b3382c', 0.3)).box(x - 0.36, 0.72, z - 0.02, x + 0.36, 1.5, z + 0.03);
  for (let i = 0; i < 24; i++) {
    const at = (k: number): readonly [number, number, number] => {
      const angle = (k / 24) * 2 * Math.PI;
      return [x + 0.26 * Math.cos(angle), 1.11 + 0.26 * Math.sin(angle), z - 0.09];
    };
    mesh
      .paint(painted(Math.floor(i / 3) % 2 === 0 ? '#e5602a' : '#efe9dc', 0.25))
      .tube(at(i), at(i + 1), 0.065, 0.065, 8);
  }
}
