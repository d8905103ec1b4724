"""Training on a GPU: pictures a second, how much of what the device can do that is, and the time to 95 % from scratch.

    python -m benchmarks.gpu [--data ZIP] [--wanted 0.95]

What the device can do is a large matrix product in bf16, measured here, not its data sheet. A training step counts
as three forward passes, the multiplication and the addition of each multiply-accumulate apart. Everything that the
trainer does is in the time: augmentation, events, looking inside. Pictures are noise for the speeds.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from pathlib import Path

import torch

from benchmarks.training import DATA
from core.datasets import ImageDataset, load
from core.profiler import profile
from core.training import RECIPES, TrainConfig, Trainer, build_network
from core.training.events import Done, Epoch, TrainingStep
from core.training.recipe.networks import options_of

SPEEDS = (  # network, width, side of the pictures, batch
    ("Small ResNet", 24, 96, 256),
    ("Wide ResNet", 64, 96, 256),
    ("resnet18", 24, 224, 256),
    ("resnet50", 24, 224, 128),
    ("convnext_tiny", 24, 224, 128),
)
WARM, TIMED = 8, 24  # steps
TOLD = 10  # epochs from one line to the next
BEST = RECIPES["From scratch (wide ResNet)"]
STRONG = dataclasses.replace(  # the same for a device that has more time
    BEST.config(), width=64, depth=2, epochs=200, batch_size=128, precision="bf16", test_share=0.0
)


def operations_per_second(device: str, side: int = 8192, times: int = 20) -> float:
    """Multiplications and additions of bf16 matrix products of random numbers."""
    a, b = (torch.randn(side, side, device=device, dtype=torch.bfloat16) for _ in range(2))
    for count in (3, times):  # the first only warm up
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(count):
            a @ b
        torch.cuda.synchronize()
    return 2 * side**3 * times / (time.perf_counter() - start)


def noise(count: int, side: int) -> ImageDataset:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=generator)
    names = tuple(map(str, range(count)))
    return ImageDataset("noise", images, torch.arange(count) % 2, ("one", "other"), names, torch.arange(count))


def images_per_second(config: TrainConfig, data: ImageDataset, device: str) -> float:
    """Over some steps, after some to warm up, by the clock on the wall."""
    trainer = Trainer(config, data, device)
    times = []
    for event in trainer.run():
        if isinstance(event, TrainingStep):
            times.append(time.perf_counter())  # its loss has been read, so the device is done
            if len(times) == WARM + TIMED:
                break
    return config.batch_size * TIMED / (times[-1] - times[WARM - 1])


def speeds(device: str) -> None:
    peak = operations_per_second(device)
    print(f"bf16 matrix products of 8192: {peak / 1e12:.0f} TFLOP/s")
    speed_heads = f"{'pictures/s':>12}{'TFLOP/s':>9}{'share of the peak':>19}"
    print(f"{'network':<18}{'side':>5}{'batch':>6}{'floats':>7}{speed_heads}")
    for network, width, side, batch in SPEEDS:
        data = noise(batch * 8, side)
        for precision in ("bf16", "fp32"):
            sizes = {"network": network, "width": width, "batch_size": batch, "precision": precision}
            config = TrainConfig(**sizes, epochs=10, crop=0.5, rotation=15)
            measured = images_per_second(config, data, device)
            model = build_network(network, 2, side, options_of(config))
            rate = measured * 3 * 2 * profile(model, (3, side, side)).total_macs
            speed = f"{measured:>12,.0f}{rate / 1e12:>9.1f}{rate / peak:>19.1%}"
            print(f"{network:<18}{side:>5}{batch:>6}{precision:>7}{speed}", flush=True)


def time_to(target: float, data: Path, device: str, size: int = BEST.size) -> None:
    """How long the strong recipe takes to reach an accuracy on held-out images; and its best accuracy."""
    pictures = load(data, size, cache=False)
    trainer = Trainer(STRONG, pictures, device)
    counts = f"{len(trainer.train_index):,} to train on, {len(trainer.val_index):,} to validate"
    print(f"{data.name}: {counts}, {size}x{size}")
    start, best = time.perf_counter(), 0.0
    for event in trainer.run():
        if not isinstance(event, Epoch | Done):
            continue
        seconds = time.perf_counter() - start
        if isinstance(event, Epoch) and event.epoch % TOLD == 0:
            print(f"epoch {event.epoch}: {event.val_accuracy:.2%} after {seconds:.0f} s", flush=True)
        if best < target <= event.val_accuracy:
            print(f"{target:.0%} after {seconds:.0f} s", flush=True)
        best = max(best, event.val_accuracy)
    print(f"{event.val_accuracy:.2%} in the end, after {seconds:.0f} s; {best:.2%} at the best epoch", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--wanted", type=float, default=0.95)
    chosen = parser.parse_args()
    if not torch.cuda.is_available():
        print("there is no GPU here that PyTorch can use")
        return
    print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}")
    speeds("cuda")
    if chosen.data.exists():
        time_to(chosen.wanted, chosen.data, "cuda")


if __name__ == "__main__":
    main()
