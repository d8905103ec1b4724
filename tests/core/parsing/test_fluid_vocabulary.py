"""Layers and functions of `paddle.fluid`: counts and sizes follow the documentation of Paddle 1.8."""

from __future__ import annotations

import pytest
import torch

from core.parsing import materialize, parse
from tests.core.parsing.counting import read

IMAGE = (4, 9, 8)
NET = (
    "import paddle.fluid as fluid\nimport numpy as np\nclass Net(fluid.dygraph.Layer):\n    def __init__(self):\n"
    "        super(Net, self).__init__()\n        self.layer = fluid.dygraph.{}\n    def forward(self, x):\n"
    "        return {}\nnet = Net()\n"
)
STATIC = "import paddle.fluid as fluid\nx = fluid.layers.data(name='x', shape={}, dtype='float32')\nh = {}\n"


@pytest.mark.parametrize(
    ("layer", "parameters", "shape"),
    [
        ("Conv2D(4, 6, 3, 2, 1, 1, None, None, None, True, 'relu')", 222, (6, 5, 4)),
        ("Conv2DTranspose(4, 6, 3, stride=2, padding=1, output_size=[18, 16])", 222, (6, 18, 16)),
        ("LayerNorm([9, 8], scale=False, act='tanh')", 72, IMAGE),
        ("GroupNorm(channels=4, groups=2)", 8, IMAGE),
        ("GroupNorm(4, 2)", 8, IMAGE),
        ("InstanceNorm(4)", 8, IMAGE),
        ("PRelu('channel', 4)", 4, IMAGE),
        ("PRelu(mode='all')", 1, IMAGE),
        ("Linear(8, 5, None, None, 'tanh')", 45, (4, 9, 5)),
    ],
)
def test_layers_of_images(layer, parameters, shape):
    assert read(NET.format(layer, "self.layer(x)"), input_shape=IMAGE) == (parameters, shape)


def test_volumes_and_steps():
    volume = NET.format("Conv3DTranspose(4, 6, 3, 1, 2, act='relu')", "self.layer(x)")
    assert read(volume, input_shape=(4, 5, 6, 7)) == (4 * 6 * 27 + 6, (6, 9, 11, 13))
    step = NET.format("GRUUnit(15)", "self.layer(x[:, :15], x[:, 15:])[2]")
    assert read(step, input_shape=(20,)) == (5 * 15 + 15, (15,))


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("adaptive_pool2d(input=x, pool_size=[2, 3], pool_type='avg')", (4, 2, 3)),
        ("resize_bilinear(x, out_shape=[12, 10])", (4, 12, 10)),
        ("image_resize_short(x, 16)", (4, 18, 16)),
        ("expand_as(x[:, :1], x)", IMAGE),
        ("reduce_prod(x, dim=[1, 2], keep_dim=True)", (1, 1, 8)),
        ("crop_tensor(x, shape=[2, 2, 2, 2], offsets=[0, 1, 1, 1])", (2, 2, 2)),
        ("argsort(x, axis=1)[0]", IMAGE),
        ("one_hot(fluid.layers.unsqueeze(x, [4]), 5)", (4, 9, 8, 5)),
        ("cos_sim(x[:, 0, 0], x[:, 1, 0])", (1,)),
        ("elementwise_add(x, fluid.layers.fill_constant([4, 9, 8], 'float32', 0.5))", IMAGE),
        ("gather(x, fluid.dygraph.to_variable(np.array([0, 1])))", IMAGE),
        ("maxout(fluid.layers.hard_swish(x), 2)", (2, 9, 8)),
    ],
)
def test_functions_of_tensors(call, shape):
    assert read(NET.format("Dropout(0.1)", f"fluid.layers.{call}"), input_shape=IMAGE)[1] == shape


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("scale(x, scale=2.0, bias=1.0, bias_after_scale=False)", lambda x: (x + 1) * 2),
        ("reshape(x, [0, -1], act='relu')", lambda x: x.flatten(1).relu()),
        ("brelu(x, 0.1, 0.5)", lambda x: x.clamp(0.1, 0.5)),
        ("matmul(x, x, False, True, 0.5)", lambda x: 0.5 * x @ x.mT),
    ],
)
def test_values(call, expected):
    text = NET.format("Dropout(0.0)", f"fluid.layers.{call}")
    x = torch.randn(2, *IMAGE)
    assert torch.allclose(materialize(parse(text, input_shape=IMAGE).module, 0).eval()(x), expected(x), atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "call", "parameters", "output"),
    [
        ([7, 5], "fluid.layers.row_conv(x, 2)", 15, (7, 5)),
        ([5], "fluid.layers.bilinear_tensor_product(x, x, 7, act='relu')", 182, (7,)),
        ([7, 5], "fluid.layers.lstm(x, None, None, 7, 6, 2, is_bidirec=True)[0]", 2 * (312 + 480), (7, 12)),
        ([4, 9, 8], "fluid.nets.glu(x, 1)", 0, (2, 9, 8)),
    ],
)
def test_functions_of_static_graphs(shape, call, parameters, output):
    text = STATIC.format(shape, call) + "y = fluid.layers.fc(h, 1, bias_attr=False)\nout = fluid.layers.relu(h)\n"
    read_parameters, given = read(text)
    assert (read_parameters, given) == (parameters, output)
