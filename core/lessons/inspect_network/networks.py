"""The networks that the page brings along: two small ones with our own weights, and EfficientNet-Lite0.

The small ones are trained by `python -m core.lessons.inspect_network.train`, which writes `weights/<name>.safetensors`
and, from earlier steps of that training, `weights/<name>_snapshots.safetensors`.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from core.datasets.builtin import BUILT_IN, digit_images, sketch_images
from core.datasets.synthetic import CLASSES, sketch
from core.lessons.inspect_network.strokes import drawn_digits

WEIGHTS = Path(__file__).with_name("weights")
DIGIT_SIDE, SKETCH_SIDE = 24, 32
TEST_DIGITS, TEST_SKETCHES = 297, 400  # images that are kept for testing
TRAIN_SKETCHES = 3_000


def digits_network() -> nn.Sequential:
    """Ten digits from grey images: (B, 1, 24, 24) -> (B, 10)."""
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 6, 3, padding=1),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(6, 10, 3, padding=1),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            linear=nn.Linear(10 * 6 * 6, 10),
        )
    )


def sketches_network() -> nn.Sequential:
    """Cats and dogs from colour images: (B, 3, 32, 32) -> (B, 2)."""
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(3, 8, 3, padding=1),
            norm1=nn.BatchNorm2d(8),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(8, 12, 3, padding=1),
            norm2=nn.BatchNorm2d(12),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            conv3=nn.Conv2d(12, 16, 3, padding=1),
            norm3=nn.BatchNorm2d(16),
            relu3=nn.ReLU(),
            mean=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            linear=nn.Linear(16, 2),
        )
    )


@dataclass(frozen=True)
class IncludedNetwork:
    """A small network whose weights are part of this repository.

    `test_images()` gives `tests` uint8 images (N, C, side, side) that it was not trained with, and their labels (N,),
    `test_image(i)` one of them and its label; `training_images()` the others. Pixels are divided by 255, and nothing
    else is done to them. `test_boxes(i)` (2, 4), x0 y0 x1 y1 in pixels, hold what distinguishes the classes in test
    image i, where that is known. Where people draw for it, `draws(count, side, seed)` gives images as a pen makes them,
    uint8 (N, C, side, side), and labels (N,). `example` is the number of a test image of whose class the network is
    sure. It is trained for `steps`; where it `ends_unsmoothed`, the smoothing of its labels goes down to none towards
    the end, so that it is surer of them.
    """

    title: str
    build: Callable[[], nn.Sequential]
    classes: tuple[str, ...]
    side: int
    channels: int
    tests: int
    training_images: Callable[[], tuple[Tensor, Tensor]]
    test_images: Callable[[], tuple[Tensor, Tensor]]
    test_image: Callable[[int], tuple[Tensor, int]]
    test_boxes: Callable[[int], Tensor | None] = lambda number: None
    draws: Callable[[int, int, int], tuple[Tensor, Tensor]] | None = None
    example: int = 0
    steps: int = 2_500
    ends_unsmoothed: bool = False


@cache
def _digits() -> tuple[Tensor, Tensor]:
    """All digits in an order drawn once."""
    images, labels, _ = digit_images(DIGIT_SIDE, BUILT_IN["digits"].count)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    return images[order, :1], labels[order]


def _test_digit(number: int) -> tuple[Tensor, int]:
    images, labels = _digits()
    return images[number], int(labels[number])


@cache
def _test_sketch(number: int) -> tuple[Tensor, int, Tensor]:
    """One of the sketches for testing, its label and the boxes of its ears, without drawing the others."""
    label = number % len(CLASSES)
    image, boxes = sketch(label, SKETCH_SIDE, np.random.default_rng((1, number)))
    return torch.from_numpy(image).permute(2, 0, 1).contiguous(), label, torch.from_numpy(boxes).float()


@cache
def _test_sketches() -> tuple[Tensor, Tensor]:
    images, labels, _ = zip(*map(_test_sketch, range(TEST_SKETCHES)), strict=True)
    return torch.stack(images), torch.tensor(labels)


INCLUDED = {
    "digits": IncludedNetwork(
        "Digits",
        digits_network,
        BUILT_IN["digits"].classes,
        DIGIT_SIDE,
        1,
        TEST_DIGITS,
        lambda: (_digits()[0][TEST_DIGITS:], _digits()[1][TEST_DIGITS:]),
        lambda: (_digits()[0][:TEST_DIGITS], _digits()[1][:TEST_DIGITS]),
        _test_digit,
        draws=drawn_digits,
        example=24,  # a five, which a small adversarial step makes something else
        steps=5_000,
        ends_unsmoothed=True,
    ),
    "sketches": IncludedNetwork(
        "Sketched cats and dogs",
        sketches_network,
        BUILT_IN["sketches"].classes,
        SKETCH_SIDE,
        3,
        TEST_SKETCHES,
        lambda: sketch_images(SKETCH_SIDE, TRAIN_SKETCHES, seed=0)[:2],
        _test_sketches,
        lambda number: _test_sketch(number)[:2],
        lambda number: _test_sketch(number)[2],
    ),
}


def weights_file(name: str) -> Path:
    """Where the weights of an included network lie."""
    return WEIGHTS / f"{name}.safetensors"


def snapshots_file(name: str) -> Path:
    """Where its weights of earlier steps of its training lie, in half precision."""
    return WEIGHTS / f"{name}_snapshots.safetensors"


def with_weights(name: str, weights: Mapping[str, Tensor]) -> nn.Sequential:
    """The network of that name with these weights, in evaluation mode and float32."""
    model = INCLUDED[name].build()
    model.load_state_dict(weights)
    return model.eval().requires_grad_(False)


@torch.no_grad()
def correct(name: str, model: nn.Module) -> int:
    """How many of the test images of an included network `model` recognizes."""
    images, labels = INCLUDED[name].test_images()
    return int((model(images / 255).argmax(1) == labels).sum())


@cache
def included_network(name: str) -> nn.Sequential:
    """The trained network of that name in evaluation mode; shared, so never changed."""
    return with_weights(name, load_file(weights_file(name)))


@dataclass(frozen=True, eq=False)
class TrainingSnapshot:
    """An included network before a step of its training, or after the last; it recognizes `right` test images."""

    step: int
    right: int
    model: nn.Sequential


@cache
def training_snapshots(name: str) -> tuple[TrainingSnapshot, ...]:
    """An included network from before its training to its end, at the steps that were kept."""
    kept = load_file(snapshots_file(name))
    with safe_open(snapshots_file(name), "pt") as file:
        right = {int(step): count for step, count in json.loads(file.metadata()["right"]).items()}
    *steps, last = sorted(right)
    models = [_at_step(name, step, kept) for step in steps] + [included_network(name)]
    return tuple(TrainingSnapshot(step, right[step], model) for step, model in zip((*steps, last), models, strict=True))


def _at_step(name: str, step: int, kept: Mapping[str, Tensor]) -> nn.Sequential:
    start = f"{step}."
    return with_weights(name, {key.removeprefix(start): value for key, value in kept.items() if key.startswith(start)})
