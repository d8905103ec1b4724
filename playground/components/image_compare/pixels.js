/* Bytes -> pictures: reading the message, and colouring numbers as playground/charts/theme.py does. */

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

function diverging() {
  const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const lut = new Uint8ClampedArray((LUT_SIZE + 1) * 3);
  for (let i = 0; i <= LUT_SIZE; i += 1) {
    const place = i / LUT_SIZE;
    const k = Math.max(1, DATA_SCALE.findIndex(([stop]) => stop >= place));
    const [[a, from], [b, to]] = [DATA_SCALE[k - 1], DATA_SCALE[k]];
    const t = (place - a) / (b - a);
    rgb(from).forEach((value, c) => { lut[3 * i + c] = value + t * (rgb(to)[c] - value); });
  }
  return lut;
}

const LUT = diverging();

export function hueColour(degrees, brightness) {
  const channel = (n) => {
    const k = (n + (((degrees % 360) + 360) % 360) / 60) % 6;
    return 255 * brightness * (1 - Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

function paint(height, width, colour) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
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
      const place = Math.round(Math.min(1, Math.max(0, values[i] / (2 * scale) + 0.5)) * LUT_SIZE) * 3;
      out[at] = LUT[place]; out[at + 1] = LUT[place + 1]; out[at + 2] = LUT[place + 2];
    });
  }
  if (kind === "angle") {
    return paint(height, width, (i, out, at) => {
      hueColour(values[i], Math.min(1, values[plane + i] / scale)).forEach((v, c) => { out[at + c] = v; });
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
  const rounded = Number(value.toPrecision(digits));
  const text = Math.abs(rounded) < 1e-6 ? "0" : String(rounded);
  return text.replace("-", "−");
}
