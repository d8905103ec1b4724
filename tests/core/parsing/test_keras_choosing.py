"""TensorFlow's functions that choose, turn and compare, and layers with a kernel at each place, against PyTorch."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import materialize, parse

X = torch.arange(48.0).reshape(2, 4, 6) - 20  # (B, C, T): Keras's (6, 4)


def computed(expression, x=X):
    text = f"import tensorflow as tf\nfrom keras import ops\ni = Input((6, 4))\nnet = keras.Model(i, {expression})"
    return materialize(parse(text).module, 0)(x)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("tf.reverse(i, [1])", X.flip(2)),
        ("ops.flip(i, axis=-1)", X.flip(1)),
        ("ops.roll(i, 2, axis=1)", X.roll(2, 2)),
        ("tf.gather(i, [0, 2, -1], axis=1)", X[:, :, [0, 2, 5]]),
        ("ops.take(i, 3, axis=2)", X[:, 3]),
        ("tf.unstack(i, axis=1)[2]", X[:, :, 2]),
        ("tf.where(i > 0, i, 0.1 * i)", torch.where(X > 0, X, 0.1 * X)),
        ("tf.where(0 >= i, 2.0, 3.0)", torch.where(X <= 0, 2.0, 3.0)),
        ("tf.where(tf.greater(i, 5.0), i, tf.zeros_like(i))", X * (X > 5)),
        ("ops.swapaxes(i, 1, 2)", X.mT),
        ("ops.moveaxis(i, 2, 1)", X.mT),
        ("tf.linalg.matmul(i, i, transpose_a=True)", torch.einsum("bct,bdt->bcd", X, X).mT),
    ],
)
def test_functions(expression, expected):
    assert torch.equal(computed(expression), expected)


def test_one_hot():
    text = "import tensorflow as tf\ni = Input((3,))\nnet = keras.Model(i, tf.one_hot(tf.cast(i, tf.int32), 5))"
    y = materialize(parse(text).module, 0)(torch.tensor([[0, 4, 2]]))
    assert y.argmax(1).tolist() == [[0, 4, 2]]
    assert y.sum().item() == 3


def test_a_condition_on_values_is_refused():
    text = "i = Input((6,))\nx = Dense(3)(i)\nif x > 0:\n    x = Dense(4)(x)\nnet = keras.Model(i, x)"
    with pytest.raises(ParseError, match="a condition on the values of a tensor"):
        parse(text)


@pytest.mark.parametrize(("shape", "kind", "stride"), [((8, 9, 2), "2D", 2), ((8, 9, 2), "2D", 1), ((9, 2), "1D", 1)])
def test_a_kernel_at_each_place(shape, kind, stride):
    """Each place is a dense layer of its window."""
    net = materialize(parse(f"net = Sequential([Input({shape}), LocallyConnected{kind}(4, 3, {stride})])").module, 0)
    axes = len(shape) - 1
    sides = [(side - 3) // stride + 1 for side in shape[:-1]]
    places = torch.Size(sides).numel()
    assert sum(p.numel() for p in net.parameters()) == places * (2 * 3**axes * 4 + 4)
    x = torch.randn(2, 2, *shape[:-1])
    with torch.no_grad():
        net[0].bias.uniform_()
    last = tuple(slice(stride * (side - 1), stride * (side - 1) + 3) for side in sides)
    window = x[(slice(None), slice(None), *last)].flatten(1)
    bias = net[0].bias.flatten(1)[:, -1]
    assert torch.allclose(net(x).flatten(2)[:, :, -1], window @ net[0].weight[-1] + bias, atol=1e-5)
