"""Two networks side by side: figures are those of their profiles, and every layer of both stands somewhere."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.models import MODELS
from core.profiler import profile
from core.profiler.comparison import TOTALS, changes, design, differences, stages, totals
from core.profiler.figures import FIGURES

NAMES = ("lenet5", "resnet18", "resnet34", "vgg11", "vgg11_bn", "unet")


@pytest.fixture(scope="module")
def profiles():
    return {name: profile(MODELS[name].on_meta(), MODELS[name].input_shape) for name in NAMES}


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(NAMES, 2)))
def test_totals_stages_and_layers_are_those_of_both_profiles(profiles, one, other):
    first, second = profiles[one], profiles[other]
    for pair, field in zip(totals(first, second), TOTALS, strict=True):
        assert (pair.first, pair.second) == (getattr(first, field), getattr(second, field))
        assert pair.first + pair.difference == pair.second
    found = stages(first.rows, second.rows)
    for figure in FIGURES:
        pairs = [getattr(stage, figure) for stage in found]
        assert sum(pair.first for pair in pairs) == sum(getattr(row, figure) for row in first.rows)
        assert sum(pair.second for pair in pairs) == sum(getattr(row, figure) for row in second.rows)
    steps = changes(first.rows, second.rows)
    assert [index for step in steps for index in step.first] == list(range(len(first.rows)))
    assert [index for step in steps for index in step.second] == list(range(len(second.rows)))


def test_a_network_is_alike_itself(profiles):
    rows = profiles["resnet18"].rows
    (step,) = changes(rows, rows)
    assert (step.kind, step.count) == ("alike", len(rows))


def test_batch_norm_is_all_that_a_network_with_it_has_more(profiles):
    steps = changes(profiles["vgg11"].rows, profiles["vgg11_bn"].rows)
    added = [profiles["vgg11_bn"].rows[index] for step in steps if step.kind == "only second" for index in step.second]
    assert {row.kind for row in added} == {"BatchNorm2d"}
    assert len(added) == 8
    assert {step.kind for step in steps} == {"alike", "only second"}


def test_a_changed_layer_names_what_differs():
    first = profile(nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU()), (3, 8, 8)).rows
    second = profile(nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, stride=2), nn.ReLU()), (3, 8, 8)).rows
    step, *rest = changes(first, second)
    assert step.kind == "changed"
    assert step.differences == ("stride 1 → 2", "output 8×8×8 → 8×4×4")
    assert [one.kind for one in rest] == ["changed"]  # the activation has another size


layers = st.lists(st.sampled_from(("conv", "wide", "relu", "pool")), max_size=8)


def built(kinds):
    """A chain that keeps 4 channels and its size."""
    makers = {
        "conv": lambda: nn.Conv2d(4, 4, 3, padding=1),
        "wide": lambda: nn.Conv2d(4, 4, 5, padding=2),
        "relu": nn.ReLU,
        "pool": lambda: nn.MaxPool2d(3, 1, 1),
    }
    return profile(nn.Sequential(*(makers[kind]() for kind in kinds)), (4, 6, 6)).rows


@settings(deadline=None, max_examples=60)
@given(layers, layers)
def test_a_difference_is_named_exactly_where_layers_differ(one, other):
    first, second = built(one), built(other)
    for step in changes(first, second):
        if step.kind == "alike":
            for a, b in zip(step.first, step.second, strict=True):
                assert design(first[a]) == design(second[b])
        if step.kind == "changed":
            (a,), (b,) = step.first, step.second
            assert first[a].kind == second[b].kind
            assert step.differences == differences(first[a], second[b])
            assert step.differences
