/* The camera's picture in the page; a frame goes to the server as soon as it has answered the last one. */

const LOOK_MS = 150; // between two looks at whether the server has answered
const PATIENCE_MS = 15000; // after which a frame counts as lost

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".live-camera");
  if (!root.state) begin(root, (root.state = { received: data.received, sent: 0 }));
  const { state } = root;
  state.send = (frame) => setTriggerValue("frame", frame);
  state.side = data.side;
  if (data.received !== state.received) state.sent = 0;
  state.received = data.received;
}

function begin(root, state) {
  const button = root.querySelector("button");
  button.addEventListener("click", () => (state.stream ? stop(root, state) : start(root, state)));
  button.textContent = "Start camera";
}

async function start(root, state) {
  const status = root.querySelector("p");
  status.textContent = "";
  try {
    state.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  } catch {
    status.textContent = "The camera cannot be used: allow it for this page, or choose a file.";
    return;
  }
  const video = root.querySelector("video");
  Object.assign(video, { srcObject: state.stream, hidden: false });
  await video.play();
  root.querySelector("button").textContent = "Stop camera";
  state.sent = 0;
  state.timer = setInterval(() => look(root, state, video), LOOK_MS);
}

function stop(root, state) {
  clearInterval(state.timer);
  state.stream?.getTracks().forEach((track) => track.stop());
  state.stream = null;
  Object.assign(root.querySelector("video"), { srcObject: null, hidden: true });
  root.querySelector("button").textContent = "Start camera";
}

function look(root, state, video) {
  if (!root.isConnected) return stop(root, state);
  if (document.hidden || !video.videoWidth) return;
  if (state.sent && performance.now() - state.sent < PATIENCE_MS) return;
  state.sent = performance.now();
  state.send(frameOf(video, state.side));
}

/* The middle square of the picture, as the address of a JPEG file. */
function frameOf(video, side) {
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const square = Math.min(video.videoWidth, video.videoHeight);
  const [left, top] = [(video.videoWidth - square) / 2, (video.videoHeight - square) / 2];
  canvas.getContext("2d").drawImage(video, left, top, square, square, 0, 0, side, side);
  return canvas.toDataURL("image/jpeg", 0.85);
}
