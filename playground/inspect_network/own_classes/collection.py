"""The visitor's own classes, in the session's state, and the network that is trained on them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.datasets.cachedir import cache_folder
from core.file_tensors import move_to_file
from core.images import sample
from core.images.resizing import to_square
from core.lessons.inspect_network import own_classes
from core.lessons.inspect_network.own_classes import SIDE, LinearHead, OwnClasses
from core.models.efficient.efficientnet_lite import EfficientNetLite0
from core.models.efficient.pretrained import pretrained_efficientnet_lite0
from playground import computation_gate

COLLECTION, NETWORK = "inspect own classes", "inspect own network"  # in the session's state
EXAMPLES = {"cat": "chelsea", "flower": "flower"}
CROPS = 6  # pictures of each example


@dataclass(frozen=True, eq=False)
class OwnNetwork:
    """A network trained on own classes: its names, its labelled pictures, and how well it does.

    `correct` of them it classifies correctly, `left_out` when each was left out of training; `key` is its own.
    """

    key: str
    model: EfficientNetLite0
    names: tuple[str, ...]
    pictures: Sequence[tuple[np.ndarray, int]]
    head: LinearHead
    correct: int
    left_out: int
    seconds: float


@st.cache_resource(show_spinner="Reading EfficientNet-Lite0 …")
def pretrained_body() -> EfficientNetLite0:
    """EfficientNet-Lite0 as trained on ImageNet; shared, so never changed."""
    model = pretrained_efficientnet_lite0().requires_grad_(False)
    move_to_file(model, cache_folder("inspected"))  # 18 MB
    return model


def collection() -> OwnClasses:
    """The classes that this visitor has made so far."""
    return st.session_state.setdefault(COLLECTION, OwnClasses())


def trained() -> OwnNetwork | None:
    """The network for the classes as they are now; None as long as something is missing."""
    classes = collection()
    if classes.missing:
        return None
    key = f"own {classes.token} {classes.version}"
    known = st.session_state.get(NETWORK)
    if known is None or known.key != key:
        st.session_state[NETWORK] = known = _train(classes, key)
    return known


@computation_gate.in_turn
def _train(classes: OwnClasses, key: str) -> OwnNetwork:
    features, labels = classes.batch()
    began = time.perf_counter()
    head = own_classes.train_head(features, labels, len(classes.names))
    seconds = time.perf_counter() - began
    right = int(((features @ head.weight.T + head.bias).argmax(1) == labels).sum())
    left_out = own_classes.left_out(features, labels, len(classes.names))
    model = own_classes.with_head(pretrained_body(), head)
    return OwnNetwork(key, model, classes.names, classes.labelled(), head, right, left_out, seconds)


@computation_gate.in_turn
def add_examples() -> None:
    """Two classes of crops from included photographs, for those without a camera; they replace what is there."""
    classes = OwnClasses()
    for name, photograph in EXAMPLES.items():
        classes.add_class(name)
        for crop in crops(sample(photograph)):
            classes.add_pixels(name, crop, pretrained_body())
    st.session_state[COLLECTION] = classes


def crops(picture_HWC: np.ndarray) -> list[np.ndarray]:
    """Squares of several sizes from all over a picture, uint8 (224, 224, 3)."""
    height, width = picture_HWC.shape[:2]
    squares = []
    for number in range(CROPS):
        side = int(min(height, width) * (0.9 - 0.06 * number))
        top = (height - side) * (number % 3) // 2
        left = (width - side) * (number % 2)
        squares.append(to_square(picture_HWC[top : top + side, left : left + side], SIDE))
    return squares
