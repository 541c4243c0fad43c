// vectors: everything the network decides for the whole picture: a list of instructions on vectors, one after the other.
//
// COPY  to[i] = a[i]                      ADD, SUBTRACT, MULTIPLY  to[i] = a[i a_step] (+ - *) b[i b_step]
// INVERT to[i] = 1 / a[i]                 PRODUCT  to[i] = act(bias[i] + sum over k < inputs of matrix[k][i] a[k])
// POOL  to[i] = scale * sum over g < inputs of partials[a + g b_step + i]
// CUT   to[0] = 1 where the luma of a and of b lie too far apart, else matrix (an address) -- b < 0: nothing came before
// in:  instructions FIRST ... FIRST + COUNT - 1 (instructions.ts); partials of pool.wgsl; addresses count numbers of `vectors`.
// dispatch: one workgroup: an instruction needs what the one before it wrote.
// tolerance: 1e-5 of the largest number; reference: network.reference.ts.

struct Instruction {
  op: u32,
  to: u32,
  length: u32,
  a: u32,
  a_step: u32,
  b: u32,
  b_step: u32,
  matrix: u32,
  bias: u32,
  inputs: u32,
  slope: f32,
  scale: f32,
}

const COPY = 0u;
const ADD = 1u;
const SUBTRACT = 2u;
const MULTIPLY = 3u;
const INVERT = 4u;
const PRODUCT = 5u;
const POOL = 6u;
const CUT = 7u;
const LANES = 256u;
/** A light switched on, or a camera's own step: lighter or darker by a half. */
const CUT_RATIO = 1.5;
/** About 3/255: under it a change is noise. */
const CUT_FLOOR = 0.012;

override first: u32;
override count: u32;

@group(0) @binding(0) var<storage, read> instructions: array<Instruction>;
@group(0) @binding(1) var<storage, read_write> vectors: array<f32>;
@group(0) @binding(2) var<storage, read> matrices: array<f32>;
@group(0) @binding(3) var<storage, read> partials: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  for (var n = first; n < first + count; n++) {
    let it = instructions[n];
    for (var i = lane; i < it.length; i += LANES) {
      vectors[it.to + i] = value(it, i);
    }
    storageBarrier();
  }
}

fn value(it: Instruction, i: u32) -> f32 {
  let a = it.a + i * it.a_step;
  let b = it.b + i * it.b_step;
  switch (it.op) {
    case ADD: { return vectors[a] + vectors[b]; }
    case SUBTRACT: { return vectors[a] - vectors[b]; }
    case MULTIPLY: { return vectors[a] * vectors[b]; }
    case INVERT: { return 1.0 / vectors[a]; }
    case PRODUCT: { return product(it, i); }
    case POOL: { return pooled(it, i); }
    case CUT: { return mix_after(it); }
    default: { return vectors[a]; }
  }
}

fn product(it: Instruction, i: u32) -> f32 {
  var sum = matrices[it.bias + i];
  for (var k = 0u; k < it.inputs; k++) {
    sum += matrices[it.matrix + k * it.length + i] * vectors[it.a + k];
  }
  return max(sum, it.slope * sum);
}

fn pooled(it: Instruction, i: u32) -> f32 {
  var sum = 0.0;
  for (var g = 0u; g < it.inputs; g++) {
    sum += partials[it.a + g * it.b_step + i];
  }
  return it.scale * sum;
}

fn mix_after(it: Instruction) -> f32 {
  let now = luma(it.a) + CUT_FLOOR;
  let before = luma(it.b) + CUT_FLOOR;
  let is_cut = vectors[it.b] >= 0.0 && (now > CUT_RATIO * before || before > CUT_RATIO * now);
  return select(vectors[it.matrix], 1.0, is_cut);
}

fn luma(at: u32) -> f32 {
  return dot(vec3f(vectors[at], vectors[at + 1u], vectors[at + 2u]), vec3f(0.2126, 0.7152, 0.0722));
}
