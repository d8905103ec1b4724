"""A network that can be inspected, with its images; those included, and that with the visitor's own classes."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.datasets.layout.tables.class_names import imagenet_names
from core.images import sample, to_square
from core.lessons.inspect_network import (
    INCLUDED,
    Subject,
    TrainingCheckpoint,
    TrainingSnapshot,
    included_network,
    training_snapshots,
)
from core.models.efficient.pretrained import preprocess
from playground.inspect_network.own_classes.collection import pretrained_body, trained

EFFICIENTNET, OWN = "efficientnet", "own"
TRAINED, UNTRAINED = "Trained", "Before training"
PHOTOGRAPHS = ("chelsea", "china", "flower", "astronaut")


@dataclass(frozen=True)
class NetworkSource:
    """A network, what it takes and the images that come with it.

    `picture(i)` gives image i of `count()`: uint8 (side, side, 3), and its label, None where it has none.
    `prepare` turns such an image into what the network takes. `draws`: its images are grey strokes on black.
    `boxes(i)` (N, 4), x0 y0 x1 y1 in pixels, hold what distinguishes the classes in image i, where that is known. Of a
    run, `run_id` is its name. `checkpoints()` are the moments of its training whose weights are known, none where only
    `model` is. `is_private`: network or images are the visitor's own. `note`: what is to be known of the weights.
    `example` is the number of the image that is shown first.
    """

    key: str
    title: str
    model: Callable[[], nn.Module]
    classes: Callable[[], tuple[str, ...]]
    side: int
    count: Callable[[], int]
    picture: Callable[[int], tuple[np.ndarray, int | None]]
    prepare: Callable[[np.ndarray], Tensor]
    draws: bool = False
    boxes: Callable[[int], Tensor | None] = lambda number: None
    run_id: str = ""
    checkpoints: Callable[[], tuple[TrainingCheckpoint, ...]] = lambda: ()
    is_private: bool = False
    note: str = ""
    example: int = 0

    def subject(self, pixels: np.ndarray, title: str, label: int | None, is_own: bool = False) -> Subject:
        """The trained network on one image; `is_own`: on one of the visitor."""
        digest = hashlib.blake2b(pixels.tobytes(), digest_size=12).hexdigest()
        x_BCHW, checkpoints = self.prepare(pixels), self.checkpoints()
        return Subject(
            self.model(),
            self.classes(),
            x_BCHW,
            pixels,
            title,
            label,
            (self.key, digest),
            self.others,
            checkpoints=checkpoints,
            checkpoint=len(checkpoints) - 1,
            is_private=is_own or self.is_private,
            has_private_network=self.is_private,
        )

    def others(self, count: int) -> tuple[Tensor, Tensor | None]:
        """At most so many of its images, spread evenly, as it takes them, and their boxes where these are known."""
        known = self.count()
        count = min(count, known)
        numbers = [number * known // count for number in range(count)]
        x_BCHW = torch.cat([self.prepare(self.picture(number)[0]) for number in numbers])
        boxes = [one for number in numbers if (one := self.boxes(number)) is not None]
        return x_BCHW, torch.stack(boxes) if len(boxes) == count else None


def sources() -> dict[str, NetworkSource]:
    """By the word for the address bar: the included networks, then that with the visitor's own classes."""
    return {name: _included(name) for name in INCLUDED} | {EFFICIENTNET: efficientnet()} | _own_classes()


def _included(name: str) -> NetworkSource:
    network = INCLUDED[name]

    def picture(number: int) -> tuple[np.ndarray, int]:
        image, label = network.test_image(number)
        return image.expand(3, -1, -1).permute(1, 2, 0).contiguous().numpy(), label

    def prepare(pixels: np.ndarray) -> Tensor:
        pixels_BCHW = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].float()
        return (pixels_BCHW if network.channels == 3 else pixels_BCHW.mean(1, keepdim=True)) / 255

    return NetworkSource(
        name,
        network.title,
        lambda: included_network(name),
        lambda: network.classes,
        network.side,
        lambda: network.tests,
        picture,
        prepare,
        draws=network.channels == 1,
        boxes=network.test_boxes,
        checkpoints=lambda: _included_checkpoints(name),
        example=network.example,
    )


@functools.cache
def _included_checkpoints(name: str) -> tuple[TrainingCheckpoint, ...]:
    snapshots, count = training_snapshots(name), INCLUDED[name].tests

    def checkpoint(number: int, snapshot: TrainingSnapshot) -> TrainingCheckpoint:
        is_last = number == len(snapshots) - 1
        title = TRAINED if is_last else f"After step {snapshot.step:,}" if snapshot.step else UNTRAINED
        key = "" if is_last else f"step-{snapshot.step}"
        return TrainingCheckpoint(key, title, lambda: snapshot.model, f"{snapshot.right} of {count} test images right")

    return tuple(checkpoint(number, snapshot) for number, snapshot in enumerate(snapshots))


def efficientnet() -> NetworkSource:
    """The large included network, with the photographs."""

    def picture(number: int) -> tuple[np.ndarray, None]:
        return to_square(sample(PHOTOGRAPHS[number]), 224), None

    def prepare(pixels: np.ndarray) -> Tensor:
        return preprocess(torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None])

    return NetworkSource(
        EFFICIENTNET,
        "EfficientNet-Lite0",
        pretrained_body,
        imagenet_names,
        224,
        lambda: len(PHOTOGRAPHS),
        picture,
        prepare,
    )


def _own_classes() -> dict[str, NetworkSource]:
    """The network with the visitor's own classes, once it is trained, on their pictures."""
    own = trained()
    if own is None:
        return {}

    def prepare(pixels: np.ndarray) -> Tensor:
        return preprocess(torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None])

    source = NetworkSource(
        own.key,
        "My classes",
        lambda: own.model,
        lambda: own.names,
        224,
        lambda: len(own.pictures),
        own.pictures.__getitem__,
        prepare,
        is_private=True,
    )
    return {OWN: source}
