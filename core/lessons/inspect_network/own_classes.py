"""Classes of one's own: a few pictures each, the features of a pre-trained network, and a linear layer on top of them.

Pictures are held in memory, nowhere else, and go with the object.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from core.errors import DataError
from core.explain.hooks import evaluating
from core.images import open_square
from core.models.efficient.efficientnet_lite import EfficientNetLite0
from core.models.efficient.pretrained import preprocess

MIN_CLASSES, MAX_CLASSES, MIN_PICTURES, MAX_PICTURES = 2, 5, 2, 40
SIDE = 224
NAME_CAP = 40
DECAY = 0.01  # of the squared weights: with so few pictures many heads fit them, and the smallest is taken
STEPS = 200  # of L-BFGS at most


@dataclass
class OwnClasses:
    """Named classes, each with its pictures, uint8 (224, 224, 3), and their features (1280,).

    `version` changes with everything that is added or removed; `token` tells one visitor's classes from another's.
    """

    pictures: dict[str, list[np.ndarray]] = field(default_factory=dict)
    features: dict[str, list[Tensor]] = field(default_factory=dict)
    version: int = 0
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.pictures)

    @property
    def missing(self) -> str:
        """What is still needed, as a sentence; empty if the head can be trained."""
        if len(self.pictures) < MIN_CLASSES:
            return f"Add {MIN_CLASSES - len(self.pictures)} more: a classifier needs at least {MIN_CLASSES} classes."
        few = [name for name, pictures in self.pictures.items() if len(pictures) < MIN_PICTURES]
        return f"Each class needs at least {MIN_PICTURES} images; too few: {', '.join(few)}." if few else ""

    def add_class(self, name: str) -> None:
        """A new class without pictures. Raises: DataError if the name is empty, long or taken, or is one too many."""
        name = " ".join(name.split())
        if not name or len(name) > NAME_CAP:
            raise DataError(f"A class needs a name of at most {NAME_CAP} characters, such as “mug”.")
        if name.casefold() in (known.casefold() for known in self.pictures):
            raise DataError(f"A class {name!r} exists already: choose another name.")
        if len(self.pictures) >= MAX_CLASSES:
            raise DataError(f"{MAX_CLASSES} classes are the limit here: remove one first.")
        self.pictures[name], self.features[name] = [], []
        self.version += 1

    def remove_class(self, name: str) -> None:
        """Without that class and its pictures, if there is one."""
        self.pictures.pop(name, None)
        self.features.pop(name, None)
        self.version += 1

    def add(self, name: str, source: bytes | BinaryIO, body: EfficientNetLite0) -> None:
        """One more picture of a class, its middle square, and its features.

        Raises: DataError if there is no such class or no more room, PictureError if it cannot be opened.
        """
        self.require_room(name)
        self.add_pixels(name, open_square(source, SIDE), body)

    def add_pixels(self, name: str, pixels_HWC: np.ndarray, body: EfficientNetLite0) -> None:
        """The same for a picture that is open, uint8 (224, 224, 3)."""
        self.require_room(name)
        self.features[name].append(features_of(body, pixels_HWC))
        self.pictures[name].append(pixels_HWC)
        self.version += 1

    def require_room(self, name: str) -> None:
        """Raises: DataError if there is no such class, or no more room in it."""
        if name not in self.pictures:
            raise DataError(f"There is no class {name!r}: add it first.")
        if len(self.pictures[name]) >= MAX_PICTURES:
            raise DataError(f"{MAX_PICTURES} images of a class are the limit here: train a run with more.")

    def remove_last(self, name: str) -> None:
        """Without the newest picture of a class, if it has one."""
        if self.pictures.get(name):
            self.pictures[name].pop()
            self.features[name].pop()
            self.version += 1

    def labelled(self) -> list[tuple[np.ndarray, int]]:
        """Every picture with its label, class after class."""
        return [(one, label) for label, name in enumerate(self.names) for one in self.pictures[name]]

    def batch(self) -> tuple[Tensor, Tensor]:
        """All features (N, 1280) and labels (N,), class after class."""
        rows = [(one, label) for label, name in enumerate(self.names) for one in self.features[name]]
        return torch.stack([one for one, _ in rows]), torch.tensor([label for _, label in rows])


@dataclass(frozen=True, eq=False)
class LinearHead:
    """A trained last layer: `weight` (K, F), `bias` (K,), and the loss that training came down to, from ln K."""

    weight: Tensor
    bias: Tensor
    loss: float


@torch.no_grad()
def features_of(body: EfficientNetLite0, pixels_HWC: np.ndarray) -> Tensor:
    """The means of the last maps (1280,) for one picture, uint8 (H, W, 3)."""
    x_BCHW = preprocess(torch.from_numpy(np.ascontiguousarray(pixels_HWC)).permute(2, 0, 1)[None])
    with evaluating(body):
        return body.pooled(x_BCHW)[0]


@torch.no_grad()
def evidence(model: EfficientNetLite0, pixels_HWC: np.ndarray) -> tuple[Tensor, Tensor]:
    """Probabilities (K,) for a picture, and the class-activation map (h, w) of the most likely class, in one pass.

    The map is that of `core.explain.cam`: the last maps, each times the weight of its mean.
    """
    x_BCHW = preprocess(torch.from_numpy(np.ascontiguousarray(pixels_HWC)).permute(2, 0, 1)[None])
    maps_Chw = model.features(x_BCHW)[0]
    probabilities = model._fc(maps_Chw.mean((1, 2))).softmax(0)
    weights_C = model._fc.weight[probabilities.argmax()]
    return probabilities, torch.einsum("c,chw->hw", weights_C, maps_Chw)


def train_head(features_NF: Tensor, labels_N: Tensor, classes: int, decay: float = DECAY) -> LinearHead:
    r"""The linear layer with the least loss on some features, found by L-BFGS; the same every time.

    $$\min_{W, b}\; -\frac{1}{N} \sum_n \ln p_{n, y_n} + \frac{\lambda}{2} \lVert W \rVert^2$$

    Args: `features_NF` (N, F) of N pictures, `labels_N` their classes; `decay` is lambda.
    """
    x = features_NF.double()
    weight = torch.zeros(classes, x.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(classes, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=STEPS, line_search_fn="strong_wolfe", tolerance_grad=1e-6)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(x @ weight.T + bias, labels_N) + decay / 2 * weight.square().sum()
        loss.backward()
        return loss

    with torch.enable_grad():
        optimizer.step(closure)
    with torch.no_grad():
        loss = float(F.cross_entropy(x @ weight.T + bias, labels_N))
    return LinearHead(weight.detach().float(), bias.detach().float(), loss)


def left_out(features_NF: Tensor, labels_N: Tensor, classes: int, parts: int = 5) -> int:
    """How many pictures are classified correctly by a head that was trained without them: cross-validation.

    Every `parts`-th picture is left out at a time; a class is never left out as a whole if it has two pictures.
    """
    correct = 0
    for part in range(parts):
        out = torch.arange(len(labels_N)) % parts == part
        if not out.any():
            continue
        head = train_head(features_NF[~out], labels_N[~out], classes)
        logits = features_NF[out] @ head.weight.T + head.bias
        correct += int((logits.argmax(1) == labels_N[out]).sum())
    return correct


def with_head(body: EfficientNetLite0, head: LinearHead) -> EfficientNetLite0:
    """The body's network with another last layer, in evaluation mode; the body's own tensors serve both."""
    with torch.device("meta"):
        model = EfficientNetLite0(len(head.bias))
    state = body.state_dict() | {"_fc.weight": head.weight, "_fc.bias": head.bias}
    model.load_state_dict(state, assign=True)
    model.requires_grad_(False)
    return model.eval()
