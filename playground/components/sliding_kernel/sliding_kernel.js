/* Plays by itself: slow at first, so that the eye can follow, then ever faster. Pointer and arrow keys take over. */
import { keepInAddress, linkedNumber, linkedParts } from "../shared/address.js";
import { unpacked } from "../shared/numbers.js";
import { clamp, onArrows, shareOf } from "../shared/pointing.js";
import { outputs, STEPS } from "./arithmetic.js";
import { showNumbers } from "./numbers.js";
import { drawOutputs, drawSource, paint, place } from "./stage.js";

const KEY = "outline";
const SWEEP_MS = 10000; // from the first output to the last
const SLOW = 2.6; // the share of outputs done at time t is t to this power
const PAUSE_MS = 5000; // the finished outline stands, then it begins again
const READ_MS = 140; // numbers change no faster than can be seen
const PLAY = "Play";
const STOP = "Pause";

/* Where the colours end for a slider position: at white for the picture itself, lower for its faint outline. */
function boundOf(n) {
  return 255 * (1 - n / STEPS) + 40 * (n / STEPS);
}

class SlidingKernel {
  constructor(root, data) {
    const pixels = Array.from(unpacked(data.pixels, Uint8Array));
    Object.assign(this, { root, picture: { ...data, pixels }, n: STEPS, started: 0, elapsed: 0, read: 0 });
    [this.high, this.wide] = [this.picture.height - 2, this.picture.width - 2];
    [this.row, this.column] = data.rest;
    [this.source, this.output] = root.querySelectorAll(".sheet");
    [this.button, this.slider] = [root.querySelector(".play"), root.querySelector("input")];
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.playing = !this.still;
    this.held = false;
    drawSource(this.source.querySelector("canvas"), this.picture);
    this.setKernel(Math.trunc(linkedNumber(linkedParts(KEY)[0], 0, STEPS, STEPS)));
    this.count = this.still ? this.high * this.wide : 0;
    this.fillIn();
    this.listen();
  }

  fillIn() {
    const { picture, high, wide } = this;
    Object.assign(this.slider, { max: STEPS, value: this.n });
    this.root.querySelector(".source figcaption").textContent = `Input: ${picture.height}\u00d7${picture.width} pixels`;
    this.root.querySelector(".result-map .amount").textContent = `Output: ${high}\u00d7${wide} values, those to come pale`;
    const stops = DATA_SCALE.map(([stop, colour]) => `${colour} ${100 * stop}%`).join(", ");
    this.root.querySelector(".scale i").style.background = `linear-gradient(to right, ${stops})`;
  }

  setKernel(n) {
    this.n = n;
    keepInAddress(KEY, this.root, n === STEPS ? [] : [n]);
    this.bound = boundOf(n);
    this.painted = paint(outputs(this.picture, n), this.wide, this.bound);
    const part = `${(100 * n) / STEPS}\u202f%`;
    this.root.querySelector("output").textContent = part;
    this.slider.setAttribute("aria-valuetext", part);
  }

  moveTo(row, column) {
    this.row = clamp(row, 0, this.high - 1);
    this.column = clamp(column, 0, this.wide - 1);
  }

  /* One frame: how far the sweep has come, then everything as it stands. */
  frame(now) {
    if (this.playing && !this.held) {
      this.elapsed = (this.elapsed + Math.min(now - this.started, 100)) % (SWEEP_MS + PAUSE_MS);
      const total = this.high * this.wide;
      const share = Math.min(this.elapsed / SWEEP_MS, 1);
      this.count = Math.max(1, Math.round(total * share ** SLOW));
      this.moveTo(Math.floor((this.count - 1) / this.wide), (this.count - 1) % this.wide);
    }
    this.started = now;
    this.draw(now);
  }

  /* Only what differs from what is on the screen. */
  draw(now) {
    const state = [this.row, this.column, this.count, this.n, this.playing].join();
    if (state === this.shown) return;
    drawOutputs(this.output.querySelector("canvas"), this.painted, this.count);
    place(this.source.querySelector(".window"), this.row, this.column, 3, this.picture.height, this.picture.width);
    place(this.output.querySelector(".window"), this.row, this.column, 1, this.high, this.wide);
    this.button.textContent = this.playing ? STOP : PLAY;
    if (this.playing && !this.held && now - this.read < READ_MS) return;
    showNumbers(this.root, this.picture, this.row, this.column, this.n, this.bound);
    [this.read, this.shown] = [now, state];
    this.speak();
  }

  /* What a key has led to, for those who do not see it. */
  speak() {
    if (!this.spoken) return;
    this.spoken = false;
    const sum = this.root.querySelector(".line").textContent;
    this.root.querySelector("[role=status]").textContent = `Row ${this.row}, column ${this.column}: ${sum}`;
  }

  /* The pointer over either sheet puts the window there; what was not reached yet is shown at once. */
  hover(event, sheet) {
    const [down, right] = shareOf(event, sheet);
    const edge = sheet === this.source ? 1 : 0;
    this.take();
    this.moveTo(Math.floor(down * (this.high + 2 * edge)) - edge, Math.floor(right * (this.wide + 2 * edge)) - edge);
  }

  take() {
    this.held = true;
    this.count = this.high * this.wide;
  }

  listen() {
    for (const sheet of [this.source, this.output]) {
      sheet.addEventListener("pointermove", (event) => this.hover(event, sheet));
      sheet.addEventListener("pointerleave", () => (this.held = false));
    }
    onArrows(this.source, (down, right) => {
      this.take();
      this.moveTo(this.row + down, this.column + right);
      this.spoken = true;
    });
    this.source.addEventListener("blur", () => (this.held = false));
    this.button.addEventListener("click", () => (this.playing = !this.playing));
    this.slider.addEventListener("input", () => this.setKernel(Number(this.slider.value)));
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".sliding-kernel");
  const kernel = (root.slidingKernel ??= new SlidingKernel(root, data));
  cancelAnimationFrame(kernel.request);
  kernel.request = requestAnimationFrame(function next(now) {
    kernel.frame(now);
    kernel.request = requestAnimationFrame(next);
  });
  return () => cancelAnimationFrame(kernel.request);
}
