// picture: the camera's picture, read one pixel at a time. Joined in front of the kernels that read it.
//
// `Picture` is texture_external (a VideoFrame) or texture_2d<f32>; the text is the same for both. An external texture arrives
// as sRGB-encoded RGB: matrix and range are already undone by the browser. A pixel is sampled at its centre, which gives the
// luma sample itself and, with 4:2:0, chroma interpolated between its samples instead of 2x2 blocks of one colour.

@group(0) @binding(0) var picture: Picture;
@group(0) @binding(1) var linear_sampler: sampler;

fn picture_size() -> vec2i {
  return vec2i(textureDimensions(picture));
}

// RGB, sRGB-encoded, cut to 0..1. p lies inside the picture.
fn picture_texel(p: vec2i) -> vec3f {
  let at = (vec2f(p) + 0.5) / vec2f(textureDimensions(picture));
  return saturate(textureSampleBaseClampToEdge(picture, linear_sampler, at).rgb);
}
