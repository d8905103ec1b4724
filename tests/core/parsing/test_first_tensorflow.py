"""Graphs of TensorFlow's first interface: their parameters and shapes."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from core.errors import MissingShapeError
from core.parsing import materialize, parse
from tests.core.parsing.counting import read

PLACEHOLDER = "import tensorflow as tf\nx = tf.placeholder(tf.float32, [None, 28, 28, 1])\n"


@pytest.mark.parametrize(
    ("layer", "parameters", "shape"),
    [
        ("conv2d(x, 8, 5, padding='SAME', activation=tf.nn.relu)", 8 * 25 + 8, (8, 28, 28)),
        ("conv2d(inputs=x, filters=8, kernel_size=[3, 3], strides=2, use_bias=False)", 8 * 9, (8, 13, 13)),
        ("conv2d_transpose(x, 8, 4, 2, 'same')", 8 * 16 + 8, (8, 56, 56)),
        ("separable_conv2d(x, 8, 3)", 9 + 8 + 8, (8, 26, 26)),
        ("max_pooling2d(x, [2, 2], 2)", 0, (1, 14, 14)),
        ("dense(tf.layers.flatten(x), units=10)", 7850, (10,)),
        ("batch_normalization(x, training=is_training)", 2, (1, 28, 28)),
        ("dropout(tf.layers.dense(x, 4), rate=0.4, training=True)", 8, (4, 28, 28)),
    ],
)
def test_layers_that_are_functions(layer, parameters, shape):
    """A dense layer of two more, on the last axis, so that layers without weights make a network too."""
    text = f"{PLACEHOLDER}y = tf.layers.dense(tf.layers.{layer}, 2)"
    assert read(text) == (parameters + shape[0] * 2 + 2, (2, *shape[1:]))


def test_weights_of_the_texts_own():
    text = (
        f"{PLACEHOLDER}w = tf.Variable(tf.truncated_normal([3, 5, 1, 6], stddev=0.1))\n"
        "b = tf.Variable(tf.constant(0.1, shape=[6]))\n"
        "h = tf.nn.relu(tf.nn.conv2d(x, w, strides=[1, 2, 1, 1], padding='SAME') + b)\n"
        "p = tf.nn.max_pool(h, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME')\n"
        "v = tf.get_variable('v', [7 * 14 * 6, 10], initializer=tf.zeros_initializer())\n"
        "y = tf.nn.bias_add(tf.matmul(tf.reshape(p, [-1, 7 * 14 * 6]), v), tf.Variable(tf.zeros([10])))\n"
        "loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=1, logits=y))\n"
        "step = tf.train.AdamOptimizer(1e-4).minimize(loss)\n"
    )
    assert read(text) == (3 * 5 * 6 + 6 + 588 * 10 + 10, (10,))


@pytest.mark.parametrize(("padding", "stride"), [("SAME", 2), ("SAME", 3), ("VALID", 2)])
def test_a_convolution_is_pytorchs_with_the_kernel_turned(padding, stride):
    text = (
        "import tensorflow as tf\nx = tf.placeholder(tf.float32, [None, 8, 9, 3])\n"
        f"y = tf.nn.conv2d(x, tf.Variable(tf.random_normal([4, 3, 3, 5])), [1, {stride}, {stride}, 1], '{padding}')"
    )
    net = materialize(parse(text).module, 0)
    (kernel,) = net.parameters()
    x = torch.randn(2, 3, 8, 9)
    sides = [(-(-n // stride) - 1) * stride + k - n if padding == "SAME" else 0 for n, k in ((8, 4), (9, 3))]
    before = [max(0, cells) // 2 for cells in sides]
    after = [max(0, cells) - first for cells, first in zip(sides, before, strict=True)]
    padded = F.pad(x, (before[1], after[1], before[0], after[0]))
    assert torch.allclose(net(x), F.conv2d(padded, kernel.permute(3, 2, 0, 1), stride=stride), atol=1e-5)


ESTIMATOR = (
    "import tensorflow as tf\ndef model_fn(features, labels, mode):\n"
    "    x = tf.reshape(features['x'], [-1, 12, 12, 1])\n    with tf.name_scope('conv'):\n"
    "        x = tf.layers.conv2d(x, 4, 3)\n    logits = tf.layers.dense(tf.layers.flatten(x), 10)\n"
    "    if mode == tf.estimator.ModeKeys.PREDICT:\n        return tf.estimator.EstimatorSpec(mode)\n"
    "    loss = tf.losses.sparse_softmax_cross_entropy(labels=labels, logits=logits)\n"
    "    return tf.estimator.EstimatorSpec(mode, loss=loss)\n"
)


def test_what_an_estimator_trains():
    """The function returns how to train it: its last output is meant, and the shape that its data get is the input."""
    assert read(ESTIMATOR) == (40 + 4010, (10,))
    assert parse(ESTIMATOR).input_shape == (1, 12, 12)


def test_the_outputs_that_an_object_keeps():
    text = (
        "import tensorflow as tf\nclass Agent:\n    def __init__(self):\n"
        "        self.state = tf.placeholder(tf.float32, [None, 4])\n        hidden = tf.layers.dense(self.state, 8)\n"
        "        self.actions = tf.layers.dense(hidden, 2)\n        self.value = tf.layers.dense(hidden, 1)\n"
        "        self.loss = tf.square(self.value)\n"
    )
    parsed = parse(text)
    outputs = parsed.module(torch.zeros(3, 4, device="meta"))
    assert [tuple(one.shape) for one in outputs] == [(3, 2), (3, 1)]
    assert sum(p.numel() for p in parsed.module.parameters()) == 40 + 18 + 9


def test_a_placeholder_without_a_shape_is_the_typed_input():
    """The first one that a layer is called on, not a rate; without a typed size it is asked for."""
    text = (
        "import tensorflow as tf\nrate = tf.placeholder(tf.float32)\nx = tf.placeholder(tf.float32)\n"
        "w = tf.Variable(tf.zeros([3, 3, 2, 4]))\nb = tf.Variable(tf.zeros([4]))\n"
        "y = tf.nn.relu(tf.nn.conv2d(x, w, strides=[1, 2, 2, 1], padding='SAME') + b)\n"
    )
    assert read(text, input_shape=(2, 8, 6)) == (9 * 8 + 4, (4, 4, 3))
    with pytest.raises(MissingShapeError, match="Line 3"):
        parse(text)
