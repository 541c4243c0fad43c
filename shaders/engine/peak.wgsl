// peak: the most an adapter can do: multiplications with additions that wait for no memory, and memory that waits for nothing.
//
// multiply: result[i] = the sum of 8 chains; chain k begins at k and TURNS times becomes itself * given[0] + given[1]
// copy:     result[i] = given[i]
// in:  given: two quads for multiply, as many as there are invocations for copy. out: one quad an invocation.
// dispatch: any number of workgroups; an invocation of multiply makes 8 * 4 * TURNS multiplications with additions.
// tolerance: 1e-4 of the result (a multiplication may be rounded before the addition or with it).
// reference: the two lines above, in peak.test.ts.

override turns: u32;

@group(0) @binding(0) var<storage, read> given: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> result: array<vec4f>;

@compute @workgroup_size(64)
fn multiply(@builtin(global_invocation_id) id: vec3u) {
  // Read, so that the compiler cannot know the results; eight chains, so that none waits for its own last step.
  let by = given[0];
  let plus = given[1];
  var a = vec4f(0.0);
  var b = vec4f(1.0);
  var c = vec4f(2.0);
  var d = vec4f(3.0);
  var e = vec4f(4.0);
  var f = vec4f(5.0);
  var g = vec4f(6.0);
  var h = vec4f(7.0);
  for (var turn = 0u; turn < turns; turn++) {
    a = a * by + plus;
    b = b * by + plus;
    c = c * by + plus;
    d = d * by + plus;
    e = e * by + plus;
    f = f * by + plus;
    g = g * by + plus;
    h = h * by + plus;
  }
  result[id.x] = ((a + b) + (c + d)) + ((e + f) + (g + h));
}

@compute @workgroup_size(256)
fn copy(@builtin(global_invocation_id) id: vec3u) {
  result[id.x] = given[id.x];
}
