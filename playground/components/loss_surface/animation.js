import { show } from "./tracks.js";

const LASTS_MS = 6000;
const RESTS_MS = 1500;

/* One clock at a time: frames while the dots move, a timer while they rest, nothing while nobody can see them. */
export function run(state) {
  halt(state);
  if (!state.playing || !state.seen) return;
  if (state.step >= state.last) {
    state.timer = setTimeout(() => {
      state.step = 0;
      show(state);
      run(state);
    }, RESTS_MS);
    return;
  }
  let before = performance.now();
  const tick = (now) => {
    const passed = Math.min(Math.max(now - before, 0), 100); // a frame's time may lie before the call that asked for it
    before = now;
    state.step = Math.min(state.last, state.step + (passed / LASTS_MS) * state.last);
    show(state);
    if (state.step < state.last) state.frame = requestAnimationFrame(tick);
    else run(state);
  };
  state.frame = requestAnimationFrame(tick);
}

export function halt(state) {
  cancelAnimationFrame(state.frame);
  clearTimeout(state.timer);
}
