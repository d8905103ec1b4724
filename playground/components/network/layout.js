/* Where each block of a network stands: height is the side of its map, width the root of its channels. Pure arithmetic. */

export const TALLEST = 168; // px of the largest side
const DEPTH = 0.3; // of the width of a map, drawn away from us
const SLICE = 4; // a layer that changes no shape is a slice on the block before it
const GAP = 9;
const WIDEST_GAP = 56;
const THINNEST = 0.35; // px per root of a channel; below it the drawing scrolls instead
const THICKEST = 2.6;
const TIGHTEST = 0.4; // how far slices and gaps may shrink before the drawing scrolls

/* blocks: [{shape: [C, H, W] | [C, L] | [F], glued: bool}] -> {placed: [{x, width, height, depth}], total} */
export function layout(blocks, room) {
  const maps = blocks.map((block) => measures(block.shape));
  const tallest = Math.max(...maps.filter((m) => !m.vector).map((m) => Math.max(m.height, m.depth)), 1);
  const longest = Math.max(...maps.filter((m) => m.vector).map((m) => m.height), 1);
  const heights = maps.map((m) => (m.vector ? Math.sqrt(m.height / longest) * TALLEST * 0.9 : (m.height / tallest) * TALLEST));
  const depths = maps.map((m) => (m.vector ? 0 : (m.depth / tallest) * TALLEST * DEPTH));
  const roots = maps.map((m, i) => (blocks[i].glued || m.vector ? 0 : Math.sqrt(m.channels)));
  const last = Math.max(...depths.slice(-3), 0);
  const fixed = fixedWidth(blocks, maps);
  const tight = Math.min(1, Math.max(TIGHTEST, (room - last - 2 - THINNEST * sum(roots)) / (fixed || 1)));
  const free = room - last - 2 - fixed * tight;
  const unit = Math.min(THICKEST, Math.max(THINNEST, free / (sum(roots) || 1)));
  const gaps = blocks.filter((block) => !block.glued).length - 1;
  const spare = gaps > 0 ? Math.max(0, free - unit * sum(roots)) / gaps : 0;
  return place(blocks, maps, heights, depths, roots, unit, tight, Math.min(GAP * tight + spare, WIDEST_GAP));
}

function place(blocks, maps, heights, depths, roots, unit, tight, gap) {
  let x = 1;
  let right = 0;
  const placed = blocks.map((block, i) => {
    if (!block.glued && i) x += gap;
    const width = block.glued ? SLICE * tight : maps[i].vector ? 8 * tight : Math.max(2, roots[i] * unit);
    const box = { x, width, height: Math.max(heights[i], 3), depth: depths[i], vector: maps[i].vector };
    x += width;
    right = Math.max(right, x + depths[i]);
    return box;
  });
  return { placed, total: right + 2 };
}

function fixedWidth(blocks, maps) {
  return sum(blocks.map((block, i) => (block.glued ? SLICE : GAP + (maps[i].vector ? 8 : 0))));
}

function measures(shape) {
  if (shape.length === 1) return { vector: true, height: shape[0], depth: 0, channels: 1 };
  if (shape.length === 2) return { vector: false, height: shape[1], depth: 0, channels: shape[0] };
  return { vector: false, height: shape[shape.length - 2], depth: shape[shape.length - 1], channels: shape[0] };
}

export function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
