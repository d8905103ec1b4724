"""Functions of Paddle that PyTorch has elsewhere: their shapes and weights are Paddle's."""

import pytest
import torch

from core.parsing import parse

NET = """
import paddle
import paddle.nn as nn
import paddle.nn.functional as F

class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 6)
    def forward(self, x):
        y = self.fc(x)
        return {}
net = Net()
"""
SHAPES = {
    "paddle.slice(y, [1, 2], [0, 2], [3, 6])": (2, 3, 4),
    "paddle.strided_slice(y, [2], [0], [6], [2])": (2, 5, 3),
    "paddle.unstack(y, axis=1)[2]": (2, 6),
    "paddle.scale(y, 2.0, 1.0).reshape_([0, 30])": (2, 30),
    "x[:, :, :1].expand_as(y)": (2, 5, 6),
    "paddle.expand_as(x[:, :1, :1], y)": (2, 5, 6),
    "paddle.cast(paddle.greater_than(y, y.mean()), 'float32')": (2, 5, 6),
    "paddle.take_along_axis(y, y.argsort(axis=2)[:, :, :2], 2)": (2, 5, 2),
    "paddle.index_sample(y[:, :, 0], y[:, :, 0].argsort(axis=1))": (2, 5),
    "F.swiglu(y)": (2, 5, 3),
    "F.maxout(y, 3, axis=2)": (2, 5, 2),
    "F.zeropad2d(y.unsqueeze(1), [1, 2, 3, 4])": (2, 1, 12, 9),
    "paddle.reverse(y, [1]).numpy()": (2, 5, 6),
    "paddle.view(y, [2, 3, 10])": (2, 3, 10),
    "F.log_sigmoid(y) if paddle.in_dynamic_mode() else x": (2, 5, 6),
}


@pytest.mark.parametrize(("expression", "shape"), SHAPES.items())
def test_a_function_gives_the_shape_that_paddle_gives(expression, shape):
    parsed = parse(NET.format(expression), input_shape=(5, 4))
    assert parsed.module(torch.zeros(2, 5, 4, device="meta")).shape == shape
    assert sum(p.numel() for p in parsed.module.parameters()) == 30


NORMED = {
    "nn.utils.weight_norm(nn.Linear(4, 6))": 4 * 6 + 4 + 6,  # a length for each input: Paddle's weight is (in, out)
    "nn.utils.weight_norm(nn.Linear(4, 6), dim=1)": 4 * 6 + 6 + 6,
    "nn.utils.weight_norm(nn.Conv2D(3, 8, 3))": 3 * 8 * 9 + 8 + 8,
    "nn.utils.spectral_norm(nn.Conv2D(3, 8, 3))": 3 * 8 * 9 + 8,
}


@pytest.mark.parametrize(("layer", "count"), NORMED.items())
def test_norms_of_weights_have_the_parameters_that_paddle_counts(layer, count):
    parsed = parse(f"import paddle.nn as nn\nnet = nn.Sequential({layer})")
    assert sum(p.numel() for p in parsed.module.parameters()) == count


@pytest.mark.parametrize(
    ("pool", "out"),
    [
        ("nn.MaxPool1D(3, 1, 'SAME')", 9),
        ("nn.AvgPool1D(2, 2, 'VALID')", 4),
        ("nn.MaxPool1D(kernel_size=2, stride=2, padding='SAME')", 5),
        ("nn.AvgPool1D(2, padding='SAME')", 5),
    ],
)
def test_pools_padded_by_a_word(pool, out):
    parsed = parse(f"import paddle.nn as nn\nnet = nn.Sequential(nn.Conv1D(3, 3, 1), {pool})", input_shape=(3, 9))
    assert parsed.module(torch.zeros(2, 3, 9, device="meta")).shape == (2, 3, out)


def test_a_backbone_is_the_class_that_has_what_is_read_of_it():
    text = """
import paddle.nn as nn
class Body(nn.Layer):
    def __init__(self, width=8):
        super().__init__()
        self.fc, self.out_width = nn.Linear(4, width), width
    def forward(self, x):
        return self.fc(x)
class Other(nn.Layer):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
    def forward(self, x):
        return self.fc(x)
class Classifier(nn.Layer):
    def __init__(self, backbone, num_classes):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(self.backbone.out_width, num_classes)
    def forward(self, x):
        return self.head(self.backbone(x))
"""
    parsed = parse(text)
    assert parsed.network == "Classifier"
    assert sum(p.numel() for p in parsed.module.parameters()) == 4 * 8 + 8 + 8 * 10 + 10


CELLS = """
import paddle.nn as nn
class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.rnn = {}
    def forward(self, x):
        y, states = self.rnn(x)
        return y
net = Net()
"""


@pytest.mark.parametrize(
    ("rnn", "count", "shape"),
    [
        ("nn.RNN(nn.SimpleRNNCell(5, 4), is_reverse=True)", 4 * (5 + 4 + 2), (2, 7, 4)),
        ("nn.RNN(nn.LSTMCell(5, 3), time_major=True)", 4 * 3 * (5 + 3 + 2), (2, 7, 3)),
        ("nn.BiRNN(nn.GRUCell(5, 4), nn.GRUCell(5, 4))", 2 * 3 * 4 * (5 + 4 + 2), (2, 7, 8)),
    ],
)
def test_cells_run_over_the_steps(rnn, count, shape):
    module = parse(CELLS.format(rnn), input_shape=(7, 5)).module
    assert sum(p.numel() for p in module.parameters()) == count
    assert module(torch.zeros(2, 7, 5, device="meta")).shape == shape


def test_a_block_without_an_argument_is_called_without_it():
    text = """
import paddle
import paddle.nn as nn
class Block(nn.Layer):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)
    def forward(self, x):
        return self.fc(x)
class Net(nn.Layer):
    def __init__(self, pad_id, width=4):
        super().__init__()
        self.pad_id = pad_id
        self.blocks = nn.LayerList([Block(width), nn.Linear(width, width)])
        self.table = paddle.zeros([16, 16])
        for i in range(16):
            for j in range(16):
                self.table[i][j] = abs(i - j)
    def forward(self, x, lengths=None):
        for block in self.blocks:
            try:
                x = block(x, lengths=lengths)
            except TypeError:
                x = block(x)
        return x * (x != self.pad_id).astype("float32")
"""
    module = parse(text).module
    assert sum(p.numel() for p in module.parameters()) == 2 * (16 + 4)
    assert module(torch.zeros(2, 4, device="meta")).shape == (2, 4)


def test_sequences_are_as_long_and_as_wide_as_the_layers_behind_them_say():
    text = """
import paddle
import paddle.nn as nn
class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1D(480, 256, 3, padding="same")
        self.lstm = nn.LSTM(14, 10)
        self.fc = nn.Linear(2560, 96)
    def forward(self, x):
        y, _ = self.lstm(self.conv(x))
        return self.fc(y.flatten(1))
"""
    assert parse(text).input_shape == (480, 14)
    alone = text.replace("self.lstm(self.conv(x))", "self.lstm(x)").replace("        self.conv =", "        # ")
    assert parse(alone).input_shape == (256, 14)


@pytest.mark.parametrize(
    "last",
    [
        "probs = {}.nn.functional.softmax(y[0], {}=0)",
        "probs = {}.nn.Softmax({}=1)(y)",
        "p = nn.Sigmoid()(net(x))",
        "w = nn.Flatten()(y)",
    ],
)
@pytest.mark.parametrize(("library", "base", "axis"), [("torch", "Module", "dim"), ("paddle", "Layer", "axis")])
def test_what_is_done_with_the_outputs_for_data_is_no_part_of_a_network(last, library, base, axis):
    text = f"""
import {library}
import {library}.nn as nn
from PIL import Image
class Net(nn.{base}):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
    def forward(self, x):
        return self.fc(x)
net = Net()
x = Image.open("cat.jpg")
y = net(x)
{last.format(library, axis)}
"""
    assert parse(text).network == "net"
