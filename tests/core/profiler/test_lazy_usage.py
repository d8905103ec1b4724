"""What a profile finds when it is asked: no sooner, once, the same for everybody, and the same as the first time."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from core.profiler import profile
from core.profiler.fake_tensor import shape_cache
from core.profiler.memory.iteration import Iteration
from tests.core.profiler.networks import NETWORKS, built


@pytest.fixture
def runs(monkeypatch):
    """The names of what iterations go through, in order."""
    done: list[str] = []
    for name in ("forward", "train", "infer"):
        whole = getattr(Iteration, name)
        monkeypatch.setattr(Iteration, name, lambda self, name=name, whole=whole: (done.append(name), whole(self))[1])
    return done


def test_rows_take_a_forward_pass_and_peaks_the_rest_once(runs):
    result = profile(built("residual"), (4, 8, 8), 2)
    assert result.total_macs > 0 < result.saved_bytes
    assert runs == ["forward"]
    assert result.training_peak_bytes > result.parameter_bytes > 0
    assert runs == ["forward", "train"]
    assert result.inference_peak_bytes > 0 < result.timeline[0].peak_bytes
    assert result.settled().training is result.training
    assert runs == ["forward", "train", "infer"]


def test_threads_that_ask_at_once_get_one_answer(runs):
    result = profile(built("norms"), (3, 16, 16), 2)
    with ThreadPoolExecutor(8) as threads:
        wanted = ["inference", "training"] * 8
        found = list(threads.map(lambda name: getattr(result, name), wanted))
    assert runs == ["forward", "train", "infer"]
    assert {id(usage) for usage in found} == {id(result.training), id(result.inference)}
    assert all(usage is getattr(result, name) for name, usage in zip(wanted, found, strict=True))


@pytest.mark.parametrize("twice", [copy.deepcopy, lambda result: pickle.loads(pickle.dumps(result))])
def test_a_copy_carries_everything(twice):
    result = profile(built("u-net"), (3, 12, 12), 2, "adam")
    other = twice(result)
    assert other == result
    assert other.timeline == result.timeline
    assert other != profile(built("u-net"), (3, 12, 12), 3, "adam")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_seen_before_costs_what_it_cost_the_first_time(name, monkeypatch):
    settings = ({}, {"precision": "bf16"}, {"channels_last": True, "optimizer": "adam"})
    monkeypatch.setattr(shape_cache, "_MEMORY", {})
    for setting in settings:
        shape_cache._MEMORY.clear()
        first, again = (profile(built(name), NETWORKS[name].input_shape, 3, **setting).settled() for _ in range(2))
        assert first == again


class Hooked(nn.Module):
    """Weights made by hooks and by parametrizations, and a hook of somebody's own."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.utils.weight_norm(nn.Conv2d(3, 8, 3))
        self.second = parametrizations.spectral_norm(nn.Conv2d(8, 8, 3))
        self.third = nn.Conv2d(8, 4, 1)
        self.third.register_forward_hook(lambda module, args, output: output.relu())

    def forward(self, x: Tensor) -> Tensor:
        return self.third(self.second(self.first(x))).flatten(1)


@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_what_hooks_do_belongs_to_their_layer():
    result = profile(Hooked(), (3, 16, 16), 4)
    assert [(row.name, row.kind) for row in result.rows[:3]] == [
        ("first", "Conv2d"),
        ("second", "ParametrizedConv2d"),
        ("third", "Conv2d"),
    ]
    assert result.total_params == sum(parameter.numel() for parameter in Hooked().parameters())
    assert result.gradient_bytes == result.parameter_bytes
    assert result.rows[2].saved_bytes > torch.Size(result.rows[2].output_shape).numel() * 4  # input, and relu's output


def test_where_it_is_called_changes_nothing():
    model = built("norms")
    plain = profile(model, (3, 16, 16), 2)
    with torch.inference_mode():
        inside = profile(model, (3, 16, 16), 2)
        assert inside.training == plain.training
    with torch.no_grad():
        assert profile(model, (3, 16, 16), 2) == plain
    assert inside == plain
    with torch.device("meta"):
        assert profile(model, (3, 16, 16), 2) == plain
