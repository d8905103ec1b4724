/* A network on one image: its columns with their values, computed here for a small one, sent by the server else. */

import { unpacked } from "../shared/numbers.js";
import { runProgram, softmax } from "./forward.js";
import { INPUT_COLUMN, localParts, mapOf, receivedParts } from "./parts.js";
import { boundOf } from "./paint.js";

export class NetworkModel {
  constructor(data) {
    Object.assign(this, { data, columns: data.columns, classes: data.classes, checkpoint: data.checkpoint });
    this.programs = data.programs?.map((program) => program.map(withTensors)) ?? null;
    this.received = data.parts ? receivedParts(data.parts) : null;
    this.values = data.columns.map(({ values }) => (values === null ? null : unpacked(values, Float32Array)));
    this.filters = data.columns.map(({ filters }) => filters && { ...filters, values: unpacked(filters.values, Float32Array) });
    this.take({ shape: data.x.shape, values: unpacked(data.x.values, Float32Array) });
  }

  get last() {
    return this.columns.length - 1;
  }

  get program() {
    return this.programs?.[this.checkpoint] ?? null;
  }

  /* Another input; all that follows is computed where it is known how. */
  take(x) {
    this.x = x;
    if (this.program) this.outputs = runProgram(this.program, x);
  }

  /* The network as it was at another checkpoint of its training. */
  goTo(checkpoint) {
    this.checkpoint = checkpoint;
    this.take(this.x);
  }

  /* All maps of a column of a network that is computed here; of the image for INPUT_COLUMN. */
  shown(number) {
    if (number === INPUT_COLUMN) return this.x;
    const { shape, layers } = this.columns[number];
    return { values: this.outputs[layers.at(-1).number].values, shape };
  }

  /* Whether a map was zero for all images tried; known of the checkpoint that the server has sent. */
  isDead(number, channel) {
    return this.checkpoint === this.data.checkpoint && Boolean(this.columns[number]?.dead.includes(channel));
  }

  /* The values of one map; null where the server has not sent them. */
  map(number, channel) {
    if (number === INPUT_COLUMN || this.program) return mapOf(this.shown(number), channel);
    const { channels, sent } = this.columns[number];
    const at = channels.indexOf(channel);
    if (at < 0 || !this.values[number]) return null;
    return mapOf({ values: this.values[number], shape: [channels.length, ...sent] }, at);
  }

  /* Rows and columns of what `map` gives: a large map comes in means of several cells. */
  sidesOf(number) {
    if (number === INPUT_COLUMN) return this.x.shape.slice(1);
    return this.program ? this.columns[number].shape.slice(1) : this.columns[number].sent;
  }

  /* The value of the full colour in a column. */
  bound(number) {
    if (number === INPUT_COLUMN) return boundOf(this.x.values);
    return this.program ? boundOf(this.shown(number).values) : this.columns[number].bound;
  }

  get scores() {
    return this.program ? this.shown(this.last).values : unpacked(this.data.scores, Float32Array);
  }

  get shares() {
    return softmax(this.scores);
  }

  /* What a map is made of; undefined until the server has sent it, null where it is no sum of maps. */
  parts(number, channel) {
    if (this.program) return localParts(this, number, channel);
    const { received } = this;
    if (this.columns[number].opaque) return null;
    return received?.number === number && received.channel === channel ? received : undefined;
  }

  /* The kernels (channels, k, l) of a map whose convolution reads the image: { values, shape }; undefined for others. */
  filter(number, channel) {
    const column = this.columns[number];
    if (column?.kind !== "convolution" || column.sources[0] !== INPUT_COLUMN) return undefined;
    const all = this.program ? this.program[column.main].weight : this.filters[number];
    if (!all) return undefined;
    const at = this.program ? channel : column.channels.indexOf(channel);
    const size = all.shape.slice(1).reduce((product, side) => product * side, 1);
    return { values: all.values.subarray(at * size, (at + 1) * size), shape: all.shape.slice(1) };
  }

  /* The name of a column: those of its layers, what they share said once. */
  title(number) {
    if (number === INPUT_COLUMN) return "input";
    const names = this.columns[number].layers.map(({ name, kind }) => name || kind);
    const start = names[0].slice(0, names[0].lastIndexOf(".") + 1);
    const shared = start && names.every((name) => name.startsWith(start)) ? start : "";
    const own = names.map((name) => name.slice(shared.length).replace(/^_/, "")).join(" → ");
    return shared ? `${shared.slice(0, -1).replace(/^_/, "")}: ${own}` : own;
  }
}

function withTensors(operation) {
  const tensors = Object.entries(operation).map(([name, value]) =>
    [name, value?.packed === undefined ? value : { shape: value.shape, values: unpacked(value.packed, Float32Array) }]);
  return Object.fromEntries(tensors);
}
