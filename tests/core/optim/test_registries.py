"""Entries are found by name, by key and by what they were called before; what is unknown is refused in one sentence."""

import math

import pytest
import torch

from core.errors import PlaygroundError
from core.optim import OPTIMIZERS, PRECISIONS, SCHEDULES, get_optimizer, get_precision, get_schedule
from core.optim.precisions import trainable_precisions
from core.optim.schedules import factor_of, trainable_schedules
from core.profiler import Setting
from core.training import TrainConfig

REGISTRIES = [(OPTIMIZERS, get_optimizer), (SCHEDULES, get_schedule), (PRECISIONS, get_precision)]


@pytest.mark.parametrize(("registry", "get"), REGISTRIES)
def test_entries_are_found_by_name_and_by_key(registry, get):
    assert all(get(entry.name) is get(entry.key) is get(entry.name.upper()) is entry for entry in registry.values())
    assert len({entry.key for entry in registry.values()}) == len(registry)


@pytest.mark.parametrize(("registry", "get"), REGISTRIES)
def test_an_unknown_name_is_refused_with_all_that_there_are(registry, get):
    with pytest.raises(PlaygroundError, match="'magic' is not known") as refused:
        get("magic")
    assert all(entry.key in str(refused.value) for entry in registry.values())


@pytest.mark.parametrize("schedule", ["constant", "step", "exponential", "cosine", "one-cycle"])
def test_runs_of_before_are_read(schedule):
    config = TrainConfig(schedule=schedule, optimizer="SGD with momentum")
    assert config.schedule == schedule.capitalize()
    assert config.optimizer == "SGD with momentum"
    assert config == TrainConfig(schedule=config.schedule, optimizer="momentum")


def test_a_setting_has_the_key_whatever_it_is_given():
    assert Setting(optimizer="SGD with momentum") == Setting(optimizer="momentum")
    assert Setting(optimizer="AdamW").optimizer == "adamw"


@pytest.mark.parametrize("wrong", [{"schedule": "Plateau"}, {"precision": "pure-bf16"}, {"optimizer": ""}])
def test_what_the_trainer_cannot_follow_is_refused(wrong):
    with pytest.raises(PlaygroundError, match="choose one of"):
        TrainConfig(**wrong)


def test_the_trainer_offers_all_but_what_follows_the_loss_or_gives_up_fp32_weights():
    assert set(SCHEDULES) - set(trainable_schedules()) == {"Plateau"}
    assert trainable_precisions()[:3] == ("fp32", "bf16", "fp16")
    assert set(PRECISIONS) - set(trainable_precisions()) == {"pure-bf16", "pure-fp16"}


def test_factors_are_what_their_schedules_say():
    assert [factor_of("Warm restarts")(start) for start in (0, 1 / 7, 3 / 7)] == pytest.approx([1, 1, 1])
    assert factor_of("Warm restarts")(2 / 7) == pytest.approx(0.5)
    assert [factor_of("Warm-up")(t) for t in (0, 0.125, 0.25, 1)] == pytest.approx([0.01, 0.505, 1, 1])
    assert factor_of("One-cycle")(0) == pytest.approx(1 / 25)
    assert factor_of("Cosine")(1 / 3) == pytest.approx((1 + math.cos(math.pi / 3)) / 2)


def test_epsilon_is_that_of_the_class():
    eps = {name: entry.eps for name, entry in OPTIMIZERS.items()}
    assert eps["Adagrad"] == 1e-10
    assert eps["RMSprop"] == eps["Adam"] == eps["AdamW"] == 1e-8
    assert eps["SGD"] == 0


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_in_a_recipe_it_is_torchs_own_at_its_defaults(name):
    weight = torch.zeros(2, requires_grad=True)
    ours = OPTIMIZERS[name].build([weight], 0.1, weight_decay=0.01)
    momentum = {"momentum": 0.9} if name in ("SGD with momentum", "Nesterov") else {}
    nesterov = {"nesterov": True} if name == "Nesterov" else {}
    plain = OPTIMIZERS[name].kind([weight], lr=0.1, weight_decay=0.01, **momentum, **nesterov)
    assert ours.state_dict()["param_groups"] == plain.state_dict()["param_groups"]
