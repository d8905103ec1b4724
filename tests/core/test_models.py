"""Every named network against its published counts, PyTorch's own flop counter as the oracle of multiply-adds."""

import pytest
import skimage.data
import torch
from torch.utils.flop_counter import FlopCounterMode

from core.models import MODELS
from core.models.efficient.pretrained import CATS, preprocess, pretrained_efficientnet_lite0
from core.parsing import materialize
from core.profiler import profile

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
    assert model.eval()(torch.empty(1, *MODELS[name].input_shape, device="meta")).shape[:2] == (1, 2)


@pytest.mark.parametrize(
    ("name", "shape"),
    [("resnet18", (3, 64, 64)), ("googlenet", (3, 64, 64)), ("convnext_tiny", (3, 64, 64)), ("dcgan", (100, 1, 1))],
)
def test_the_last_answer_teaches_the_first_layer(name, shape):
    """A gradient reaches every parameter, so nothing is built and left unconnected."""
    with torch.device("meta"):
        model = MODELS[name].build()
    materialize(model, seed=0)(torch.randn(2, *shape)).sum().backward()
    assert all(p.grad is not None for p in model.parameters())


@pytest.mark.parametrize("name", MODELS)
def test_our_profiler_counts_what_was_published(name):
    model = MODELS[name]
    counted = profile(model.on_meta(), model.input_shape)
    assert counted.total_params == model.params
    assert counted.total_macs == macs(model.on_meta(), model.input_shape)


def test_unet_crops_what_it_hands_across_as_in_the_papers_figure():
    assert MODELS["unet"].on_meta()(torch.empty(1, 1, 572, 572, device="meta")).shape == (1, 2, 388, 388)


@pytest.fixture(scope="module")
def lite0():
    return pretrained_efficientnet_lite0()


@pytest.mark.parametrize(
    ("picture", "classes"), [("chelsea", CATS), ("coffee", (504, 967, 968)), ("rocket", (657, 744))]
)
def test_published_weights_load_into_ours_and_recognise_photographs(lite0, picture, classes):
    """Classes 504, 967, 968: mug, espresso, cup; 657, 744: missile, projectile."""
    photograph = torch.from_numpy(getattr(skimage.data, picture)()).permute(2, 0, 1)
    side = min(photograph.shape[1:])
    top, left = ((length - side) // 2 for length in photograph.shape[1:])
    square = photograph[:, top : top + side, left : left + side]
    with torch.no_grad():
        answer = lite0(preprocess(square[None])).softmax(1)[0]
    assert int(answer.argmax()) in classes


@pytest.mark.parametrize("name", MODELS)
def test_each_entry_teaches_in_one_sentence_and_names_its_sources(name):
    model = MODELS[name]
    assert model.teaches.endswith(".")
    assert len(model.teaches) < 130
    assert any(letter.isdigit() for letter in model.paper + model.counted)
