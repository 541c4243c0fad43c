// conv-direct: reads the input of conv.wgsl from memory, where each pixel of it was written once.
//
// in:  source(), a quad of the input at a pixel inside the picture, written out by network-kernels.ts.

fn prepare(_start: vec2i, _lane: i32) {}

/** `at` counts from `start`, the corner of the workgroup's window in the input. */
fn input_at(q: i32, start: vec2i, at: vec2i) -> Quad {
  let last = vec2i(in_width, in_height) - 1;
  let p = start + at;
  let inside = clamp(p, vec2i(0), last);
  return select(Quad(), Quad(source(q, inside)), all(p == inside));
}
