"""What several devices divide among them: state, gradients, weights, by the stages of ZeRO."""

from __future__ import annotations

import pytest
from torch import nn

from core.errors import PlaygroundError
from core.profiler import Setting, profile_in

SHAPE, DEVICES = (256,), 4
STAGES = range(4)


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(256, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


def at(stage: int, **changes):
    setting = Setting(8 * DEVICES, "adam", replicas=DEVICES, sharding=stage).but(**changes)
    return profile_in(network(), SHAPE, setting)


def test_each_stage_divides_one_thing_more():
    whole, state, gradients, weights = map(at, STAGES)
    counters = 4 * 6
    for result in (state, gradients, weights):
        assert result.optimizer_bytes - counters == pytest.approx((whole.optimizer_bytes - counters) / DEVICES, abs=48)
    assert state.gradient_bytes == whole.gradient_bytes == 2 * whole.parameter_bytes  # and buckets
    for result in (gradients, weights):
        assert DEVICES * result.gradient_bytes == pytest.approx(result.total_params * 4, rel=0.6)
    assert state.parameter_bytes == whole.parameter_bytes
    assert weights.parameter_bytes == pytest.approx(whole.parameter_bytes / DEVICES, abs=24)
    peaks = [result.training_peak_bytes for result in (whole, state, gradients, weights)]
    assert peaks == sorted(peaks, reverse=True)
    assert len(set(peaks)) == 4


def test_a_layers_weights_are_gathered_while_it_runs():
    result = at(3)
    largest = 4 * (512 * 512 + 512)
    assert result.training.bytes_of("weight copies") == largest
    assert result.inference.bytes_of("weight copies") == largest
    assert at(2).training.bytes_of("weight copies") == 0
    assert result.inference_peak_bytes < at(2).inference_peak_bytes


@pytest.mark.parametrize("stage", STAGES)
def test_rows_and_operations_do_not_depend_on_it(stage):
    one, other = at(0), at(stage)
    assert (one.rows, one.forward_flops, one.backward_flops) == (other.rows, other.forward_flops, other.backward_flops)
    assert at(stage, accumulate=2).total_params == one.total_params


def test_shares_of_gradients_stay_through_accumulation():
    result = at(2, accumulate=2)
    assert DEVICES * result.gradient_bytes >= 4 * result.total_params


def test_one_device_has_nothing_to_divide():
    model, shape = network(), SHAPE
    plain = profile_in(model, shape, Setting(8, "adam"))
    for stage in STAGES:
        alone = profile_in(model, shape, Setting(8, "adam", sharding=stage))
        assert (alone.training_peak_bytes, alone.timeline) == (plain.training_peak_bytes, plain.timeline)
    with pytest.raises(PlaygroundError, match="sharding"):
        Setting(sharding=4)


def test_the_number_of_devices_decides_where_they_divide():
    assert Setting(64, replicas=8, sharding=1).alike.replicas == 8
    assert Setting(64, replicas=8).alike.replicas == 2
