"""Own classes: the linear layer is the minimum that scikit-learn finds, and the network with it shares the body."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression

from core.errors import DataError, PictureError
from core.lessons.inspect_network import own_classes
from core.lessons.inspect_network.own_classes import DECAY, OwnClasses, left_out, train_head, with_head
from core.models.efficient.pretrained import preprocess, pretrained_efficientnet_lite0


@pytest.fixture(scope="module")
def body():
    return pretrained_efficientnet_lite0().requires_grad_(False)


def separable(classes: int, count: int = 24) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(classes)
    labels = torch.arange(count) % classes
    centres = 2 * torch.randn(classes, 10, generator=generator)
    return centres[labels] + torch.randn(count, 10, generator=generator), labels


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_head_is_the_minimum_that_scikit_learn_finds(classes):
    features, labels = separable(classes)
    head = train_head(features, labels, classes)
    other = LogisticRegression(C=1 / (len(labels) * DECAY), tol=1e-10, max_iter=10_000).fit(features, labels)
    ours = torch.softmax(features @ head.weight.T + head.bias, 1).numpy()
    if classes == 2:  # scikit-learn has one weight vector there, twice as far from zero and penalized half as much
        assert (ours.argmax(1) == other.predict(features)).all()
    else:
        np.testing.assert_allclose(ours, other.predict_proba(features), atol=2e-3)
    assert head.loss == pytest.approx(-float(np.log(ours[np.arange(len(labels)), labels]).mean()), abs=1e-5)
    again = train_head(features, labels, classes)
    assert torch.equal(again.weight, head.weight)


def test_gradient_of_the_objective_vanishes():
    features, labels = separable(2)
    head = train_head(features, labels, 2)
    weight = head.weight.double().requires_grad_()
    logits = features.double() @ weight.T + head.bias
    loss = torch.nn.functional.cross_entropy(logits, labels) + DECAY / 2 * weight.square().sum()
    (gradient,) = torch.autograd.grad(loss, weight)
    assert float(gradient.abs().max()) < 1e-4


def test_pictures_left_out_are_judged_by_a_head_that_has_not_seen_them():
    features, labels = separable(2)
    assert left_out(features, labels, 2) >= 22
    noise = torch.randn(40, 200, generator=torch.Generator().manual_seed(0))
    coin = torch.arange(40) % 2
    head = train_head(noise, coin, 2)
    assert ((noise @ head.weight.T + head.bias).argmax(1) == coin).all()  # what it was trained on, it knows by heart
    assert 10 <= left_out(noise, coin, 2) <= 30


def test_network_with_the_head_shares_the_body_and_gives_its_logits(body):
    classes = two_classes(body)
    features, labels = classes.batch()
    head = train_head(features, labels, 2)
    model = with_head(body, head)
    assert model._conv_stem.weight.data_ptr() == body._conv_stem.weight.data_ptr()
    assert not model.training
    pixels = classes.pictures["red"][0]
    x = preprocess(torch.from_numpy(pixels).permute(2, 0, 1)[None])
    with torch.no_grad():
        torch.testing.assert_close(model(x)[0], features[0] @ head.weight.T + head.bias, rtol=1e-3, atol=1e-3)
        assert body(x).shape == (1, 1000)


def plain(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(file, "PNG")
    return file.getvalue()


def two_classes(body) -> OwnClasses:
    classes = OwnClasses()
    for name in ("red", "teal"):
        classes.add_class(f"  {name} ")
        for _ in range(2):
            classes.add(name, plain(name), body)
    return classes


def test_what_is_missing_is_said_until_nothing_is(body):
    classes = OwnClasses()
    assert "at least 2 classes" in classes.missing
    classes.add_class("red")
    classes.add_class("teal")
    assert "too few: red, teal" in classes.missing
    full = two_classes(body)
    assert (full.missing, full.names) == ("", ("red", "teal"))
    assert full.batch()[1].tolist() == [0, 0, 1, 1] == [label for _, label in full.labelled()]
    before = full.version
    full.remove_last("teal")
    assert "too few: teal" in full.missing
    full.remove_class("red")
    assert (full.names, full.version > before) == (("teal",), True)
    assert classes.token != full.token


def test_what_cannot_be_added_is_refused(body, monkeypatch):
    classes = two_classes(body)
    for name, why in (("", "needs a name"), ("x" * 41, "at most 40"), ("RED", "exists already")):
        with pytest.raises(DataError, match=why):
            classes.add_class(name)
    for name in "abc":
        classes.add_class(name)
    with pytest.raises(DataError, match="5 classes are the limit"):
        classes.add_class("d")
    with pytest.raises(DataError, match="no class"):
        classes.add("nobody", plain("red"), body)
    with pytest.raises(PictureError):
        classes.add("red", b"no picture", body)
    monkeypatch.setattr(own_classes, "MAX_PICTURES", 2)
    with pytest.raises(DataError, match="are the limit here"):
        classes.add("red", plain("red"), body)
