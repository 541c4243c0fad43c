/** The harbour at any moment of its loop: still layers, water, boats, the walking figure and the lamps' glow, in order. */
import { AmbientVolume } from './ambient-volume.ts';
import { BoatSprites } from './boat-sprites.ts';
import { figure, strideLength } from './figure.ts';
import { Glow } from './glow.ts';
import { addGull } from './gull.ts';
import { harbourLamps, pierLamps, quayLamps } from './lamps.ts';
import { Mesh } from './mesh.ts';
import { nearQuay, waterLevel } from './near-quay.ts';
import { seededRandom } from './noise.ts';
import { Ocean } from './ocean.ts';
import { addDolphins, addPier } from './pier.ts';
import { RayTree } from './ray-tree.ts';
import { castShadow } from './shadow.ts';
import { type Mover, type Pose, type Sprite, traceSprite } from './sprite.ts';
import { type Layer, traceStill } from './still-layer.ts';
import { addTown } from './town.ts';
import { launch, trawler, tug } from './vessels.ts';
import { openView, type View } from './view.ts';
import type { Wake } from './wake.ts';
import { WaterSurface } from './water.ts';

export interface HarbourSettings {
  /** Width of the picture in pixels; the height follows at 16:9. */
  readonly width: number;
  /** Samples a pixel along each axis; 4 for the clip, 1 for a quick look. */
  readonly grid: number;
  readonly seed: number;
}

/** Seconds after which everything is where it was. */
export const loopSeconds = 20;

const berth = { x: -6.2, z: 29.5 };

/** Renders frames of the harbour. Building it traces the still parts, which takes most of a minute at full size. */
export class Harbour {
  readonly view: View;
  readonly #settings: HarbourSettings;
  readonly #far: Layer;
  readonly #near: Layer;
  readonly #mirror: Layer;
  readonly #ocean: Ocean;
  readonly #water: WaterSurface;
  readonly #glow: Glow;
  /** From far to near. */
  readonly #boats: readonly { readonly upright: BoatSprites; readonly mirrored: BoatSprites }[];
  // Baked once, in mid-stride: the light round the figure hardly changes with the gait.
  readonly #walkerAmbient: AmbientVolume;
  readonly #mirrorColour: Float32Array;
  readonly #mirrorDepth: Float32Array;

  constructor(settings: HarbourSettings) {
    const { width, grid, seed } = settings;
    const view = openView(width, [0, 5.6, 0], 0, 0.131, 1.08);
    const random = seededRandom(seed);
    this.view = view;
    this.#settings = settings;
    const far = new Mesh();
    addTown(far);
    addPier(far);
    addDolphins(far, [
      [berth.x - 8.9, berth.z],
      [berth.x + 9.6, berth.z],
    ]);
    addGull(far, berth.x + 9.6, 2.25, berth.z, -1);
    const still = { grid, skyRays: grid > 1 ? 3 : 2, lamps: harbourLamps };
    this.#far = traceStill(view, far, { ...still, sky: true, water: waterLevel }, random);
    this.#near = traceStill(view, nearQuay(), { ...still, sky: false }, random);
    const mirrorGrid = Math.min(2, grid);
    this.#mirror = traceStill(
      view,
      far,
      { ...still, grid: mirrorGrid, skyRays: 1, sky: true, water: waterLevel, mirrored: true },
      random,
    );
    this.#mirrorColour = this.#mirror.colour.slice();
    this.#mirrorDepth = this.#mirror.depth.slice();
    this.#ocean = new Ocean(21, 0.036, loopSeconds, seed + 1);
    const visible = this.#far.cover.map((cover, i) => (1 - cover) * (1 - this.#near.cover[i]!));
    this.#water = new WaterSurface(view, waterLevel, visible, this.#ocean, harbourLamps);
    this.#glow = new Glow(view, harbourLamps);
    this.#walkerAmbient = new AmbientVolume(new RayTree(figure(0.1)), 1, 0.2, random);
    const boat = (mesh: Mesh, pose: (phase: number) => Pose, keys: number) => {
      const tree = new RayTree(mesh);
      const ambient = new AmbientVolume(tree, pose(0).heading, 0.5, random);
      const mover: Mover = { tree, ambient, lamps: [...quayLamps, ...pierLamps] };
      const path = {
        mover,
        pose,
        keys,
        grid: keys === 1 && grid > 1 ? 2 : 1,
        oversampling: 2,
        seed: seed + 3,
      };
      return {
        upright: new BoatSprites(view, path, waterLevel, false),
        mirrored: new BoatSprites(
          view,
          { ...path, grid: Math.min(2, grid), oversampling: 1 },
          waterLevel,
          true,
        ),
      };
    };
    this.#boats = [boat(launch(), launchPose, 50), boat(tug(), tugPose, 50), boat(trawler(), trawlerPose, 1)];
  }

  /** The picture at a phase of the loop (0…1; 1 is 0 again): interleaved linear RGB, not limited to 1. */
  frame(phase: number): Float32Array {
    const { view } = this;
    const random = seededRandom(this.#settings.seed + 2);
    this.#ocean.advance(phase);
    this.#mirrorColour.set(this.#mirror.colour);
    this.#mirrorDepth.set(this.#mirror.depth);
    const sprites: Sprite[] = [];
    for (const { upright, mirrored } of this.#boats) {
      sprites.push(upright.at(phase));
      lay(mirrored.at(phase), view, this.#mirrorColour, this.#mirrorDepth, true);
    }
    const out = new Float32Array(view.width * view.height * 3);
    this.#water.render({ colour: this.#mirrorColour, depth: this.#mirrorDepth }, wakesAt(phase), out);
    underlay(this.#far, out);
    const depth = this.#far.depth.slice();
    for (const sprite of sprites) lay(sprite, view, out, depth, false);
    this.#quay(phase, out, depth, random);
    this.#glow.add(out, (column, row, distance) => {
      const [x, y] = [Math.floor(column), Math.floor(row)];
      if (x < 0 || y < 0 || x >= view.width || y >= view.height) return true;
      return depth[y * view.width + x]! < distance - 1.5;
    });
    return out;
  }

  #quay(phase: number, out: Float32Array, depth: Float32Array, random: () => number): void {
    const { view } = this;
    const near = this.#near;
    const walked = walkAt(phase);
    const tree = new RayTree(figure((walked.at[0] / strideLength + 100) % 1));
    const lit = near.colour.slice();
    castShadow(view, tree, walked.at, lit, near, random);
    for (let pixel = 0; pixel < near.cover.length; pixel++) {
      const open = 1 - near.cover[pixel]!;
      if (open === 1) continue;
      for (let i = pixel * 3; i < pixel * 3 + 3; i++) out[i] = out[i]! * open + lit[i]!;
      depth[pixel] = Math.min(depth[pixel]!, near.depth[pixel]!);
    }
    const sprite = traceSprite(
      view,
      { tree, ambient: this.#walkerAmbient, lamps: quayLamps },
      walked,
      Math.min(4, this.#settings.grid + 1),
      -1,
      false,
      random,
    );
    lay(sprite, view, out, depth, false);
  }
}

/** Puts a sprite over a picture where nothing stands nearer, and its distances into the depth plane. */
function lay(sprite: Sprite, view: View, colour: Float32Array, depth: Float32Array, mirrored: boolean): void {
  for (let row = 0; row < sprite.height; row++) {
    for (let column = 0; column < sprite.width; column++) {
      const from = row * sprite.width + column;
      const cover = sprite.cover[from]!;
      const to = (sprite.top + row) * view.width + sprite.left + column;
      if (cover === 0 || depth[to]! < sprite.depth[from]!) continue;
      for (let i = 0; i < 3; i++)
        colour[to * 3 + i] = colour[to * 3 + i]! * (1 - cover) + sprite.colour[from * 3 + i]!;
      if (cover > 0.5 || mirrored) depth[to] = sprite.depth[from]!;
    }
  }
}

function underlay(layer: Layer, out: Float32Array): void {
  for (let pixel = 0; pixel < layer.cover.length; pixel++) {
    const open = 1 - layer.cover[pixel]!;
    for (let i = pixel * 3; i < pixel * 3 + 3; i++) out[i] = out[i]! * open + layer.colour[i]!;
  }
}

function wave(phase: number, turns: number, shift: number): number {
  return Math.sin(2 * Math.PI * (turns * phase + shift));
}

function trawlerPose(phase: number): Pose {
  return {
    at: [
      berth.x + 0.1 * wave(phase, 2, 0.1),
      waterLevel + 0.05 * wave(phase, 5, 0),
      berth.z + 0.08 * wave(phase, 1, 0.4),
    ],
    heading: 1,
    roll: 0,
    pitch: 0.012 * wave(phase, 5, 0.5) + 0.004 * wave(phase, 8, 0.2),
  };
}

/** Metres that a boat under way covers in one loop, from out of sight to out of sight. */
const tugTrack = 66;
const launchTrack = 96;

/** The wakes now, and those of the boats as they would have gone on: a wake outlasts its boat's turn in the picture. */
function wakesAt(phase: number): Wake[] {
  const [tugX, , tugZ] = tugPose(phase).at;
  const [launchX, , launchZ] = launchPose(phase).at;
  return [0, 1].flatMap((past) => [
    { x: tugX + past * tugTrack, z: tugZ, heading: 1, length: 11, halfBeam: 2.1 },
    { x: launchX - past * launchTrack, z: launchZ, heading: -1, length: 8.6, halfBeam: 1.45 },
  ]);
}

function tugPose(phase: number): Pose {
  return {
    at: [tugTrack * (((phase + 0.56) % 1) - 0.5), waterLevel + 0.04 * wave(phase, 7, 0), 37.5],
    heading: 1,
    roll: 0.018 * wave(phase, 7, 0.3),
    pitch: 0.012 * wave(phase, 8, 0.1) + 0.008,
  };
}

function launchPose(phase: number): Pose {
  return {
    at: [launchTrack * (0.5 - ((phase + 0.3) % 1)), waterLevel + 0.05 * wave(phase, 9, 0), 63],
    heading: -1,
    roll: 0.025 * wave(phase, 8, 0.7),
    pitch: 0.014 * wave(phase, 11, 0.1) + 0.02,
  };
}

function walkAt(phase: number): Pose {
  return { at: [-10.5 + 21 * ((phase + 0.38) % 1), 0, 12.2], heading: 1, roll: 0, pitch: 0 };
}
