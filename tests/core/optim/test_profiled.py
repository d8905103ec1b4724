"""Optimizers whose memory alone is known, against those that PyTorch has."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.optim import OPTIMIZERS
from core.optim.profiled import PROFILED, get_profiled
from core.profiler import Setting, profile

SHAPES = [(64, 48), (100,), (16, 8, 3, 3), (5, 7), ()]


class Weights(nn.Module):
    """Matrices, vectors and kernels, as an optimizer sees them."""

    def __init__(self, shapes: list[tuple[int, ...]]) -> None:
        super().__init__()
        self.weights = nn.ParameterList(nn.Parameter(torch.ones(shape)) for shape in shapes)

    def forward(self, x: Tensor) -> Tensor:
        return x * sum((weight * weight).sum() for weight in self.weights)


def state_bytes(optimizer: torch.optim.Optimizer, model: nn.Module) -> int:
    """What is in the state after a step."""
    model(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    return sum(v.nbytes for entry in optimizer.state.values() for v in entry.values() if isinstance(v, Tensor))


def test_adafactor_keeps_what_torchs_keeps():
    model = Weights(SHAPES)
    real = state_bytes(torch.optim.Adafactor(model.parameters()), model)
    assert profile(Weights(SHAPES), (3,), 2, "adafactor").optimizer_bytes == real


def test_muon_keeps_what_torchs_keep():
    model = Weights(SHAPES)
    matrices = [weight for weight in model.weights if weight.dim() == 2]
    others = [weight for weight in model.weights if weight.dim() != 2]
    real = state_bytes(torch.optim.Muon(matrices), model) + state_bytes(torch.optim.AdamW(others), model)
    counters = 4 * len(matrices)  # which AdamW has and Muon has not
    assert profile(Weights(SHAPES), (3,), 2, "muon").optimizer_bytes - counters == real


@pytest.mark.parametrize(("key", "kind"), [("adafactor", torch.optim.Adafactor), ("muon", torch.optim.Muon)])
def test_what_an_update_makes_is_what_torchs_makes(key, kind):
    from benchmarks.measured_memory import measure_events

    weight = nn.Parameter(torch.ones(512, 256))
    weight.grad = torch.ones(512, 256)
    optimizer = kind([weight])
    measured = measure_events(optimizer.step, list)
    memory = get_profiled(key).memory
    close = 0.01 if key == "adafactor" else 0.1  # what a product of 16 bit takes for itself is the processor's affair
    assert sum(memory.work_of((512, 256), 4)) == pytest.approx(measured.peak_bytes, rel=close)


def test_lion_keeps_one_momentum_and_eight_bits_two_bytes_a_value():
    cells = 256 * 512
    assert get_profiled("lion").memory.state_of((256, 512), 4) == (4 * cells,)
    assert sum(get_profiled("adam8bit").memory.state_of((256, 512), 4)) == 2 * cells + 8 * cells // 256
    assert sum(get_profiled("adam8bit").memory.state_of((4095,), 4)) == 8 * 4095
    model = nn.Linear(512, 256)
    result = {key: profile(model, (512,), 8, key) for key in ("adam", "adam8bit", "lion", "momentum")}
    assert result["adam8bit"].optimizer_bytes < result["adam"].optimizer_bytes / 3.5
    assert result["lion"].optimizer_bytes == result["momentum"].optimizer_bytes


@pytest.mark.parametrize("entry", PROFILED.values(), ids=lambda entry: entry.key)
def test_every_entry_is_a_setting_and_profiles(entry):
    assert Setting(optimizer=entry.name).optimizer == entry.key
    assert entry.key not in {other.key for other in OPTIMIZERS.values()}
    assert entry.source
    result = profile(nn.Linear(100, 50), (100,), 4, entry.key)
    assert 0 < result.optimizer_bytes <= 2 * result.parameter_bytes + 2048 + 2 * 4
    assert entry.key in str(result)


def test_an_unknown_one_is_refused_with_all_that_there_are():
    with pytest.raises(PlaygroundError, match="adam8bit"):
        get_profiled("magic")


def test_sizes_of_state_without_a_shape_follow_from_the_weights():
    for entry in OPTIMIZERS.values():
        assert entry.memory.state_of((3, 5), 2) == (math.prod((3, 5, 2)),) * entry.memory.slots
