/* The rules that tie the settings together: the same as core/lessons/convolution/config.py, which a test compares.
   FIELDS comes from there: name -> {default, low, high, choices}. LONGEST is the longest side of a grid. */

const REPAIR_ORDER = [
  "in_channels", "out_channels", "groups", "kernel", "stride", "dilation", "padding_mode", "padding", "output_padding",
];
const BARE = {
  in_channels: 1, out_channels: 1, groups: 1, kernel: [1, 1], stride: [1, 1], dilation: [1, 1],
  padding: [0, 0, 0, 0], padding_mode: "zeros", output_padding: [0, 0],
};

export const defaults = () => Object.fromEntries(Object.entries(FIELDS).map(([name, field]) => [name, field.default]));

export const isPool = (state) => state.mode === "max" || state.mode === "average";

/* The state with every setting that its mode does not have at the neutral value. */
export function effective(state) {
  if (state.mode === "conv") return { ...state, output_padding: [0, 0] };
  const [top, , left] = state.padding;
  const even = { ...state, padding: [top, top, left, left], padding_mode: "zeros" };
  if (state.mode === "transposed") return even;
  return {
    ...even, groups: 1, out_channels: state.in_channels, output_padding: [0, 0], flip: false, bias: false, mean: false,
    dilation: state.mode === "max" ? state.dilation : [1, 1],
  };
}

export const ends = (state, axis) => [state.padding[2 * axis], state.padding[2 * axis + 1]];

/* Length of one side of the output of an effective state; may be below 1 where no window fits. */
export function outputSide(state, axis) {
  const [before, after] = ends(state, axis);
  const reach = state.dilation[axis] * (state.kernel[axis] - 1) + 1;
  const [size, stride] = [state.size[axis], state.stride[axis]];
  if (state.mode === "transposed") return (size - 1) * stride - before - after + reach + state.output_padding[axis];
  return Math.floor((size + before + after - reach) / stride) + 1;
}

export function isLegal(wanted) {
  const state = effective(wanted);
  if (state.in_channels % state.groups || state.out_channels % state.groups) return false;
  return [0, 1].every((axis) => legalAxis(state, axis));
}

function legalAxis(state, axis) {
  const padding = Math.max(...ends(state, axis));
  if (state.padding_mode === "reflect" && padding >= state.size[axis]) return false;
  if (state.padding_mode === "circular" && padding > state.size[axis]) return false;
  if (isPool(state) && 2 * padding > state.kernel[axis]) return false;
  const extra = state.output_padding[axis];
  if (state.mode === "transposed" && extra >= Math.max(state.stride[axis], state.dilation[axis])) return false;
  const side = outputSide(state, axis);
  if (side < 1 || side > LONGEST) return false;
  return state.mode !== "max" || range(side).every((place) => readsRealCell(state, axis, place));
}

function readsRealCell(state, axis, place) {
  const start = place * state.stride[axis] - state.padding[2 * axis];
  return range(state.kernel[axis]).some((tap) => {
    const cell = start + tap * state.dilation[axis];
    return cell >= 0 && cell < state.size[axis];
  });
}

/* The state if it is legal; else one setting after the other, each as near to the wish as is legal. */
export function nearestLegal(wanted) {
  if (isLegal(wanted)) return wanted;
  let state = { ...wanted, ...BARE };
  for (const name of REPAIR_ORDER) {
    const places = Array.isArray(wanted[name]) ? range(wanted[name].length) : [0];
    for (const place of places) state = nearest(state, name, place, wanted[name]);
  }
  return state;
}

function nearest(state, name, place, wish) {
  const aim = Array.isArray(wish) ? wish[place] : wish;
  const { low, high, choices } = FIELDS[name];
  const options = choices
    ? [aim, ...choices]
    : range(high - low + 1).map((step) => low + step).sort((a, b) => Math.abs(a - aim) - Math.abs(b - aim) || a - b);
  for (const option of options) {
    const candidate = withNumber(state, name, [place], option);
    if (isLegal(candidate)) return candidate;
  }
  return state;
}

/* The state with one number put into the given places of a setting (all of them if it has no places). */
export function withNumber(state, name, places, number) {
  if (!Array.isArray(state[name])) return { ...state, [name]: number };
  return { ...state, [name]: state[name].map((old, place) => (places.includes(place) ? number : old)) };
}

/* How far a slider may go, everything else staying as it is. */
export function bounds(state, name, places) {
  const { low, high } = FIELDS[name];
  const now = Array.isArray(state[name]) ? state[name][places[0]] : state[name];
  const fits = (number) => isLegal(withNumber(state, name, places, number));
  let [least, most] = [now, now];
  while (least > low && fits(least - 1)) least -= 1;
  while (most < high && fits(most + 1)) most += 1;
  return [least, most];
}

/* Settings that differ from the defaults, as the text of a link. */
export function toParams(state) {
  const params = {};
  for (const [name, field] of Object.entries(FIELDS)) {
    const value = state[name];
    if (String(value) === String(field.default)) continue;
    params[name] = Array.isArray(value)
      ? new Set(value).size === 1 ? String(value[0]) : value.join("x")
      : typeof value === "boolean" ? String(Number(value)) : String(value);
  }
  return params;
}

/* A state from the text of a link that the server has already read and mended. */
export function fromParams(params) {
  const state = defaults();
  for (const [name, text] of Object.entries(params)) {
    const normal = FIELDS[name].default;
    if (Array.isArray(normal)) {
      const numbers = text.split("x").map(Number);
      state[name] = numbers.length === 1 ? normal.map(() => numbers[0]) : numbers;
    } else if (typeof normal === "boolean") state[name] = text === "1";
    else state[name] = typeof normal === "number" ? Number(text) : text;
  }
  return nearestLegal(state);
}

export const range = (count) => Array.from({ length: Math.max(0, count) }, (_, place) => place);
