"""The networks one can train: every one builds and learns, follows its options, and keeps still what is frozen."""

import dataclasses

import pytest
import torch
from torch import nn

from core.errors import ShapeError
from core.layers.activations import ACTIVATIONS
from core.layers.dropout import DROPOUTS
from core.models.efficient.pretrained import pretrained_efficientnet_lite0
from core.training import NETWORKS, Epoch, TrainConfig, Trainer, build_network, count_parameters
from core.training.recipe import networks
from core.training.recipe.architecture_options import NORMS, STARTS, ArchitectureOptions
from tests.core.squares import SMALL, cut_at, make, same

FROZEN, TUNED = "EfficientNet-Lite0, frozen", "EfficientNet-Lite0, fine-tuned"


@pytest.fixture(scope="module")
def squares():
    return make()


@pytest.mark.parametrize("network", ["Small ResNet", "Cats and dogs"])
def test_a_network_learns_the_dark_corner(squares, network):
    config = TrainConfig(
        network=network, epochs=12, batch_size=16, optimizer="Adam", learning_rate=0.002, shift=0.0, flip=False
    )
    *_, done = Trainer(config, squares).run()
    assert done.val_accuracy >= 0.9


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_steps_for_any_number_of_classes_and_size(squares, network):
    labels = torch.arange(len(squares.labels)) % 5
    five = dataclasses.replace(squares, labels=labels, classes=tuple("abcde"))
    trainer = Trainer(TrainConfig(network=network, batch_size=16, epochs=1), five)
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    cut_at(trainer, 1)
    assert not same(before, trainer.model.state_dict())
    assert build_network(network, 5, 33).eval()(torch.zeros(2, 3, 33, 33)).shape == (2, 5)


@pytest.mark.parametrize("network", ["Small ResNet", "Wide ResNet"])
@pytest.mark.parametrize("norm", NORMS)
def test_every_width_takes_every_normalization(network, norm):
    for width in range(8, 97, 8):
        assert count_parameters(network, 2, 32, ArchitectureOptions(width=width, norm=norm)) > 0


def test_what_came_trained_goes_on_learning_in_shorter_steps(squares):
    """By Adam's first steps, whose lengths do not depend on the gradients: at first only the last layer has any."""
    config = TrainConfig(network=TUNED, batch_size=16, optimizer="Adam", weight_decay=0.0)
    trainer = Trainer(config, squares)
    last, below = trainer.model._fc.weight, trainer.model._conv_head.weight
    begin = below.clone()
    trainer.step_at(0.001)
    assert last.abs().max().item() == pytest.approx(0.001, rel=0.01)
    assert torch.equal(below, begin)
    trainer.step_at(0.001)
    second = 0.001 * (0.1 / (1 - 0.9**2)) / (0.001 / (1 - 0.999**2)) ** 0.5  # a first gradient, at the second step
    assert (below - begin).abs().max().item() == pytest.approx(second * NETWORKS[TUNED].gently, rel=0.05)


def test_a_preset_of_the_calculator_gets_a_head_for_the_classes():
    model = build_network("squeezenet1_1", 7, 64)
    assert model.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 7)
    assert count_parameters("resnet18", 2, 64) == sum(p.numel() for p in build_network("ResNet-18", 2, 64).parameters())


@pytest.mark.parametrize(
    "style",
    [
        *({"norm": name} for name in NORMS),
        *({"activation": name} for name in ACTIVATIONS),
        *({"dropout": name} for name in DROPOUTS),
        *({"initialization": name} for name in STARTS),
        {"width": 16, "depth": 2},
    ],
    ids=lambda style: ", ".join(map(str, style.values())),
)
def test_every_style_is_built_and_back_propagates(style):
    torch.manual_seed(0)
    model = build_network("Small ResNet", 2, 32, ArchitectureOptions(**{"width": 8, **style})).train()
    model(torch.randn(4, 3, 32, 32)).logsumexp(1).sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("option", NETWORKS["Small ResNet"].options)
def test_every_option_that_a_network_lists_changes_it(option):
    other = {
        "width": 16, "depth": 2, "norm": "Group", "activation": "GELU", "dropout": "DropBlock",
        "initialization": "Orthogonal", "dropout_rate": 0.4,
    }[option]  # fmt: skip
    base = {"width": 8, "dropout": "Dropout" if option == "dropout_rate" else "none"}

    def built(style):
        torch.manual_seed(0)
        return build_network("Small ResNet", 2, 32, style)

    one, two = built(ArchitectureOptions(**base)), built(ArchitectureOptions(**base | {option: other}))
    assert repr(one) != repr(two) or not same(one.state_dict(), two.state_dict())


def test_the_dropout_of_a_branch_goes_around_it():
    model = build_network(
        "Small ResNet", 2, 32, ArchitectureOptions(width=8, dropout="StochasticDepth", dropout_rate=0.2)
    )
    block = model.train()[3]
    torch.manual_seed(1)
    x = torch.randn(64, 8, 8, 8).relu()
    gone = (block(x) == x).flatten(1).all(1)  # the shortcut alone is left
    assert 0 < gone.sum() < 32


def test_small_residual_is_a_residual_network():
    model = build_network("Small ResNet", 2, 32)
    x = torch.randn(1, 24, 8, 8)
    block = model.eval()[3]
    torch.testing.assert_close(block(x), torch.relu(block.main(x) + x))
    assert isinstance(block.shortcut, nn.Identity)


def test_frozen_features_are_computed_once_and_kept_still(squares):
    trainer = Trainer(dataclasses.replace(SMALL, network=FROZEN, optimizer="AdamW", learning_rate=0.01), squares)
    seen = []
    trainer.model._conv_stem.register_forward_hook(lambda module, inputs, output: seen.append(len(output)))
    events = list(trainer.run())
    assert sum(seen) == len(squares.labels)
    published = pretrained_efficientnet_lite0().state_dict()
    now = trainer.model.state_dict()
    assert {name for name in published if not torch.equal(published[name], now[name])} >= {"_fc.weight", "_fc.bias"}
    assert same(*({n: v for n, v in of.items() if not n.startswith("_fc")} for of in (published, now)))
    assert sum(isinstance(event, Epoch) for event in events) == 3


def test_the_head_learns_as_a_linear_layer_on_those_features(squares):
    """The first step against its lines: features of the pictures as they are, then one linear layer."""
    config = TrainConfig(
        network=FROZEN, batch_size=16, optimizer="SGD", learning_rate=0.1, schedule="constant", weight_decay=0.0
    )
    trainer = Trainer(config, squares)
    trainer.model._dropout.p = 0.0
    cut_at(trainer, 1)
    from core.training.batches import shuffled

    batch = trainer.train_index[shuffled(len(trainer.train_index), 16, config.seed, 0)[0]]
    with torch.no_grad():
        features = pretrained_efficientnet_lite0().pooled((squares.images[batch].float() - 127) / 128)
    head = nn.Linear(1280, 2)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    nn.functional.cross_entropy(head(features), squares.labels[batch]).backward()
    torch.testing.assert_close(trainer.model._fc.weight.detach(), -0.1 * head.weight.grad, rtol=1e-3, atol=1e-5)


def test_fine_tuning_moves_all_layers(squares):
    trainer = Trainer(dataclasses.replace(SMALL, network=TUNED, learning_rate=0.01), squares)
    assert trainer.normalize.mean == (127.0,) * 3
    cut_at(trainer, 2)  # the head begins at 0, so that the first step moves the head alone
    published = pretrained_efficientnet_lite0().state_dict()
    for name, parameter in trainer.model.named_parameters():
        if not name.startswith("_fc"):
            assert not torch.equal(parameter, published[name]), name


def test_equal_settings_are_tried_once_and_each_network_is_another(monkeypatch):
    networks._try.cache_clear()
    tried, check = [], networks._check
    monkeypatch.setattr(networks, "_check", lambda *given: tried.append(given) or check(*given))
    one, other = networks.on_meta("Small ResNet", 3, 32), networks.on_meta("Small ResNet", 3, 32, ArchitectureOptions())
    assert len(tried) == 1
    assert one is not other
    networks.on_meta("Small ResNet", 3, 32, ArchitectureOptions(width=8))
    assert len(tried) == 2


def test_what_does_not_fit_is_refused_each_time():
    text = "nn.Sequential(nn.Flatten(), nn.Linear(12, 5))"
    for _ in range(2):
        with pytest.raises(ShapeError):
            networks.on_meta(text, 5, 32)
