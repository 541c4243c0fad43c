// pixel-shuffle: the network's sub-pixels become a picture twice its input's size, and a guide to how much it was brightened.
//
// picture[2y + dy][2x + dx][c] = round8(clamp(subpixels[4c + 2dy + dx][y][x], 0, 1))     (ONNX DepthToSpace, mode CRD, block 2)
// round8(v) = v + (bayer[y mod 8][x mod 8] - 0.5) / 255, then to the nearest of 256: ordered dither (Bayer 1973), the same at each
//   frame and for each colour, so that a slow slope in the dark has no steps, a still picture stands still, and grey stays grey.
// guide[y][x] = (luma(tensor[y][x]), mean of luma(picture) over the same 2x2 pixels, night)
// night = clamp((LEVEL_BY_DAY - mean of level) / (LEVEL_BY_DAY - LEVEL_AT_NIGHT), 0, 1): how much of the enhanced picture is wanted
// in:  subpixels, f32 NCHW [1, 12, height, width]; tensor, f32 NCHW [1, 3, height, width]: what the network was given;
//      level, f32 [3]: the means of its red, green and blue.
// out: picture, rgba8unorm, 2 width x 2 height, sRGB-encoded, opaque; guide, rgba16float, width x height.
// dispatch: ceil(width / 8) x ceil(height / 8) workgroups, one invocation a pixel of the network's input.
// tolerance: picture 1/255 (rounding of halves is the driver's); guide 1e-3 (half floats have 11 bits).
// reference: pixel-shuffle.reference.ts. Follows luma.wgsl.

override width: i32;
override height: i32;
override LEVEL_AT_NIGHT: f32;
override LEVEL_BY_DAY: f32;

@group(0) @binding(0) var<storage, read> subpixels: array<f32>;
@group(0) @binding(1) var<storage, read> tensor: array<f32>;
@group(0) @binding(2) var picture: texture_storage_2d<rgba8unorm, write>;
@group(0) @binding(3) var guide: texture_storage_2d<rgba16float, write>;
@group(0) @binding(4) var<storage, read> level: array<f32, 3>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let p = vec2i(id.xy);
  if (p.x >= width || p.y >= height) {
    return;
  }
  let plane = width * height;
  let at = p.y * width + p.x;

  var mean = vec3f(0.0);
  for (var d = 0; d < 4; d++) {
    let rgb = saturate(vec3f(
      subpixels[d * plane + at],
      subpixels[(4 + d) * plane + at],
      subpixels[(8 + d) * plane + at],
    ));
    let place = 2 * p + vec2i(d & 1, d >> 1);
    textureStore(picture, place, vec4f(saturate(rgb + dither(place) / 255.0), 1.0));
    mean += 0.25 * rgb;
  }
  let dark = vec3f(tensor[at], tensor[plane + at], tensor[2 * plane + at]);
  let bright = (level[0] + level[1] + level[2]) / 3.0;
  let night = saturate((LEVEL_BY_DAY - bright) / (LEVEL_BY_DAY - LEVEL_AT_NIGHT));
  textureStore(guide, p, vec4f(luma(dark), luma(mean), night, 1.0));
}

// -0.5 ... 0.5: the bits of x ^ y and of y by turns, the lowest first, are the bits of Bayer's 8x8 matrix, the highest first.
fn dither(p: vec2i) -> f32 {
  let a = p.x ^ p.y;
  let b = p.y;
  let bayer = ((a & 1) << 5u) | ((b & 1) << 4u) | ((a & 2) << 2u) | ((b & 2) << 1u) | ((a & 4) >> 1u) | ((b & 4) >> 2u);
  return (f32(bayer) + 0.5) / 64.0 - 0.5;
}
