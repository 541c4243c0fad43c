// resample: which source pixels make one target pixel, along one axis. Joined in front of the kernels that scale.
//
// A filter of reach r (triangle 1, cubic 2) is stretched by max(1, source / target), so that scaling down is anti-aliased and
// scaling up interpolates. Distances are whole numbers over 2 * max(source, target): nothing is lost at column 4000, and
// equal sizes give exactly one tap of weight 1. Taps outside the picture are left out; the caller divides by the weights' sum.
// Sizes up to 16384. Reference: resample.reference.ts.

// |tap's centre - pixel's centre| in units of the stretched filter.
fn tap_distance(tap: i32, pixel: i32, source: i32, goal: i32) -> f32 {
  return f32(abs(2 * goal * tap + goal - (2 * pixel + 1) * source)) / f32(2 * max(source, goal));
}

// The first and the last tap that lie nearer than `reach`.
fn first_tap(pixel: i32, source: i32, goal: i32, reach: i32) -> i32 {
  let before = (2 * pixel + 1) * source - goal - 2 * reach * max(source, goal);
  return select(before / (2 * goal) + 1, 0, before < 0);
}

fn last_tap(pixel: i32, source: i32, goal: i32, reach: i32) -> i32 {
  let after = (2 * pixel + 1) * source - goal + 2 * reach * max(source, goal);
  return min(source - 1, (after - 1) / (2 * goal));
}

fn triangle(t: f32) -> f32 {
  return max(0.0, 1.0 - t);
}

// Catmull-Rom: Keys, "Cubic convolution interpolation for digital image processing", 1981, with a = -1/2.
fn cubic(t: f32) -> f32 {
  if (t < 1.0) {
    return (1.5 * t - 2.5) * t * t + 1.0;
  }
  return select(0.0, ((2.5 - 0.5 * t) * t - 4.0) * t + 2.0, t < 2.0);
}
