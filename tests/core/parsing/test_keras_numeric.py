"""Functions of numbers of TensorFlow, `keras.ops` and the backend: the shapes are real Keras's, channels first here."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import materialize, parse

HEAD = (
    "import keras\nimport tensorflow as tf\nfrom keras import layers, ops, backend as K\n"
    "x = keras.Input((6, 8, 4))\nt = layers.Dense(4)(x)\n"
)


def net(line):
    return parse(f"{HEAD}y = {line}\nm = keras.Model(x, y)\n").module


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("K.sqrt(K.sum(K.square(t), -1, keepdims=True) + K.epsilon())", (1, 6, 8)),
        ("ops.divide(t, 2.0)", (4, 6, 8)),
        ("tf.math.divide(t, t)", (4, 6, 8)),
        ("tf.math.squared_difference(t, 1.0)", (4, 6, 8)),
        ("ops.power(t, 2)", (4, 6, 8)),
        ("tf.cast(tf.math.logical_and(t > 0, t < 1), tf.float32)", (4, 6, 8)),
        ("tf.math.reciprocal(ops.nn.log_sigmoid(t))", (4, 6, 8)),
        ("tf.argmax(t, axis=-1)", (8, 6)),
        ("K.argmax(t, 1)", (4, 8)),
        ("tf.norm(t, axis=[1, 2])", (4,)),
        ("tf.norm(t, axis=-1, keepdims=True)", (1, 6, 8)),
        ("tf.reduce_any(t > 0, axis=-1)", (8, 6)),
        ("tf.reduce_logsumexp(t, 1)", (4, 8)),
        ("tf.math.cumsum(t, axis=1)", (4, 6, 8)),
        ("tf.math.top_k(t, k=2)[0]", (2, 6, 8)),
        ("tf.nn.moments(t, [1, 2])[1]", (4,)),
        ("tf.linalg.normalize(t, axis=-1)[1]", (1, 6, 8)),
        ("tf.slice(t, [0, 1, 0, 0], [-1, 3, -1, 2])", (2, 3, 8)),
        ("tf.add_n([t, t, t])", (4, 6, 8)),
        ("tf.nn.crelu(t)", (8, 6, 8)),
        ("ops.glu(t)", (2, 6, 8)),
        ("ops.max_pool(t, 2, 2, 'valid')", (4, 3, 4)),
        ("K.pool2d(t, (2, 2), pool_mode='avg')", (4, 5, 7)),
        ("K.batch_flatten(t)", (192,)),
        ("K.spatial_2d_padding(t, ((1, 2), (0, 1)))", (4, 9, 9)),
        ("K.resize_images(t, 2, 3, 'channels_last')", (4, 12, 24)),
        ("K.repeat_elements(t, 2, axis=1)", (4, 12, 8)),
        ("tf.ensure_shape(t, [None, 6, 8, 4]) * K.ndim(t)", (4, 6, 8)),
    ],
)
def test_shapes(line, shape):
    assert tuple(net(line)(torch.zeros(2, 4, 6, 8, device="meta")).shape[1:]) == shape


@pytest.mark.parametrize(
    ("line", "compute"),
    [
        ("tf.norm(t, axis=-1, keepdims=True)", lambda t: t.norm(dim=1, keepdim=True)),
        ("tf.math.cumsum(t, axis=2)", lambda t: t.cumsum(3)),
        ("tf.math.top_k(t, k=1)[0]", lambda t: t.amax(1, keepdim=True)),
        ("ops.normalize(t, axis=-1)", lambda t: torch.nn.functional.normalize(t, dim=1)),
        ("tf.sort(t, axis=-1)", lambda t: t.sort(1).values),
    ],
)
def test_values(line, compute):
    module = materialize(net(line), 0)
    dense = next(layer for layer in module.modules() if list(layer.parameters(recurse=False)))
    x = torch.randn(2, 4, 6, 8)
    assert torch.allclose(module(x), compute(dense(x)), atol=1e-6)


@pytest.mark.parametrize("line", ["tf.argmax(t)", "tf.cumsum(t)", "tf.math.top_k(t, k=5)", "tf.slice(t, [1], [2])"])
def test_what_mixes_images_is_refused(line):
    with pytest.raises(ParseError, match="Line 6"):
        net(line)


def test_a_function_of_an_output_that_is_not_known_is_refused_where_the_text_ends_with_it():
    with pytest.raises(ParseError, match="Line 6"):
        parse(f"{HEAD}y = K.foldl(t, 3)\n")
    assert sum(p.numel() for p in parse(f"{HEAD}loss = K.foldl(t, 3)\n").module.parameters()) == 20
