"""Hover in the convolution stepper, at its largest: is it answered within one frame, and is the server left alone?

    python -m benchmarks.hover

Drives 3 input channels of 16x16 padded to 28x28, four 7x7 kernels over all of them with bias, and four 22x22 outputs.
For each kind of cell it takes all the work of the browser's main thread from the event until the frame that shows the
answer - script, style, layout, painting - as CPU time of that thread (Chromium's own counters), less what an idle frame
takes: a busy machine disturbs that less than a stopwatch. Meanwhile it counts WebSocket messages.
"""

from __future__ import annotations

import statistics
import sys
from typing import Any

from playwright.sync_api import CDPSession, Page

from core.lessons.convolution import Stepper, violation
from tests.browser import chromium
from tests.browser.stepping import FIND

LARGEST = Stepper(
    size=(16, 16),
    in_channels=3,
    out_channels=4,
    kernel=(7, 7),
    padding=(6, 6, 6, 6),
    bias=True,
    picture="random",
    weights="random",
)
FRAME_MS = 16
HOVERS = 40
KINDS = {"y": "an output", "x": "an input", "w": "a weight"}

COUNT_MESSAGES = """
window.__sent = 0;
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (...args) { window.__sent += 1; return send.apply(this, args); };
"""

# Point at a cell, then wait until the frame that shows the answer is drawn.
HOVER = """async ([root, kind, turn]) => {
  if (kind) {
    const cells = root.stepper.board.at[kind].filter(Boolean);
    cells[(turn * 7919) % cells.length].dispatchEvent(new PointerEvent('pointerover', {bubbles: true}));
  }
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}"""


def busy_ms(devtools: CDPSession) -> float:
    """CPU time of the main thread so far."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return 1000 * next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def hover(page: Page, devtools: CDPSession, root: Any, kind: str | None) -> list[float]:
    """Main-thread ms of each of some hovers, sorted; of idle frames where `kind` is None."""
    times = []
    for turn in range(HOVERS):
        before = busy_ms(devtools)
        page.evaluate(HOVER, [root, kind, turn])
        times.append(busy_ms(devtools) - before)
    return sorted(times)


def main() -> int:
    assert violation(LARGEST) is None
    with chromium.serving() as url, chromium.browsing() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 900}, reduced_motion="reduce")
        page.add_init_script(COUNT_MESSAGES)
        page.goto(f"{url}/convolution?" + "&".join(f"{name}={text}" for name, text in LARGEST.params.items()))
        chromium.settle(page)
        page.wait_for_function(f"() => ({FIND})()")
        page.wait_for_timeout(2000)
        return report(page, page.evaluate_handle(FIND))


def report(page: Page, root: Any) -> int:
    """Measure, print, and return 1 if a claim does not hold."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    sent = page.evaluate("window.__sent")
    idle = statistics.median(hover(page, devtools, root, None))
    worst = 0.0
    for kind, name in KINDS.items():
        times = [max(0.0, time - idle) for time in hover(page, devtools, root, kind)]
        worst = max(worst, statistics.median(times))
        late = times[int(0.95 * HOVERS)]
        print(f"hover {name}: median {statistics.median(times):.1f} ms, 95th percentile {late:.1f} ms")
    page.wait_for_timeout(1000)
    messages_sent = page.evaluate("window.__sent") - sent
    print(f"messages to the server while hovering: {messages_sent}")
    print(f"worst median {worst:.1f} ms of a frame's {FRAME_MS} ms (an idle frame, taken off, costs {idle:.1f} ms)")
    return int(worst > FRAME_MS or messages_sent > 0)


if __name__ == "__main__":
    sys.exit(main())
