"""Predicted against measured memory of real training steps, beside what torchinfo and torch's MemTracker say.

The truth is the allocator's own events. On a GPU "allocated" is `torch.cuda.max_memory_allocated` besides: with the
workspaces of cuBLAS and cuDNN, which depend on the kernels that these pick and which no prediction is to contain.
Prints a line a run and the median and worst error at the end.

    python -m benchmarks.memory [--quick] [--cuda] [--models resnet50 vgg16] [--batches 2 6]
"""

from __future__ import annotations

import argparse
import gc
import statistics
from collections.abc import Iterator
from itertools import product

import torch

from benchmarks.measured_memory import measure_training
from core.models import MODELS
from core.profiler import Setting, profile_in

QUICK = ("lenet5", "alexnet", "vgg11_bn", "resnet18", "densenet121", "mobilenet_v2", "convnext_tiny", "unet", "dcgan")


def line(name: str, setting: Setting, predicted: int, measured: int, *others: int | None) -> str:
    """A run: in MB what was predicted and measured, and what others say who say anything."""
    head = f"{name:<20}{setting.batch_size:>4}  {setting.optimizer:<5} {setting.precision:<5}"
    ours, truth, *rest = (f"{nbytes / 1e6:>9,.1f}" if nbytes else " " * 9 for nbytes in (predicted, measured, *others))
    return f"{head} {ours} {truth} {predicted / measured - 1:>+8.2%}  {' '.join(rest)}"


def torchinfo_bytes(name: str, batch: int) -> int:
    """What torchinfo calls the estimated total size. On the meta device, for it keeps hold of the last model."""
    from torchinfo import summary

    totals = summary(MODELS[name].on_meta(), input_size=(batch, *MODELS[name].input_shape), device="meta", verbose=0)
    return totals.total_input + totals.total_output_bytes + totals.total_param_bytes


def mem_tracker_bytes(name: str, setting: Setting) -> int:
    """The peak by torch's own tracker, on fake tensors, in a second iteration."""
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.distributed._tools.mem_tracker import MemTracker

    with FakeTensorMode():
        model = MODELS[name].build()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        x = torch.randn(setting.batch_size, *MODELS[name].input_shape)
        tracker = MemTracker()
        tracker.track_external(model, optimizer, x)
        with tracker:
            for _ in range(2):
                tracker.reset_mod_stats()
                model(x).square().mean().backward()
                optimizer.step()
                optimizer.zero_grad()
        return max(kinds["Total"] for kinds in tracker.get_tracker_snapshot("peak").values())


def errors(name: str, batch: int, device: str, with_tracker: bool) -> Iterator[float]:
    """Share by which a prediction is off, for two optimizers and two precisions; prints a line each."""
    architecture = MODELS[name]
    torch.manual_seed(0)
    model = architecture.build().to(device)
    x = torch.randn(batch, *architecture.input_shape, device=device)
    for optimizer, precision in product(("sgd", "adam"), ("fp32", "bf16")):
        setting = Setting(batch, optimizer, precision, device=device)
        predicted = profile_in(model, architecture.input_shape, setting).training_peak_bytes
        measured = measure_training(model, x, setting)
        plain = (optimizer, precision) == ("sgd", "fp32")
        info = torchinfo_bytes(name, batch) if plain else None
        tracker = mem_tracker_bytes(name, setting) if plain and with_tracker else None
        others = measured.allocated_bytes, info, tracker
        print(line(name, setting, predicted, measured.peak_bytes, *others), flush=True)
        yield abs(predicted / measured.peak_bytes - 1)
        gc.collect()


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer networks, one batch size, no MemTracker")
    parser.add_argument("--cuda", action="store_true", help="measure on the GPU")
    parser.add_argument("--models", nargs="*", default=None)
    parser.add_argument("--batches", nargs="*", type=int, default=None)
    chosen = parser.parse_args(words)
    names = chosen.models or (list(QUICK) if chosen.quick else list(MODELS))
    batches = chosen.batches or ([2] if chosen.quick else [2, 4])
    torch.set_num_threads(1)  # kernels on the CPU take a buffer a thread; what is predicted is one
    device = "cuda" if chosen.cuda or torch.cuda.is_available() else "cpu"
    print(f"peak of a steady training step on {device}, in MB (10^6 bytes)")
    print(f"{'model':<19}batch  optim floats predicted  measured    error  allocated torchinfo MemTracker")
    found: list[float] = []
    for name, batch in product(names, batches):
        found += errors(name, batch, device, not chosen.quick and batch == batches[0])
        gc.collect()  # or the next network is measured with this one's weights and gradients beside it
    print(f"error: median {statistics.median(found):.2%}, worst {max(found):.2%}, {len(found)} runs")


if __name__ == "__main__":
    main()
