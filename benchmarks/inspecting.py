"""The page on a whole network: how long a map of the evidence takes, and how long a drawn stroke takes to be followed.

    python -m benchmarks.inspecting

Explanations are timed on two threads, from the image to the map. For a stroke it takes all the work of the browser's
main thread from the pointer's move until the frame that shows every map anew, as `benchmarks.hover` does, less what an
idle frame takes.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from playwright.sync_api import CDPSession, Page

from benchmarks.hover import busy_ms
from core.lessons.inspect_network import INCLUDED, Subject, included_network
from core.lessons.inspect_network.why import explain, layers_of
from core.models.efficient.pretrained import pretrained_efficientnet_lite0
from tests.browser import chromium
from tests.browser.test_inspect_network import FIND

EXPLANATION_MS, STROKE_MS = 200, 100  # claimed
TIMES, MOVES = 30, 40

# Wait until the frame that shows the answer is drawn: the drawing is followed in the frame after the pointer's move.
ANSWER = """async (root) => {
  for (let frame = 0; frame < 2; frame += 1)
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return root.network.model.scores[0];
}"""


def subject_of(name: str) -> Subject:
    """An included network on its first test image."""
    images, labels = INCLUDED[name].test_images()
    pixels = images[0].expand(3, -1, -1).permute(1, 2, 0).numpy()
    return Subject(included_network(name), INCLUDED[name].classes, images[:1] / 255, pixels, "", int(labels[0]))


def efficientnet() -> Subject:
    """EfficientNet-Lite0 on an even image: its time depends on no pixel."""
    names, pixels = tuple(map(str, range(1000))), np.zeros((224, 224, 3), np.uint8)
    return Subject(pretrained_efficientnet_lite0(), names, torch.zeros(1, 3, 224, 224), pixels, "", None)


def median_ms(run: Callable[[], object]) -> float:
    """Of some runs, the first not counted."""
    run()
    times = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


def explanations() -> bool:
    """Whether each explanation of a small network is there in time."""
    torch.set_num_threads(2)
    holds = True
    for name, subject, method in (
        ("sketches", subject_of("sketches"), "CAM"),
        ("digits", subject_of("digits"), "Grad-CAM"),
        ("EfficientNet-Lite0", efficientnet(), "CAM"),
    ):
        layer = layers_of(subject)[0]
        took = median_ms(lambda: explain(subject, method, layer, 0))  # noqa: B023
        holds &= took <= EXPLANATION_MS or name not in INCLUDED
        print(f"{method} of one image, {name}: {took:.1f} ms")
    return holds


def strokes(page: Page, devtools: CDPSession) -> float:
    """Median ms of the main thread for a move of the pointer while it draws, less that of a rest as long."""
    root = page.evaluate_handle(FIND)
    box = root.evaluate_handle("(root) => root.network.pad.canvas").as_element().bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    idle, drawn, scores = [], [], set()
    for turn in range(MOVES):
        before = busy_ms(devtools)
        page.evaluate(ANSWER, root)
        idle.append(busy_ms(devtools) - before)
        across, down = 0.2 + 0.06 * (7 * turn % 10), 0.1 + 0.8 * turn / MOVES
        before = busy_ms(devtools)
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
        scores.add(page.evaluate(ANSWER, root))
        drawn.append(busy_ms(devtools) - before)
    page.mouse.up()
    if len(scores) < MOVES / 2:
        raise RuntimeError("the network does not follow the drawing")
    return statistics.median(drawn) - statistics.median(idle)


def main() -> int:
    holds = explanations()
    with chromium.serving() as url, chromium.browsing() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 1000}, reduced_motion="reduce")
        page.goto(f"{url}/inspect_network")
        chromium.settle(page)
        page.wait_for_function(FIND)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        took = strokes(page, devtools)
    print(f"the whole network drawn anew for a move of the pen: {took:.1f} ms of the browser's main thread")
    return 0 if holds and took <= STROKE_MS else 1


if __name__ == "__main__":
    sys.exit(main())
