"""`tf.contrib.slim`, `tf.contrib.layers` and the cells of `tf.nn.rnn_cell`: their parameters and shapes."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse
from tests.core.parsing.counting import read

IMAGE = "import tensorflow as tf\nslim = tf.contrib.slim\nx = tf.placeholder(tf.float32, [None, 8, 8, 3])\n"
SEQUENCE = "import tensorflow as tf\nx = tf.placeholder(tf.float32, [None, 6, 5])\n"
LSTM, GRU, RNN = 4 * 4 * (5 + 4 + 1), 3 * 4 * (5 + 4 + 1), 4 * (5 + 4 + 1)


@pytest.mark.parametrize(
    ("layer", "parameters", "shape"),
    [
        ("slim.conv2d(x, 4, [3, 3])", 4 * 27 + 4, (4, 8, 8)),
        ("slim.conv2d(x, 4, 3, 2, 'VALID', activation_fn=None, scope='c')", 4 * 27 + 4, (4, 3, 3)),
        ("slim.conv2d(x, 4, 3, normalizer_fn=slim.batch_norm)", 4 * 27 + 4, (4, 8, 8)),
        ("slim.conv2d(x, 4, 3, normalizer_fn=slim.batch_norm, normalizer_params={'scale': True})", 116, (4, 8, 8)),
        ("slim.conv2d(x, 4, 3, biases_initializer=None)", 4 * 27, (4, 8, 8)),
        ("slim.conv2d_transpose(x, 4, 2, stride=2)", 3 * 16 + 4, (4, 16, 16)),
        ("slim.separable_conv2d(x, 4, [3, 3], depth_multiplier=1)", 27 + 12 + 4, (4, 8, 8)),
        ("slim.separable_conv2d(x, None, 3, depth_multiplier=1)", 27 + 3, (3, 8, 8)),
        ("slim.max_pool2d(x, [2, 2])", 0, (3, 4, 4)),
        ("tf.contrib.layers.fully_connected(slim.flatten(x), 7)", 192 * 7 + 7, (7,)),
        ("slim.repeat(x, 2, slim.conv2d, 3, [3, 3])", 2 * (81 + 3), (3, 8, 8)),
        ("slim.stack(slim.flatten(x), slim.fully_connected, [6, 4])", 192 * 6 + 6 + 28, (4,)),
        ("slim.dropout(slim.batch_norm(x), 0.8, is_training=False)", 3, (3, 8, 8)),
    ],
)
def test_layers_that_are_functions(layer, parameters, shape):
    text = f"{IMAGE}y = tf.contrib.layers.linear({layer}, 2)"
    assert read(text) == (parameters + shape[0] * 2 + 2, (2, *shape[1:]))


SCOPED = (
    "import tensorflow as tf\nimport tf_slim as slim\ndef scope():\n"
    "    with slim.arg_scope([slim.conv2d, slim.fully_connected], normalizer_fn=slim.batch_norm):\n"
    "        with slim.arg_scope([slim.conv2d], padding='VALID') as inner:\n            return inner\n"
    "def net(images, classes=3):\n    with tf.variable_scope('net', 'net', [images]) as sc:\n"
    "        with slim.arg_scope([slim.max_pool2d], stride=4):\n            x = slim.conv2d(images, 4, [3, 3])\n"
    "            x = slim.max_pool2d(x, [2, 2])\n"
    "        return slim.fully_connected(slim.flatten(x), classes, normalizer_fn=None), sc.name\n"
)


def test_scopes_of_settings_hold_inside_of_them_alone():
    text = (
        f"{SCOPED}x = tf.placeholder(tf.float32, [None, 8, 8, 3])\nwith slim.arg_scope(scope()):\n    a, _ = net(x)\n"
    )
    assert read(text) == (4 * 27 + 4 + 16 * 3 + 3, (3,))
    assert read(text + "a, _ = net(x)\n") == (4 * 27 + 4 + 16 * 3 + 3, (3,))


def test_a_scope_at_the_top_of_a_text():
    text = f"{IMAGE}with slim.arg_scope([slim.conv2d], biases_initializer=None):\n    y = slim.conv2d(x, 4, 3)\n"
    assert read(text)[0] == 4 * 27
    assert read(f"{text}y = slim.conv2d(x, 4, 3)\n")[0] == 4 * 27 + 4


@pytest.mark.parametrize(
    ("run", "parameters", "shape"),
    [
        ("tf.nn.dynamic_rnn(tf.nn.rnn_cell.BasicLSTMCell(4), x, dtype=tf.float32)[0]", LSTM, (4, 6)),
        ("tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(num_units=4), inputs=x, dtype=tf.float32)[1].h", LSTM, (4,)),
        ("tf.nn.dynamic_rnn(tf.contrib.rnn.GRUCell(4), x, dtype=tf.float32)[1]", GRU, (4,)),
        ("tf.nn.dynamic_rnn(tf.contrib.rnn.BasicRNNCell(4), x, dtype=tf.float32)[0][:, -1, :]", RNN, (4,)),
        ("tf.nn.static_rnn(tf.nn.rnn_cell.LSTMCell(4), tf.unstack(x, 6, 1), dtype=tf.float32)[0][-1]", LSTM, (4,)),
        (
            "tf.concat(tf.nn.bidirectional_dynamic_rnn(tf.nn.rnn_cell.LSTMCell(4), tf.nn.rnn_cell.LSTMCell(4), x,"
            " dtype=tf.float32)[0], 2)", 2 * LSTM, (8, 6),
        ),
        (
            "tf.contrib.rnn.static_bidirectional_rnn(tf.contrib.rnn.LSTMCell(4), tf.contrib.rnn.LSTMCell(4),"
            " tf.unstack(x, 6, 1), dtype=tf.float32)[0][-1]", 2 * LSTM, (8,),
        ),
    ],
)  # fmt: skip
def test_cells_over_sequences(run, parameters, shape):
    assert read(f"{SEQUENCE}y = {run}") == (parameters, shape)


def test_cells_on_top_of_each_other():
    text = (
        f"{SEQUENCE}cells = [tf.nn.rnn_cell.DropoutWrapper(tf.nn.rnn_cell.GRUCell(4), output_keep_prob=0.5)"
        " for _ in range(2)]\ncell = tf.nn.rnn_cell.MultiRNNCell(cells)\n"
        "outputs, state = tf.nn.dynamic_rnn(cell, x, initial_state=cell.zero_state(2, tf.float32))\n"
        "y = tf.layers.dense(state[-1], 3)\nwith tf.Session() as sess:\n    r = sess.run([outputs, state], {x: 1})\n"
    )
    assert read(text) == (GRU + 3 * 4 * 9 + 15, (3,))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(4, use_peepholes=True), x)", "use_peepholes"),
        ("tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(4), x, time_major=True)", "time_major"),
        ("tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(5), x, initial_state=x[:, 0])", "initial_state"),
        ("tf.contrib.layers.fully_connected(x, 4, activation=None)", "activation"),
    ],
)
def test_what_is_not_read_is_named(line, said):
    with pytest.raises(ParseError, match=said):
        parse(f"{SEQUENCE}y = {line}")


def test_a_cell_that_is_not_read_is_named_where_it_was_made():
    made = "cell = tf.nn.rnn_cell.LSTMCell(4, num_proj=3)\n"
    with pytest.raises(ParseError, match="Line 3: LSTMCell: num_proj"):
        parse(f"{SEQUENCE}{made}out, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)\n")
