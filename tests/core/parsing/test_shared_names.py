"""TensorFlow 1: weights that a text takes once more by their names."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse

HEAD = "import tensorflow as tf\nx = tf.placeholder(tf.float32, [None, 8])\n"
TWO_LAYERS = (
    "def net(x, again=False):\n    with tf.variable_scope('d', {}):\n"
    "        return tf.layers.dense(tf.layers.dense(x, 8), 8)\n"
)
USED_TWICE = HEAD + TWO_LAYERS + "y = net(net(x), True)\n"


def count(text: str) -> int:
    return sum(one.numel() for one in parse(text).module.parameters())


@pytest.mark.parametrize("reuse", ["reuse=again", "reuse=tf.AUTO_REUSE"])
def test_layers_of_a_scope_that_is_entered_once_more_have_the_same_weights(reuse):
    """Layers without a name are counted anew, so that each has those of the one in its place."""
    parsed = parse(USED_TWICE.format(reuse))
    assert sum(one.numel() for one in parsed.module.parameters()) == 2 * 72
    assert count(USED_TWICE.format("None")) == 4 * 72


def test_what_two_parts_of_a_text_share():
    """One network judges two inputs, by its own scope or by all that is open."""
    text = (
        HEAD + "def judge(x, reuse=None):\n    with tf.variable_scope('judge') as scope:\n"
        "        if reuse:\n            scope.reuse_variables()\n"
        "        return tf.layers.dense(tf.layers.dense(x, 4, tf.nn.relu, name='h'), 1, name='out')\n"
        "with tf.variable_scope('maker'):\n    made = tf.layers.dense(x, 8, name='h')\n"
        "both = judge(x) + judge(made, reuse=True)\n"
    )
    assert count(text) == 72 + 36 + 5
    text = text.replace("scope.reuse", "tf.get_variable_scope().reuse")
    assert count(text) == 72 + 36 + 5


def test_weights_of_a_name():
    text = (
        HEAD + "def layer(x, size, name):\n    with tf.variable_scope(name, reuse=tf.AUTO_REUSE):\n"
        "        w = tf.get_variable('w', [x.get_shape()[1], size])\n"
        "        b = tf.get_variable('b', [size], initializer=tf.zeros_initializer())\n"
        "        return tf.matmul(x, w) + b\n"
        "y = layer(layer(layer(x, 8, 'one'), 8, 'one'), 2, 'two')\n"
    )
    assert count(text) == 72 + 18


def test_scopes_of_other_names_share_nothing():
    text = HEAD + "".join(
        f"with tf.variable_scope('{name}', reuse=tf.AUTO_REUSE):\n    x = tf.layers.dense(x, 8, name='h')\n"
        for name in ("one", "two", "one")
    )
    assert count(text) == 2 * 72


def test_weights_of_one_name_are_not_made_twice():
    """Where only a run knows whether they are shared, they are: else TensorFlow refuses the text."""
    net = "def net(x, again):\n    with tf.variable_scope('a', reuse=again):\n        return tf.layers.dense(x, 8)\n"
    assert count("import sys\n" + HEAD + net + "y = net(net(x, False), len(sys.argv) > 1)\n") == 72


@pytest.mark.parametrize("argument", ["reuse", "reuse=True", "reuse=False"])
def test_a_function_that_is_not_called_may_make_what_it_takes(argument):
    text = (
        f"import tensorflow as tf\ndef net(x, {argument}):\n    with tf.variable_scope('a', reuse=reuse):\n"
        "        x = tf.contrib.layers.flatten(x)\n        return tf.layers.dense(x, 8)\n"
    )
    assert sum(one.numel() for one in parse(text, input_shape=(8,)).module.parameters()) == 72


def test_functions_of_tf_contrib_in_scopes_that_share_nothing():
    text = HEAD + (
        "with tf.variable_scope('a'):\n    x = tf.contrib.layers.fully_connected(x, 8)\n"
        "with tf.variable_scope('b', reuse=tf.AUTO_REUSE):\n    x = tf.layers.dense(x, 8)\n"
    )
    assert count(text) == 2 * 72


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("with tf.variable_scope('a', reuse=True):\n    y = tf.layers.dense(x, 4)\n", "no weights called a/dense"),
        (
            "def net(x, size, again):\n    with tf.variable_scope('a', reuse=again):\n"
            "        return tf.layers.dense(x, size)\ny = net(net(x, 8, False), 4, True)\n",
            "a/dense are made with other settings",
        ),
        (
            "with tf.variable_scope('a', reuse=tf.AUTO_REUSE):\n    y = tf.contrib.layers.fully_connected(x, 8)\n",
            "shared by their name",
        ),
    ],
)
def test_what_cannot_be_shared_is_refused(lines, sentence):
    with pytest.raises(ParseError, match=sentence):
        parse(HEAD + lines)


def test_an_estimator_of_one_function_for_training_and_for_answers():
    text = (
        "import tensorflow as tf\ndef net(features, reuse, training):\n"
        "    with tf.variable_scope('net', reuse=reuse):\n"
        "        x = tf.reshape(features['x'], [-1, 8, 8, 1])\n        x = tf.layers.conv2d(x, 4, 3)\n"
        "        x = tf.contrib.layers.flatten(x)\n        return tf.layers.dense(x, 10)\n"
        "def model_fn(features, labels, mode):\n    trained = net(features, False, True)\n"
        "    asked = net(features, True, False)\n    classes = tf.argmax(asked, axis=1)\n"
        "    return tf.estimator.EstimatorSpec(mode, predictions=classes, loss=tf.losses.log_loss(labels, trained))\n"
    )
    assert count(text) == 40 + 4 * 36 * 10 + 10
