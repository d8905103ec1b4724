/* Plays by itself: slow at first, so that the eye can follow, then ever faster. Pointer and arrow keys take over. */
import { outputs, STEPS } from "./arithmetic.js";
import { showNumbers } from "./numbers.js";
import { build, drawOutputs, drawSource, paint, place } from "./stage.js";

const SWEEP_MS = 10000; // from the first output to the last
const SLOW = 2.6; // the share of outputs done at time t is t to this power
const PAUSE_MS = 5000; // the finished outline stands, then it begins again
const READ_MS = 140; // numbers change no faster than can be seen
const PLAY = "Play";
const STOP = "Pause";

function decode(data) {
  const bytes = Uint8Array.from(atob(data.pixels), (letter) => letter.charCodeAt(0));
  return { pixels: Array.from(bytes), height: data.height, width: data.width };
}

/* Where the colours end for a slider position: at white for the picture itself, lower for its faint outline. */
function boundOf(n) {
  return 255 * (1 - n / STEPS) + 40 * (n / STEPS);
}

class SlidingKernel {
  constructor(root, data) {
    Object.assign(this, { root, picture: decode(data), n: STEPS, started: 0, elapsed: 0, read: 0 });
    [this.high, this.wide] = [this.picture.height - 2, this.picture.width - 2];
    [this.row, this.column] = data.rest;
    [this.source, this.output] = root.querySelectorAll(".sheet");
    [this.button, this.slider] = [root.querySelector(".play"), root.querySelector("input")];
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.playing = !this.still;
    this.held = false;
    drawSource(this.source.querySelector("canvas"), this.picture);
    this.setKernel(STEPS);
    this.count = this.still ? this.high * this.wide : 0;
    this.name();
  }

  name() {
    const { picture, high, wide } = this;
    this.source.setAttribute("aria-label", "A photograph of a cat with a 3 by 3 kernel over it; arrow keys move the kernel");
    this.output.setAttribute("role", "img");
    this.output.setAttribute("aria-label", "The output of the kernel at every position so far: the outline of the cat");
    this.root.querySelector(".source figcaption").textContent = `Input: ${picture.height}\u00d7${picture.width} pixels`;
    this.root.querySelector(".result-map figcaption").textContent = `Output: ${high}\u00d7${wide} values; blue = negative, orange = positive`;
  }

  setKernel(n) {
    this.n = n;
    this.bound = boundOf(n);
    this.image = paint(outputs(this.picture, n), this.wide, this.bound);
    const part = `${(100 * n) / STEPS}\u202f%`;
    this.root.querySelector("output").textContent = part;
    this.slider.setAttribute("aria-valuetext", part);
  }

  moveTo(row, column) {
    this.row = Math.min(Math.max(row, 0), this.high - 1);
    this.column = Math.min(Math.max(column, 0), this.wide - 1);
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
    drawOutputs(this.output.querySelector("canvas"), this.image, this.count);
    place(this.source.querySelector(".window"), this.row, this.column, 3, this.picture.height, this.picture.width);
    place(this.output.querySelector(".window"), this.row, this.column, 1, this.high, this.wide);
    this.button.textContent = this.playing ? STOP : PLAY;
    if (this.playing && !this.held && now - this.read < READ_MS) return;
    showNumbers(this.root, this.picture, this.row, this.column, this.n, this.bound);
    [this.read, this.shown] = [now, state];
  }

  /* The pointer over either sheet puts the window there; what was not reached yet is shown at once. */
  hover(event, sheet) {
    const box = sheet.getBoundingClientRect();
    const [high, wide, edge] = sheet === this.source ? [this.high + 2, this.wide + 2, 1] : [this.high, this.wide, 0];
    this.take();
    this.moveTo(
      Math.floor(((event.clientY - box.top) / box.height) * high) - edge,
      Math.floor(((event.clientX - box.left) / box.width) * wide) - edge,
    );
  }

  take() {
    this.held = true;
    this.count = this.high * this.wide;
  }

  key(event) {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    this.take();
    this.moveTo(this.row + step[0], this.column + step[1]);
  }

  listen(signal) {
    for (const sheet of [this.source, this.output]) {
      sheet.addEventListener("pointermove", (event) => this.hover(event, sheet), { signal });
      sheet.addEventListener("pointerleave", () => (this.held = false), { signal });
    }
    this.source.addEventListener("keydown", (event) => this.key(event), { signal });
    this.source.addEventListener("blur", () => (this.held = false), { signal });
    this.button.addEventListener("click", () => (this.playing = !this.playing), { signal });
    this.slider.addEventListener("input", () => this.setKernel(Number(this.slider.value)), { signal });
  }
}

export default function ({ data, parentElement }) {
  const root = build(parentElement);
  if (!root.slidingKernel) root.slidingKernel = new SlidingKernel(root, data);
  const stop = new AbortController();
  root.slidingKernel.listen(stop.signal);
  let request = requestAnimationFrame(function next(now) {
    root.slidingKernel.frame(now);
    request = requestAnimationFrame(next);
  });
  return () => {
    stop.abort();
    cancelAnimationFrame(request);
  };
}
