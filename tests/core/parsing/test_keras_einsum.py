"""Keras's EinsumDense, RMSNormalization and ThresholdedReLU against their formulas, written out once more."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from core.errors import ParseError
from core.parsing import materialize, parse


def built(layer, shape, seed=0):
    return materialize(parse(f"net = keras.Sequential([Input({shape}), {layer}])").module, seed)


@pytest.mark.parametrize(
    ("settings", "shape", "kernel", "bias", "out"),
    [  # as keras.layers.EinsumDense of Keras 3 has them
        ("'abc,cd->abd', (None, 6), bias_axes='d'", (5, 4), (4, 6), (6,), (5, 6)),
        ("'abc,cde->abde', output_shape=(None, 2, 3), bias_axes='de'", (5, 4), (4, 2, 3), (2, 3), (5, 2, 3)),
        ("'abde,dec->abc', (None, 7)", (5, 2, 3), (2, 3, 7), None, (5, 7)),
        ("'abc,cd->abd', (None, 6), bias_axes='b'", (5, 4), (4, 6), (5, 1), (5, 6)),
        ("'...x,xy->...y', output_shape=6, bias_axes='y'", (5, 3, 4), (4, 6), (6,), (5, 3, 6)),
        ("'ab...,bc->ac...', output_shape=6", (5, 4), (5, 6), None, (6, 4)),
        ("'ab,bc->ac', output_shape=6, activation='relu'", (5,), (5, 6), None, (6,)),
    ],
)
def test_an_equation_names_the_axes(settings, shape, kernel, bias, out):
    net = built(f"EinsumDense({settings})", shape)
    weights = dict(net.named_parameters())
    assert {name.split(".")[-1]: tuple(w.shape) for name, w in weights.items()} == {
        "kernel": kernel, **({"bias": bias} if bias else {})
    }  # fmt: skip
    x = torch.randn(2, *shape)
    equation = settings.split("'")[1]
    expected = torch.einsum(equation, x, weights["0.kernel"]) + (weights["0.bias"] if bias else 0)
    expected = F.relu(expected) if "relu" in settings else expected
    given = x.movedim(-1, 1)
    assert torch.allclose(net(given).movedim(1, -1), expected, atol=1e-5)
    assert tuple(expected.shape[1:]) == out


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("'abc,cd', 6", "must be of the form"),
        ("'abcd,de->abce', (None, None, 6)", "do not fit"),
        ("'abc,cd->abd', (None, 6), bias_axes='x'", "must be axes of what results"),
    ],
)
def test_an_equation_that_does_not_fit_is_named(settings, said):
    with pytest.raises(ParseError, match=said):
        parse(f"net = keras.Sequential([Input((5, 4)), EinsumDense({settings})])")


def test_the_root_of_the_mean_square():
    net = built("RMSNormalization(epsilon=1e-5)", (5, 4))
    (scale,) = net.parameters()
    assert tuple(scale.shape) == (4,)
    x = torch.randn(2, 4, 5)
    assert torch.allclose(net(x), x / (x.square().mean(1, keepdim=True) + 1e-5).sqrt(), atol=1e-5)


def test_a_threshold():
    net = built("ThresholdedReLU(theta=0.5)", (4,))
    assert net(torch.tensor([[0.4, 0.6, -1.0, 2.0]]))[0].tolist() == pytest.approx([0.0, 0.6, 0.0, 2.0])


@pytest.mark.parametrize("layer", ["Attention()", "Attention(use_scale=True)", "AdditiveAttention()"])
def test_attention_gives_its_weights_on_demand(layer):
    text = f"a, b = Input((7, 4)), Input((5, 4))\nx, w = {layer}([a, b], return_attention_scores=True)\n"
    net = materialize(parse(text + "net = keras.Model([a, b], [x, w])").module, 0)
    q, v = torch.randn(2, 4, 7), torch.randn(2, 4, 5)
    out, weights_BST = net(q, v)
    assert torch.allclose(weights_BST.sum(1), torch.ones(2, 7))
    assert torch.allclose(torch.einsum("bst,bcs->bct", weights_BST, v), out, atol=1e-5)


def test_the_loss_of_labels_is_an_output():
    text = "y, labels = Input((9, 5)), Input((3,))\nsteps, count = Input((1,)), Input((1,))\n"
    text += "loss = Lambda(lambda args: K.ctc_batch_cost(*args))([labels, y, steps, count])\n"
    net = materialize(parse(text + "net = keras.Model([y, labels, steps, count], loss)").module, 0)
    y = torch.softmax(torch.randn(2, 9, 5), -1)
    labels, steps, count = torch.tensor([[0, 1, 2], [3, 3, 1]]), torch.full((2, 1), 9), torch.full((2, 1), 3)
    expected = F.ctc_loss(y.log().transpose(0, 1), labels, steps[:, 0], count[:, 0], blank=4, reduction="none")
    assert torch.allclose(net(y.mT, labels, steps, count)[:, 0], expected, atol=1e-3)
