"""The profiler against torchinfo on the same networks at the same batch: seconds, and megabytes they take to find out.

Each runs in a process of its own, once to warm up and then a few times; the best counts. torchinfo runs the network for
real, so networks and batch are those that two cores can bear.

    python -m benchmarks.speed [--batch 32] [--models resnet50 densenet121]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable

NETWORKS = ("lenet5", "alexnet", "resnet18", "resnet50", "densenet121", "mobilenet_v2")
RUNS = {"ours": 5, "torchinfo": 1}


def ours(name: str, batch: int) -> Callable[[], object]:
    """A full profile: rows, both peaks, timeline."""
    from core.models import MODELS
    from core.profiler import profile

    model = MODELS[name].on_meta()
    return lambda: profile(model, MODELS[name].input_shape, batch)


def torchinfo(name: str, batch: int) -> Callable[[], object]:
    """torchinfo's summary: a forward pass."""
    from torchinfo import summary

    from core.models import MODELS

    model = MODELS[name].build()
    return lambda: summary(model, (batch, *MODELS[name].input_shape), verbose=0)


def resident_bytes(key: str) -> int:
    """Memory of this process: VmRSS now, VmHWM at its most."""
    with open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith(key))
    return int(line.split()[1]) * 1024


def measure(who: str, name: str, batch: int) -> None:
    """Seconds of the best run, and how much the process grew over what it was before; printed as JSON."""
    prepare = {"ours": ours, "torchinfo": torchinfo}[who]
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--models", nargs="*", default=NETWORKS)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(*chosen.measure, chosen.batch)
        return
    print(f"batch of {chosen.batch}; seconds and extra megabytes of each")
    print(f"{'model':<16}{'ours':>9}{'torchinfo':>11}{'ratio':>8}{'ours MB':>10}{'torchinfo MB':>14}")
    for name in chosen.models:
        mine, theirs = measured("ours", name, chosen.batch), measured("torchinfo", name, chosen.batch)
        ratio = theirs["seconds"] / mine["seconds"]
        numbers = f"{mine['seconds']:>9.3f}{theirs['seconds']:>11.3f}{ratio:>7.1f}x"
        print(f"{name:<16}{numbers}{mine['bytes'] / 1e6:>10.1f}{theirs['bytes'] / 1e6:>14.1f}", flush=True)


if __name__ == "__main__":
    main()
