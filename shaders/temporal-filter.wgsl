// temporal-filter: noise that changes from frame to frame is averaged away where nothing moves, before the network sees it.
//
// d = tensor - average, three colours; over the WINDOW (5x5) around a pixel, as much of it as lies in the picture:
//   v      = (mean(d . d) - mean(d) . mean(d)) / (1 + 1/count)           what d varies by: the noise of one frame
//   noise  = max(its own mean over time, FLOOR); v itself while there is none
//   still  = ramp(mean over 3x3 of d . d / ((1 + 1/count) noise), PIXEL)       no edge or line passes here,
//          * ramp(mean(d) . mean(d) * pixels / ((1 + 1/count) noise), AREA)    nothing changed as a whole,
//          * ramp(mean(d) . mean(d) / 3, CAP^2 / 2 .. CAP^2)                   and by no more than may stay behind as a ghost
//   ramp(x, a) = 1 at a.x and below, 0 at a.y and above, straight between
// count'   = min(still * count + 1, LONGEST)
// average' = average + d / count'                                          the frame itself where something moves: count' = 1
// noise'   = noise + (FALL where v < noise, else RISE) * (min(v, 4 noise) - noise)    what passes by is no noise
// A restart: average' = tensor, count' = 1, noise' = -1 (none).
// in:  tensor, f32 NCHW [1, 3, height, width], 0..1; before, f32 [5, height, width]: average (3), count, noise. Sizes any.
// out: after, like before; its average is the filtered tensor.
// dispatch: ceil(width / 8) x ceil(height / 8) workgroups, one invocation a pixel.
// tolerance: 1e-5 against the reference: sums of 25, divided by a noise of at least FLOOR. reference: temporal-filter.reference.ts.

override width: i32;
override height: i32;
override FLOOR: f32;
override CAP: f32;
override PIXEL_LOW: f32;
override PIXEL_HIGH: f32;
override AREA_LOW: f32;
override AREA_HIGH: f32;
override LONGEST: f32;
override RISE: f32;
override FALL: f32;

const REACH = 2;
const SIDE = 8 + 2 * REACH;

@group(0) @binding(0) var<storage, read> tensor: array<f32>;
@group(0) @binding(1) var<storage, read> before: array<f32>;
@group(0) @binding(2) var<storage, read_write> after: array<f32>;
@group(0) @binding(3) var<uniform> restart: u32;

// d of the workgroup's pixels and of REACH around them; w is 1 inside the picture and 0 outside.
var<workgroup> tile: array<vec4f, SIDE * SIDE>;

fn ramp(x: f32, low: f32, high: f32) -> f32 {
  return saturate((high - x) / (high - low));
}

@compute @workgroup_size(8, 8)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let plane = width * height;
  for (var i = i32(index); i < SIDE * SIDE; i += 64) {
    let p = 8 * vec2i(group.xy) + vec2i(i % SIDE, i / SIDE) - REACH;
    var d = vec4f(0.0);
    if (all(p >= vec2i(0)) && p.x < width && p.y < height) {
      let at = p.y * width + p.x;
      d = vec4f(
        tensor[at] - before[at],
        tensor[plane + at] - before[plane + at],
        tensor[2 * plane + at] - before[2 * plane + at],
        1.0,
      );
    }
    tile[i] = d;
  }
  workgroupBarrier();
  let p = vec2i(id.xy);
  if (p.x >= width || p.y >= height) {
    return;
  }
  let at = p.y * width + p.x;
  if (restart != 0) {
    after[at] = tensor[at];
    after[plane + at] = tensor[plane + at];
    after[2 * plane + at] = tensor[2 * plane + at];
    after[3 * plane + at] = 1.0;
    after[4 * plane + at] = -1.0;
    return;
  }

  let centre = (i32(local.y) + REACH) * SIDE + i32(local.x) + REACH;
  var sum = vec4f(0.0);
  var squares = 0.0;
  var near = vec2f(0.0);   // of the 3x3: squares, pixels
  for (var y = -REACH; y <= REACH; y++) {
    for (var x = -REACH; x <= REACH; x++) {
      let d = tile[centre + y * SIDE + x];
      let square = dot(d.rgb, d.rgb);
      sum += d;
      squares += square;
      near += select(vec2f(0.0), vec2f(square, d.w), max(abs(x), abs(y)) <= 1);
    }
  }
  let mean = sum.rgb / sum.w;
  let whole = dot(mean, mean);
  let count = before[3 * plane + at];
  let spread = 1.0 + 1.0 / count;
  let v = max(squares / sum.w - whole, 0.0) / spread;
  let known = before[4 * plane + at];
  let noise = max(select(known, v, known < 0.0), FLOOR);

  let still = ramp(near.x / near.y / (spread * noise), PIXEL_LOW, PIXEL_HIGH)
    * ramp(whole * sum.w / (spread * noise), AREA_LOW, AREA_HIGH)
    * ramp(whole / 3.0, 0.5 * CAP * CAP, CAP * CAP);
  let longer = min(still * count + 1.0, LONGEST);
  let d = tile[centre].rgb;
  after[at] = before[at] + d.r / longer;
  after[plane + at] = before[plane + at] + d.g / longer;
  after[2 * plane + at] = before[2 * plane + at] + d.b / longer;
  after[3 * plane + at] = longer;
  after[4 * plane + at] = noise + select(RISE, FALL, v < noise) * (min(v, 4.0 * noise) - noise);
}
