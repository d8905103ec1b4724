/* Plays by itself: glide, rest, glide, until something takes over; with pause, step, scrub and speed. */

import { make, makeButton } from "../../shared/dom.js";

const STEP_MS = 400; // 200 ms of gliding, 200 ms of rest
const SPEEDS = [0.5, 1, 2, 4];

export class Player {
  /* `onStep(place, still)` shows one step of `count`. */
  constructor(onStep) {
    this.onStep = onStep;
    this.place = 0;
    this.count = 1;
    this.held = false; // the mouse, a key or a pin has taken over
    this.seen = true; // the stepper is on the screen
    this.unveils = false; // what has not been stepped over is still covered
    this.calm = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.playing = !this.calm.matches;
    this.build();
  }

  build() {
    this.root = make("div", "player");
    this.button = this.addButton("", "Play", () => this.toggle());
    this.addButton("‹", "Step back", () => this.step(-1));
    this.addButton("›", "Step forward", () => this.step(1));
    this.scrub = make("input", "scrub");
    Object.assign(this.scrub, { type: "range", min: 0, step: 1, value: 0, ariaLabel: "Step" });
    this.scrub.addEventListener("input", () => this.go(Number(this.scrub.value)));
    this.count_ = make("span", "count");
    this.speed = make("select", "speed");
    this.speed.ariaLabel = "Speed";
    for (const speed of SPEEDS) this.speed.add(new Option(`${speed}×`, speed, speed === 1, speed === 1));
    this.root.append(this.scrub, this.count_, this.speed);
    this.label();
  }

  addButton(text, label, onClick) {
    const button = makeButton("round", text, onClick);
    Object.assign(button, { ariaLabel: label, title: label });
    this.root.append(button);
    return button;
  }

  label() {
    const label = this.playing ? "Pause" : "Play";
    Object.assign(this.button, { textContent: this.playing ? "❚❚" : "▶", ariaLabel: label, title: label });
  }

  toggle() {
    this.playing = !this.playing;
    this.unveils = true;
    this.label();
    this.schedule();
  }

  pause() {
    if (this.playing) this.toggle();
  }

  step(by) {
    this.pause();
    this.go((this.place + by + this.count) % this.count);
  }

  /* Jump to a step and stay there. */
  go(place) {
    this.pause();
    this.unveils = true;
    this.show(place, true);
  }

  /* A new number of steps: begin again. */
  restart(count) {
    this.count = count;
    this.unveils = this.playing;
    this.scrub.max = count - 1;
    this.show(0, true);
    this.schedule();
  }

  show(place, still) {
    this.place = place;
    this.scrub.value = place;
    this.count_.textContent = `${place + 1} / ${this.count}`;
    this.onStep(place, still);
  }

  hold() {
    this.held = true;
  }

  release() {
    this.held = false;
    this.show(this.place, true);
  }

  schedule() {
    clearTimeout(this.timer);
    if (!this.playing || !this.root.isConnected) return;
    this.timer = setTimeout(() => {
      if (!this.held && this.seen && !document.hidden) this.advance();
      this.schedule();
    }, this.interval);
  }

  advance() {
    const next = (this.place + 1) % this.count;
    this.show(next, next === 0 || this.calm.matches);
  }

  /* How long the frame glides, in ms; the rest of the interval it stays. */
  get glide() {
    return this.interval / 2;
  }

  get interval() {
    return STEP_MS / Number(this.speed.value);
  }
}
