"""What each kind of operation takes for itself on this processor, predicted and measured, at random shapes.

Every kind of layer runs forward and backward at some random sizes, each kind in a process of its own, and each
operation in it is held against the allocator's events. Prints the worst call of each operation that is off, per kind:
what is to be mended on another processor or with another version of PyTorch.

    python -m benchmarks.workspace [--kinds LSTM "convolution, patches"] [--cases 12] [--seed 0] [--over 0.01]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import warnings
from collections.abc import Iterator
from random import Random

import torch
from torch import Tensor

from benchmarks.audited import OpAudit, audited
from benchmarks.workspace_cases import Case
from benchmarks.workspace_kinds import KINDS

NEGLIGIBLE = 4096  # bytes


def tensors_of(value: object) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    return [tensor for part in value for tensor in tensors_of(part)] if isinstance(value, (list, tuple)) else []


def both_ways(case: Case) -> list[OpAudit]:
    """Every operation of a forward and a backward pass."""
    call, inputs = case

    def run() -> None:
        outputs = [out for out in tensors_of(call(*inputs)) if out.requires_grad]
        torch.autograd.backward(outputs, [torch.ones_like(out) for out in outputs])

    run()  # what is made once is there
    return audited(run)


def faults(call: OpAudit, over: float) -> Iterator[tuple[float, str]]:
    """What is wrong about a call, and how wrong. One that is given no tensor makes a constant, which is left out."""
    if not call.given:
        return
    if call.error:
        yield 1.0, call.error
    if call.layout:
        yield 1.0, f"layout: {call.layout}"
    least = max(NEGLIGIBLE, over * (call.real_peak + call.bytes_given))
    if abs(call.predicted_peak - call.real_peak) > least:
        yield abs(call.off), f"peak {call.predicted_peak:,} predicted, {call.real_peak:,} real ({call.off:+.1%})"
    if abs(call.kept_off) > least:
        yield abs(call.off), f"results {call.predicted_end:,} predicted, {call.real_end:,} real"


def described(call: OpAudit) -> str:
    """What a call was given: sizes, types other than fp32, settings."""
    kinds = ["" if spec[3] is torch.float32 else str(spec[3])[5:] for spec in call.given]
    given = " ".join("x".join(map(str, spec[0])) + kind for spec, kind in zip(call.given, kinds, strict=True))
    return f"{given} {' '.join(map(str, call.settings))}"[:230]


def sweep(kind: str, cases: int, seed: int, over: float) -> None:
    """Prints a line for each operation of a kind that is off somewhere: how often, and the worst call."""
    torch.set_num_threads(1)  # kernels take a buffer a thread
    torch.manual_seed(seed)
    warnings.simplefilter("ignore")
    random = Random(f"{kind} {seed}")
    worst: dict[str, tuple[float, str]] = {}
    count: dict[str, list[int]] = {}
    for number in range(cases):
        case = KINDS[kind](random)
        try:
            calls = both_ways(case)
        except Exception as error:  # a layer that does not take this size
            print(f"{kind:<38} case {number} does not run: {error}"[:200])
            continue
        for call in calls:
            number_off = count.setdefault(call.name, [0, 0])
            number_off[0] += 1
            found = list(faults(call, over))
            number_off[1] += bool(found)
            for share, text in found:
                entry = share, f"{text}\n      {described(call)}"
                worst[call.name] = max(worst.get(call.name, (-1.0, "")), entry)
    bad = {name: entry for name, entry in worst.items() if entry[0] >= 0}
    total = sum(all_calls for all_calls, _ in count.values())
    wrong = sum(off for _, off in count.values())
    print(f"{kind:<38} {total - wrong} of {total} calls agree", flush=True)
    for name, (_, text) in sorted(bad.items(), key=lambda item: -item[1][0]):
        print(f"  {name} {count[name][1]}/{count[name][0]}: {text}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--over", type=float, default=0.01, help="the share from which a call counts as off")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    for kind in chosen.kinds:
        if chosen.here:
            sweep(kind, chosen.cases, chosen.seed, chosen.over)
            continue
        words = ["--here", "--kinds", kind, "--cases", str(chosen.cases), "--seed", str(chosen.seed)]
        subprocess.run([sys.executable, "-m", "benchmarks.workspace", *words, "--over", str(chosen.over)], check=True)


if __name__ == "__main__":
    main()
