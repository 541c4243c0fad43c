// points: computes what happens at single pixels, where more than one kernel reads it or it is doubled next.
//
// out: points() computes and stores one pixel, written out by points-text.ts.
// dispatch: ceil(out_width / 8) x ceil(out_height / 8) workgroups, one invocation a pixel.
// tolerance: 1e-4 of the largest output; reference: network.reference.ts.

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let p = vec2i(id.xy);
  if (p.x < out_width && p.y < out_height) {
    points(p);
  }
}
