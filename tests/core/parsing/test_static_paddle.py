"""Paddle's static graphs: functions that make a layer at each call, on inputs without values."""

from __future__ import annotations

import pytest
import torch

from core.errors import MissingShapeError, ParseError
from core.parsing import materialize, parse
from tests.core.parsing.counting import read

FLUID = "import paddle.fluid as fluid\nx = fluid.layers.data(name='x', shape=[3, 8, 8], dtype='float32')\n"


@pytest.mark.parametrize(
    ("layer", "parameters", "shape"),
    [
        ("layers.conv2d(x, 4, 3, padding=1, act='relu')", 4 * 27 + 4, (4, 8, 8)),
        ("layers.conv2d(input=x, num_filters=6, filter_size=3, stride=2, groups=3, bias_attr=False)", 54, (6, 3, 3)),
        ("layers.conv2d_transpose(x, 4, filter_size=2, stride=2)", 3 * 16 + 4, (4, 16, 16)),
        ("layers.batch_norm(input=x, act='relu', is_test=True)", 6, (3, 8, 8)),
        ("layers.layer_norm(x)", 2 * 192, (3, 8, 8)),
        ("layers.pool2d(x, pool_size=2, pool_type='avg', pool_stride=2)", 0, (3, 4, 4)),
        ("layers.pool2d(x, global_pooling=True)", 0, (3, 1, 1)),
        ("layers.elementwise_add(x=x, y=x, act='relu')", 0, (3, 8, 8)),
        ("layers.concat(input=[x, fluid.layers.relu(x)], axis=1)", 0, (6, 8, 8)),
        ("layers.dropout(x, dropout_prob=0.2)", 0, (3, 8, 8)),
        (
            "nets.simple_img_conv_pool(input=x, filter_size=3, num_filters=5, pool_size=2, pool_stride=2)",
            140,
            (5, 3, 3),
        ),
    ],
)
def test_layers_that_are_functions(layer, parameters, shape):
    """A fully connected layer of all values behind each, so that what has no weights makes a network too."""
    width = shape[0] * shape[1] * shape[2]
    text = f"{FLUID}y = fluid.layers.fc(input=fluid.{layer}, size=2, act='softmax')"
    assert read(text) == (parameters + width * 2 + 2, (2,))


def test_groups_of_convolutions_and_several_inputs_of_one_layer():
    text = (
        f"{FLUID}a = fluid.nets.img_conv_group(input=x, pool_size=2, pool_stride=2, conv_num_filter=[4] * 2,\n"
        "    conv_with_batchnorm=True, conv_batchnorm_drop_rate=[0.3, 0], conv_act='relu')\n"
        "b = fluid.layers.pool2d(x, 8, 'max')\n"
        "y = fluid.layers.fc(input=[a, b], size=5)\n"
        "cost = fluid.layers.mean(fluid.layers.cross_entropy(input=y, label=fluid.layers.data('l', [1])))\n"
    )
    convolutions = 4 * 27 + 4 + 4 * 36 + 4 + 2 * 8
    assert read(text) == (convolutions + (64 + 3) * 5 + 5, (5,))


def test_todays_static_functions_and_those_of_tensors():
    text = (
        "import paddle\npaddle.enable_static()\nx = paddle.static.data('x', [None, 1, 12, 12], 'float32')\n"
        "y = paddle.nn.functional.max_pool2d(paddle.static.nn.conv2d(x, 6, 5, act='relu'), 2, 2)\n"
        "y = paddle.reshape(y, [-1, 6 * 16])\nout = paddle.static.nn.fc(x=y, size=10, activation='softmax')\n"
        "loss = paddle.mean(paddle.nn.functional.cross_entropy(out, paddle.static.data('l', [None, 1], 'int64')))\n"
    )
    assert read(text) == (6 * 25 + 6 + 970, (10,))


def test_indices_have_a_last_axis_of_one():
    text = "import paddle.fluid as fluid\nw = fluid.layers.data('w', shape=[7, 1], dtype='int64')\n"
    text += "e = fluid.layers.embedding(input=w, size=[50, 6])\ny = fluid.layers.fc(e, 4, num_flatten_dims=2)\n"
    assert read(text, torch.long) == (300 + 28, (7, 4))


FUNCTION = "import paddle.fluid as fluid\ndef net(img):\n"
FUNCTION += "    c = fluid.layers.conv2d(input=img, num_filters=4, filter_size=3)\n"
FUNCTION += "    return fluid.layers.fc(input=c, size=2), c\n"


def test_a_function_is_read_with_the_typed_input():
    parsed = parse(FUNCTION, input_shape=(3, 8, 8))
    outputs = parsed.module(torch.zeros(2, 3, 8, 8, device="meta"))
    assert [tuple(one.shape[1:]) for one in outputs] == [(2,), (4, 6, 6)]
    with pytest.raises(MissingShapeError):
        parse(FUNCTION)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("y = fluid.layers.conv2d(x, 4, 3, activation_fn='relu')", "activation_fn"),
        ("y = fluid.layers.fc(x)", "size"),
        ("w = fluid.layers.data('w', [1], lod_level=2)\ny = fluid.layers.fc(w, 2)", "lod_level"),
        ("y = fluid.layers.conv2d(x, 4, 12)", "conv2d"),
    ],
)
def test_what_is_not_read_is_named(line, said):
    with pytest.raises(ParseError, match=said):
        parse(FLUID + line)


def test_layers_of_fluid_itself_and_a_name_scope():
    text = (
        "import paddle.fluid as fluid\nclass Net(fluid.dygraph.Layer):\n    def __init__(self, name_scope):\n"
        "        super().__init__(name_scope)\n        self.fc = fluid.Linear(14, 5)\n"
        "    def forward(self, x):\n        return self.fc(x)\n"
    )
    assert sum(p.numel() for p in parse(text).module.parameters()) == 75


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("flatten(x, axis=1)", (192,)),
        ("reduce_mean(x, dim=[2, 3])", (3,)),
        ("reduce_sum(input=x, dim=1, keep_dim=True)", (1, 8, 8)),
        ("squeeze(fluid.layers.pool2d(x, global_pooling=True), axes=[2, 3])", (3,)),
        ("split(x, num_or_sections=[1, 2], dim=1)[1]", (2, 8, 8)),
        ("topk(x, k=2)[0]", (3, 8, 2)),
        ("slice(x, axes=[1, 2], starts=[0, 1], ends=[2, 8])", (2, 7, 8)),
        ("expand(x, [1, 2, 1, 1])", (6, 8, 8)),
        ("pad2d(x, [1, 2, 0, 3], mode='reflect')", (3, 11, 11)),
        ("pad(x, [0, 0, 0, 0, 1, 1, 2, 2])", (3, 10, 12)),
        ("resize_nearest(x, scale=2)", (3, 16, 16)),
        ("elementwise_mul(x=x, y=fluid.layers.fc(x, 3), axis=0, act='relu')", (3, 8, 8)),
        ("scale(x, scale=0.1, bias=1.0)", (3, 8, 8)),
    ],
)
def test_functions_without_weights(line, shape):
    assert read(f"{FLUID}y = fluid.layers.{line}")[1] == shape


def test_the_axis_of_a_product_is_where_the_second_one_begins():
    text = f"{FLUID}s = fluid.layers.reduce_mean(x, dim=[2, 3])\ny = fluid.layers.elementwise_mul(x, s, axis=0)"
    net, x = materialize(parse(text).module, 0), torch.randn(2, 3, 8, 8)
    assert torch.allclose(net(x), x * x.mean((2, 3), keepdim=True))


@pytest.mark.parametrize("function", ["similarity_focus(h, 1, [0])", "flatten(h, axis=2)", "reduce_mean(h, axis=1)"])
def test_what_is_done_to_an_output_and_not_known_is_refused(function):
    text = f"{FLUID}h = fluid.layers.fc(x, 4)\ny = fluid.layers.{function}"
    with pytest.raises(ParseError, match="Line 4"):
        parse(text)
    assert read(text.replace("y =", "loss ="))[0] == 772


def test_a_class_that_keeps_the_outputs_of_its_network_comes_before_the_function_that_it_calls():
    text = """
import paddle.fluid as fluid
def conv(input, num_filters, filter_size):
    return fluid.layers.conv2d(input, num_filters, filter_size, padding=(filter_size - 1) // 2, act="relu")
class Program():
    def __init__(self, img):
        self.first = conv(img, 8, 5)
        self.second = conv(img, 4, 3)
        self.fuse = conv(fluid.layers.concat([self.first, self.second], axis=1), 1, 1)
    @property
    def top(self):
        return self.fuse
"""
    parsed = parse(text, input_shape=(3, 16, 16))
    assert parsed.network == "Program"
    assert sum(p.numel() for p in parsed.module.parameters()) == 608 + 112 + 13


def _words(attribute: str) -> str:
    return (
        "import paddle.fluid as fluid\n"
        "words = [fluid.data('w%d' % i, [None, 1], dtype='int64') for i in range(3)]\n"
        f"table = [fluid.embedding(w, [50, 8], param_attr={attribute}) for w in words]\n"
        "seen = fluid.layers.concat(table, axis=1)\n"
    )


@pytest.mark.parametrize(
    ("attribute", "tables"),
    [("'table'", 1), ("fluid.ParamAttr(name='table', learning_rate=2.0)", 1), ("fluid.ParamAttr()", 3), ("None", 3)],
)
def test_weights_of_one_name_are_one(attribute, tables):
    text = f"{_words(attribute)}out = fluid.layers.fc(seen, 5, bias_attr=fluid.ParamAttr(name='b'), act='softmax')"
    module = parse(text).module
    assert sum(p.numel() for p in module.parameters()) == tables * 50 * 8 + 24 * 5 + 5


def test_weights_of_one_name_have_one_size():
    text = f"{_words('None')}a = fluid.layers.fc(seen, 5, param_attr='w')\nb = fluid.layers.fc(a, 5, param_attr='w')"
    with pytest.raises(ParseError, match=r"Line 6: .*'w' have the size \[5, 24\] already, and are \[5, 5\]"):
        parse(text)


def test_layers_of_one_name_of_weights_and_biases():
    loop = "for _ in range(4):\n    y = fluid.layers.fc(y, 9, param_attr='w', bias_attr='b')"
    text = f"{FLUID}y = fluid.layers.fc(x, 9)\n{loop}"
    assert read(text) == (192 * 9 + 9 + 9 * 9 + 9, (9,))


def test_images_whose_channels_come_last():
    text = (
        "import paddle\npaddle.enable_static()\nx = paddle.static.data('x', [None, 9, 7, 3])\n"
        "y = paddle.static.nn.conv2d(x, 4, 3, data_format='NHWC', bias_attr=False)\n"
        "y = paddle.static.nn.batch_norm(y, data_layout='NHWC')\n"
    )
    assert read(text) == (4 * 27 + 8, (7, 5, 4))


def test_what_a_loss_of_a_whole_batch_gives_is_no_network():
    text = (
        "import paddle\npaddle.enable_static()\n\ndef build(x, y):\n    x.stop_gradient = True\n"
        "    out = paddle.static.nn.fc(x, size=6, bias_attr=paddle.ParamAttr('b'))\n"
        "    loss = paddle.nn.functional.cross_entropy(out, y)\n    return paddle.mean(loss), out, paddle.sum(out)\n\n"
        "loss, out, total = build(paddle.static.data('x', [-1, 3]), paddle.static.data('y', [-1, 1], 'int64'))\n"
    )
    assert read(text) == (24, (6,))


def test_a_network_of_which_only_the_loss_gets_a_name():
    text = (
        "import paddle.fluid as fluid\n\ndef train_program():\n"
        "    x, y = fluid.layers.data('x', [13]), fluid.layers.data('y', [1])\n"
        "    out = fluid.layers.fc(fluid.layers.fc(x, 10, act='relu'), 1)\n"
        "    return fluid.layers.mean(fluid.layers.square_error_cost(input=out, label=y))\n\n"
        "avg_loss = train_program()\n"
    )
    assert read(text) == (140 + 11, (1,))


POOLS = """
import paddle.fluid as fluid

def perceptron():
    return fluid.layers.fc(fluid.layers.data('x', [1, 9, 9]), 3)

def convolutions():
    x = fluid.layers.data('x', [1, {side}, {side}])
    x = fluid.nets.simple_img_conv_pool(x, num_filters=4, filter_size=3, pool_size=2, pool_stride=2, act='relu')
    return fluid.layers.pool2d(x, pool_size={window}, pool_stride=2, pool_type='max')

def train_program():
    y = fluid.layers.data('y', [1], dtype='int64')
    seen = convolutions()
    out = fluid.layers.fc(seen, 3)
    loss = fluid.layers.mean(fluid.layers.cross_entropy(out, y))
    return [loss, fluid.layers.accuracy(out, y)]
"""


@pytest.mark.parametrize(("side", "window", "cells"), [(9, 2, 1), (4, 2, 1), (6, 3, 1), (3, 2, 1), (12, 3, 4)])
def test_a_pool_may_reach_over_a_small_image(side, window, cells):
    """Paddle divides towards zero; the network that the training's function calls is meant."""
    assert read(POOLS.format(side=side, window=window)) == (36 + 4 + 4 * cells * 3 + 3, (3,))


def test_a_pool_that_no_part_of_an_image_fills_is_refused():
    text = (
        "import paddle.fluid as fluid\nx = fluid.layers.data('x', [1, 1, 1])\ny = fluid.layers.pool2d(x, 3, 'max', 2)"
    )
    with pytest.raises(ParseError, match="too small"):
        parse(text)
