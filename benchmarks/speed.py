"""The profiler against torchinfo on the same networks at the same batch: seconds, and megabytes they take to find out.

Two of ours are told apart. "rows" is what torchinfo tells as well, and bytes kept for backward: a row per layer, its
shapes, parameters, multiply-accumulates and output bytes. "all" goes on to what torchinfo does not know: backward,
update and inference, for both peaks and the timeline.

Each runs in a process of its own that has profiled another network before. The best of a few runs counts, and each of
ours meets its network as if for the first time: the shape rules remembered from the run before are forgotten.
torchinfo runs the network for real, so networks and batch are those that two cores can bear.

LeNet-5 stands apart: torchinfo runs it in a few milliseconds, for there is next to nothing to compute. What is left on
both sides is Python that goes through a dozen layers, and nobody is fifty times faster at that.

    python -m benchmarks.speed [--batch 32] [--models resnet50 densenet121]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable

NETWORKS = ("alexnet", "resnet18", "resnet50", "densenet121", "mobilenet_v2")
APART = ("lenet5",)
RUNS = {"rows": 7, "all": 7, "torchinfo": 2}


def ours(name: str, batch: int) -> Callable[[], object]:
    """Rows and their totals."""
    from core.models import MODELS
    from core.profiler import profile
    from core.profiler.fake_tensor.shape_cache import forget

    model = MODELS[name].on_meta()

    def run() -> object:
        forget()
        result = profile(model, MODELS[name].input_shape, batch)
        return result, result.total_params, result.total_macs, result.output_bytes, result.saved_bytes

    return run


def ours_whole(name: str, batch: int) -> Callable[[], object]:
    """The same, both peaks and the timeline."""
    rows = ours(name, batch)
    return lambda: rows()[0].settled().timeline


def torchinfo(name: str, batch: int) -> Callable[[], object]:
    from torchinfo import summary

    from core.models import MODELS

    model = MODELS[name].build()
    return lambda: summary(model, (batch, *MODELS[name].input_shape), verbose=0)


WHO = {"rows": ours, "all": ours_whole, "torchinfo": torchinfo}


def resident_bytes(key: str) -> int:
    """Memory of this process: VmRSS now, VmHWM at its most."""
    with open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith(key))
    return int(line.split()[1]) * 1024


def measure(who: str, name: str, batch: int) -> None:
    """Seconds of the best run, and how much the process grew over what it was before; printed as JSON."""
    prepare = WHO[who]
    warm_up = prepare("lenet5", 2)
    warm_up()
    run = prepare(name, batch)
    before = resident_bytes("VmRSS")
    times = []
    for _ in range(RUNS[who]):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    print(json.dumps({"seconds": min(times), "bytes": max(0, resident_bytes("VmHWM") - before)}))


def measured(who: str, name: str, batch: int) -> dict[str, float]:
    """The same in a fresh process."""
    words = [sys.executable, "-m", "benchmarks.speed", "--measure", who, name, "--batch", str(batch)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def line(name: str, batch: int) -> str:
    """One network: seconds of each, how many times faster ours are, and megabytes."""
    rows, whole, theirs = (measured(who, name, batch) for who in WHO)
    times = [f"{result['seconds']:>9.4f}" for result in (rows, whole, theirs)]
    ratios = [f"{theirs['seconds'] / result['seconds']:>7.1f}x" for result in (rows, whole)]
    sizes = [f"{result['bytes'] / 1e6:>9.1f}" for result in (whole, theirs)]
    return f"{name:<16}{''.join(times)}{''.join(ratios)}{''.join(sizes)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--models", nargs="*", default=NETWORKS + APART)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(*chosen.measure, chosen.batch)
        return
    print(f"batch of {chosen.batch}; seconds, how many times faster than torchinfo, and extra megabytes")
    heads = [f"{head:>9}" for head in ("rows", "all", "torchinfo", "rows", "all", "all MB", "theirs MB")]
    print(f"{'model':<16}{''.join(heads[:3])}{heads[3][1:]}{heads[4][1:]}{''.join(heads[5:])}")
    for name in chosen.models:
        if name in APART:
            print("apart, for both sides spend their time on going through a dozen layers:")
        print(line(name, chosen.batch), flush=True)


if __name__ == "__main__":
    main()
