/** The boats: a moored trawler, a tug and a pilot launch, built round the waterline amidships with the bow at +x. */

import { Mesh } from './mesh.ts';
import { glass, luminous, painted, planks } from './paint.ts';
import { cabin, hull } from './vessel-paint.ts';
import type { Vec } from './view.ts';

interface Lines {
  readonly length: number;
  readonly beam: number;
  /** Height of the deck edge over the water: least amidships, and what bow and stern rise above that. */
  readonly freeboard: number;
  readonly bowRise: number;
  readonly sternRise: number;
  readonly draught: number;
}

function sheerOf(lines: Lines): (x: number) => number {
  return (x) => {
    const t = x / (lines.length / 2);
    return (
      lines.freeboard +
      (t > -0.2 ? lines.bowRise * ((t + 0.2) / 1.2) ** 2 : lines.sternRise * ((t + 0.2) / 0.8) ** 2)
    );
  };
}

/** Lofts a hull with a raked stem and a rounded stern, closes it with a deck and tops it with a bulwark rail. */
function addHull(mesh: Mesh, lines: Lines, rail: string): void {
  const sheer = sheerOf(lines);
  const rings: Vec[][] = [];
  const deck: Vec[][] = [];
  const edges: Vec[][] = [[], []];
  const stations = 26;
  for (let i = 0; i <= stations; i++) {
    const t = -1 + (2 * i) / stations;
    const x = (t * lines.length) / 2;
    const fullness = t > 0 ? Math.max(0, 1 - t ** 2.6) : Math.max(0.0, 1 - (-t) ** 5) ** 0.5;
    const top = sheer(x);
    const ring: Vec[] = [];
    for (let j = 0; j <= 12; j++) {
      const side = -1 + j / 6;
      const down = 1 - Math.abs(side);
      const y = top - down ** 0.8 * (top + lines.draught);
      const height = Math.max(0, (y + lines.draught) / (top + lines.draught));
      // The stem rakes forward with height; the bow flares.
      const rake = Math.max(0, t) ** 3 * 0.11 * lines.length * (height - 0.75);
      const flare = t > 0 ? height ** (0.5 + 1.1 * t) : height ** 0.45;
      ring.push([x + rake, y, Math.sign(side) * (lines.beam / 2) * (fullness + 0.006) * flare]);
    }
    rings.push(ring);
    const [left, right] = [ring[0]!, ring[12]!];
    deck.push([
      [left[0], top - 0.45, left[2] * 0.97],
      [right[0], top - 0.45, right[2] * 0.97],
    ]);
    edges[0]!.push(left);
    edges[1]!.push(right);
  }
  mesh.loft(rings);
  mesh.paint(planks('#8d7355', 0.16)).loft(deck);
  mesh.paint(painted(rail, 0.3));
  for (const edge of edges)
    for (let i = 0; i < stations; i++) mesh.tube(edge[i]!, edge[i + 1]!, 0.07, 0.07, 6);
}

/** The trawler AURORA, 14 m: blue hull, cream wheelhouse forward, gallows and net drum aft. */
export function trawler(): Mesh {
  const lines: Lines = {
    length: 14,
    beam: 4.6,
    freeboard: 1.35,
    bowRise: 1.25,
    sternRise: 0.35,
    draught: 1.2,
  };
  const mesh = new Mesh();
  mesh.paint(
    hull({
      topside: '#23508a',
      bottom: '#8f3326',
      stripe: '#efe9da',
      letters: '#f6f2e6',
      name: 'AURORA',
      number: 'NG 207',
      nameAt: [2.15, 0.66, 0.6],
      numberAt: [-4.95, 0.36, 0.6],
      sheer: sheerOf(lines),
    }),
  );
  addHull(mesh, lines, '#d8b25a');
  trawlerHouse(mesh);
  trawlerGear(mesh);
  mesh.paint(painted('#b59a66', 0.3));
  rope(mesh, [7.3, 2.7, -0.2], [9.5, 3.3, 0]);
  rope(mesh, [-6.9, 1.85, -0.6], [-8.8, 3.3, 0]);
  return mesh;
}

function trawlerHouse(mesh: Mesh): void {
  mesh.paint(cabin('#e9dfc4', '#23508a', { text: 'AURORA', x: 0.35, y: 2.28, size: 0.2, ink: '#f6f2e6' }));
  mesh.box(-0.6, 0.9, -1.5, 3.1, 2.7, 1.5);
  mesh.profile(
    [
      [0.25, 2.7],
      [0.35, 4.35],
      [2.55, 4.35],
      [2.85, 2.7],
    ],
    -1.3,
    1.3,
  );
  mesh.paint(painted('#23508a', 0.3)).box(0.1, 4.35, -1.5, 2.85, 4.5, 1.5);
  mesh.box(-0.75, 2.66, -1.6, 3.2, 2.74, 1.6);
  mesh.paint(glass);
  for (const x of [0.62, 1.27, 1.92]) mesh.box(x, 3.3, -1.325, x + 0.5, 4.05, 1.325);
  mesh.quad([2.7, 3.35, -1.1], [2.6, 4.05, -1.1], [2.6, 4.05, 1.1], [2.7, 3.35, 1.1]);
  for (const x of [-0.1, 2.2]) mesh.tube([x + 0.25, 1.75, -1.53], [x + 0.25, 1.75, -1.45], 0.2, 0.2, 12);
  mesh.paint(luminous(1.5, 1.05, 0.55)).box(1.32, 3.36, -1.33, 1.72, 3.98, -1.31);
  mesh.paint(painted('#6a4a2f', 0.3)).box(0.55, 0.95, -1.52, 1.15, 2.2, -1.49);
  // Mast with a yard, radar bar and stays.
  mesh.paint(painted('#d8b25a', 0.3, 0.2));
  mesh
    .tube([1.2, 4.4, 0], [1.2, 8.4, 0], 0.11, 0.07, 8)
    .tube([1.2, 6.9, -0.9], [1.2, 6.9, 0.9], 0.04, 0.04, 6);
  mesh.paint(painted('#e8e8e4', 0.2)).box(1.5, 5.3, -0.7, 1.68, 5.48, 0.7);
  mesh.tube([1.2, 5.25, 0], [1.6, 5.3, 0], 0.05, 0.05, 6);
  mesh.paint(painted('#2a2b2c', 0.2));
  for (const [x, y] of [
    [6.9, 2.75],
    [-6.4, 4.3],
  ] as const)
    mesh.tube([1.2, 8.2, 0], [x, y, 0], 0.018, 0.018, 4);
  for (const z of [-1.4, 1.4]) mesh.tube([1.2, 6.9, z * 0.64], [-0.4, 2.8, z], 0.016, 0.016, 4);
  mesh.paint(painted('#c94f2c', 0.3)).tube([-0.25, 2.75, 0.5], [-0.25, 4.1, 0.5], 0.26, 0.24, 12);
  mesh.paint(painted('#202224', 0.3)).tube([-0.25, 4.1, 0.5], [-0.25, 4.3, 0.5], 0.25, 0.25, 12);
  ring(mesh, [-0.35, 2.0, -1.58], 0.3, '#e5602a', '#f1ece0');
}

function trawlerGear(mesh: Mesh): void {
  mesh.paint(painted('#d8b25a', 0.45, 0.5));
  for (const z of [-1.5, 1.5]) {
    mesh.tube([-6.1, 1.2, z], [-6.3, 4.3, z * 0.8], 0.11, 0.1, 7);
    mesh.tube([-4.6, 1.0, z], [-6.25, 3.7, z * 0.82], 0.07, 0.07, 6);
  }
  mesh.tube([-6.3, 4.3, -1.25], [-6.3, 4.3, 1.25], 0.12, 0.12, 8);
  mesh.tube([-0.7, 3.1, 0], [-5.2, 5.6, 0], 0.09, 0.07, 7).tube([1.2, 6.9, 0], [-5.2, 5.6, 0], 0.02, 0.02, 4);
  mesh.paint(painted('#3f7a5c', 0.4)).tube([-4.1, 1.75, -1.2], [-4.1, 1.75, 1.2], 0.62, 0.62, 14);
  mesh.paint(painted('#4c5054', 0.4, 0.6));
  for (const z of [-1.25, 1.25]) mesh.tube([-4.1, 1.75, z - 0.05], [-4.1, 1.75, z + 0.05], 0.82, 0.82, 16);
  mesh.paint(painted('#d96b2c', 0.3));
  for (const [x, z] of [
    [-2.6, -1.6],
    [-2.05, -1.65],
    [-2.35, -1.2],
  ] as const)
    mesh.ball([x, 1.35, z], 0.27, 10);
  mesh.paint(painted('#2a6a9a', 0.3)).box(-1.7, 0.9, -1.7, -0.9, 1.65, -1.1);
  mesh.paint(painted('#b8b9b4', 0.4));
  for (const z of [-1, 1]) {
    for (let x = 3.4; x < 6.6; x += 0.8) {
      const half = 2.1 * Math.max(0.12, 1 - (x / 7) ** 2.6);
      mesh.tube([x, 1.5 + 0.03 * x * x, z * half], [x, 2.3 + 0.03 * x * x, z * half], 0.025, 0.025, 5);
      const next = 2.1 * Math.max(0.12, 1 - ((x + 0.8) / 7) ** 2.6);
      mesh.tube(
        [x, 2.3 + 0.03 * x * x, z * half],
        [x + 0.8, 2.3 + 0.03 * (x + 0.8) ** 2, z * next],
        0.025,
        0.025,
        5,
      );
    }
  }
  mesh.paint(painted('#1f1f21', 0.3));
  for (const x of [-5.8, -0.7, 1.7]) mesh.tube([x, 0.75, -2.36], [x, 0.75, -2.16], 0.36, 0.36, 14);
}

/** The tug ODIN, 11 m: black over red, white house, buff funnel. */
export function tug(): Mesh {
  const lines: Lines = { length: 11, beam: 4.2, freeboard: 1.2, bowRise: 1.0, sternRise: 0.25, draught: 1.3 };
  const mesh = new Mesh();
  mesh.paint(
    hull({
      topside: '#1d6a4c',
      bottom: '#9c3327',
      stripe: '#e3b04a',
      letters: '#f6f2e6',
      name: 'ODIN',
      number: 'T 31',
      nameAt: [1.0, 0.42, 0.62],
      numberAt: [-4.2, 0.36, 0.5],
      sheer: sheerOf(lines),
    }),
  );
  addHull(mesh, lines, '#26272a');
  mesh.paint(cabin('#f0ece0', '#9c3327', { text: 'ODIN', x: -0.3, y: 1.95, size: 0.3, ink: '#f3efe2' }));
  mesh.box(-1.9, 0.8, -1.3, 2.3, 2.6, 1.3);
  mesh.profile(
    [
      [0.3, 2.6],
      [0.35, 4.3],
      [2.0, 4.3],
      [2.2, 2.6],
    ],
    -1.1,
    1.1,
  );
  mesh.paint(painted('#9c3327', 0.3)).box(0.1, 4.3, -1.3, 2.3, 4.45, 1.3);
  mesh.box(-2.0, 2.56, -1.4, 2.4, 2.65, 1.4);
  mesh.paint(glass);
  for (const x of [0.52, 1.02, 1.52]) mesh.box(x, 3.35, -1.12, x + 0.38, 4.05, 1.12);
  mesh.quad([2.13, 3.35, -0.95], [2.06, 4.05, -0.95], [2.06, 4.05, 0.95], [2.13, 3.35, 0.95]);
  mesh.paint(luminous(1.5, 1.05, 0.55)).box(1.04, 3.4, -1.13, 1.38, 4.0, -1.115);
  mesh.paint(painted('#c98f3a', 0.3)).tube([-0.9, 2.6, 0], [-1.0, 4.5, 0], 0.55, 0.5, 14);
  mesh.paint(painted('#242528', 0.3)).tube([-1.0, 4.3, 0], [-1.02, 4.75, 0], 0.52, 0.5, 14);
  mesh.paint(painted('#e9e4d8', 0.3)).tube([0.9, 4.4, 0], [0.9, 7.2, 0], 0.09, 0.06, 7);
  mesh.tube([0.9, 6.2, -0.7], [0.9, 6.2, 0.7], 0.035, 0.035, 5);
  mesh.paint(painted('#4a4d50', 0.4, 0.4)).tube([-3.0, 0.8, 0], [-3.0, 1.9, 0], 0.22, 0.22, 10);
  mesh.tube([-3.9, 1.0, -0.5], [-3.9, 1.0, 0.5], 0.3, 0.3, 10);
  mesh.paint(painted('#1b1b1d', 0.3));
  for (const x of [-4.8, -1.85, -0.75, 0.35]) mesh.tube([x, 0.85, -2.2], [x, 0.85, -2.0], 0.38, 0.38, 14);
  mesh.ball([5.75, 1.75, 0], 0.5, 10);
  ring(mesh, [-1.5, 1.9, -1.38], 0.28, '#e5602a', '#f1ece0');
  return mesh;
}

/** The pilot launch, 8.5 m: white hull, orange house. */
export function launch(): Mesh {
  const lines: Lines = {
    length: 8.6,
    beam: 2.9,
    freeboard: 0.85,
    bowRise: 0.55,
    sternRise: 0.05,
    draught: 0.7,
  };
  const mesh = new Mesh();
  mesh.paint(
    hull({
      topside: '#ece8dc',
      bottom: '#2a4a7a',
      stripe: '#d85f24',
      letters: '#20345c',
      name: 'P 9',
      number: '',
      nameAt: [1.9, 0.42, 0.5],
      numberAt: [0, 0, 1],
      sheer: sheerOf(lines),
    }),
  );
  addHull(mesh, lines, '#2c3d5c');
  mesh.paint(cabin('#dd6a28', '#dd6a28', { text: 'PILOT', x: -1.55, y: 0.98, size: 0.62, ink: '#fbf6ea' }));
  mesh.profile(
    [
      [-2.0, 0.6],
      [-2.0, 1.9],
      [0.9, 1.9],
      [2.2, 0.9],
      [2.2, 0.6],
    ],
    -0.95,
    0.95,
  );
  mesh.paint(painted('#f0ebdd', 0.2)).profile(
    [
      [-1.2, 1.9],
      [-1.1, 2.75],
      [0.5, 2.75],
      [0.95, 1.9],
    ],
    -0.85,
    0.85,
  );
  mesh.paint(glass);
  for (const x of [-0.98, -0.25]) mesh.box(x, 2.05, -0.87, x + 0.6, 2.6, 0.87);
  mesh.quad([0.88, 2.05, -0.75], [0.6, 2.65, -0.75], [0.6, 2.65, 0.75], [0.88, 2.05, 0.75]);
  mesh.paint(painted('#e0ddd2', 0.2)).tube([-0.5, 2.75, 0], [-0.7, 4.3, 0], 0.05, 0.04, 6);
  for (const z of [-0.8, 0.8]) mesh.tube([2.4, 1.5, z * 0.9], [3.9, 1.8, z * 0.35], 0.03, 0.03, 5);
  return mesh;
}

function ring(mesh: Mesh, centre: Vec, radius: number, hex: string, other: string): void {
  for (let i = 0; i < 16; i++) {
    const at = (k: number): Vec => {
      const angle = (k / 16) * 2 * Math.PI;
      return [centre[0] + radius * Math.cos(angle), centre[1] + radius * Math.sin(angle), centre[2]];
    };
    mesh.paint(painted(Math.floor(i / 2) % 2 === 0 ? hex : other, 0.2)).tube(at(i), at(i + 1), 0.07, 0.07, 6);
  }
}

/** A slack line between two points. */
function rope(mesh: Mesh, from: Vec, to: Vec): void {
  const at = (t: number): Vec => [
    from[0] + (to[0] - from[0]) * t,
    from[1] + (to[1] - from[1]) * t - 1.3 * t * (1 - t),
    from[2] + (to[2] - from[2]) * t,
  ];
  for (let i = 0; i < 8; i++) mesh.tube(at(i / 8), at((i + 1) / 8), 0.035, 0.035, 5);
}
