// yuv-planes: the camera's picture as a decoder leaves it, planes of 8-bit Y'CbCr with 4:2:0 chroma, read one pixel at a time.
//
// Joined in place of picture.wgsl, in front of the kernels that read the picture; what it has more than that is group 1.
// rgb(x, y) = saturate(matrix * (Y'(x, y), Cb(x', y'), Cr(x', y')) + offset), x' = (x - siting.x) / 2, y' = (y - siting.y) / 2:
//   chroma bilinear between its samples, which stand at the luma pixels 2 i + siting; beyond the first and the last it repeats.
// in:  luma, r8unorm, as large as the picture, any size; cb and cr, each ceil(width / 2) x ceil(height / 2): two r8unorm of I420,
//   or the same rg8unorm of NV12 twice, Cr being its channel 1.
// tolerance: 4e-4 against the reference after color-conversion.wgsl. Chroma's weights are whole quarters, which a sampler has exactly;
//   it may place a centre 1e-4 of a sample off, and the matrix doubles that. reference: yuv-planes.reference.ts.

struct Colors {
  matrix: mat3x3f,   // of samples 0..1
  offset: vec3f,
  cr_channel: u32,
  siting: vec2f,     // 0: on the even pixel, 1/2: between it and the next
}

@group(0) @binding(0) var luma_plane: texture_2d<f32>;
@group(0) @binding(1) var linear_sampler: sampler;
@group(1) @binding(0) var cb_plane: texture_2d<f32>;
@group(1) @binding(1) var cr_plane: texture_2d<f32>;
@group(1) @binding(2) var<uniform> colors: Colors;

fn picture_size() -> vec2i {
  return vec2i(textureDimensions(luma_plane));
}

// RGB, sRGB-encoded, cut to 0..1. p lies inside the picture.
fn picture_texel(p: vec2i) -> vec3f {
  let at = (0.5 * (vec2f(p) - colors.siting) + 0.5) / vec2f(textureDimensions(cb_plane));
  let sample = vec3f(
    textureLoad(luma_plane, p, 0).r,
    textureSampleBaseClampToEdge(cb_plane, linear_sampler, at).r,
    textureSampleBaseClampToEdge(cr_plane, linear_sampler, at)[colors.cr_channel],
  );
  return saturate(colors.matrix * sample + colors.offset);
}
