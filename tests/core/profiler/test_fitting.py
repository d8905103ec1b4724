"""Does it fit, how large a batch fits, and what would make it fit."""

from __future__ import annotations

import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.errors import PlaygroundError
from core.profiler import Setting, profile_in
from core.profiler.fitting import (
    DEVICES,
    Device,
    Edit,
    batch,
    budget_bytes,
    device,
    edited,
    largest_batch,
    suggest,
    this_machine,
    try_all,
    verdict,
)
from core.profiler.fitting.batch import fewest, rows_and_usage
from core.profiler.fitting.blocks import checkpoint_blocks
from core.profiler.fitting.devices import read_bytes
from core.profiler.memory.iteration import Iteration
from tests.core.profiler.networks import Residual

SHAPE = (3, 32, 32)


def network() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(inplace=True)),
        *(Residual(16, True), Residual(16, True), nn.MaxPool2d(2), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16 * 8 * 8, 10)),
    )


def peak(setting: Setting, shape: tuple[int, ...] = SHAPE, edits: tuple[Edit, ...] = ()) -> int:
    model = edited(network(), edits) if edits else network()
    return profile_in(model, shape, setting).training_peak_bytes


@pytest.mark.parametrize(
    "setting",
    [Setting(), Setting(optimizer="adam", precision="bf16"), Setting(2, accumulate=2), Setting(3, replicas=3)],
    ids=["plain", "bf16", "accumulated", "parallel"],
)
@pytest.mark.parametrize("budget", [3_000_000, 40_000_000, 1_000_000_000])
def test_the_largest_batch_fits_and_the_next_does_not(setting, budget):
    found = largest_batch(network(), SHAPE, budget, setting)
    step = setting.accumulate * setting.replicas
    assert found.batch_size % step == 0
    assert found.peak_bytes <= budget
    if found.batch_size:
        assert peak(setting.but(batch_size=found.batch_size)) == found.peak_bytes
    assert peak(setting.but(batch_size=found.batch_size + step)) > budget


@pytest.mark.parametrize("setting", [Setting(60, accumulate=2, device="cuda"), Setting(24, "adam", device="cuda")])
def test_a_profile_that_is_there_spares_one_and_changes_nothing(setting, monkeypatch):
    known, profiled = profile_in(network(), SHAPE, setting), []

    def counted(*arguments):
        profiled.append(arguments)
        return profile_in(*arguments)

    def solve(setting, **known):
        profiled.clear()
        return largest_batch(network(), SHAPE, 100_000_000, setting, **known), len(profiled)

    monkeypatch.setattr(batch, "profile_in", counted)
    sought, profiles = solve(setting)
    assert solve(setting, known=known) == (sought, profiles - 1)
    other = setting.but(optimizer="rmsprop")
    assert solve(other, known=known) == solve(other), "a profile of another setting is none"


@pytest.mark.parametrize(("expected", "looks"), [(50, [5]), (49, [5, 6])])
def test_one_more_is_looked_at_only_where_the_guess_holds_another_peak_than_was_solved_for(expected, looks):
    sizes = []

    def peak(size):
        sizes.append(size)
        return 10 * size

    assert batch._settle(peak, 55, 5, 100, expected) == (5, 50)
    assert sizes == looks


def test_nothing_fits_into_nothing():
    assert largest_batch(network(), SHAPE, 1000).batch_size == 0


def test_a_batch_may_be_limited():
    assert largest_batch(network(), SHAPE, 1 << 40, limit=100).batch_size == 100


SETTING = Setting(64, "adam", device="cuda")


@pytest.fixture(scope="module")
def found():
    return suggest(network(), SHAPE, SETTING, peak(SETTING) // 3)


def test_every_suggestion_does_what_it_says(found):
    now = peak(SETTING)
    kinds = {"batch", "precision", "checkpointing", "accumulation", "optimizer", "input", "stride", "drop", "parallel"}
    assert kinds <= {suggestion.kind for suggestion in found}
    for suggestion in found:
        after = peak(suggestion.setting, suggestion.input_shape, suggestion.edits)
        assert suggestion.peak_bytes == after, suggestion.title
        assert suggestion.saves_bytes == now - suggestion.peak_bytes > 0
        assert suggestion.fits == (suggestion.peak_bytes <= now // 3)
        assert suggestion.cost
        assert pickle.loads(pickle.dumps(suggestion)) == suggestion
    assert [suggestion.saves_bytes for suggestion in found] == sorted((r.saves_bytes for r in found), reverse=True)


def test_a_network_with_several_inputs_has_suggestions_for_all_of_them():
    model, sizes, setting = nn.Bilinear(300, 40, 50), [(300,), (40,)], Setting(64, "adam")
    now = profile_in(model, sizes, setting).training_peak_bytes
    found = suggest(model, sizes, setting, now // 2)
    assert {"optimizer", "precision"} <= {suggestion.kind for suggestion in found}
    assert not any(suggestion.kind == "input" for suggestion in found)
    for one in found:
        assert profile_in(model, sizes, one.setting).training_peak_bytes == one.peak_bytes < now


def test_batch_accumulation_and_devices_are_solved_so_that_they_fit(found):
    for kind in ("batch", "accumulation", "parallel"):
        assert all(suggestion.fits for suggestion in found if suggestion.kind == kind)


def test_checkpointing_costs_the_forward_pass_of_its_blocks(found):
    suggestion = next(suggestion for suggestion in found if suggestion.kind == "checkpointing")
    assert 1 < suggestion.macs_factor <= 4 / 3 + 1e-9
    shares = profile_in(network(), SHAPE, Setting(2)).rows
    inside = sum(row.macs for row in shares if row.name.split(".")[0] in {"3", "4"})
    assert suggestion.macs_factor >= 1 + inside / sum(row.macs for row in shares) / 3


def test_suggestions_come_one_by_one():
    now = profile_in(network(), SHAPE, SETTING)
    assert next(filter(None, try_all(network(), now, now.training_peak_bytes // 3))).kind == "batch"


def test_blocks_of_a_plain_stack_are_stretches_of_it():
    stack = nn.Sequential(*(nn.Conv2d(8, 8, 3, padding=1) for _ in range(9)))
    rows = profile_in(stack, (8, 16, 16), Setting(4)).rows
    assert checkpoint_blocks(stack, rows) == ("[0:3]", "[3:6]", "[6:9]")
    setting = Setting(4, checkpointed=("[0:3]", "[3:6]", "[6:9]"))
    assert profile_in(stack, (8, 16, 16), setting).kept_bytes < profile_in(stack, (8, 16, 16), Setting(4)).kept_bytes


def test_edits_change_a_copy_that_holds_nothing():
    model = network()
    other = edited(model, [Edit("0", "stride", (2, 2)), Edit("3", "drop"), Edit("10", "in_features", 256)])
    assert (model[0].stride, type(model[3]).__name__, model[10].in_features) == ((1, 1), "Residual", 1024)
    assert (other[0].stride, type(other[3]).__name__, other[10].in_features) == ((2, 2), "Identity", 256)
    assert {parameter.device.type for parameter in other.parameters()} == {"meta"}
    with pytest.raises(PlaygroundError, match="no layer"):
        edited(model, [Edit("77", "drop")])
    with pytest.raises(PlaygroundError, match="no 'stride'"):
        edited(model, [Edit("2", "stride", 2)])


def test_a_linear_layer_follows_a_smaller_input(found):
    smaller = next(suggestion for suggestion in found if suggestion.kind == "input")
    assert smaller.input_shape[1] < 32
    assert [edit.argument for edit in smaller.edits] == ["in_features"]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 200 * 2**30), st.sampled_from(sorted(DEVICES)))
def test_verdicts_agree_with_budgets(needed, name):
    target = DEVICES[name]
    judged = verdict(needed, target)
    assert judged.least_bytes <= judged.most_bytes
    assert judged.fits == (judged.word != "does not fit")
    if needed <= budget_bytes(target):
        assert judged.word == "fits"
    if needed > budget_bytes(target, careful=False) + 1:
        assert judged.word == "does not fit"


def test_devices_are_found_by_name_by_size_and_here():
    assert device("T4").nominal_bytes == 16 * 2**30 > device("T4").memory_bytes
    assert device("8GB") == Device("8GB", 8_000_000_000)
    assert device("this") == this_machine()
    assert this_machine().kernels == ("cuda" if torch.cuda.is_available() else "cpu")
    assert this_machine().memory_bytes > 2**28
    with pytest.raises(PlaygroundError, match="rtx3060"):
        device("abacus")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        *(
            ("3060", "rtx3060"),
            ("RTX 3060", "rtx3060"),
            ("rtx3060 12gb", "rtx3060"),
            ("NVIDIA GeForce RTX 3060", "rtx3060"),
        ),
        *(("2080 Ti", "rtx2080ti"), ("2080", "rtx2080"), ("1080ti", "gtx1080ti"), ("A6000", "rtxa6000")),
        *(
            ("A100", "a100-40"),
            ("A100 80 GB", "a100-80"),
            ("NVIDIA A100-SXM4-80GB", "a100-80"),
            ("H100 80GB HBM3", "h100"),
        ),
        *(("Tesla T4", "t4"), ("tesla t4 16gb", "t4"), ("4090 24G", "rtx4090"), ("jetson nano", "jetson-nano")),
    ],
)
def test_a_device_is_what_a_person_means(typed, key):
    assert device(typed) is DEVICES[key]


@pytest.mark.parametrize("key", DEVICES)
def test_every_device_is_found_by_its_key_and_by_its_title(key):
    assert device(key) is device(key.upper()) is device(DEVICES[key].title) is DEVICES[key]


def test_a_variant_with_other_memory_keeps_the_share_that_programs_can_use():
    known, other = DEVICES["rtx3060"], device("rtx 3060 8gb")
    assert other.nominal_bytes == 8 * 2**30
    assert other.memory_bytes / other.nominal_bytes == pytest.approx(known.memory_bytes / known.nominal_bytes)
    assert (other.title, other.url) == ("GeForce RTX 3060, 8 GB", "")


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        ("24 GB of VRAM", 24e9),
        ("8 gb vram", 8e9),
        ("8", 8 * 10**9),
        ("7.5", 7.5e9),
        ("24g", 24e9),
        ("8 gigs", 8e9),
        ("1.5 Gigabytes", 1.5e9),
        ("24576MiB", 24 * 2**30),
    ],
)
def test_a_bare_number_is_gigabytes(typed, size):
    assert device(typed).memory_bytes == size


@pytest.mark.parametrize("typed", ["3061", "rtx 3060 laptop", "24576", "0", "-3", "", "a100 gb", "eight"])
def test_what_is_no_device_is_refused_in_one_sentence(typed):
    with pytest.raises(PlaygroundError) as error:
        device(typed)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 160  # some names, not all of them


def test_a_misspelt_card_with_its_memory_is_suggested():
    assert device("rtx 3060 12 gigs") == DEVICES["rtx3060"]
    with pytest.raises(PlaygroundError, match="did you mean rtx3060"):
        device("gforce rtx3060 12 gig")


@pytest.mark.parametrize("wrong", ["", "GB", "-3GB", "0", "8 apples", "1e9"])
def test_a_size_that_is_none_is_refused(wrong):
    with pytest.raises(PlaygroundError):
        read_bytes(wrong)


def test_batch_norm_on_single_values_is_never_asked_to_take_one_picture(monkeypatch):
    model, shape, tried = nn.Sequential(nn.Conv2d(3, 8, 9), nn.BatchNorm2d(8), nn.Flatten()), (3, 9, 9), []
    start = Iteration.__init__

    def noted(self, model, shape, setting, *rest):
        tried.append(setting.pass_size)
        start(self, model, shape, setting, *rest)

    monkeypatch.setattr(Iteration, "__init__", noted)
    rows, usage = rows_and_usage(model, shape, Setting(2))
    assert fewest(model, rows) == 2
    assert largest_batch(model, shape, usage.peak_bytes).batch_size == 2
    assert largest_batch(model, shape, usage.peak_bytes - 1).batch_size == 0
    found = suggest(model, shape, Setting(2), usage.peak_bytes - 1)
    assert not {"batch", "accumulation", "parallel"} & {suggestion.kind for suggestion in found}
    assert min(tried) == 2
    assert fewest(model.eval(), rows) == 1
