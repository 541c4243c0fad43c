// conv-tile: computes the input of conv.wgsl once for the whole workgroup, where it never was in memory.
//
// in:  stage(), which computes the input at one pixel inside the picture into the tile, written out by points-text.ts.
// The tile is the workgroup's window with its halo: TILE_WIDTH x TILE_HEIGHT pixels of IN quads, quad after quad.

var<workgroup> tile: array<Quad, {{IN*TILE_WIDTH*TILE_HEIGHT}}>;

fn prepare(start: vec2i, lane: i32) {
  for (var i = lane; i < {{TILE_WIDTH*TILE_HEIGHT}}; i += {{LANES_X*LANES_Y}}) {
    let p = start + vec2i(i % {{TILE_WIDTH}}, i / {{TILE_WIDTH}});
    if (p.x >= 0 && p.y >= 0 && p.x < in_width && p.y < in_height) {
      stage(p, i);
    } else {
//#for q IN
      tile[{{q*TILE_WIDTH*TILE_HEIGHT}} + i] = Quad();
//#end
    }
  }
  workgroupBarrier();
}

/** `at` counts from the corner of the tile. */
fn input_at(q: i32, _start: vec2i, at: vec2i) -> Quad {
  return tile[(q * {{TILE_HEIGHT}} + at.y) * {{TILE_WIDTH}} + at.x];
}
