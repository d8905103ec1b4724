"""Ready-made networks of Paddle and layers of PARL: parameters and outputs that Paddle 3.3 gives."""

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse

NETWORKS = {  # network -> parameters, output
    "resnet18(num_classes=10)": (11_181_642, (10,)),
    "resnet50(num_classes=0, with_pool=False)": (23_508_032, (2048, 7, 7)),
    "resnext50_64x4d()": (45_192_488, (1000,)),
    "ResNet(models.resnet.BottleneckBlock, depth=50, width=4, num_classes=7, groups=32)": (22_994_247, (7,)),
    "densenet121(num_classes=0)": (6_953_856, (1024, 1, 1)),
    "vgg11(num_classes=0)": (9_220_480, (512, 7, 7)),
    "VGG(models.vgg.make_layers([64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M']), num_classes=5)": (
        128_786_821,
        (5,),
    ),
    "alexnet(num_classes=0)": (2_469_696, (256, 6, 6)),
    "squeezenet1_0(with_pool=False)": (1_248_424, (1000, 12, 12)),
    "mobilenet_v1(num_classes=10)": (3_217_226, (10,)),
    "MobileNetV2(scale=0.5, num_classes=3)": (691_523, (3,)),
    "mobilenet_v3_small(num_classes=0)": (927_008, (576, 1, 1)),
    "shufflenet_v2_x1_0()": (2_278_604, (1000,)),
    "inception_v3(num_classes=10)": (21_806_058, (10,)),
}


@pytest.mark.parametrize(("network", "expected"), NETWORKS.items())
def test_a_ready_made_network_is_the_one_of_paddle(network, expected):
    text = f"import paddle\nfrom paddle.vision import models\nnet = models.{network}"
    module = parse(text, input_shape=(3, 224, 224)).module.eval()
    parameters, output = expected
    assert sum(p.numel() for p in module.parameters()) == parameters
    assert module(torch.zeros(1, 3, 224, 224, device="meta")).shape == (1, *output)


def test_googlenet_has_three_outputs_in_paddle_and_heads_of_its_own():
    module = parse("import paddle\nnet = paddle.vision.models.googlenet(num_classes=10)").module.eval()
    assert sum(p.numel() for p in module.parameters()) == 8_491_486
    assert [one.shape for one in module(torch.zeros(1, 3, 224, 224, device="meta"))] == [(1, 10)] * 3


PARL = """
import parl
from parl import layers

class Model(parl.Model):
    def __init__(self, act_dim):
        self.conv = layers.conv2d(num_filters=8, filter_size=3, padding=1, act='relu')
        self.fc = layers.fc(size=act_dim)

    def value(self, obs):
        x = layers.pool2d(input=self.conv(obs), pool_size=2, pool_stride=2)
        return self.fc(x)
"""


def test_layers_of_parl_take_their_sizes_from_the_first_input():
    module = parse(PARL, input_shape=(3, 8, 8)).module
    assert sum(p.numel() for p in module.parameters()) == 8 * 27 + 8 + 10 * 8 * 16 + 10
    assert module(torch.zeros(2, 3, 8, 8, device="meta")).shape == (2, 10)


def test_a_layer_of_parl_that_meets_two_inputs_has_no_certain_size():
    text = PARL.replace("value(self, obs)", "value(self, obs, act)")
    with pytest.raises(ParseError, match="write its size"):
        parse(text.replace("self.fc(x)", "self.fc(layers.concat([layers.flatten(x), act], 1))"), input_shape=(3, 8, 8))


DATA = """
import paddle
import paddle.nn as nn

def rows(count):
    made = []
    while len(made) < count:
        row = [i * 7 % 11 for i in range(8)]
        made.append([sum(row), max(row), row])
    return made

train = rows(20000)
net = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, len('abc')))
"""


def test_data_that_take_long_to_make_are_passed_over():
    parsed = parse(DATA)
    assert sum(p.numel() for p in parsed.module.parameters()) == 36 + 15
    assert any("12" in note for note in parsed.notes)


def test_a_statement_that_builds_layers_may_take_more():
    text = DATA.replace("train = rows(20000)\n", "").replace("len('abc')", "len(rows(500))")
    assert sum(p.numel() for p in parse(text).module.parameters()) == 36 + 2500


def test_layers_of_fluid_without_their_import_are_those_of_fluid():
    text = """
class Net(fluid.dygraph.Layer):
    def __init__(self):
        super().__init__()
        self.conv = Conv2D(num_channels=3, num_filters=8, filter_size=3, padding=1, act='relu')
        self.pool = Pool2D(pool_size=2, pool_stride=2)
        self.norm = fluid.BatchNorm(8)
    def forward(self, x):
        return concat([self.pool(self.norm(self.conv(x))), self.pool(self.conv(x))], axis=1)
"""
    module = parse(text).module
    assert sum(p.numel() for p in module.parameters()) == 8 * 27 + 8 + 16
    assert module(torch.zeros(2, 3, 8, 8, device="meta")).shape == (2, 16, 4, 4)


def test_an_input_that_a_model_is_declared_with_has_to_fit():
    text = """
import paddle
import paddle.nn as nn
data = paddle.vision.datasets.MNIST(mode="train")
net = nn.Sequential(nn.Conv2D(1, 4, 3), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))
model = paddle.Model(net, paddle.static.InputSpec([None, 784], "float32", "x"))
"""
    assert parse(text).input_shape == (1, 28, 28)
    assert parse(text.replace("[None, 784]", "[None, 1, 28, 28]")).input_shape == (1, 28, 28)


ATARI = """
import paddle.nn as nn
import parl

class Model(parl.Model):
    def __init__(self, act_space):
        super().__init__()
        self.conv = nn.Conv2D(4, 8, 8, stride=4)
        self.flat = nn.Flatten()
        self.fc = nn.Linear(8 * 20 * 20, act_space.n)

    def value(self, obs):
        return self.fc(self.flat(self.conv(obs)))
"""


def test_a_class_without_forward_gets_the_input_that_its_method_needs():
    parsed = parse(ATARI)
    assert parsed.assumed["act_space.n"] == 2
    assert parsed.input_shape == (4, 84, 84)
    assert parsed.module(torch.zeros(2, 4, 84, 84, device="meta")).shape == (2, 2)


TRACED = (
    "import paddle\nimport paddle.nn as nn\nfrom paddle.static import InputSpec\nclass Net(nn.Layer):\n"
    "    def __init__(self):\n        super().__init__()\n        self.linear = nn.Linear(10, 3)\n"
    "    @paddle.jit.to_static\n    def forward(self, x):\n        return self.linear(x)\nnet = Net()\n"
)


@pytest.mark.parametrize(
    "line",
    [
        "net = paddle.jit.to_static(net, input_spec=[InputSpec([None, 7, 10], 'float32')])",
        "paddle.jit.save(net, 'here', input_spec=[InputSpec(shape=[-1, 7, 10], name='x')])",
    ],
)
def test_a_network_that_is_traced_states_its_input(line: str) -> None:
    parsed = parse(TRACED + line)
    assert (parsed.network, parsed.input_shape) == ("net", (7, 10))


def test_a_spec_of_an_unknown_size_states_nothing() -> None:
    parsed = parse(TRACED + "paddle.jit.save(net, 'here', input_spec=[InputSpec([None, size])])")
    assert parsed.input_shape is None


def test_the_last_argument_of_an_activation_is_its_name() -> None:
    text = "import paddle.nn as nn\nnet = nn.Sequential(nn.Linear(4, 2), nn.Silu('Silu'), nn.LeakyReLU(0.3, 'act'))"
    parsed = parse(text)
    assert [type(one).__name__ for one in parsed.module.children()] == ["Linear", "SiLU", "LeakyReLU"]
    assert parsed.module[2].negative_slope == 0.3


def test_an_input_that_a_method_hands_to_another_one_is_no_number() -> None:
    parsed = parse(
        "class Plain():\n"
        "    def net(self, input, class_dim):\n"
        "        return fluid.layers.fc(input=self.layer(input, 8), size=class_dim)\n"
        "    def layer(self, input, num_filters):\n"
        "        attribute = fluid.ParamAttr(name='a')\n"
        "        return fluid.layers.conv2d(input, num_filters, filter_size=3, param_attr=attribute)\n",
        input_shape=(3, 8, 8),
        values={"class_dim": 5},
    )
    counted = sum(one.numel() for one in parsed.module.parameters())
    assert (parsed.network, counted) == ("Plain.net", 8 * 27 + 8 + 5 * 8 * 36 + 5)


def test_what_a_loaded_network_gives_hides_no_network_of_the_text() -> None:
    parsed = parse(
        "import paddle\nx = paddle.static.data('x', [None, 7])\npred = paddle.static.nn.fc(x, 3)\n"
        "layer = paddle.jit.load('here')\npred = layer(paddle.randn([1, 7]))\n"
    )
    assert (parsed.network, parsed.input_shape) == ("pred", (7,))


def test_a_network_with_a_loaded_part_is_refused() -> None:
    with pytest.raises(ParseError, match="loaded"):
        parse(
            "import paddle\nimport paddle.nn as nn\nclass Net(nn.Layer):\n    def __init__(self):\n"
            "        super().__init__()\n        self.body = paddle.jit.load('here')\n"
            "        self.linear = nn.Linear(4, 2)\n    def forward(self, x):\n"
            "        return self.linear(self.body(x))\nnet = Net()\ny = net(paddle.randn([1, 4]))\n"
        )


def test_weights_that_an_imported_optimizer_gets_are_not_lost() -> None:
    parsed = parse(
        "import paddle\nfrom paddle.vision.models import resnet18\nfrom paddle.optimizer import Momentum\n"
        "model = paddle.Model(resnet18(num_classes=10))\noptimizer = Momentum(0.01, parameters=model.parameters())\n"
        "model.prepare(optimizer, paddle.nn.CrossEntropyLoss())\n"
    )
    assert (parsed.network, sum(one.numel() for one in parsed.module.parameters())) == ("model", 11_181_642)
