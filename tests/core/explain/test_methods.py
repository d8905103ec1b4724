"""The methods of explanation against captum where it has them, else against their formulas written out."""

import pytest
import torch
from captum.attr import GuidedBackprop, IntegratedGradients, NoiseTunnel, Occlusion, Saliency
from torch import nn
from torch.nn import functional as F

from core.errors import PlaygroundError
from core.explain import (
    METHODS,
    cam,
    grad_cam_plus_plus,
    guided_backprop,
    input_gradient,
    integrated_gradients,
    last_maps,
    occlusion,
    score_cam,
    smooth_grad,
)
from core.training import build_network
from tests.core.explain.test_maps import Reused


class Functional(nn.Module):
    """Every way of writing a ReLU, with a layer each."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.third = nn.Conv2d(3, 6, 3), nn.Conv2d(6, 6, 3), nn.Conv2d(6, 4, 3)
        self.module, self.six = nn.ReLU(inplace=True), nn.ReLU6()
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        x = self.module(self.first(x))
        x = F.relu(self.second(x), inplace=True)
        return self.head(torch.relu(self.six(self.third(x))).mean((2, 3)))


@pytest.fixture(scope="module")
def pictures():
    x = torch.randn(3, 3, 20, 20, generator=torch.Generator().manual_seed(2))
    return x, torch.tensor([0, 2, 1])


@pytest.fixture(scope="module")
def resnet():
    torch.manual_seed(1)
    model = build_network("Small ResNet", 3, 20).eval()
    for module in model.modules():  # shifts that are not 0, or the network would be linear along a ray
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.bias, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.1, 0.5)
    return model


@pytest.fixture(scope="module")
def linear():
    torch.manual_seed(4)
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 20 * 20, 3))


def weights_of(linear, kinds):
    return linear[1].weight.detach()[kinds].view(-1, 3, 20, 20)


def test_the_gradient_is_captums(resnet, pictures):
    x, kinds = pictures
    expected = Saliency(resnet).attribute(x.clone(), kinds, abs=False)
    torch.testing.assert_close(input_gradient(resnet, x, kinds), expected, rtol=1e-4, atol=1e-7)


def test_integrated_gradients_are_captums(resnet, pictures):
    x, kinds = pictures
    method = IntegratedGradients(resnet)
    expected = method.attribute(x.clone(), target=kinds, n_steps=32, method="riemann_middle").sum(1)
    torch.testing.assert_close(integrated_gradients(resnet, x, kinds), expected.float(), rtol=1e-3, atol=1e-6)


def test_integrated_gradients_add_up_to_the_gain_over_an_image_of_zeros(resnet, pictures):
    x, kinds = pictures
    with torch.no_grad():
        gain = (resnet(x) - resnet(torch.zeros_like(x))).gather(1, kinds[:, None])[:, 0]
    errors = [(integrated_gradients(resnet, x, kinds, n).sum((1, 2)) - gain).abs().max() for n in (2, 256)]
    assert errors[1] < 0.02 * gain.abs().max()
    assert errors[1] < errors[0]


def test_of_a_linear_network_they_are_gradient_times_image(linear, pictures):
    x, kinds = pictures
    expected = weights_of(linear, kinds)
    torch.testing.assert_close(integrated_gradients(linear, x, kinds), (expected * x).sum(1), rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(smooth_grad(linear, x, kinds, samples=5), expected.sum(1), rtol=1e-4, atol=1e-6)


def test_smooth_grad_is_captums_with_the_same_noise(resnet, pictures):
    x, kinds = pictures[0][:1], pictures[1][:1]
    deviation = 0.15 * float(x.max() - x.min())
    torch.manual_seed(7)
    tunnel = NoiseTunnel(Saliency(resnet))
    expected = tunnel.attribute(x, nt_samples=8, nt_samples_batch_size=1, stdevs=deviation, target=kinds, abs=False)
    ours = smooth_grad(resnet, x, kinds, samples=8, seed=7)
    torch.testing.assert_close(ours, expected.sum(1).detach(), rtol=1e-3, atol=1e-6)


def test_guided_backprop_is_captums(pictures):
    x, kinds = pictures
    torch.manual_seed(3)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(392, 3)
    )
    expected = GuidedBackprop(model).attribute(x.clone().requires_grad_(), kinds).sum(1).detach()
    ours = guided_backprop(model, x, kinds)
    torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-7)
    assert not torch.allclose(ours, input_gradient(model, x, kinds).sum(1))


def test_guided_backprop_guides_every_relu_however_it_is_written(pictures):
    x, kinds = pictures
    torch.manual_seed(0)
    model = Functional()
    expected = torch.empty(len(x), 20, 20)
    for place, kind in enumerate(kinds.tolist()):
        one = x[place : place + 1].clone().requires_grad_()
        signals = [model.first(one)]
        for layer in (model.second, model.third):
            signals.append(layer(signals[-1].relu()))
        back = model.head.weight.detach()[kind].clamp(min=0)[None, :, None, None] / signals[2][0, 0].numel()
        back = back * ((signals[2] > 0) & (signals[2] < 6))
        for signal, layer in ((signals[1], 2), (signals[0], 1)):
            kernel = (model.second, model.third)[layer - 1].weight
            back = F.conv_transpose2d(back, kernel).clamp(min=0) * (signal > 0)
        expected[place] = F.conv_transpose2d(back, model.first.weight)[0].sum(0).detach()
    torch.testing.assert_close(guided_backprop(model, x, kinds), expected, rtol=1e-4, atol=1e-7)


def test_guided_backprop_needs_a_relu(linear, pictures):
    with pytest.raises(PlaygroundError, match="use SmoothGrad"):
        guided_backprop(linear, *pictures)


@pytest.mark.parametrize(("side", "stride"), [(5, 5), (6, 3), (7, 4)])
def test_occlusion_is_captums(resnet, pictures, side, stride):
    x, kinds = pictures
    expected = Occlusion(resnet).attribute(
        x, sliding_window_shapes=(3, side, side), strides=(3, stride, stride), target=kinds
    )[:, 0]
    torch.testing.assert_close(occlusion(resnet, x, kinds, side, stride), expected.float(), rtol=1e-3, atol=1e-6)


def test_occlusion_of_a_linear_network_is_what_the_square_gave(linear, pictures):
    x, kinds = pictures
    gave = (weights_of(linear, kinds) * x).sum(1, keepdim=True)
    squares = F.avg_pool2d(gave, 4) * 16
    expected = F.interpolate(squares, scale_factor=4)[:, 0]
    torch.testing.assert_close(occlusion(linear, x, kinds, 4, 4), expected, rtol=1e-4, atol=1e-5)


def test_grad_cam_plus_plus_takes_the_higher_derivatives_of_the_paper():
    """Each cell's second and third derivative of exp(y), by autograd three times, in a network of a few cells."""
    torch.manual_seed(0)
    below, above = nn.Conv2d(1, 2, 2).double(), nn.Sequential(nn.ReLU(), nn.Flatten(), nn.Linear(8, 2)).double()
    x = torch.randn(1, 1, 3, 3).double()
    maps = below(x).detach().requires_grad_()
    score = above(maps)[0, 1].exp()
    (first,) = torch.autograd.grad(score, maps, create_graph=True)
    second, third = torch.zeros(8).double(), torch.zeros(8).double()
    for cell in range(8):
        (row,) = torch.autograd.grad(first.flatten()[cell], maps, create_graph=True)
        second[cell] = row.flatten()[cell].detach()
        third[cell] = torch.autograd.grad(row.flatten()[cell], maps, retain_graph=True)[0].flatten()[cell]
    sums = maps.detach().sum((2, 3)).flatten().repeat_interleave(4)
    alpha = torch.where(second == 0, 0.0, second / (2 * second + sums * third))
    weights = (alpha * first.detach().flatten().clamp(min=0)).view(2, 4).sum(1) / score.detach()
    expected = (weights[None, :, None, None] * maps.detach()).sum(1)
    ours = grad_cam_plus_plus(nn.Sequential(below, above), "0", x, torch.tensor([1]))
    torch.testing.assert_close(ours, expected)


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if method.takes_layer])
def test_a_network_without_feature_maps_is_refused(name, pictures):
    x_BCHW, class_B = pictures
    network = nn.Sequential(nn.Flatten(), nn.Linear(x_BCHW[0].numel(), 3))
    layer = last_maps(network, x_BCHW)
    with pytest.raises(PlaygroundError, match="its convolutions are none"):
        METHODS[name].explain(network, layer, x_BCHW, class_B)


def test_score_cam_is_its_formula_written_out(pictures):
    x, kinds = pictures
    torch.manual_seed(5)
    model = nn.Sequential(nn.Conv2d(3, 5, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(5 * 81, 3))
    ours, three = score_cam(model, "1", x, kinds), score_cam(model, "1", x, kinds, most_maps=3)
    for place, kind in enumerate(kinds.tolist()):
        one = x[place : place + 1]
        maps = model[1](model[0](one)).detach()[0]
        scores = []
        for map_hw in maps:
            large = F.interpolate(map_hw[None, None], (20, 20), mode="bilinear")[0, 0]
            mask = (large - large.min()) / (large.max() - large.min())
            scores.append(model(one * mask)[0, kind].detach())
        weights = torch.stack(scores).softmax(0)
        torch.testing.assert_close(ours[place], torch.einsum("k,khw->hw", weights, maps), rtol=1e-4, atol=1e-6)
        strongest = (maps.amax((1, 2)) - maps.amin((1, 2))).topk(3).indices
        weights = torch.stack(scores)[strongest].softmax(0)
        expected = torch.einsum("k,khw->hw", weights, maps[strongest])
        torch.testing.assert_close(three[place], expected, rtol=1e-4, atol=1e-6)


def test_score_cam_of_an_even_map_is_a_number(pictures):
    model = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(648, 3))
    nn.init.constant_(model[0].bias, -1e6)
    assert torch.equal(score_cam(model, "1", *pictures), torch.zeros(3, 18, 18))


@pytest.mark.parametrize("name", sorted(METHODS.keys() - {"SmoothGrad"}))  # whose noise is drawn for the batch
def test_an_image_is_explained_alone_as_in_a_batch(resnet, pictures, name):
    x, kinds = pictures
    layer = last_maps(resnet, x)
    together = METHODS[name].explain(resnet, layer, x, kinds)
    alone = METHODS[name].explain(resnet, layer, x[1:2], kinds[1:2])[0]
    torch.testing.assert_close(together[1], alone, rtol=1e-3, atol=1e-6)
    assert not together.requires_grad


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if method.takes_layer])
def test_a_layer_that_is_used_twice_is_explained_as_it_was_used_last(pictures, name):
    x, kinds = pictures
    torch.manual_seed(0)
    model = Reused()
    chain = nn.Sequential(
        model.first, nn.ReLU(), model.last, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), model.head
    )
    assert last_maps(model, x) == "relu"
    expected = METHODS[name].explain(chain, "3", x, kinds)
    torch.testing.assert_close(METHODS[name].explain(model, "relu", x, kinds), expected, rtol=1e-4, atol=1e-7)


def test_sensitivity_counts_in_both_directions():
    map_hw = torch.tensor([[-2.0, 1.0]])
    assert METHODS["Guided backprop"].importance(map_hw).tolist() == [[2.0, 1.0]]
    assert METHODS["Grad-CAM"].importance(map_hw).tolist() == [[0.0, 1.0]]


def test_the_last_maps_are_those_that_the_head_reads(resnet, pictures):
    x, kinds = pictures
    layer = last_maps(resnet, x)
    cells = METHODS["Grad-CAM"].explain(resnet, layer, x, kinds)
    torch.testing.assert_close(cells * cells[0].numel(), cam(resnet, x, kinds), rtol=1e-3, atol=1e-5)
    assert last_maps(nn.Sequential(nn.Flatten(), nn.Linear(1200, 2)), x) == ""
