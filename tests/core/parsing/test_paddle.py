"""Pasted Paddle: the same network in PyTorch's words."""

import pytest
import torch
from torch import nn

from core.errors import ParseError
from core.parsing import parse, parse_model
from core.parsing.dialects.paddle.layers import PADDLE

LENET = """
import paddle
import paddle.nn as nn

net = nn.Sequential(
    nn.Conv2D(1, 6, kernel_size=5, padding=2), nn.Sigmoid(),
    nn.AvgPool2D(kernel_size=2, stride=2),
    nn.Conv2D(6, 16, kernel_size=5), nn.Sigmoid(),
    nn.AvgPool2D(kernel_size=2, stride=2),
    nn.Flatten(), nn.Linear(16 * 5 * 5, 120), nn.Sigmoid(),
    nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10))
"""

EQUAL = {
    "nn.Conv2D(3, 8, 3, stride=2, padding=1, bias_attr=False)": "nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False)",
    "nn.Conv2D(3, 8, 3, padding='SAME', weight_attr=None)": "nn.Conv2d(3, 8, 3, padding='same')",
    "nn.Conv2D(3, 8, 3, padding=[1, 2, 3, 4])": "nn.Sequential(nn.ZeroPad2d((3, 4, 1, 2)), nn.Conv2d(3, 8, 3))",
    "nn.Conv2DTranspose(3, 8, 4, 2, 1, dilation=2)": "nn.ConvTranspose2d(3, 8, 4, stride=2, padding=1, dilation=2)",
    "nn.BatchNorm2D(8, momentum=0.8, epsilon=0.01)": "nn.BatchNorm2d(8, momentum=0.2, eps=0.01)",
    "nn.BatchNorm2D(8)": "nn.BatchNorm2d(8)",
    "nn.MaxPool2D(3, 2, ceil_mode=True)": "nn.MaxPool2d(3, 2, ceil_mode=True)",
    "nn.AvgPool2D(3, 2, 1)": "nn.AvgPool2d(3, 2, 1, count_include_pad=False)",
    "nn.AvgPool2D(3, 2, 1, exclusive=False)": "nn.AvgPool2d(3, 2, 1)",
    "nn.AdaptiveAvgPool2D((1, 1))": "nn.AdaptiveAvgPool2d((1, 1))",
    "nn.Flatten(start_axis=1), nn.Conv2D(1, 1, 1)": "nn.Flatten(start_dim=1), nn.Conv2d(1, 1, 1)",
    "paddle.nn.Softmax()": "nn.Softmax(dim=-1)",
    "paddle.nn.Swish()": "nn.SiLU()",
    "nn.Pad2D([1, 2, 3, 4], mode='reflect')": "nn.ReflectionPad2d((1, 2, 3, 4))",
    "nn.BatchNorm2D(8, bias_attr=False)": "nn.BatchNorm2d(8, bias=False)",
    "nn.BatchNorm2D(8, weight_attr=False, bias_attr=False)": "nn.BatchNorm2d(8, affine=False)",
    "nn.InstanceNorm2D(8, 0.01), nn.Conv2D(1, 1, 1)": "nn.InstanceNorm2d(8, 0.01, affine=True), nn.Conv2d(1, 1, 1)",
    "paddle.nn.GELU(approximate=True)": "nn.GELU('tanh')",
    "paddle.nn.Linear(3, 4, None, False)": "nn.Linear(3, 4, bias=False)",
    "paddle.nn.Upsample(scale_factor=2, mode='bilinear')": "nn.Upsample(None, 2, 'bilinear', False)",
    "nn.AvgPool1D(3, 2, 1, False)": "nn.AvgPool1d(3, 2, 1)",
    "nn.Dropout2D(0.2)": "nn.Dropout2d(0.2)",
}


def test_lenet_as_a_book_prints_it():
    parsed = parse(LENET)
    assert parsed.dialect == "paddle"
    assert sum(p.numel() for p in parsed.module.parameters()) == 61_706
    assert parsed.module(torch.empty(1, 1, 28, 28, device="meta")).shape == (1, 10)


@pytest.mark.parametrize(("paddle", "pytorch"), EQUAL.items())
def test_each_layer_is_the_pytorch_one(paddle, pytorch):
    parsed = parse(f"nn.Sequential({paddle})")
    assert parsed.dialect == "paddle"
    assert repr(parsed.module) == repr(eval(f"nn.Sequential({pytorch})", {"nn": nn}))
    assert repr(parse_model(parsed.lines)) == repr(parsed.module)


def test_named_layers_keep_their_names():
    module = parse_model("paddle.nn.Sequential(('conv', nn.Conv2D(1, 6, 3)), ('act', nn.ReLU()))")
    assert list(module._modules) == ["conv", "act"]


MISTAKES = {
    "unknown": ("import paddle\nnn.Sequential(nn.MaxPool2d(2))", "Line 2: .*MaxPool2d; the nearest is MaxPool2D"),
    "argument": ("nn.Sequential(nn.Conv2D(1, 6, 3, strides=2))", "unexpected keyword argument 'strides'"),
    "dropout mode": ("import paddle\nnn.Dropout(0.5, axis=1)", "leave them out"),
    "mask of a padded pool": ("nn.Sequential(nn.MaxPool2D(3, 2, 'SAME', return_mask=True))", "return_mask"),
    "mask": ("nn.Sequential(nn.MaxPool2D(2, return_mask=True), nn.ReLU())", "must be left out"),
    "elsewhere": ("import paddle\nnn.Sequential(paddle.vision.ops.nms())", "paddle.vision.ops.nms is not a layer"),
}


@pytest.mark.parametrize(("text", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_gets_a_sentence(text, sentence):
    with pytest.raises(ParseError, match=sentence):
        parse(text)


def test_torch_names_beside_paddle_ones_are_a_slip_in_pytorch():
    with pytest.raises(ParseError, match="no layer called Conv2D; the nearest is Conv2d"):
        parse("nn.Sequential(nn.Conv2D(3, 8, 3), nn.BatchNorm2d(8))")


ARGUMENTS = {
    "Conv": "4, 4, 3",
    "Pool": "2",
    "Norm": "4",
    "Pad": "1",
    "Linear": "4, 4",
    "PReLU": "4",
    "Bilinear": "4, 4, 4",
    "GroupNorm": "2, 4",
    "Embedding": "9, 4",
    "LSTM": "4, 4",
    "GRU": "4, 4",
    "SimpleRNN": "4, 4",
    "Transformer": "4, 2, 8",
}
ARGUMENTS |= {"Unflatten": "1, [2, 2]", "GLU": "", "Shuffle": "2", "Upsampl": "scale_factor=2", "Unshuffle": "1"}
ARGUMENTS |= {"Fold": "[4, 4], 2", "Unfold": "2", "ConstantPad": "1, 0.5", "LPPool": "2, 2"}


@pytest.mark.parametrize("name", [name for name in PADDLE if name != "SpectralNorm"])  # which is of a weight
def test_every_entry_builds(name):
    given = next((text for stem, text in reversed(ARGUMENTS.items()) if stem in name and name != "GELU"), "")
    parsed = parse(f"import paddle\nnn.Sequential(nn.{name}({given}))")
    assert repr(parse_model(parsed.lines)) == repr(parsed.module)


FLUID = """
import paddle.fluid as fluid
from paddle.fluid.dygraph.nn import Conv2D, Pool2D, Linear, BatchNorm

class Net(fluid.dygraph.Layer):
    def __init__(self, name_scope):
        super(Net, self).__init__(name_scope)
        self.conv = Conv2D(num_channels=1, num_filters=6, filter_size=5, padding=2, act='relu')
        self.norm = BatchNorm(6)
        self.pool = Pool2D(pool_size=2, pool_stride=2, pool_type='max')
        self.whole = Pool2D(pool_type='avg', global_pooling=True)
        self.fc = Linear(input_dim=6, output_dim=10, act='softmax')

    def forward(self, inputs, label=None):
        x = self.pool(self.norm(self.conv(inputs)))
        x = fluid.layers.elementwise_add(x, x, act='relu')
        x = fluid.layers.reshape(self.whole(x), [x.shape[0], 6])
        x = self.fc(x)
        if label is not None:
            return x, fluid.layers.accuracy(input=x, label=label)
        return x
"""


def test_layers_of_fluid():
    parsed = parse(FLUID)
    assert sum(p.numel() for p in parsed.module.parameters()) == (6 * 25 + 6) + 12 + 70
    assert parsed.module.eval()(torch.zeros(2, 1, 28, 28, device="meta")).shape == (2, 10)


def test_a_padding_of_fluid_stands_before_the_stride():
    text = "import paddle.fluid as fluid\nnet = fluid.dygraph.Conv2DTranspose(3, 4, 2, None, 0, 2)"
    assert parse(text).module(torch.zeros(1, 3, 5, 5, device="meta")).shape == (1, 4, 10, 10)


def test_isinstance_knows_paddles_layers():
    text = "import paddle.nn as nn\nnet = nn.Sequential(nn.Conv2D(3, 4, 3), nn.BatchNorm2D(4), nn.ReLU())\n"
    text += "n = sum(isinstance(m, (nn.Conv2D, nn.Linear)) for m in net.sublayers())\n"
    text += "net.add_sublayer('l', nn.Linear(2, n))\n"
    assert parse(text).module.l.out_features == 1


def test_parameters_and_creators_of_paddle():
    text = (
        "import paddle\nclass Net(paddle.nn.Layer):\n    def __init__(self):\n        super().__init__()\n"
        "        self.w = self.create_parameter(shape=[3, 4])\n"
        "        self.b = paddle.create_parameter([4], 'float32')\n"
        "        rates = [r.item() for r in paddle.linspace(start=0, stop=1, num=3)]\n"
        "        self.d = paddle.nn.LayerList([paddle.nn.Dropout(r) for r in rates])\n"
        "    def forward(self, x):\n        return paddle.matmul(x, self.w) + self.b\n"
    )
    module = parse(text).module
    assert [layer.p for layer in module.d] == [0, 0.5, 1]
    assert sum(p.numel() for p in module.parameters()) == 16


SEQUENCES = {
    "nn.LSTM(6, 8, direction='bidirect')": 2 * 4 * (8 * 14 + 2 * 8),
    "nn.LSTM(6, 8, bias_ih_attr=False, bias_hh_attr=False)": 4 * 8 * 14,
    "nn.GRU(6, 8, 2, dropout=0.1)": 3 * (8 * 14 + 16) + 3 * (8 * 16 + 16),
    "nn.SimpleRNN(6, 8)": 8 * 14 + 16,
    "nn.TransformerEncoderLayer(6, 2, 16)": 4 * 6 * 7 + 16 * 7 + 6 * 17 + 4 * 6,
    "nn.MultiHeadAttention(6, 2)": 4 * 6 * 7,
}


@pytest.mark.parametrize(("layer", "count"), SEQUENCES.items(), ids=SEQUENCES)
def test_a_layer_for_sequences_takes_the_batch_first(layer, count):
    text = f"class Net(nn.Layer):\n    def __init__(self):\n        super().__init__()\n        self.a = {layer}\n"
    text += "    def forward(self, x):\n        y = self.a(x)\n        return y[0] if isinstance(y, tuple) else y\n"
    module = parse(f"import paddle\nimport paddle.nn as nn\n{text}").module
    assert sum(p.numel() for p in module.parameters()) == count
    assert module(torch.empty(2, 10, 6, device="meta")).shape[:2] == (2, 10)


CELL = """
import paddle.nn as nn
class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.a = nn.LSTMCell(6, 8)

    def forward(self, x):
        y, (h, c) = self.a(x)
        return y + h * c
"""


def test_a_cell_returns_its_output_and_its_states():
    assert parse(CELL).module(torch.empty(2, 6, device="meta")).shape == (2, 8)


def test_a_model_of_paddle_is_its_network_and_states_the_input():
    text = "import paddle\nfrom paddle.static import InputSpec\nnet = paddle.vision.models.LeNet()\n"
    parsed = parse(f"{text}model = paddle.Model(net, [InputSpec([None, 1, 28, 28], 'float32')])")
    assert (sum(p.numel() for p in parsed.module.parameters()), parsed.input_shape) == (61_610, (1, 28, 28))


SCOPES = """
import paddle.fluid as fluid
class Net(fluid.dygraph.Layer):
    def __init__(self):
        super().__init__("net")
        self.conv = fluid.dygraph.Conv2D(self.full_name(), {}, act="relu")
        self.fc = fluid.dygraph.FC(self.full_name(), size=10, act="softmax")
    def forward(self, x):
        return self.fc(self.conv(x))
net = Net()
"""


def test_layers_behind_a_name_scope_take_their_sizes_from_the_input():
    parsed = parse(SCOPES.format("4, 3"), input_shape=(2, 6, 6))
    assert sum(p.numel() for p in parsed.module.parameters()) == (2 * 9 * 4 + 4) + (4 * 16 * 10 + 10)
    with pytest.raises(ParseError, match="num_channels is not certain"):
        parse(SCOPES.format("2, 4, 3"), input_shape=(2, 6, 6))


@pytest.mark.parametrize(
    ("data_format", "shape", "out"), [("NCHW", (3, 9, 8), (4, 7, 6)), ("NHWC", (9, 8, 3), (7, 6, 4))]
)
def test_channels_that_come_last_stay_last(data_format, shape, out):
    layers = f"Conv2D(3, 4, 3, data_format='{data_format}'), paddle.nn.BatchNorm2D(4, data_format='{data_format}')"
    parsed = parse(f"import paddle\nnet = paddle.nn.Sequential(paddle.nn.{layers})", input_shape=shape)
    assert sum(p.numel() for p in parsed.module.parameters()) == 3 * 4 * 9 + 4 + 8
    assert parsed.module(torch.empty(2, *shape, device="meta")).shape == (2, *out)


MODEL_FILE = """
import paddle
import paddle.nn as nn
import paddle.nn.functional as F
from .other_file import Identity, to_2tuple, normal_, trunc_normal_, zeros_

class Net(nn.Layer):
    def __init__(self, norm="nn.BatchNorm2D"):
        super().__init__()
        self.conv = nn.Conv2D(3, 8, 3, padding=1)
        self.norm = eval(norm)(8)
        self.mix = nn.Conv2D(8 * 2 * 2, self.conv._out_channels, self.conv._kernel_size, padding=1)
        self.rest = Identity()
        self.size = to_2tuple(2)
        self.order = paddle.arange(8)
        for name, layer in self.named_sublayers():
            if isinstance(layer, nn.Conv2D):
                trunc_normal_(layer.weight)
                zeros_(layer.bias)
                normal_(0, 0.1)(layer.weight)
        self.count = len(self.sublayers()) + len(self.sublayers(include_self=True))

    def forward(self, x):
        y = self.norm(self.conv(x))
        n, c, h, w = y.shape
        y = F.unfold(y, kernel_sizes=list(self.size), strides=2).reshape([n, -1, h // 2, w // 2])
        y = paddle.add_n([self.mix(y), F.hardsigmoid(self.mix(y), slope=0.2)])
        y = paddle.gather(F.fold(F.unfold(y, 2, 2), [8, 8], 2, strides=2), self.order, axis=1)
        y = self.rest(y).flatten(2).astype(paddle.float32)
        return paddle.matmul(y, y, transpose_y=True), self.norm._mean
"""


def test_what_files_of_model_collections_do():
    module = parse_model(MODEL_FILE)
    assert list(dict(module.named_parameters())) == [
        "conv.weight", "conv.bias", "norm.weight", "norm.bias", "mix.weight", "mix.bias"
    ]  # fmt: skip
    assert module.mix.weight.shape == (8, 32, 3, 3)
    assert module.values["count"] == 9
    assert [tuple(one.shape) for one in module(torch.empty(2, 3, 16, 16, device="meta"))] == [(2, 8, 8), (8,)]


@pytest.mark.parametrize("slope", [1 / 6, 0.2])
def test_hardsigmoid_has_paddles_slope(slope):
    text = f"""import paddle.nn.functional as F
class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 4)
    def forward(self, x):
        return F.hardsigmoid(self.fc(x), slope={slope})
net = Net()"""
    net, x = parse(text, device="cpu").module, torch.linspace(-6, 6, 15).reshape(5, 3)
    assert torch.allclose(net(x), (slope * net.fc(x) + 0.5).clamp(0, 1), atol=1e-6)


def test_layers_of_a_list_by_name_and_modes_in_capitals():
    text = """import paddle
class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.layers = nn.LayerList(sublayers=[nn.Conv2D(3, 4, 1), nn.Upsample(scale_factor=2, mode="BILINEAR")])
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return nn.functional.interpolate(x, scale_factor=2, mode="NEAREST")
net = Net()"""
    net = parse_model(text)
    assert sum(p.numel() for p in net.parameters()) == 16
    assert net(torch.empty(2, 3, 4, 4, device="meta")).shape == (2, 4, 16, 16)
