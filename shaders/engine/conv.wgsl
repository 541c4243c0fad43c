// conv: a 3x3 convolution of stride 1 or 2, with zeros around the picture, its activation, and what follows at the same pixel.
//
// sum[o][y][x] = bias[o] + sum over i, ky, kx of weight[o][i][ky][kx] * input[i][STRIDE y + ky - 1][STRIDE x + kx - 1]
// in:  input_at(), IN quads of channels: from memory (conv-direct.wgsl) or from a tile computed before (conv-tile.wgsl);
//      weights and biases in the order of packed-weights.ts.
// out: finish() is called once a pixel with OUT quads of sums, written out by points-text.ts.
// dispatch: ceil(out_width / (LANES_X PX)) x ceil(out_height / (LANES_Y PY)) x ceil(all out quads / OUT) workgroups; an invocation
//      keeps PX x PY pixels of OUT quads in registers, so that a weight that was read serves them all.
// tolerance: 1e-4 of the largest output (sums of up to 900 products in another order); with f16, 2/255 of the picture.
// reference: network.reference.ts. unroll.ts writes the loops out: registers in arrays may be put into memory.

@compute @workgroup_size({{LANES_X}}, {{LANES_Y}})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = i32(group.z) * {{OUT}};
  let origin = vec2i(group.xy) * vec2i({{LANES_X*PX}}, {{LANES_Y*PY}});
  let start = origin * {{STRIDE}} - 1;
  prepare(start, i32(lane));
  let block = vec2i(local.xy) * vec2i({{PX}}, {{PY}});
  let corner = block * {{STRIDE}};

//#for o OUT
  let b{{o}} = biases[{{BIAS}} + first + {{o}}];
//#for i PX*PY
  var a{{o}}_{{i}} = b{{o}};
//#end
//#end
  for (var q = 0; q < {{IN}}; q++) {
    for (var row = 0; row < 3; row += {{ROWS}}) {
      let taps = {{WEIGHTS}} + (first * {{IN}} + q) * 9 + row * 3;
//#for r PY*STRIDE-STRIDE+ROWS
//#for c PX*STRIDE-STRIDE+3
      let v{{r}}_{{c}} = input_at(q, start, corner + vec2i({{c}}, row + {{r}}));
//#end
//#end
//#for o OUT
//#for ky ROWS
//#for kx 3
      {
        let m = Matrix(weights[taps + {{9*o*IN+3*ky+kx}}]);
//#for y PY
//#for x PX
        a{{o}}_{{y*PX+x}} = added(a{{o}}_{{y*PX+x}}, m, v{{y*STRIDE+ky}}_{{x*STRIDE+kx}});
//#end
//#end
      }
//#end
//#end
//#end
    }
  }

//#for y PY
//#for x PX
  {
    let p = origin + block + vec2i({{x}}, {{y}});
    if (p.x < out_width && p.y < out_height) {
//#for o OUT
      let s{{o}} = a{{o}}_{{y*PX+x}};
//#end
      finish(p, first, {{SUMS}});
    }
  }
//#end
//#end
}
