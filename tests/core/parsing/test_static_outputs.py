"""Paddle's static graphs: which output is meant, how large it is said to be, and functions that take the input."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse
from tests.core.parsing.counting import read

IMAGE = "import paddle.fluid as fluid\nx = fluid.layers.data(name='x', shape=[3, 7, 7], dtype='float32')\n"
TWO = (
    "import paddle.fluid as fluid\ndef net(x, name):\n    h = fluid.layers.fc(x, 6)\n    return fluid.layers.fc(h, 2)\n"
    "now = fluid.layers.data('now', shape=[4])\nlater = fluid.layers.data('later', shape=[4])\n"
    "value = net(now, 'a')\nbest = fluid.layers.reduce_max(net(later, 'b'), dim=1)\n"
)


@pytest.mark.parametrize(
    ("settings", "parameters", "side"),
    [
        ("filter_size=5, stride=2, padding=2, output_size=[14, 14]", 3 * 4 * 25 + 4, 14),
        ("filter_size=5, stride=2, padding=2, output_size=13", 3 * 4 * 25 + 4, 13),
        ("output_size=14, stride=2", 3 * 4 * 4 + 4, 14),
        ("output_size=[16, 16], stride=2, padding=1, dilation=2, bias_attr=False", 3 * 4 * 9, 16),
    ],
)
def test_a_transposed_convolution_gives_the_size_that_it_is_told(settings, parameters, side):
    text = f"{IMAGE}y = fluid.layers.conv2d_transpose(x, 4, {settings})\nz = fluid.layers.fc(y, 2)"
    assert read(text)[0] == parameters + 4 * side * side * 2 + 2


def test_a_size_that_no_window_gives_is_refused():
    with pytest.raises(ParseError, match="at least 13×13"):
        parse(f"{IMAGE}y = fluid.layers.conv2d_transpose(x, 4, filter_size=5, stride=2, padding=2, output_size=15)")


def test_the_output_that_is_fetched_is_meant():
    assert parse(TWO).network == "best"
    loop = "for i in range(9):\n    action = exe.run(infer, feed={'now': state}, fetch_list=[value])[0]\n"
    assert parse(TWO + loop).network == "value"
    assert read(TWO + loop) == (44, (2,))
    assert parse(TWO + "exe.run(feed=batch, fetch_list=[best, value])").network == "best"
    assert (
        parse(TWO + "fluid.io.save_inference_model('m', ['now'], target_vars=[value], executor=exe)").network == "value"
    )


def test_an_input_that_an_inner_function_gets_is_the_typed_one():
    text = (
        "import paddle.fluid as fluid\ndef net(image, classes=5):\n    def block(part, width):\n"
        "        part = fluid.layers.conv2d(input=part, num_filters=width, filter_size=3, padding=1)\n"
        "        return fluid.layers.pool2d(input=part, pool_size=2, pool_stride=2)\n"
        "    return fluid.layers.fc(input=block(image, 4), size=classes)\n"
    )
    assert read(text, input_shape=(3, 8, 8)) == (112 + 64 * 5 + 5, (5,))


@pytest.mark.parametrize(
    "call", ["fluid.embedding(input=words, size=[9, 4])", "paddle.static.nn.embedding(words, [9, 4])"]
)
def test_the_first_argument_of_an_embedding_is_an_input(call):
    text = f"import paddle\nimport paddle.fluid as fluid\ndef net(words):\n    return paddle.static.nn.fc({call}, 3)\n"
    assert read(text, torch.long, input_shape=(6,))[0] == 36 + 24 * 3 + 3


def test_a_training_function_that_builds_its_network_anew_is_followed():
    text = (
        "import paddle\ndata = paddle.vision.datasets.MNIST(mode='train')\nnet = paddle.nn.Linear(4, 3)\n"
        "def train(model):\n    model = paddle.nn.Linear(5, 2)\n"
        "    for i, batch in enumerate(paddle.io.DataLoader(data)()):\n"
        "        output, accuracy = model(batch[0]), paddle.metric.accuracy(model(batch[0]), batch[1])\ntrain(net)\n"
    )
    assert sum(p.numel() for p in parse(text).module.parameters()) == 12


def test_labels_beside_an_image_and_the_accuracy_of_them():
    text = (
        "import paddle\nclass Net(paddle.nn.Layer):\n    def __init__(self):\n        super().__init__()\n"
        "        self.conv = paddle.nn.Conv2D(3, 4, 3)\n        self.fc = paddle.nn.Linear(3600, 10)\n"
        "    def forward(self, x, label=None):\n        y = self.fc(self.conv(x).flatten(1))\n"
        "        if label is not None:\n            return y, paddle.metric.accuracy(input=y, label=label)\n"
        "        return y\n"
        "net = Net()\ndata = paddle.vision.datasets.Cifar10(mode='train')\n"
    )
    parsed = parse(text)
    assert parsed.input_shape == (3, 32, 32)
    assert any("Cifar10" in note for note in parsed.notes)
