"""Every named network against its published counts, PyTorch's own flop counter as the oracle of multiply-adds."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from core.models import MODELS

GMACS = {name: model.gmacs for name, model in MODELS.items() if model.gmacs is not None}


def macs(model, input_shape):
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        model.eval()(torch.empty(1, *input_shape, device="meta"))
    return counter.get_total_flops() // 2


@pytest.mark.parametrize("name", MODELS)
def test_parameters_are_as_published(name):
    assert sum(p.numel() for p in MODELS[name].on_meta().parameters()) == MODELS[name].params


@pytest.mark.parametrize("name", GMACS)
def test_multiply_adds_are_as_published(name):
    model = MODELS[name]
    assert macs(model.on_meta(), model.input_shape) == pytest.approx(model.gmacs * 1e9, rel=1e-3)


@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if model.resizable])
def test_the_last_layer_can_have_other_classes(name):
    with torch.device("meta"):
        model = MODELS[name].build(classes=2)
    assert model.eval()(torch.empty(1, *MODELS[name].input_shape, device="meta")).shape == (1, 2)


@pytest.mark.parametrize("name", MODELS)
def test_each_entry_teaches_in_one_sentence_and_names_its_sources(name):
    model = MODELS[name]
    assert model.teaches.endswith(".")
    assert len(model.teaches) < 130
    assert any(letter.isdigit() for letter in model.paper + model.counted)
