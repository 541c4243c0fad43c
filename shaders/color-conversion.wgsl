// color-conversion: the camera's picture becomes the network's input, scaled to it.
//
// tensor[c][y][x] = sum over (i, j) of triangle(dx) * triangle(dy) * picture[j][i][c] / sum of the same weights: bilinear when
//   scaling up, anti-aliased when scaling down (taps 1 3 3 1 at one half), the pixel itself at equal sizes.
// in:  picture, any size, sRGB-encoded RGB. Values are cut to 0..1 before they are weighed.
// out: tensor, f32 NCHW [1, 3, height, width], sRGB-encoded RGB, 0..1, height and width any.
// dispatch: ceil(width / 8) x ceil(height / 8) workgroups, one invocation an output pixel.
// tolerance: 2e-4 against the reference: the sampler may place a pixel's centre 1e-4 of a pixel off; the sums themselves
//   differ by 1e-6. reference: color-conversion.reference.ts. Follows picture.wgsl and resample.wgsl.

override width: i32;
override height: i32;

@group(0) @binding(2) var<storage, read_write> tensor: array<f32>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let p = vec2i(id.xy);
  if (p.x >= width || p.y >= height) {
    return;
  }
  let source = picture_size();
  let left = first_tap(p.x, source.x, width, 1);
  let right = last_tap(p.x, source.x, width, 1);
  let top = first_tap(p.y, source.y, height, 1);
  let bottom = last_tap(p.y, source.y, height, 1);

  var sum = vec4f(0.0);
  for (var j = top; j <= bottom; j++) {
    let row = triangle(tap_distance(j, p.y, source.y, height));
    for (var i = left; i <= right; i++) {
      let weight = row * triangle(tap_distance(i, p.x, source.x, width));
      sum += weight * vec4f(picture_texel(vec2i(i, j)), 1.0);
    }
  }
  let rgb = saturate(sum.rgb / sum.a);

  let plane = width * height;
  let at = p.y * width + p.x;
  tensor[at] = rgb.r;
  tensor[plane + at] = rgb.g;
  tensor[2 * plane + at] = rgb.b;
}
