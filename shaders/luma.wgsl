// luma: the brightness of sRGB-encoded RGB, by the weights of BT.709. Joined in front of the kernels that weigh colours.

fn luma(rgb: vec3f) -> f32 {
  return dot(vec3f(0.2126, 0.7152, 0.0722), rgb);
}
