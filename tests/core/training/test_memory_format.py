"""Channels last where it is wished, but not where oneDNN then writes past its memory."""

import dataclasses

import pytest
import torch

from core.training import Began, TrainConfig, Trainer
from tests.core.squares import cut_at, make

HEAD = "nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 2))"
SAFE = {
    "wide enough": f"nn.Sequential(nn.Conv2d(3, 16, 3), nn.Conv2d(16, 32, 1, stride=2), {HEAD}",
    "not strided": f"nn.Sequential(nn.Conv2d(3, 32, 1), {HEAD}",
    "a larger kernel": f"nn.Sequential(nn.Conv2d(3, 32, 3, stride=2), {HEAD}",
}
UNSAFE = {
    "colours": f"nn.Sequential(nn.Conv2d(3, 32, 1, stride=2), {HEAD}",
    "few channels": f"nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 32, 1, stride=(1, 2)), {HEAD}",
    "groups": f"nn.Sequential(nn.Conv2d(3, 16, 3), nn.Conv2d(16, 32, 1, stride=2, groups=2), {HEAD}",
}
CONFIG = TrainConfig(epochs=1, batch_size=16)


@pytest.fixture(scope="module")
def squares():
    return make()


@pytest.mark.parametrize("text", [*SAFE.values(), *UNSAFE.values()], ids=[*SAFE, *UNSAFE])
def test_pictures_and_weights_lie_as_is_safe(text, squares):
    trainer = Trainer(dataclasses.replace(CONFIG, network=text), squares)
    layouts = set()

    def look(module, inputs):
        is_last = inputs[0].is_contiguous(memory_format=torch.channels_last)
        layouts.add("channels last" if is_last else "channels first")

    trainer.model[0].register_forward_pre_hook(look)
    began = next(iter(trainer.run()))
    assert isinstance(began, Began)
    cut_at(trainer, 1)
    assert layouts == {"channels last" if text in SAFE.values() else "channels first"}
    assert layouts <= set(began.setting)


def test_a_small_residual_network_with_a_narrow_shortcut_is_one_of_them(squares):
    narrow, wide = (Trainer(dataclasses.replace(CONFIG, network="Small ResNet", width=w), squares) for w in (8, 16))
    layouts = [trainer.model[0].weight.is_contiguous() for trainer in (narrow, wide)]
    assert layouts == [True, False]
