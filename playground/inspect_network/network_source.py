"""A network that can be inspected, with its images; those included, and that with the visitor's own classes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from core.datasets.layout.tables.class_names import imagenet_names
from core.images import sample, to_square
from core.lessons.inspect_network import INCLUDED, Subject, included_network
from core.models.efficient.pretrained import preprocess
from playground.inspect_network.own_classes.collection import pretrained_body, trained

EFFICIENTNET, OWN = "efficientnet", "own"
PHOTOGRAPHS = ("chelsea", "china", "flower", "astronaut")


@dataclass(frozen=True)
class NetworkSource:
    """A network, what it takes and the images that come with it.

    `picture(i)` gives image i of `count`: uint8 (side, side, 3), and its label, None where it has none. `prepare` turns
    such an image into what the network takes. `draws`: its images are grey strokes on black. `boxes(i)` (N, 4),
    x0 y0 x1 y1 in pixels, hold what distinguishes the classes in image i, where that is known. Of a run, `run_id` is
    its name, and `untrained()` gives its network with the weights that it began with.
    """

    key: str
    title: str
    model: Callable[[], nn.Module]
    classes: Callable[[], tuple[str, ...]]
    side: int
    count: int
    picture: Callable[[int], tuple[np.ndarray, int | None]]
    prepare: Callable[[np.ndarray], Tensor]
    draws: bool = False
    boxes: Callable[[int], Tensor | None] = lambda number: None
    run_id: str = ""
    untrained: Callable[[], nn.Module] | None = None

    def subject(self, pixels: np.ndarray, title: str, label: int | None) -> Subject:
        """The network on one image."""
        digest = hashlib.blake2b(pixels.tobytes(), digest_size=12).hexdigest()
        x_BCHW = self.prepare(pixels)
        return Subject(self.model(), self.classes(), x_BCHW, pixels, title, label, (self.key, digest), self.others)

    def others(self, count: int) -> tuple[Tensor, Tensor | None]:
        """At most so many of its images, spread evenly, as it takes them, and their boxes where these are known."""
        count = min(count, self.count)
        numbers = [number * self.count // count for number in range(count)]
        x_BCHW = torch.cat([self.prepare(self.picture(number)[0]) for number in numbers])
        boxes = [one for number in numbers if (one := self.boxes(number)) is not None]
        return x_BCHW, torch.stack(boxes) if len(boxes) == count else None

    def before_training(self) -> NetworkSource:
        """The same with the weights that it began with. Only where these are known."""
        assert self.untrained is not None
        return replace(self, key=f"{self.key}-untrained", model=self.untrained)


def sources() -> dict[str, NetworkSource]:
    """By the word for the address bar: the included networks, then that with the visitor's own classes."""
    return {name: _included(name) for name in INCLUDED} | {EFFICIENTNET: _efficientnet()} | _own_classes()


def _included(name: str) -> NetworkSource:
    network = INCLUDED[name]

    def picture(number: int) -> tuple[np.ndarray, int]:
        images, labels = network.test_images()
        pixels = images[number].expand(3, -1, -1).permute(1, 2, 0).contiguous().numpy()
        return pixels, int(labels[number])

    def prepare(pixels: np.ndarray) -> Tensor:
        pixels_BCHW = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].float()
        return (pixels_BCHW if network.channels == 3 else pixels_BCHW.mean(1, keepdim=True)) / 255

    return NetworkSource(
        name,
        network.title,
        lambda: included_network(name),
        lambda: network.classes,
        network.side,
        network.tests,
        picture,
        prepare,
        draws=network.channels == 1,
        boxes=network.test_boxes,
    )


def _efficientnet() -> NetworkSource:
    def picture(number: int) -> tuple[np.ndarray, None]:
        return to_square(sample(PHOTOGRAPHS[number]), 224), None

    def prepare(pixels: np.ndarray) -> Tensor:
        return preprocess(torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None])

    return NetworkSource(
        EFFICIENTNET, "EfficientNet-Lite0", pretrained_body, imagenet_names, 224, len(PHOTOGRAPHS), picture, prepare
    )


def _own_classes() -> dict[str, NetworkSource]:
    """The network with the visitor's own classes, once it is trained, on their pictures."""
    own = trained()
    if own is None:
        return {}

    def prepare(pixels: np.ndarray) -> Tensor:
        return preprocess(torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None])

    pictures, count = own.pictures, len(own.pictures)
    source = NetworkSource(
        own.key, "My classes", lambda: own.model, lambda: own.names, 224, count, pictures.__getitem__, prepare
    )
    return {OWN: source}
