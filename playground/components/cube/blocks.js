/* The tensor as N blocks of small cubes, channels one behind the other, seen from a direction that can be rotated. */

import { flat } from "../shared/indices.js";

const GAP = 0.55; // between channels, in cells
const LABEL = 20;

/* Depth grows away from the eye; x goes right, y down, z back. */
function view(yaw, pitch) {
  const [ca, sa, cb, sb] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  return {
    project: ([x, y, z]) => [x * ca + z * sa, y * cb - (z * ca - x * sa) * sb],
    depth: [-sa * cb, sb, ca * cb],
  };
}

/* How many blocks per row make them largest. */
function arrange(count, span, width, height) {
  let best = { size: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const size = Math.min(width / columns / span[0], (height / rows - LABEL) / span[1]);
    if (size > best.size) best = { size, columns, rows };
  }
  return best;
}

const order = (count, depth) => Array.from({ length: count }, (_, i) => (depth > 0 ? count - 1 - i : i));

/* The two axes of a face, by its normal axis. */
const ACROSS = [[1, 2], [0, 2], [0, 1]];

/* Every visible face, far ones first: {index, corners, axis, size}. */
export function facesOf(shape, rotation, width, height) {
  const [count, channels, rows, columns] = shape;
  const { project, depth } = view(rotation.yaw, rotation.pitch);
  const sides = [columns, rows, channels + (channels - 1) * GAP];
  const ends = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => project(sides.map((side, axis) => (k >> axis & 1 ? side / 2 : -side / 2))));
  const span = [0, 1].map((axis) => 2 * Math.max(...ends.map((end) => Math.abs(end[axis]))) + 0.4);
  const { size, columns: across, rows: down } = arrange(count, span, width, height);
  const faces = [];
  const labels = [];
  for (let n = 0; n < count; n += 1) {
    const middle = [((n % across) + 0.5) * (width / across), (Math.floor(n / across) + 0.5) * (height / down) - LABEL / 2];
    const put = (point) => project(point.map((at, axis) => at - sides[axis] / 2)).map((at, axis) => middle[axis] + at * size);
    labels.push({ text: n, at: [middle[0], middle[1] + (span[1] / 2) * size + 13] });
    for (const c of order(channels, depth[2])) for (const h of order(rows, depth[1])) for (const w of order(columns, depth[0])) {
      const low = [w, h, c * (1 + GAP)];
      const index = flat([n, c, h, w], shape);
      for (let axis = 0; axis < 3; axis += 1) {
        if (Math.abs(depth[axis]) < 0.02) continue;
        const [u, v] = ACROSS[axis];
        const base = low.map((at, k) => (k === axis && depth[axis] < 0 ? at + 1 : at));
        const corner = (a, b) => put(base.map((at, k) => at + (k === u ? a : 0) + (k === v ? b : 0)));
        faces.push({ index, axis, corners: [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)] });
      }
    }
  }
  return { faces, labels, size: size * Math.min(Math.abs(Math.cos(rotation.yaw)), Math.abs(Math.cos(rotation.pitch))) };
}

/* Whether a point is inside a convex quadrilateral. */
export function inside([x, y], corners) {
  let sign = 0;
  for (let k = 0; k < 4; k += 1) {
    const [[ax, ay], [bx, by]] = [corners[k], corners[(k + 1) % 4]];
    const side = Math.sign((bx - ax) * (y - ay) - (by - ay) * (x - ax));
    if (side && sign && side !== sign) return false;
    sign = side || sign;
  }
  return true;
}
