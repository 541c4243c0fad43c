/** The text of every kernel of a network, and what it binds. */
import type { ShaderSource } from '../shader-source.ts';
import { ModelError } from './card-fields.ts';
import { channelsOf, macsOf, type Points, quadsOf, type Tensor } from './points.ts';
import { activated, type Places, PointsText } from './points-text.ts';
import { bytesOf, precisionText } from './precision.ts';
import type { Step } from './schedule.ts';
import { type ConvolutionSize, cutFor, type Tuning, windowOf } from './tuning.ts';
import { unrolled } from './unroll.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A kernel and one dispatch of it. Bindings: 0 weights, 1 biases, 2 vectors, 3 what it writes, from 4 on `reads`. */
export interface Kernel {
  readonly name: string;
  readonly code: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly reads: readonly (Tensor | 'image')[];
  readonly workgroups: readonly [number, number, number];
  /** Multiplications with their additions, as the network counts them: what is computed twice counts once. */
  readonly macs: number;
}

export interface KernelSetting {
  readonly shaders: ShaderSource;
  readonly places: Places;
  readonly tuning: Tuning;
  /** Bytes of workgroup memory that the device has. */
  readonly workgroupBytes: number;
  sizeOf(divisor: number): Size;
}

/** Workgroups of a pool's kernel, at most. */
export const POOL_GROUPS = 128;
const POOL_LANES = 64;
/** Pixels that one invocation of a pool's kernel adds up, at least: the sum over the workgroup is not free. */
const POOL_PIXELS = 16;
/** Quads that one invocation of a pool's kernel adds up. */
const POOL_SUMS = 4;

type ConvStep = Extract<Step, { kind: 'conv' }>;
type PointsStep = Extract<Step, { kind: 'points' }>;
type PoolStep = Extract<Step, { kind: 'pool' }>;

/** @throws ModelError where the input of a convolution cannot be computed in workgroup memory */
export function convKernel(setting: KernelSetting, step: ConvStep): Kernel {
  const { layer, input, finish, output } = step;
  const { tuning, places } = setting;
  const size = setting.sizeOf(output.divisor);
  const inSize = setting.sizeOf(step.inputDivisor);
  const tiled = !(input.kind === 'load' && !input.doubled);
  const wanted: ConvolutionSize = {
    ...size,
    stride: layer.stride,
    inQuads: quadsOf(channelsOf(input)),
    outQuads: quadsOf(layer.channels),
    tiled,
    whole: finish.kind !== 'given',
  };
  const cut = cutFor(tuning, wanted, setting.workgroupBytes, 4 * bytesOf(tuning.precision.product));
  if (!cut)
    throw new ModelError(`layer ${layer.output} has more channels than fit into this GPU's workgroup memory`);
  const window = windowOf(cut, layer.stride);
  const { weights, bias } = places.placeOf(layer);
  const sums = Array.from({ length: cut.out }, (_, o) => `s${o}`);
  const parameters = {
    ...{
      LANES_X: cut.lanesX,
      LANES_Y: cut.lanesY,
      PX: cut.px,
      PY: cut.py,
      OUT: cut.out,
      STRIDE: layer.stride,
      ROWS: cut.rows,
    },
    ...{ IN: wanted.inQuads, WEIGHTS: weights, BIAS: bias, SUMS: sums.join(', ') },
    ...{ TILE_WIDTH: window.width, TILE_HEIGHT: window.height },
  };

  const before = new PointsText(places);
  const after = new PointsText(
    places,
    sums.map((sum) => activated(sum, layer.slope)),
  );
  const results = after.quads(finish);
  const finishText = [
    `fn finish(p: vec2i, first: i32, ${sums.map((sum) => `${sum}: vec4f`).join(', ')}) {`,
    ...after.lines,
    ...results.map((quad, o) => store(output, `first + ${o}`, quad)),
    '}',
  ];
  const source = tiled ? stageText(before, input, window) : sourceText(before, input);
  return {
    name: layer.output,
    code: assembled(setting, before, output, [
      ...source,
      ...finishText,
      unrolled(setting.shaders(tiled ? 'engine/conv-tile' : 'engine/conv-direct'), parameters),
      unrolled(setting.shaders('engine/conv'), parameters),
    ]),
    constants: {
      ...sizeConstants(setting, before, size),
      ...{ in_width: inSize.width, in_height: inSize.height },
    },
    reads: before.bound,
    workgroups: [
      Math.ceil(size.width / (cut.lanesX * cut.px)),
      Math.ceil(size.height / (cut.lanesY * cut.py)),
      wanted.outQuads / cut.out,
    ],
    macs:
      size.width * size.height * (9 * channelsOf(input) * layer.channels + macsOf(finish)) +
      inSize.width * inSize.height * macsOf(input),
  };
}

export function pointsKernel(setting: KernelSetting, { points, output }: PointsStep): Kernel {
  const { places } = setting;
  const size = setting.sizeOf(output.divisor);
  const text = new PointsText(places);
  const quads = text.quads(points);
  const body = [...text.lines, ...quads.map((quad, q) => store(output, String(q), quad))];
  return {
    name: output.name,
    code: assembled(setting, text, output, [
      'fn points(p: vec2i) {',
      ...body,
      '}',
      setting.shaders('engine/points'),
    ]),
    constants: sizeConstants(setting, text, size),
    reads: text.bound,
    workgroups: [Math.ceil(size.width / 8), Math.ceil(size.height / 8), 1],
    macs: size.width * size.height * macsOf(points),
  };
}

/** @param base where in the buffer of partial sums this kernel's begin, quads */
export function poolKernel(setting: KernelSetting, { pools, divisor }: PoolStep, base: number): Kernel {
  const size = setting.sizeOf(divisor);
  const text = new PointsText(setting.places);
  const quads = quadsOfPools(pools);
  const [only] = pools;
  const inMemory = pools.length === 1 && only!.points.kind === 'load' ? only!.points.tensor : undefined;
  const sums = inMemory ? Math.min(POOL_SUMS, quads) : quads;
  const values = inMemory
    ? Array.from(
        { length: sums },
        (_, s) => `load_${text.boundName(inMemory)}(min(z * ${sums} + ${s}, ${quads - 1}), p)`,
      )
    : pools.flatMap(({ points }) => text.quads(points));
  const lines = [...text.lines, ...values.map((value, s) => `let v${s} = ${value};`)];
  const parameters = { SUMS: sums, QUADS: quads, BASE: base, VALUES: lines.join('\n    ') };
  const groups = poolGroups(size);
  return {
    name: `means of ${pools.map(({ output }) => output).join(', ')}`,
    code: assembled(setting, text, 'partials', [
      'override groups: i32;',
      unrolled(setting.shaders('engine/pool'), parameters),
    ]),
    constants: { ...sizeConstants(setting, text, size), groups },
    reads: text.bound,
    workgroups: [groups, 1, Math.ceil(quads / sums)],
    macs: size.width * size.height * pools.reduce((macs, { points }) => macs + macsOf(points), 0),
  };
}

export const poolGroups = ({ width, height }: Size): number =>
  Math.min(POOL_GROUPS, Math.ceil((width * height) / (POOL_LANES * POOL_PIXELS)));

/** Quads of sums that one workgroup of a pool's kernel leaves. */
export const quadsOfPools = (pools: PoolStep['pools']): number =>
  pools.reduce((quads, { points }) => quads + quadsOf(channelsOf(points)), 0);

function stageText(text: PointsText, input: Points, { width, height }: Size): string[] {
  const quads = text.quads(input);
  const stores = quads.map((quad, q) => `tile[${q * width * height} + i] = Quad(${quad});`);
  return ['fn stage(p: vec2i, i: i32) {', ...text.lines, ...stores, '}'];
}

function sourceText(text: PointsText, input: Points): string[] {
  const name = input.kind === 'load' ? text.boundName(input.tensor) : '';
  return [`fn source(q: i32, p: vec2i) -> vec4f { return load_${name}(q, p); }`];
}

function store(output: Tensor, quad: string, value: string): string {
  if (output.name !== 'subpixels')
    return `output[((${quad}) * out_height + p.y) * out_width + p.x] = Stored(${value});`;
  return ['x', 'y', 'z', 'w']
    .map(
      (lane, i) =>
        `output[(((${quad}) * 4 + ${i}) * out_height + p.y) * out_width + p.x] = ${value}.${lane};`,
    )
    .join('\n');
}

/** Declarations in front of the kernel: what it binds, and how it reads pixels. */
function assembled(
  setting: KernelSetting,
  text: PointsText,
  output: Tensor | 'partials',
  rest: readonly string[],
): string {
  const written =
    output === 'partials'
      ? ['partials', 'vec4f']
      : ['output', output.name === 'subpixels' ? 'f32' : 'Stored'];
  return [
    precisionText(setting.tuning.precision),
    ...['out_width', 'out_height', 'in_width', 'in_height'].map((name) => `override ${name}: i32 = 0;`),
    '@group(0) @binding(0) var<storage, read> weights: array<StoredMatrix>;',
    '@group(0) @binding(1) var<storage, read> biases: array<vec4f>;',
    '@group(0) @binding(2) var<storage, read> vectors: array<vec4f>;',
    `@group(0) @binding(3) var<storage, read_write> ${written[0]}: array<${written[1]}>;`,
    ...text.bound.flatMap((source, index) => loadText(text, source, index + 4)),
    ...rest,
  ].join('\n');
}

function loadText(text: PointsText, source: Tensor | 'image', binding: number): string[] {
  const name = text.boundName(source);
  const declared = `@group(0) @binding(${binding}) var<storage, read> ${name}: array<${source === 'image' ? 'f32' : 'Stored'}>;`;
  const sizes = `override ${name}_width: i32;\noverride ${name}_height: i32;`;
  if (source !== 'image')
    return [
      declared,
      sizes,
      `fn load_${name}(q: i32, p: vec2i) -> vec4f { return vec4f(${name}[(q * ${name}_height + p.y) * ${name}_width + p.x]); }`,
    ];
  return [
    declared,
    sizes,
    'fn load_image(p: vec2i) -> vec4f {',
    '  let at = p.y * image_width + p.x;',
    '  let plane = image_width * image_height;',
    '  return vec4f(image[at], image[plane + at], image[2 * plane + at], 0.0);',
    '}',
  ];
}

function sizeConstants(setting: KernelSetting, text: PointsText, out: Size): Record<string, number> {
  const constants: Record<string, number> = { out_width: out.width, out_height: out.height };
  for (const source of text.bound) {
    const size = setting.sizeOf(source === 'image' ? 1 : source.divisor);
    constants[`${text.boundName(source)}_width`] = size.width;
    constants[`${text.boundName(source)}_height`] = size.height;
  }
  return constants;
}
