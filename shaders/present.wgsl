// present: what stands on the canvas: the camera's own picture, the enhanced one, or both beside a divider.
//
// camera, enhanced: each scaled to the canvas by the same cubic filter (exact at equal sizes), so that the divider compares
//   pictures and not filters; cut to 0..1.
// detail transfer, with (dark, bright) = guide at this place, bilinear:
//   gain     = min(bright / max(dark, 1/255), GAIN_CAP)                      how much was brightened here
//   missing  = gain * (luma(camera) - dark) - (luma(enhanced) - bright)      the camera's fine detail, less what is there already
//   enhanced += detail * sign(missing) * max(|missing| - gain * CORING, 0)   noise is amplified by the gain, and so is its bar
// out = divider column left of `divider`: camera; on the line's two columns: white;
//       right of it: camera * (1 - share) + clamp(enhanced, 0, 1) * share,   share = strength * night, the third of the guide's numbers
// in:  picture (the camera's, any size); enhanced and guide as pixel-shuffle.wgsl writes them, any size.
// out: one opaque sRGB-encoded colour a canvas pixel. draw: 3 vertices, one triangle over the canvas.
// tolerance: 1/255, with detail 2/255 (samplers weigh in steps of 1/256, half floats have 11 bits, the gain magnifies both).
// reference: present.reference.ts. Follows picture.wgsl, resample.wgsl and luma.wgsl.

override GAIN_CAP: f32;
override CORING: f32;

struct Settings {
  size: vec2i,     // the canvas, pixels
  divider: i32,    // columns from the left that show the camera's own picture
  line: i32,       // columns on either side of the divider that are white: 1, or 0 for no line
  strength: f32,   // 0 = the camera's own picture, 1 = the enhanced one
  detail: f32,     // 0 = none carried over, 1 = all
}

@group(0) @binding(2) var enhanced: texture_2d<f32>;
@group(0) @binding(3) var guide: texture_2d<f32>;
@group(0) @binding(4) var<uniform> settings: Settings;

@vertex
fn cover(@builtin(vertex_index) corner: u32) -> @builtin(position) vec4f {
  return vec4f(f32(corner & 1) * 4.0 - 1.0, f32(corner >> 1) * 4.0 - 1.0, 0.0, 1.0);
}

// Along an axis of equal sizes the cubic's outer taps weigh nothing: one is enough.
fn cubic_reach(source: vec2i) -> vec2i {
  return select(vec2i(2), vec2i(1), source == settings.size);
}

fn camera_at(p: vec2i) -> vec3f {
  let source = picture_size();
  let reach = cubic_reach(source);
  let first = vec2i(first_tap(p.x, source.x, settings.size.x, reach.x), first_tap(p.y, source.y, settings.size.y, reach.y));
  let last = vec2i(last_tap(p.x, source.x, settings.size.x, reach.x), last_tap(p.y, source.y, settings.size.y, reach.y));
  var sum = vec4f(0.0);
  for (var j = first.y; j <= last.y; j++) {
    let row = cubic(tap_distance(j, p.y, source.y, settings.size.y));
    for (var i = first.x; i <= last.x; i++) {
      let weight = row * cubic(tap_distance(i, p.x, source.x, settings.size.x));
      sum += weight * vec4f(picture_texel(vec2i(i, j)), 1.0);
    }
  }
  return saturate(sum.rgb / sum.a);
}

// The same filter on the other texture: WGSL has no type that holds both.
fn enhanced_at(p: vec2i) -> vec3f {
  let source = vec2i(textureDimensions(enhanced));
  let reach = cubic_reach(source);
  let first = vec2i(first_tap(p.x, source.x, settings.size.x, reach.x), first_tap(p.y, source.y, settings.size.y, reach.y));
  let last = vec2i(last_tap(p.x, source.x, settings.size.x, reach.x), last_tap(p.y, source.y, settings.size.y, reach.y));
  var sum = vec4f(0.0);
  for (var j = first.y; j <= last.y; j++) {
    let row = cubic(tap_distance(j, p.y, source.y, settings.size.y));
    for (var i = first.x; i <= last.x; i++) {
      let weight = row * cubic(tap_distance(i, p.x, source.x, settings.size.x));
      sum += weight * vec4f(textureLoad(enhanced, vec2i(i, j), 0).rgb, 1.0);
    }
  }
  return saturate(sum.rgb / sum.a);
}

fn missing_detail(p: vec2i, camera: vec3f, bright_picture: vec3f) -> f32 {
  let at = (vec2f(p) + 0.5) / vec2f(settings.size);
  let local = textureSampleLevel(guide, linear_sampler, at, 0.0);
  let dark = local.r;
  let bright = local.g;
  let gain = min(bright / max(dark, 1.0 / 255.0), GAIN_CAP);
  let missing = gain * (luma(camera) - dark) - (luma(bright_picture) - bright);
  return sign(missing) * max(abs(missing) - gain * CORING, 0.0);
}

@fragment
fn colour(@builtin(position) position: vec4f) -> @location(0) vec4f {
  let p = vec2i(position.xy);
  if (p.x >= settings.divider - settings.line && p.x < settings.divider + settings.line) {
    return vec4f(1.0);
  }
  let camera = camera_at(p);
  if (p.x < settings.divider) {
    return vec4f(camera, 1.0);
  }
  var bright_picture = enhanced_at(p);
  if (settings.detail > 0.0) {
    bright_picture = saturate(bright_picture + settings.detail * missing_detail(p, camera, bright_picture));
  }
  // The same all over the picture.
  let night = textureLoad(guide, vec2i(0), 0).b;
  return vec4f(mix(camera, bright_picture, settings.strength * night), 1.0);
}
