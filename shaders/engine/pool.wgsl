// pool: sums over the picture, as far as workgroups that know nothing of each other get. vectors.wgsl adds up what they leave.
//
// partials[BASE + group * QUADS + QUAD z + s] = sum of quad s over every groups-th stretch of 64 pixels
// in:  v0, v1, ...: SUMS quads at pixel p, written out by points-text.ts; z counts groups of them.
// dispatch: groups x 1 x ceil(QUADS / SUMS) workgroups of 64 invocations.
// tolerance: 1e-5 of the mean; reference: network.reference.ts.

var<workgroup> sums: array<vec4f, {{64*SUMS}}>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let z = i32(group.z);
  let at = i32(lane);
//#for s SUMS
  var s{{s}} = vec4f();
//#end
  for (var i = i32(group.x) * 64 + at; i < out_width * out_height; i += 64 * groups) {
    let p = vec2i(i % out_width, i / out_width);
    {{VALUES}}
//#for s SUMS
    s{{s}} += v{{s}};
//#end
  }
//#for s SUMS
  sums[{{64*s}} + at] = s{{s}};
//#end
  for (var half = 32; half > 0; half >>= 1u) {
    workgroupBarrier();
    if (at < half) {
//#for s SUMS
      sums[{{64*s}} + at] += sums[{{64*s}} + at + half];
//#end
    }
  }
  if (at == 0) {
//#for s SUMS
    if (z * {{SUMS}} + {{s}} < {{QUADS}}) {
      partials[{{BASE}} + i32(group.x) * {{QUADS}} + z * {{SUMS}} + {{s}}] = sums[{{64*s}}];
    }
//#end
  }
}
