"""Layers of Paddle that PyTorch has not, or has with other settings: the counts and sizes are those of Paddle 3.3."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from core.parsing import materialize, parse
from tests.core.parsing.counting import read

NET = (
    "import paddle\nimport paddle.nn as nn\nimport paddle.nn.functional as F\nclass Net(nn.Layer):\n"
    "    def __init__(self):\n        super().__init__()\n        self.layer = {}\n    def forward(self, x):\n"
    "        {}\nnet = Net()\n"
)
IMAGE, ROWS = (3, 9, 8), (4, 5)


def text(layer: str, body: str = "return self.layer(x)") -> str:
    return NET.format(layer, body)


@pytest.mark.parametrize(
    ("layer", "parameters", "shape"),
    [
        ("nn.Conv2DTranspose(3, 4, 5, 2, 'same')", 304, (4, 17, 16)),
        ("nn.Conv2DTranspose(3, 4, 5, [2, 2], 'SAME', output_padding=1)", 304, (4, 18, 17)),
        ("nn.Conv2DTranspose(3, 4, 3, padding=[1, 0, 2, 1])", 112, (4, 10, 7)),
        ("nn.BatchNorm2D(3, weight_attr=False)", 3, IMAGE),
        ("nn.BatchNorm(3, act='hard_swish', bias_attr=False)", 3, IMAGE),
        ("nn.GroupNorm(3, 3, weight_attr=False)", 3, IMAGE),
        ("nn.LayerNorm([9, 8], weight_attr=False)", 72, IMAGE),
        ("nn.AdaptiveMaxPool2D(2, return_mask=True)", 0, (3, 2, 2)),
        ("nn.LPPool2D(2, 2)", 0, (3, 4, 4)),
        ("nn.SELU(scale=1.5, alpha=2.0)", 0, IMAGE),
        ("nn.Upsample(scale_factor=2, mode='bilinear', align_mode=1)", 0, (3, 18, 16)),
        ("nn.Upsample(size=[12, 12], mode='area')", 0, (3, 12, 12)),
    ],
)
def test_layers_of_images(layer, parameters, shape):
    body = "y = self.layer(x)\n        return y[0] if isinstance(y, tuple) else y"
    assert read(text(layer, body), input_shape=IMAGE) == (parameters, shape)


@pytest.mark.parametrize(
    ("layer", "body", "parameters", "shape"),
    [
        ("nn.LSTM(5, 6, proj_size=4)", "return self.layer(x)[0]", 288, (4, 4)),
        ("nn.GRU(5, 6)", "return self.layer(x, None, paddle.to_tensor([4, 3]))[0]", 234, (4, 6)),
        ("nn.TransformerEncoderLayer(5, 1, 16, bias_attr=False)", "return self.layer(x)", 4 * 25 + 160 + 20, ROWS),
        ("nn.TransformerDecoderLayer(5, 1, 16, bias_attr=False)", "return self.layer(x, x)", 8 * 25 + 160 + 30, ROWS),
        ("nn.GRUCell(5, 6)", "return self.layer(x[:, 0], self.layer.get_initial_states(x[:, 0]))[0]", 234, (6,)),
        ("nn.LSTMCell(5, 6)", "return self.layer(x[:, 0], self.layer.get_initial_states(x[:, 0]))[1][1]", 312, (6,)),
        ("nn.Bilinear(5, 5, 6, bias_attr=False)", "return self.layer(x, x)", 150, (4, 6)),
    ],
)
def test_layers_of_rows(layer, body, parameters, shape):
    assert read(text(layer, body), input_shape=ROWS) == (parameters, shape)


def test_the_vectors_of_a_spectral_norm_are_counted():
    body = "return F.conv2d(x, self.layer(self.conv.weight))"
    layer = "nn.SpectralNorm([4, 3, 3, 3], power_iters=2)\n        self.conv = nn.Conv2D(3, 4, 3)"
    parsed = parse(text(layer, body), input_shape=IMAGE)
    assert sum(p.numel() for p in parsed.module.parameters()) == 112 + 4 + 27
    net = materialize(parsed.module, 0)
    normed = net.layer(net.conv.weight).flatten(1)
    for _ in range(30):
        net.layer.weight_u.data = F.normalize(normed @ (normed.T @ net.layer.weight_u), dim=0)
    assert torch.linalg.matrix_norm(net.layer(net.conv.weight).flatten(1), 2).item() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("F.conv2d_transpose(x, paddle.ones([3, 4, 3, 3]), stride=2, padding=1, output_size=[18, 16])", (4, 18, 16)),
        ("F.conv2d_transpose(x, paddle.ones([3, 4, 3, 3]), stride=2, padding=[1, 0, 2, 1])", (4, 18, 14)),
        ("F.adaptive_max_pool2d(x, 2, return_mask=True)[1]", (3, 2, 2)),
        ("F.layer_norm(x, 8, epsilon=1e-3)", IMAGE),
        ("F.sigmoid_focal_loss(x, x, reduction='none')", IMAGE),
    ],
)
def test_functions(call, shape):
    assert read(text("nn.Identity()", f"return {call}"), input_shape=IMAGE)[1] == shape


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("F.thresholded_relu(x, 0.3, 1.0)", lambda x: F.threshold(x, 0.3, 1.0)),
        ("F.softshrink(x, threshold=0.2)", lambda x: F.softshrink(x, 0.2)),
        ("F.selu(x, 1.5, 2.0)", lambda x: 1.5 * F.elu(x, 2.0)),
        ("F.softmax_(x)", lambda x: x.softmax(-1)),
        ("F.avg_pool2d(x, 2, divisor_override=3)", lambda x: F.avg_pool2d(x, 2, divisor_override=3)),
    ],
)
def test_values(call, expected):
    net = materialize(parse(text("nn.Linear(1, 1)", f"return {call}"), input_shape=IMAGE).module, 0)
    x = torch.randn(2, *IMAGE)
    assert torch.allclose(net(x), expected(x), atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "parameters"),
    [
        ("nn.Conv2DTranspose(3, 6, 3, 1, 0, 0, 1, 1, None, None)", 168),
        ("nn.Conv2DTranspose(3, 6, 3, 1, 0, 0, 1, 1, None, False)", 162),
        ("nn.Conv2D(3, 6, 3, 1, 0, 1, 1, 'zeros', None, paddle.ParamAttr())", 168),
        ("nn.BatchNorm2D(3, 0.9, 1e-5, None, None, 'NCHW')", 6),
        ("nn.Sequential(['a', nn.Conv2D(3, 6, 1)], ['b', nn.ReLU()])", 24),
    ],
)
def test_attributes_of_weights_by_their_place(layer, parameters):
    assert read(text(layer), input_shape=IMAGE)[0] == parameters


def test_groups_come_before_dilation_where_steps_are_transposed():
    assert read(text("nn.Conv1DTranspose(4, 6, 3, 1, 0, 0, 2, 1)"), input_shape=(4, 9)) == (4 * 3 * 3 + 6, (6, 11))


@pytest.mark.parametrize(
    ("line", "parameters"),
    [
        ("self.count = len(self.sublayers()) + len(self.parameters())", 0),
        ("self.register_buffer('mean', paddle.ones([3, 1, 1]), persistable=False)", 0),
        ("self.other = paddle.Model(nn.Conv2D(3, 4, 1)).network", 16),
    ],
)
def test_methods_of_layers(line, parameters):
    assert read(text(f"nn.Conv2D(3, 6, 1)\n        {line}"), input_shape=IMAGE)[0] == 24 + parameters


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("paddle.prod(x, axis=[1, 2])", (8,)),
        ("x.logsumexp(axis=(2, 3), keepdim=True)", (3, 1, 1)),
        ("x.norm(p=2, axis=1)", (9, 8)),
        ("x.repeat_interleave(2, axis=1)", (6, 9, 8)),
        ("paddle.stack(x=[x, x], axis=-1)", (3, 9, 8, 2)),
        ("x + paddle.ones((9, 8), 'float32')", IMAGE),
        ("paddle.fft.rfft2(x, axes=(2, 3)).abs()", (3, 9, 5)),
        ("x[:, :, :, :1] * paddle.eye(num_rows=9, num_columns=5)", (3, 9, 5)),
    ],
)
def test_axes_and_kinds_of_numbers(call, shape):
    assert read(text("nn.Identity()", f"return {call}"), input_shape=IMAGE)[1] == shape
