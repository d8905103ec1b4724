"""Settings of TensorFlow's, the backend's and keras.ops' functions: the numbers that they change, and numpy's names."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.errors import ParseError
from core.parsing import materialize, parse

HEAD = "import tensorflow as tf\nimport keras\nfrom keras import layers, ops, backend as K\n"


@pytest.fixture
def x():
    return torch.tensor(np.random.default_rng(0).normal(size=(2, 8, 6)), dtype=torch.float32)


def computed(expression, x):
    """What the expression gives for x, of shape (batch, steps, features)."""
    text = HEAD + f"x = keras.Input({tuple(x.shape[1:])})\nnet = keras.Model(x, {expression})\n"
    net = materialize(parse(text).module, 0).eval()
    with torch.no_grad():
        y = net(x.movedim(-1, 1))
    return y.movedim(1, -1) if y.dim() > 2 else y


ACTIVATIONS = {
    "tf.nn.leaky_relu(x)": lambda x: F.leaky_relu(x, 0.2),
    "tf.nn.leaky_relu(features=x, alpha=0.1)": lambda x: F.leaky_relu(x, 0.1),
    "ops.leaky_relu(x, negative_slope=0.3)": lambda x: F.leaky_relu(x, 0.3),
    "K.relu(x, alpha=0.1)": lambda x: F.leaky_relu(x, 0.1),
    "K.relu(x, max_value=0.5)": lambda x: x.clamp(0, 0.5),
    "K.relu(x, threshold=0.3)": lambda x: torch.where(x >= 0.3, x, 0.0),
    "K.elu(x, 0.5)": lambda x: F.elu(x, 0.5),
    "ops.celu(x, alpha=2.0)": lambda x: F.celu(x, 2.0),
    "tf.nn.gelu(x, approximate=True)": lambda x: F.gelu(x, approximate="tanh"),
    "tf.nn.silu(x, beta=2.0)": lambda x: x * torch.sigmoid(2 * x),
    "tf.nn.log_softmax(x, axis=1)": lambda x: x.log_softmax(1),
    "tf.nn.softmax(logits=x)": lambda x: x.softmax(-1),
    "ops.soft_shrink(x, 0.2)": lambda x: F.softshrink(x, 0.2),
    "ops.hard_shrink(x, threshold=0.3)": lambda x: F.hardshrink(x, 0.3),
    "keras.activations.threshold(x, 0.3, 0.1)": lambda x: torch.where(x > 0.3, x, 0.1),
    "tf.clip_by_value(x, clip_value_min=-0.2, clip_value_max=0.6)": lambda x: x.clamp(-0.2, 0.6),
    "ops.clip(x, 0.1, 0.5)": lambda x: x.clamp(0.1, 0.5),
    "tf.math.l2_normalize(x, axis=1)": lambda x: F.normalize(x, dim=1),
    "K.switch(x > 0.5, x, x * 2)": lambda x: torch.where(x > 0.5, x, x * 2),
}
ALONG = {
    "tf.cumsum(x, axis=-1, exclusive=True)": lambda x: x.cumsum(-1) - x,
    "tf.cumsum(x, axis=1, reverse=True)": lambda x: x.flip(1).cumsum(1).flip(1),
    "tf.sort(x, axis=-1, direction='DESCENDING')": lambda x: x.sort(-1, descending=True).values,
    "tf.norm(x, ord=1, axis=-1, keepdims=True)": lambda x: x.abs().sum(-1, keepdim=True),
    "tf.math.top_k(x, k=3).values": lambda x: x.topk(3).values,
    "K.reverse(x, axes=1)": lambda x: x.flip(1),
    "ops.split(x, [2, 5], axis=-1)[1]": lambda x: x[..., 2:5],
    "ops.array_split(x, 3, axis=1)[2]": lambda x: x[:, 6:],
    "tf.split(x, [2, 4], axis=-1)[1]": lambda x: x[..., 2:],
    "ops.expand_dims(x, axis=(1, 2))": lambda x: x[:, None, None],
    "ops.diff(x, axis=1)": lambda x: x.diff(dim=1),
    "ops.cross(x[..., :3], x[..., 3:])": lambda x: torch.linalg.cross(x[..., :3], x[..., 3:]),
    "ops.quantile(x, 0.25, axis=-1)": lambda x: x.quantile(0.25, -1),
    "ops.diagonal(x, axis1=1, axis2=2)": lambda x: x.diagonal(0, 1, 2),
    "ops.take_along_axis(x, ops.argsort(x, axis=-1), axis=-1)": lambda x: x.sort(-1).values,
    "ops.rearrange(x, 'b t (h d) -> b h t d', h=2)": lambda x: x.unflatten(2, (2, 3)).transpose(1, 2),
    "ops.cdist(x, x)": lambda x: torch.cdist(x, x),
    "ops.dstack([x, x])": lambda x: torch.cat([x, x], 2),
    "x @ ops.transpose(x, (0, 2, 1))": lambda x: x @ x.mT,
    "x[:, :5] @ ops.transpose(x, (0, 2, 1))": lambda x: x[:, :5] @ x.mT,
    "tf.nn.bias_add(x, tf.ones((6,)))": lambda x: x + 1,
    "tf.nn.embedding_lookup(tf.eye(6), ops.argmax(x, axis=-1))": lambda x: F.one_hot(x.argmax(-1), 6).float(),
    "K.constant([1., 2., 3., 4., 5., 6.]) * x": lambda x: x * torch.arange(1.0, 7),
    "tf.pad(x, tf.constant([[0, 0], [1, 2], [0, 0]]))": lambda x: F.pad(x, (0, 0, 1, 2)),
    "tf.pad(x, [[0, 0], [1, 2], [0, 0]], constant_values=1.0)": lambda x: F.pad(x, (0, 0, 1, 2), value=1.0),
    "tf.pad(x, [[0, 0], [2, 1], [0, 0]], 'REFLECT')": lambda x: F.pad(x.mT, (2, 1), "reflect").mT,
    "tf.pad(x, [[0, 0], [1, 1], [0, 0]], mode='SYMMETRIC')": lambda x: F.pad(x.mT, (1, 1), "replicate").mT,
}


@pytest.mark.parametrize("expression", [*ACTIVATIONS, *ALONG])
def test_values_are_those_of_pytorch(expression, x):
    expected = (ACTIVATIONS | ALONG)[expression](x)
    assert torch.allclose(computed(expression, x), expected, atol=1e-5)


def test_a_weight_that_is_known_is_convolved_with():
    x = torch.rand(2, 9, 10, 4)
    edges = "tf.nn.depthwise_conv2d(x, tf.ones((3, 3, 4, 1)), [1, 1, 1, 1], 'VALID')"
    assert torch.allclose(computed(edges, x).movedim(-1, 1), F.avg_pool2d(x.movedim(-1, 1), 3, 1) * 9, atol=1e-4)


def test_classes_that_are_there():
    x = torch.tensor([[[0.0, 1.0], [2.0, 1.0]]]).repeat(2, 1, 1)
    assert computed("ops.multi_hot(ops.cast(x, 'int32'), 4)", x)[0].tolist() == [[1, 0, 1, 0], [0, 1, 0, 0]]


def test_noise_that_a_number_scales():
    text = HEAD + "x = keras.Input((8, 6))\nnet = keras.Model(x, x + 0.1 * tf.random.normal(tf.shape(x)))\n"
    x = torch.zeros(2, 6, 8)
    noise = materialize(parse(text).module, 0)(x)
    assert 0.01 < noise.std() < 0.3


def test_a_mirror_that_is_larger_than_what_it_shows():
    with pytest.raises(ParseError, match="cannot be a mirror image"):
        parse(HEAD + "x = keras.Input((3, 6))\nnet = keras.Model(x, tf.pad(x, [[0, 0], [3, 0], [0, 0]], 'REFLECT'))\n")


def test_places_that_do_not_fit_an_axis():
    with pytest.raises(ParseError, match="cannot be cut at"):
        parse(HEAD + "x = keras.Input((8, 6))\nnet = keras.Model(x, ops.split(x, [4, 9], axis=-1)[0])\n")


def test_a_table_of_numpy_is_added():
    text = (
        HEAD
        + "import numpy as np\nangles = np.arange(8)[:, np.newaxis] / np.power(100, np.arange(6)[np.newaxis] / 6)\n"
    )
    text += "angles[:, 0::2] = np.sin(angles[:, 0::2])\ntable = tf.cast(angles[np.newaxis, ...], tf.float32)\n"
    text += "x = keras.Input((8, 6))\nnet = keras.Model(x, x + table[:, : tf.shape(x)[1], :])\n"
    net = parse(text, device="cpu").module.eval()
    rows, columns = np.arange(8)[:, None], np.arange(6)[None]
    angles = rows / 100 ** (columns / 6)
    expected = np.where(columns % 2 == 0, np.sin(angles), angles)
    assert np.allclose(net(torch.zeros(1, 6, 8))[0].T.numpy(), expected, atol=1e-5)
