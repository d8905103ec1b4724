"""What a profile counts beside bytes: trained and frozen parameters, operations forward and backward, losses."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from core.profiler import profile
from core.profiler.row_builder import tensors_in
from tests.core.profiler.networks import NETWORKS, built
from tests.core.profiler.real_steps import operations

BATCH = 4


@pytest.mark.parametrize("name", ["residual", "u-net", "tied"])
def test_operations_of_a_training_are_those_of_pytorch(name):
    model, shape = built(name), NETWORKS[name].input_shape
    result = profile(model, shape, BATCH, loss=lambda output: output.square().mean())
    x = torch.randn(BATCH, *shape)
    forward = operations(lambda: model(x).square().mean())
    whole = operations(lambda: model(x).square().mean().backward())
    assert result.forward_flops == forward
    assert result.backward_flops == whole - forward


def test_transposed_and_grouped_convolutions_and_attention_backward():
    class Mixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv2d(4, 8, 3, groups=2, stride=2)
            self.up = nn.ConvTranspose2d(8, 8, 2, stride=2)

        def forward(self, x: Tensor) -> Tensor:
            y = self.up(self.first(x)).flatten(2).unsqueeze(1)
            return nn.functional.scaled_dot_product_attention(y, y, y)

    result = profile(Mixed(), (4, 17, 17), BATCH)
    first, up, scores = 8 * 8 * 8 * (2 * 9), 8 * 8 * 8 * (8 * 4), 8 * 8 * 256
    assert result.forward_flops == 2 * BATCH * (first + up + 2 * scores)
    assert result.backward_flops == 2 * BATCH * (first + 2 * up + 5 * scores)  # a picture wants no gradient


def test_recomputed_blocks_count_in_backward():
    model = nn.Sequential(nn.Linear(8, 16), nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 4)))
    plain, checkpointed = profile(model, (8,), BATCH), profile(model, (8,), BATCH, checkpointed=("1",))
    assert checkpointed.forward_flops == plain.forward_flops
    assert checkpointed.backward_flops == plain.backward_flops + 2 * BATCH * 16 * 32  # as far as backward needs it


def test_frozen_parts_are_counted_apart_and_save_their_gradients():
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
    model[0].weight.requires_grad_(False)
    result = profile(model, (8,), BATCH)
    assert (result.frozen_params, result.trainable_params) == (128, 16 + 68)
    assert profile(model, (8,), BATCH, frozen=("2",)).trainable_params == 16
    assert result.backward_flops == 2 * BATCH * 2 * 64
    assert "84 trained, 128 frozen" in str(result)
    assert sum(row.frozen_params for row in result.rows) == 128


def test_products_of_weights_are_said_apart():
    class LowRank(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = nn.Parameter(torch.ones(8, 2)), nn.Parameter(torch.ones(2, 16))

        def forward(self, x: Tensor) -> Tensor:
            return x @ (self.left @ self.right)

    for batch in (1, 8):
        result = profile(LowRank(), (8,), batch)
        assert result.fixed_macs == 8 * 2 * 16
        assert result.total_macs * batch == 8 * 2 * 16 + batch * 8 * 16
    assert "256" in dict(result.memory_lines)["MACs a batch that do not depend on its size"]


def test_a_first_state_of_zeros_is_no_weight():
    cell = nn.GRUCell(4, 4)

    class Steps(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = cell

        def forward(self, x: Tensor) -> Tensor:
            return self.cell(x, torch.zeros(x.shape[0], 4))

    assert profile(Steps(), (4,), 3).fixed_macs == 0


@dataclass
class Output:
    logits: Tensor
    hidden: Any = None


class Slotted:
    __slots__ = ("logits", "other")

    def __init__(self, logits: Tensor) -> None:
        self.logits = logits


class MadeByHand(OrderedDict):
    """As libraries make their outputs: a dict, and attributes."""


Named = namedtuple("Named", "logits")
MAKES = {
    "dataclass": Output,
    "object": lambda y: SimpleNamespace(logits=y, where="here"),
    "slots": Slotted,
    "named tuple": Named,
    "ordered dict": lambda y: MadeByHand(logits=y),
    "nested": lambda y: {"outputs": [Output(y)], "losses": None},
}


@pytest.mark.parametrize("kind", MAKES)
def test_a_loss_is_found_in_whatever_a_network_gives(kind):
    class Gives(nn.Module):
        def __init__(self, make: Any) -> None:
            super().__init__()
            self.layer, self.make = nn.Linear(64, 64), make

        def forward(self, x: Tensor) -> Any:
            return self.make(self.layer(x))

    plain = profile(nn.Sequential(nn.Linear(64, 64)), (64,), BATCH)
    result = profile(Gives(MAKES[kind]), (64,), BATCH)
    assert result.gradient_bytes == result.parameter_bytes == 4 * 64 * 65
    assert result.training_peak_bytes == plain.training_peak_bytes


def test_tensors_are_looked_for_in_results_and_not_in_modules():
    y = torch.ones(1)
    loop: list[Any] = [y]
    loop.append(loop)
    assert list(tensors_in(loop)) == [y]
    assert list(tensors_in((nn.Linear(2, 2), Output, "text", {1, 2}))) == []
    assert len(list(tensors_in({"a": Output(y, [y]), "b": Named(y)}))) == 3
