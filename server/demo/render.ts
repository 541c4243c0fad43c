/**
 * Renders the demo camera's clip and its truth: `npm run demo:render`. For a quick look, add `-- --width 480 --grid 1
 * --frames 4 --step 120 --out FILE --truth FILE`: smaller, with coarser edges, four frames, 120 frames apart.
 */
import { parseArgs } from 'node:util';
import { developTruth, NightCamera, nightSensor } from './camera-noise.ts';
import { archiveCodec, cameraCodec, openClip } from './encode.ts';
import { Harbour, loopSeconds } from './harbour.ts';

const framesPerSecond = 25;
const seed = 2026;

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'server/demo/harbour.mp4' },
    truth: { type: 'string', default: 'test/fixtures/demo/harbour-truth.mp4' },
    frames: { type: 'string', default: String(loopSeconds * framesPerSecond) },
    width: { type: 'string', default: '960' },
    grid: { type: 'string', default: '4' },
    step: { type: 'string', default: '1' },
  },
});

const total = loopSeconds * framesPerSecond;
const [width, grid, count, step] = [values.width, values.grid, values.frames, values.step].map(Number) as [
  number,
  number,
  number,
  number,
];
if (![width, grid, count, step].every((value) => Number.isInteger(value) && value > 0)) {
  process.stderr.write('--width, --grid, --frames and --step take whole numbers above 0\n');
  process.exit(2);
}
process.stdout.write('Tracing the still parts…\n');
const harbour = new Harbour({ width, grid, seed });
const { height } = harbour.view;
const camera = new NightCamera(nightSensor, seed);
await using dark = openClip(values.out, {
  width,
  height,
  framesPerSecond,
  codec: cameraCodec(framesPerSecond, 20, 1200),
});
await using truth = openClip(values.truth, { width, height, framesPerSecond, codec: archiveCodec(24) });
for (let frame = 0; frame < count; frame++) {
  const light = harbour.frame(((frame * step) % total) / total);
  await truth.append(developTruth(light));
  await dark.append(camera.develop(light, frame));
  if (frame % 25 === 24) process.stdout.write(`${frame + 1} of ${count} frames\n`);
}
await truth.finish();
await dark.finish();
