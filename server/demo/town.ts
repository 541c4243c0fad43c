/** The far side of the harbour: warehouses, a church, cranes, moored sails, the lighthouse and the hills behind. */
import { front, hill, lighthouse, roof } from './building-paint.ts';
import { granite, harbourWall, rock } from './ground-paint.ts';
import { townLamps } from './lamps.ts';
import { type Mesh, unit } from './mesh.ts';
import { fractalNoise, hash } from './noise.ts';
import { luminous, painted } from './paint.ts';
import type { Vec } from './view.ts';

const shore = 108;

/** Adds everything beyond the water. */
export function addTown(mesh: Mesh): void {
  for (let x = -80; x < 110; x += 10) {
    mesh.paint(harbourWall(-1.1)).box(x, -4, shore, x + 10, 0.6, shore + 40);
    mesh.paint(granite).box(x, 0.6, shore, x + 10, 0.8, shore + 0.8);
  }
  houses(mesh);
  church(mesh, 3, 137);
  for (const lamp of townLamps.slice(0, -1)) streetLamp(mesh, lamp.at, lamp.radius);
  crane(mesh, -38, 112, '#c9552c', 1);
  crane(mesh, 62, 114, '#3f7f9c', 1);
  sails(mesh);
  breakwater(mesh);
  hills(mesh);
}

const walls = [
  '#9a5a43',
  '#b48a5a',
  '#7f4a3c',
  '#c2b49a',
  '#8c6a55',
  '#a8746a',
  '#6f7d86',
  '#b79f6c',
  '#94503f',
];
const roofs = ['#6b4238', '#4d535c', '#7a4c3c', '#50463f'];

function houses(mesh: Mesh): void {
  let x = -66;
  for (let i = 0; x < 96; i++) {
    const width = 8 + 9 * hash(i, 1, 7);
    const storeys = 2 + Math.floor(3 * hash(i, 2, 7));
    const storey = 2.9 + 0.6 * hash(i, 3, 7);
    const height = storeys * storey;
    const z = 117 + 4 * hash(i, 4, 7);
    if (hash(i, 9, 7) > 0.1) house(mesh, i, x, z, width, height, storey);
    x += width + (hash(i, 5, 7) < 0.3 ? 2.5 : 0.1);
  }
}

function house(
  mesh: Mesh,
  i: number,
  x: number,
  z: number,
  width: number,
  height: number,
  storey: number,
): void {
  const base = 0.6;
  const gabled = hash(i, 6, 7) < 0.6;
  const bay = 2.1 + 0.7 * hash(i, 10, 7);
  const style = { wall: walls[i % walls.length]!, seed: i, bay, storey, lit: 0.3, width, height };
  mesh.paint(front(style), [x, base, z]);
  if (gabled) {
    const peak = base + height + 0.36 * width;
    mesh.profile(
      [
        [x, base],
        [x, base + height],
        [x + width / 2, peak],
        [x + width, base + height],
        [x + width, base],
      ],
      z,
      z + 16,
    );
    mesh.paint(roof(roofs[i % roofs.length]!, i), [x, base, z]);
    mesh.profile(
      [
        [x - 0.4, base + height - 0.1],
        [x - 0.4, base + height + 0.3],
        [x + width / 2, peak + 0.35],
        [x + width / 2, peak],
      ],
      z + 0.5,
      z + 16.4,
    );
    mesh.profile(
      [
        [x + width + 0.4, base + height - 0.1],
        [x + width + 0.4, base + height + 0.3],
        [x + width / 2, peak + 0.35],
        [x + width / 2, peak],
      ],
      z + 0.5,
      z + 16.4,
    );
  } else {
    mesh.box(x, base, z, x + width, base + height, z + 14);
    mesh.paint(roof(roofs[i % roofs.length]!, i), [x, base, z]);
    const ridge = base + height + 3;
    mesh.quad(
      [x - 0.3, base + height, z - 0.4],
      [x + 1, ridge, z + 7],
      [x + width - 1, ridge, z + 7],
      [x + width + 0.3, base + height, z - 0.4],
    );
    mesh.triangle([x - 0.3, base + height, z - 0.4], [x - 0.3, base + height, z + 14], [x + 1, ridge, z + 7]);
    mesh.triangle(
      [x + width + 0.3, base + height, z - 0.4],
      [x + width + 0.3, base + height, z + 14],
      [x + width - 1, ridge, z + 7],
    );
  }
  if (hash(i, 8, 7) < 0.75) {
    const at = x + width * (0.2 + 0.5 * hash(i, 11, 7));
    mesh.paint(painted('#7a5346', 0.5)).box(at, base + height, z + 5, at + 1, base + height + 4.6, z + 6);
  }
}

function church(mesh: Mesh, x: number, z: number): void {
  const style = { wall: '#a89a80', seed: 91, bay: 3.2, storey: 6, lit: 0, width: 6.4, height: 19 };
  mesh.paint(front(style), [x, 0.6, z]).box(x, 0.6, z, x + 6.4, 19.6, z + 6.4);
  mesh.paint(roof('#4f7568', 92), [x, 19, z]);
  const tip: Vec = [x + 3.2, 33, z + 3.2];
  const foot: Vec[] = [
    [x - 0.3, 19.4, z - 0.3],
    [x + 6.7, 19.4, z - 0.3],
    [x + 6.7, 19.4, z + 6.7],
    [x - 0.3, 19.4, z + 6.7],
  ];
  foot.forEach((corner, i) => {
    mesh.triangle(corner, foot[(i + 1) % 4]!, tip);
  });
}

function streetLamp(mesh: Mesh, at: Vec, radius: number): void {
  mesh.paint(painted('#3c4246', 0.4)).tube([at[0], 0.6, at[2]], [at[0], at[1] - 0.2, at[2]], 0.12, 0.08, 6);
  mesh.paint(luminous(80, 60, 36)).ball(at, radius, 8);
}

/** A harbour crane on a portal, its jib out over the water. */
function crane(mesh: Mesh, x: number, z: number, hex: string, side: number): void {
  mesh.paint(painted(hex, 0.4, 0.3));
  for (const [dx, dz] of [
    [-3, -3],
    [3, -3],
    [-3, 3],
    [3, 3],
  ] as const) {
    mesh.tube([x + dx, 0.6, z + dz], [x + dx * 0.6, 8, z + dz * 0.6], 0.35, 0.3, 6);
    mesh.tube([x + dx, 2, z + dz], [x - dx * 0.6, 8, z + dz * 0.6], 0.16, 0.16, 5);
  }
  mesh.box(x - 2.4, 8, z - 2.4, x + 2.4, 8.6, z + 2.4);
  mesh.box(x - 1.9, 8.6, z - 1.6, x + 1.9, 11.4, z + 1.6);
  const root: Vec = [x + side * 1.4, 10.4, z];
  const tip: Vec = [x + side * 17, 22.5, z];
  const steps = 10;
  const chord = (share: number, off: number): Vec => [
    root[0] + (tip[0] - root[0]) * share - side * off * 0.61,
    root[1] + (tip[1] - root[1]) * share + off * 0.79,
    z,
  ];
  for (let i = 0; i < steps; i++) {
    const depth = (share: number): number => 1.5 * (1 - share) + 0.25;
    const [a, b] = [i / steps, (i + 1) / steps];
    mesh
      .tube(chord(a, 0), chord(b, 0), 0.17, 0.17, 5)
      .tube(chord(a, depth(a)), chord(b, depth(b)), 0.15, 0.15, 5);
    mesh.tube(chord(a, i % 2 === 0 ? 0 : depth(a)), chord(b, i % 2 === 0 ? depth(b) : 0), 0.09, 0.09, 4);
  }
  const head: Vec = [x - side * 0.6, 18.5, z];
  mesh
    .tube([x + side * 1.2, 11.4, z], head, 0.22, 0.18, 5)
    .tube([x - side * 1.8, 11.4, z], head, 0.22, 0.18, 5);
  mesh.tube(head, tip, 0.06, 0.06, 4).tube(head, chord(0.55, 0.9), 0.06, 0.06, 4);
  mesh.paint(painted('#26282a', 0.2)).tube(tip, [tip[0], 6.5, z], 0.05, 0.05, 4);
  mesh.box(tip[0] - 0.35, 5.7, z - 0.35, tip[0] + 0.35, 6.5, z + 0.35);
  mesh.paint(luminous(2.2, 1.7, 1)).box(x + side * 1.92, 9.4, z - 1, x + side * 1.96, 10.6, z + 0.6);
}

function sails(mesh: Mesh): void {
  for (let i = 0; i < 9; i++) {
    const x = -31 + i * 4.1 + 1.6 * hash(i, 1, 19);
    const z = 97 + 6 * hash(i, 2, 19);
    const length = 6 + 3 * hash(i, 3, 19);
    mesh.paint(painted(['#e9e6de', '#24406b', '#7c2a2a', '#e4dcc8'][i % 4]!, 0.25));
    mesh.profile(
      [
        [x, -2.2],
        [x - 0.4, -0.9],
        [x + length, -0.8],
        [x + length - 1.2, -2.2],
      ],
      z,
      z + 2,
    );
    mesh.paint(painted('#d8d4c8', 0.3)).box(x + 1.8, -0.85, z + 0.4, x + length * 0.6, -0.3, z + 1.6);
    const mast = x + length * 0.55;
    const top = length * 1.25;
    mesh.paint(painted('#c9ccce', 0.2)).tube([mast, -0.8, z + 1], [mast, top, z + 1], 0.1, 0.07, 5);
    mesh.tube([mast, top, z + 1], [x + length, -0.7, z + 1], 0.025, 0.025, 3);
    mesh.tube([mast, top, z + 1], [x, -0.8, z + 1], 0.025, 0.025, 3);
    mesh
      .paint(painted(['#2f5f8f', '#8f3b2f', '#d9d3c3'][i % 3]!, 0.2))
      .tube([mast, 0.6, z + 1], [x + 0.6, 0.7, z + 1], 0.19, 0.15, 6);
  }
}

function breakwater(mesh: Mesh): void {
  const rings: Vec[][] = [];
  for (let i = 0; i <= 60; i++) {
    const x = -100 + i * 1.0;
    const end = Math.min(1, (60 - i) / 5);
    const ring: Vec[] = [];
    for (let j = 0; j <= 10; j++) {
      const across = j / 10;
      const bump = fractalNoise(x * 0.55, across * 7, 2, 3) - 0.5;
      const crown = Math.sin(across * Math.PI) ** 0.7;
      ring.push([x + bump * 1.5, -3.5 + end * (4.6 * crown + 2.2 * bump), 86 + across * 13 + bump]);
    }
    rings.push(ring);
  }
  mesh.paint(rock).loft(rings);
  const [x, , z] = [-46.5, 0, 92];
  mesh.paint(painted('#b9b2a4', 0.5), [x, 0, z]).tube([x, -1, z], [x, 1.6, z], 3.1, 2.9, 20);
  mesh.paint(lighthouse, [x, 1.5, z]).tube([x, 1.5, z], [x, 15.2, z], 1.9, 1.25, 24);
  mesh.paint(painted('#2c2f33', 0.3)).tube([x, 15.2, z], [x, 15.6, z], 1.9, 1.9, 20);
  for (let i = 0; i < 16; i++) {
    const [dx, dz] = [1.75 * Math.cos((i * Math.PI) / 8), 1.75 * Math.sin((i * Math.PI) / 8)];
    mesh.tube([x + dx, 15.6, z + dz], [x + dx, 16.5, z + dz], 0.05, 0.05, 4);
    if (i % 4 === 0)
      mesh.tube([x + dx * 0.6, 15.6, z + dz * 0.6], [x + dx * 0.6, 18.2, z + dz * 0.6], 0.08, 0.08, 4);
  }
  mesh.tube([x, 18.2, z], [x, 19.6, z], 1.25, 0.1, 16);
  mesh.paint(luminous(95, 78, 52)).ball([x, 17.1, z], 0.75, 10);
}

function hills(mesh: Mesh): void {
  const rings: Vec[][] = [];
  for (let i = 0; i <= 70; i++) {
    const x = -190 + i * 6;
    const crest =
      4 + 20 * fractalNoise(x * 0.013 + 5, 1, 1, 4) * (0.55 + 0.45 * Math.tanh((Math.abs(x + 10) - 25) / 40));
    const ring: Vec[] = [];
    for (let j = 0; j <= 6; j++) ring.push([x, crest * Math.sin((j / 6) * 1.57) - 2, 165 + j * 14]);
    rings.push(ring);
  }
  mesh.paint(hill).loft(rings);
  mesh.paint(luminous(3, 2, 1));
  for (let i = 0; i < 40; i++) {
    const x = -120 + 240 * hash(i, 1, 23);
    const y = 2 + 8 * hash(i, 2, 23);
    const [w, h] = [0.25 + 0.3 * hash(i, 3, 23), 0.4];
    const z = 164 + y * 2.5;
    const n = unit([0, 0, -1]);
    mesh.triangle([x, y, z], [x + w, y, z], [x + w, y + h, z], n);
    mesh.triangle([x, y, z], [x + w, y + h, z], [x, y + h, z], n);
  }
}
