/* Where things lie, in input pixels: output cell j reads the window that starts at j * stride - padding. */

export function geometryOf({ before: [height, width], after: [rows, columns], window }) {
  const axis = (side, count, k, pad) => {
    const reach = window.dilation * (k - 1) + 1;
    const first = -pad + (reach - window.stride) / 2;
    return { reach, first, count, pad, low: Math.min(0, first), high: Math.max(side, first + count * window.stride) };
  };
  const y = axis(height, rows, window.kernel[0], window.padding[0]);
  const x = axis(width, columns, window.kernel[1], window.padding[1]);
  return { x, y, stride: window.stride, height, width };
}

export function cellAt(geometry, point) {
  const along = (axis, value) => Math.floor((value - axis.first) / geometry.stride);
  return { row: along(geometry.y, point.y), column: along(geometry.x, point.x) };
}

export function windowOf(geometry, { row, column }) {
  return {
    x: column * geometry.stride - geometry.x.pad, y: row * geometry.stride - geometry.y.pad,
    width: geometry.x.reach, height: geometry.y.reach,
  };
}

/* The part of the world that a frame of `width` x `height` screen pixels shows: scale and offset. */
export function cameraOf(geometry, zoom, width, height) {
  const whole = { width: geometry.x.high - geometry.x.low, height: geometry.y.high - geometry.y.low };
  const fit = Math.min(width / whole.width, height / whole.height);
  const scale = fit * zoom.factor;
  const centre = (axis, at, frame, span) => {
    const half = frame / 2 / scale;
    const middle = axis.low + at * span;
    return half * 2 >= span ? axis.low + span / 2 : Math.min(axis.high - half, Math.max(axis.low + half, middle));
  };
  const cx = centre(geometry.x, zoom.x, width, whole.width);
  const cy = centre(geometry.y, zoom.y, height, whole.height);
  return {
    scale,
    toScreen: (x, y) => [(x - cx) * scale + width / 2, (y - cy) * scale + height / 2],
    toWorld: (sx, sy) => ({ x: (sx - width / 2) / scale + cx, y: (sy - height / 2) / scale + cy }),
    share: { x: (cx - geometry.x.low) / whole.width, y: (cy - geometry.y.low) / whole.height },
  };
}
