"""Explanations against captum, against each other, and against the answer that they explain."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from captum.attr import LayerGradCam
from torch import nn

from core.errors import PlaygroundError
from core.explain import METHODS, cam, convolutions, feature_maps, grad_cam, pooled_head
from core.explain.hooks import capturing
from core.training import build_network

POOLED = ("Small ResNet", "Cats and dogs")


def network(name, size=32, classes=3):
    torch.manual_seed(1)
    model = build_network(name, classes, size)
    for module in model.modules():  # running statistics that are not those of a network that has seen nothing
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 2)
    return model


@pytest.fixture(scope="module")
def pictures():
    return torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(2)), torch.tensor([0, 1, 2, 1])


@pytest.mark.parametrize("name", POOLED)
def test_the_mean_of_a_class_activation_map_and_the_bias_are_the_logit(name, pictures):
    x, kinds = pictures
    model = network(name)
    head = pooled_head(model, x)
    expected = model.eval()(x).gather(1, kinds[:, None])[:, 0]
    torch.testing.assert_close(cam(model, x, kinds).mean((1, 2)) + head.bias[kinds], expected, rtol=1e-4, atol=1e-5)


class Reused(nn.Module):
    """One ReLU after each of two convolutions."""

    def __init__(self):
        super().__init__()
        self.first, self.last, self.relu = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 8, 3), nn.ReLU()
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        return self.head(self.relu(self.last(self.relu(self.first(x)))).mean((2, 3)))


def test_a_layer_that_is_used_again_and_again_counts_as_it_was_used_last(pictures):
    torch.manual_seed(0)
    x, kinds = pictures
    model = Reused()
    head = pooled_head(model, x)
    expected = model(x).gather(1, kinds[:, None])[:, 0]
    assert head.features == "relu"
    torch.testing.assert_close(cam(model, x, kinds).mean((1, 2)) + head.bias[kinds], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", POOLED)
def test_grad_cam_behind_the_pool_is_the_class_activation_map_up_to_a_constant(name, pictures):
    x, kinds = pictures
    model = network(name)
    ours = cam(model, x, kinds)
    cells = ours.shape[1] * ours.shape[2]
    theirs = grad_cam(model, pooled_head(model, x).features, x, kinds)
    torch.testing.assert_close(theirs * cells, ours, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", POOLED)
def test_grad_cam_agrees_with_captum_at_every_convolution(name, pictures):
    x, kinds = pictures
    model = network(name).eval()
    for layer, module in [(name, module) for name, module in model.named_modules() if isinstance(module, nn.Conv2d)]:
        expected = LayerGradCam(model, module).attribute(x, kinds, relu_attributions=False)[:, 0].detach()
        torch.testing.assert_close(grad_cam(model, layer, x, kinds), expected, rtol=1e-3, atol=1e-6)


def test_grad_cam_is_its_formula_written_out(pictures):
    x, kinds = pictures
    below, above = nn.Conv2d(3, 5, 3), nn.Sequential(nn.ReLU(), nn.Flatten(), nn.Linear(5 * 30 * 30, 3))
    found = grad_cam(nn.Sequential(below, above), "0", x, kinds)
    for place, kind in enumerate(kinds.tolist()):
        maps = below(x[place : place + 1]).detach().requires_grad_()
        above(maps)[0, kind].backward()
        alphas = maps.grad[0].mean((1, 2))
        expected = sum(alpha * one for alpha, one in zip(alphas, maps.detach()[0], strict=True))
        torch.testing.assert_close(found[place], expected, rtol=1e-4, atol=1e-6)


def test_feature_maps_are_what_the_layer_gives_before_a_relu_in_place(pictures):
    x, _ = pictures
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(3600, 2))
    torch.testing.assert_close(feature_maps(model, "0", x), model[0](x).detach())
    assert feature_maps(model, "0", x).min() < 0


def test_a_network_that_ends_in_the_pool_alone_has_a_map_too(pictures):
    x, kinds = pictures
    model = nn.Sequential(nn.Conv2d(3, 3, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    maps = torch.relu(model[0](x)).detach()
    torch.testing.assert_close(cam(model, x, kinds), maps[torch.arange(4), kinds])


def below_zero():
    """A last layer whose sums are all below zero, so that what comes after it must matter."""
    layer = nn.Linear(4, 3)
    nn.init.constant_(layer.bias, -100)
    return layer


@pytest.mark.parametrize(
    "end",
    [
        lambda: (nn.Flatten(), nn.Linear(4 * 30 * 30, 3)),
        lambda: (nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(4, 3)),
        lambda: (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)),
        lambda: (nn.AdaptiveAvgPool2d(1), nn.Flatten(), below_zero(), nn.ReLU()),
        lambda: (nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 3)),
    ],
    ids=["no pool", "maximum", "two layers", "rectified", "four means"],
)
def test_other_endings_say_that_they_have_none(end, pictures):
    x, kinds = pictures
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), *end())
    with pytest.raises(PlaygroundError, match="use Grad-CAM"):
        cam(model, x, kinds)


def test_dropout_before_the_last_layer_does_not_matter(pictures):
    x, kinds = pictures
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5), nn.Linear(4, 3)
    ).train()
    first = cam(model, x, kinds)
    assert torch.equal(first, cam(model, x, kinds))
    assert model.training
    assert model[3].training


def test_nothing_is_left_on_the_network(pictures):
    x, kinds = pictures
    model = network("Small ResNet")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    for method in METHODS.values():
        method.explain(model, convolutions(model)[-1], x, kinds)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_hooks for module in model.modules())


def test_frozen_weights_are_explained_as_well(pictures):
    x, kinds = pictures
    model = network("Cats and dogs")
    expected = grad_cam(model, "6", x, kinds)
    assert torch.equal(grad_cam(model.requires_grad_(False), "6", x, kinds), expected)


def test_an_unknown_layer_is_named(pictures):
    with pytest.raises(PlaygroundError, match="no layer '99': its convolutions are 0, 3"):
        grad_cam(network("Cats and dogs"), "99", *pictures)


def test_what_others_compute_meanwhile_with_the_same_network_is_not_captured():
    layer, ours, theirs = nn.Conv2d(1, 1, 1), torch.ones(1, 1, 2, 2), torch.zeros(1, 1, 3, 3)
    model = nn.Sequential(layer)
    with capturing(model, "0") as outputs, ThreadPoolExecutor(1) as another_visitor:
        assert another_visitor.submit(model, theirs).result().shape == theirs.shape
        expected = model(ours)
    (captured,) = outputs
    assert torch.equal(captured, expected)
