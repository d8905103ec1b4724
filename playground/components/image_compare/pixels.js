/* Bytes -> pictures: reading the message, and colouring numbers as playground/charts/theme.py does. */

import { make } from "../shared/dom.js";
import { colourOf } from "../shared/colour.js";
import { significant } from "../shared/numbers.js";
import { clamp } from "../shared/pointing.js";

export function unpack(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const size = ([h, w, c]) => h * w * c;
  const start = 4 + length;
  const before = bytes.slice(start, start + size(header.before));
  const at = start + Math.ceil(size(header.before) / 4) * 4;
  const after = new Float32Array(bytes.slice(at, at + 4 * size(header.after)).buffer);
  return { ...header, pixels: before, values: after };
}

const LUT_SIZE = 2048;

const LUT = Array.from({ length: LUT_SIZE + 1 }, (_, i) => colourOf(i / LUT_SIZE - 0.5, 0.5));

export function hueColour(degrees, brightness) {
  const channel = (n) => {
    const k = (n + (((degrees % 360) + 360) % 360) / 60) % 6;
    return 255 * brightness * (1 - Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

function paint(height, width, colour) {
  const canvas = Object.assign(make("canvas"), { width, height });
  const image = new ImageData(width, height);
  for (let i = 0; i < height * width; i += 1) {
    colour(i, image.data, 4 * i);
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.rgba = image.data;
  return canvas;
}

export function paintBefore({ before: [height, width, channels], pixels }) {
  return paint(height, width, (i, out, at) => {
    for (let c = 0; c < 3; c += 1) out[at + c] = pixels[i * channels + (channels === 3 ? c : 0)];
  });
}

export function paintAfter({ after: [height, width, channels], values, scale: { kind, bound } }) {
  const plane = height * width;
  const scale = bound || 1;
  if (kind === "signed") {
    return paint(height, width, (i, out, at) => {
      const colour = LUT[Math.round(clamp(values[i] / (2 * scale) + 0.5, 0, 1) * LUT_SIZE)];
      for (let c = 0; c < 3; c += 1) out[at + c] = colour[c];
    });
  }
  if (kind === "angle") {
    return paint(height, width, (i, out, at) => {
      out.set(hueColour(values[i], Math.min(1, values[plane + i] / scale)), at);
    });
  }
  return paint(height, width, (i, out, at) => {
    for (let c = 0; c < 3; c += 1) out[at + c] = (255 * values[(channels === 3 ? c * plane : 0) + i]) / scale;
  });
}

/* The values of one cell, all channels, as numbers. */
export function beforeAt({ before: [height, width, channels], pixels }, row, column) {
  if (row < 0 || column < 0 || row >= height || column >= width) return null;
  return Array.from(pixels.subarray((row * width + column) * channels, (row * width + column + 1) * channels), (v) => v / 255);
}

export function afterAt({ after: [height, width, channels], values }, row, column) {
  if (row < 0 || column < 0 || row >= height || column >= width) return null;
  return Array.from({ length: channels }, (_, c) => values[(c * height + row) * width + column]);
}

export function short(value, digits = 4) {
  return Math.abs(value) < 1e-6 ? "0" : significant(value, digits);
}
