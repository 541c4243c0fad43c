/**
 * `npm run bench -- engine --dawn [--models base] [--sizes 1920x1080] [--rounds 15] [--software] [--toggles a,b]`: our
 * engine in Node on Dawn, for a machine that has a GPU and no browser. `--software` takes the driver that comes with
 * Debian's Chromium; `--toggles` are Dawn's (`vulkan_enable_f16_on_nvidia`).
 *
 * From a bare folder, without npm:
 *
 *     npx esbuild test/bench/engine-alone.ts --bundle --platform=node --format=esm --target=node20 \
 *       --external:webgpu --outfile=bare/engine.mjs
 *     mkdir -p bare/node_modules/webgpu/dist bare/models
 *     cp -r node_modules/webgpu/{package.json,index.js} bare/node_modules/webgpu
 *     cp -r node_modules/webgpu/dist/linux-x64 bare/node_modules/webgpu/dist
 *     cp -r shaders bare; cp -r models/artifacts bare/models
 *     cd bare && node engine.mjs
 *
 * It wants libvulkan.so.1 and a Vulkan driver, which `VK_ICD_FILENAMES` may name.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { create, globals } from 'webgpu';
import { checkedFiles, type NetworkFiles } from '../../shaders/engine/card.ts';
import { computed } from '../../shaders/engine/network.reference.ts';
import { openNetwork } from '../../shaders/engine/network.ts';
import { measuredPeak } from '../../shaders/engine/peak.ts';
import type { Tuning } from '../../shaders/engine/tuning.ts';
import { modelsFrom } from './engine-models.ts';
import {
  adapterName,
  type BenchDevice,
  darkPicture,
  framesInSample,
  framesTime,
  gpuTime,
  inputOf,
  kernelTimes,
  openBenchNetwork,
  openDevice,
  rightDifference,
  valuesOf,
} from './engine-network.ts';
import { median, type Picture, type Row, report } from './engine-report.ts';
import { sizesFrom } from './engine-sizes.ts';

/** Where Debian's Chromium keeps its driver. */
const SOFTWARE_DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';
/** On which the chosen kernels are held against the network in plain loops, pixels. */
const CHECK: Picture = { width: 40, height: 24 };

const shaders = (name: string): string => readFileSync(join('shaders', `${name}.wgsl`), 'utf8');

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      models: { type: 'string' },
      sizes: { type: 'string' },
      rounds: { type: 'string', default: '15' },
      software: { type: 'boolean', default: false },
      toggles: { type: 'string' },
    },
  });
  if (values.software) process.env.VK_ICD_FILENAMES = SOFTWARE_DRIVER;
  Object.assign(globalThis, globals);
  // Referenced until the end: the process crashes when Dawn's instance is collected under a living device.
  const gpu = create(values.toggles ? [`enable-dawn-features=${values.toggles}`] : []);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new Error('Dawn found no GPU here; with --software it takes the driver of an installed Chromium');
  const device = await openDevice(adapter);
  const software = adapter.info.isFallbackAdapter || values.software;
  const bench: BenchDevice = { device, shaders, adapter: adapterName(adapter.info), software };
  const peak = await measuredPeak(device, shaders);
  const rows: Row[] = [];
  for (const model of modelsFrom(values.models, 'models/artifacts')) {
    const files = await filesOf(model);
    for (const output of sizesFrom(values.sizes, software))
      rows.push(await measured(bench, files, output, Number(values.rounds)));
  }
  report(bench.adapter, peak, rows);
  device.destroy();
  void gpu;
}

async function filesOf(model: string): Promise<NetworkFiles> {
  const read = (name: string) => readFileSync(join('models/artifacts', model, name));
  return checkedFiles(JSON.parse(read('card.json').toString()), new Uint8Array(read('weights.bin')).buffer);
}

/** Rejects where the kernels compute something else than the network in plain loops; else of 255. */
async function differenceOf(
  { device, shaders }: BenchDevice,
  files: NetworkFiles,
  tuning: Tuning,
): Promise<number> {
  using network = await openNetwork(device, shaders, files, { ...CHECK, tuning });
  const image = darkPicture(CHECK);
  device.queue.writeBuffer(network.tensor, 0, image);
  await framesTime(device, network, 1);
  const found = await valuesOf(device, network.subpixels);
  const fusionPrevious = new Float32Array(files.card.fusionSize);
  const { subpixels } = computed(files, { ...CHECK, image, fusionPrevious, fusionMix: 1 });
  return rightDifference(`${files.card.name} (${tuning.name})`, found, subpixels, tuning);
}

async function measured(
  bench: BenchDevice,
  files: NetworkFiles,
  output: Picture,
  rounds: number,
): Promise<Row> {
  const { device } = bench;
  const { card } = files;
  const input = inputOf(output, card.multipleOf);
  const ours = await openBenchNetwork(bench, files, input);
  using network = ours.network;
  const difference = await differenceOf(bench, files, ours.tuning);
  await framesTime(device, network, 1);
  const frames = framesInSample(await framesTime(device, network, 1));
  const times: number[] = [];
  const gpuTimes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    times.push(await framesTime(device, network, frames));
    const gpuMs = await gpuTime(device, network, frames);
    if (gpuMs !== undefined) gpuTimes.push(gpuMs);
  }
  return {
    ...{ model: card.name, output, input, tuning: ours.tuning.name, difference, rounds },
    macs: card.macsPerInputPixel * input.width * input.height,
    memory: network.bytes,
    wgslMs: median(times),
    ortMs: undefined,
    gpuMs: gpuTimes.length > 0 ? median(gpuTimes) : undefined,
    kernels: await kernelTimes(device, ours, Math.max(3, frames)),
  };
}
