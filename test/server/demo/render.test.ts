/** The demo camera's renderer: the loop closes, the night is as dark as promised, and the committed clips keep their bounds. */
import { stat } from 'node:fs/promises';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import { beforeAll, describe, expect, test } from 'vitest';
import { developTruth, NightCamera, nightSensor } from '../../../server/demo/camera-noise.ts';
import { cameraCodec, openClip } from '../../../server/demo/encode.ts';
import { Harbour } from '../../../server/demo/harbour.ts';
import { Mesh } from '../../../server/demo/mesh.ts';
import { seededRandom } from '../../../server/demo/noise.ts';
import { Ocean } from '../../../server/demo/ocean.ts';
import { RayTree } from '../../../server/demo/ray-tree.ts';

const small = { width: 112, grid: 2, seed: 5 };

describe('the harbour', () => {
  let harbour: Harbour;
  let first: Float32Array;
  beforeAll(() => {
    harbour = new Harbour(small);
    first = harbour.frame(0);
  });

  test('the truth loops: the frame after the last equals the first', () => {
    expect(farthest(harbour.frame(1), first)).toBe(0);
  });

  test('a frame is the same whichever was rendered before it', () => {
    harbour.frame(0.37);
    expect(farthest(harbour.frame(0), first)).toBe(0);
  });

  test('things move: a later frame differs from the first by more than the ripples', () => {
    expect(meanDifference(developTruth(harbour.frame(0.4)), developTruth(first))).toBeGreaterThan(4);
  });

  test('the same seed gives the same frame', () => {
    expect(farthest(new Harbour(small).frame(0.2), harbour.frame(0.2))).toBe(0);
  });

  test('the truth is well exposed: its mean is between 95 and 125 of 255', () => {
    const brightness = mean(developTruth(first));
    expect(brightness).toBeGreaterThan(95);
    expect(brightness).toBeLessThan(125);
  });

  test("the dark frame's mean is near 15 of 255 and its lamps clip", () => {
    const dark = new NightCamera(nightSensor, 1).develop(first, 0);
    expect(mean(dark)).toBeGreaterThan(12);
    expect(mean(dark)).toBeLessThan(18);
    let clipped = 0;
    for (let i = 0; i < dark.length; i += 3)
      if (dark[i] === 255 && dark[i + 1] === 255 && dark[i + 2] === 255) clipped++;
    expect(clipped).toBeGreaterThanOrEqual(3);
  });
});

describe('the night camera', () => {
  const patch = (signal: number): Float32Array =>
    new Float32Array(30_000).fill(signal / nightSensor.exposure);
  // Each code is decoded by sRGB's curve, so that the noise is read in linear light.
  const decode = (code: number): number => {
    const value = code / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };

  test.each([0.02, 0.1, 0.4])('shot noise grows with the light: at %f of full well', (signal) => {
    const picture = new NightCamera(nightSensor, 3).develop(patch(signal), 0);
    const values = Array.from(picture, decode);
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    const step = (decode(picture[0]! + 1) - decode(picture[0]! - 1)) / 2;
    const expected = signal / nightSensor.fullWell + nightSensor.readNoise ** 2 + step ** 2 / 12;
    expect(average / signal).toBeCloseTo(1, 1);
    expect(variance / expected).toBeGreaterThan(0.85);
    expect(variance / expected).toBeLessThan(1.15);
  });

  test('the same frame number gets the same grain, the next another', () => {
    const camera = new NightCamera(nightSensor, 3);
    expect(farthest(camera.develop(patch(0.1), 4), camera.develop(patch(0.1), 4))).toBe(0);
    expect(farthest(camera.develop(patch(0.1), 5), camera.develop(patch(0.1), 4))).toBeGreaterThan(0);
  });
});

describe('the water', () => {
  test('returns to its start after one loop, and is elsewhere in between', () => {
    const ocean = new Ocean(20, 0.04, 20, 9);
    const start = ocean.slopes[0]!.slice();
    ocean.advance(0.31);
    expect(farthest(ocean.slopes[0]!, start)).toBeGreaterThan(0.01);
    ocean.advance(1);
    expect(farthest(ocean.slopes[0]!, start)).toBe(0);
  });

  test('is as rough as asked, within a fifth', () => {
    const slopes = new Ocean(20, 0.04, 20, 9).slopes[0]!;
    const squared = slopes.reduce((sum, slope) => sum + slope * slope, 0) / (slopes.length / 2);
    expect(Math.sqrt(squared)).toBeGreaterThan(0.032);
    expect(Math.sqrt(squared)).toBeLessThan(0.048);
  });
});

test('the ray tree finds the triangle that trying each by itself finds', () => {
  const random = seededRandom(11);
  const around = (): number => random() * 10 - 5;
  const paint = (): void => {};
  const all = new Mesh().paint(paint);
  const single = Array.from({ length: 200 }, () => {
    const [x, y, z] = [around(), around(), around()];
    const corner = (): readonly [number, number, number] => [
      x + around() / 4,
      y + around() / 4,
      z + around() / 4,
    ];
    const [a, b, c] = [corner(), corner(), corner()];
    all.triangle(a, b, c);
    const mesh = new Mesh().paint(paint);
    mesh.triangle(a, b, c);
    return new RayTree(mesh);
  });
  const tree = new RayTree(all);
  let hits = 0;
  for (let ray = 0; ray < 400; ray++) {
    const [x, y, z, dx, dy, dz] = [around(), around(), around(), around(), around(), around()];
    const distances = single.map((one) => (one.closest(x, y, z, dx, dy, dz, 100) ? one.distance : 100));
    const nearest = Math.min(...distances);
    expect(tree.closest(x, y, z, dx, dy, dz, 100)).toBe(nearest < 100);
    expect(tree.distance).toBe(nearest);
    expect(tree.triangle).toBe(nearest < 100 ? distances.indexOf(nearest) : -1);
    expect(tree.blocked(x, y, z, dx, dy, dz, 100)).toBe(nearest < 100);
    if (nearest < 100) hits++;
  }
  expect(hits).toBeGreaterThan(50);
});

test("a clip that cannot be written is told with ffmpeg's own words", async () => {
  const format = { width: 16, height: 16, framesPerSecond: 25, codec: cameraCodec(25, 30, 100) };
  await using clip = openClip('/nowhere/clip.mp4', format);
  await expect(
    (async () => {
      await clip.append(new Uint8Array(16 * 16 * 3));
      await clip.finish();
    })(),
  ).rejects.toMatchObject({
    code: 'demo/encoder-failed',
    message: expect.stringContaining('/nowhere/clip.mp4'),
  });
});

describe.each([
  ['the dark clip', 'server/demo/harbour.mp4', 50],
  ['the truth', 'test/fixtures/demo/harbour-truth.mp4', 250],
])('%s', (_name, path, gop) => {
  test('is at most 3 MB of 500 pictures at 25 a second, 960 × 540, with regular key pictures', async () => {
    expect((await stat(path)).size).toBeLessThanOrEqual(3_000_000);
    using input = new Input({ source: new FilePathSource(path), formats: ALL_FORMATS });
    const track = await input.getPrimaryVideoTrack();
    expect(track).not.toBeNull();
    expect([track!.codec, track!.codedWidth, track!.codedHeight]).toEqual(['avc', 960, 540]);
    const timestamps: number[] = [];
    const keys: number[] = [];
    for await (const packet of new EncodedPacketSink(track!).packets()) {
      timestamps.push(packet.timestamp);
      if (packet.type === 'key') keys.push(Math.round(packet.timestamp * 25));
    }
    timestamps.sort((a, b) => a - b);
    expect(timestamps.length).toBe(500);
    timestamps.forEach((timestamp, i) => {
      expect(timestamp).toBeCloseTo(i / 25, 4);
    });
    expect(keys).toEqual(Array.from({ length: 500 / gop }, (_, i) => i * gop));
  });
});

function mean(picture: Uint8Array): number {
  return picture.reduce((sum, value) => sum + value, 0) / picture.length;
}

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

/** The largest difference between two pictures or fields; NaN differs from everything. */
function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= most)) most = Number.isNaN(difference) ? Infinity : difference;
  }
  return most;
}
