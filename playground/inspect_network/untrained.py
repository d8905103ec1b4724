"""Our own networks that are trained on the Training page, as they are before anybody has trained them."""

from __future__ import annotations

import functools

import numpy as np
import streamlit as st
from torch import Tensor, nn

from core.datasets import BUILT_IN, ImageDataset, load
from core.datasets.cachedir import cache_folder
from core.file_tensors import move_to_file
from core.training import NETWORKS, build_network, seeding
from core.training.batches import ImageNormalization
from core.training.results import network_input
from playground.inspect_network.network_source import NetworkSource
from playground.inspect_network.single_copies import SingleCopies

SKETCHES, SIDE, IMAGES, SEED = "sketches", 64, 40, 0
NORMALIZE = ImageNormalization((127.5,) * 3, (127.5,) * 3)
NOTE = (
    "These weights are random: this network has not been trained, and its scores mean nothing. Train it on the "
    "Training page, and the finished run is in this list."
)

_copies = SingleCopies()


def sources() -> dict[str, NetworkSource]:
    """By their names; not those that come with weights of ImageNet."""
    return {name: _source(name) for name, network in NETWORKS.items() if network.normalization is None}


def _source(name: str) -> NetworkSource:
    def picture(number: int) -> tuple[np.ndarray, int]:
        data = _images()
        return data.images[number].permute(1, 2, 0).contiguous().numpy(), int(data.labels[number])

    def prepare(pixels: np.ndarray) -> Tensor:
        return network_input(pixels, NORMALIZE)

    return NetworkSource(
        f"untrained {name}",
        f"{name}, untrained",
        functools.partial(_network, name),
        lambda: BUILT_IN[SKETCHES].classes,
        SIDE,
        lambda: IMAGES,
        picture,
        prepare,
        note=NOTE,
    )


@st.cache_resource(max_entries=2, show_spinner=False)
def _network(name: str) -> nn.Module:
    return _copies.get(name, functools.partial(_built, name))


def _built(name: str) -> nn.Module:
    with seeding.seeded_globally(SEED, seeding.Purpose.INITIALIZATION):
        model = build_network(name, len(BUILT_IN[SKETCHES].classes), SIDE)
    move_to_file(model, cache_folder("inspected"))  # ResNet-18 has 45 MB
    return model.eval().requires_grad_(False)


@st.cache_resource(show_spinner=False)
def _images() -> ImageDataset:
    return load(SKETCHES, SIDE, limit=IMAGES)
