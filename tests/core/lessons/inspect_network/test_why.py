"""What the tab "Why" computes: a step in the image's own units and as pixels, and figures over several images."""

from dataclasses import astuple

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import PlaygroundError
from core.explain import METHODS, guided_backprop, insertion_deletion, pointing_game, sanity_check
from core.lessons.inspect_network import INCLUDED, Subject, included_network
from core.lessons.inspect_network.why import (
    IN_RANDOM_ORDER,
    MOST,
    as_pixels,
    explain,
    gradient_step,
    layers_of,
    measured_method,
    probability_along,
    stepped,
)

MEAN, STD = torch.tensor([120.0, 90, 60])[:, None, None], torch.tensor([60.0, 50, 70])[:, None, None]


@pytest.fixture(scope="module")
def subject():
    """A normalized colour image, its first channel even."""
    torch.manual_seed(0)
    pixels = torch.randint(0, 256, (3, 12, 12), generator=torch.Generator().manual_seed(1)).float()
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(400, 3)).eval().requires_grad_(False)
    x = ((pixels - MEAN) / STD)[None]
    return Subject(model, ("a", "b", "c"), x, pixels.permute(1, 2, 0).byte().numpy(), "", None)


def test_pixels_undo_the_normalization(subject):
    assert np.array_equal(as_pixels(subject, subject.x_BCHW), subject.pixels_HWC)
    moved = subject.x_BCHW + 0.1
    expected = ((moved[0] * STD + MEAN).round().clamp(0, 255)).permute(1, 2, 0).byte().numpy()
    assert np.array_equal(as_pixels(subject, moved), expected)


def test_grey_images_stay_grey():
    images, _ = INCLUDED["digits"].test_images()
    pixels = images[0].expand(3, -1, -1).permute(1, 2, 0).numpy()
    digit = Subject(included_network("digits"), INCLUDED["digits"].classes, images[:1] / 255, pixels, "", None)
    half = as_pixels(digit, digit.x_BCHW / 2)
    assert half.shape == pixels.shape
    assert np.abs(half - pixels / 2).max() <= 0.5 + 1e-4


def test_a_step_is_a_share_of_the_range(subject):
    label = int(subject.model(subject.x_BCHW).argmax())
    step = gradient_step(subject, label)
    span = float(subject.x_BCHW.max() - subject.x_BCHW.min())
    assert step.span == pytest.approx(span)
    assert step.in_grey_values == pytest.approx(255 * step.smallest)
    for share, held in ((step.smallest * 0.99, True), (step.smallest * 1.001, False)):
        moved = stepped(subject, step, share)
        assert float((moved - subject.x_BCHW).abs().max()) <= share * span * 1.0001
        assert (int(subject.model(moved).argmax()) == label) == held
    shares, probabilities = probability_along(subject, step, MOST)
    assert shares[0] == 0
    assert shares[-1] == MOST
    expected = subject.model(stepped(subject, step, float(shares[7])))[0].softmax(0)[label]
    assert probabilities[7] == pytest.approx(float(expected), abs=1e-6)


def test_the_layers_begin_with_the_last_maps(subject):
    assert layers_of(subject) == ("1", "0")


def test_a_method_that_does_not_fit_gives_its_reason(subject):
    result = explain(subject, "CAM", "", 0)
    assert result.map is None
    assert "use Grad-CAM" in result.reason
    map_hw = explain(subject, "Guided backprop", "", 2).map
    expected = guided_backprop(subject.model, subject.x_BCHW, torch.tensor([2]))[0]
    torch.testing.assert_close(torch.from_numpy(map_hw), expected)


def test_figures_are_means_over_the_images():
    model, (images, _) = included_network("sketches"), INCLUDED["sketches"].test_images()
    x = images[:3] / 255
    kinds = model(x).argmax(1)
    boxes = torch.stack([INCLUDED["sketches"].test_boxes(number) for number in range(3)])
    result = measured_method(model, "", "Guided backprop", x, kinds, boxes)
    size = guided_backprop(model, x, kinds).abs()
    curves = [
        insertion_deletion(model, x[number : number + 1], int(kinds[number]), size[number], seed=number)
        for number in range(3)
    ]
    assert result.insertion == pytest.approx(sum(one.insertion_area for one in curves) / 3)
    assert result.deletion == pytest.approx(sum(one.deletion_area for one in curves) / 3)
    assert astuple(result.game) == pytest.approx(astuple(pointing_game(size, boxes, 32)))
    assert measured_method(model, "", IN_RANDOM_ORDER, x, kinds, boxes).game is None
    with pytest.raises(PlaygroundError, match="no layer"):
        measured_method(model, "none", "Grad-CAM", x, kinds, None)


def test_every_method_finds_the_ears_better_than_chance():
    model, (images, _) = included_network("sketches"), INCLUDED["sketches"].test_images()
    x, boxes = images[:12] / 255, torch.stack([INCLUDED["sketches"].test_boxes(number) for number in range(12)])
    kinds = model(x).argmax(1)
    for name in METHODS.keys() - {"Occlusion"}:  # slow; its figure is on the page
        assert measured_method(model, "relu3", name, x, kinds, boxes).game.times_chance > 1.3, name


def test_guided_backprop_hardly_notices_a_shuffled_last_layer():
    model, (images, _) = included_network("sketches"), INCLUDED["sketches"].test_images()
    kind = int(model(images[:1] / 255).argmax())
    guided, weighted = (
        sanity_check(METHODS[name], model, "relu3", images[:1] / 255, kind) for name in ("Guided backprop", "Grad-CAM")
    )
    assert guided.last_layer > 0.6
    assert weighted.last_layer < 0
    assert abs(guided.all_layers) < 0.4
