"""Data, blocks and functions of packages that texts import: their shapes are known without them."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse

KERAS = "from tensorflow import keras\nfrom tensorflow.keras import layers, Model\nimport numpy as np\n"
FIT = "net = keras.Sequential([layers.Dense(3)])\nnet.fit(x, y)\n"
SPLIT = "from sklearn.model_selection import train_test_split\n"


@pytest.mark.parametrize(
    ("lines", "features"),
    [
        ("from sklearn.datasets import load_wine\nx, y = load_wine(return_X_y=True)\n", 13),
        ("from sklearn.datasets import make_moons\nx, y = make_moons(50, 0.1)\n", 2),
        (
            "from sklearn.datasets import load_iris\n"
            + SPLIT
            + "d = load_iris()\nx, z, y, w = train_test_split(d.data, d['target'], test_size=0.2)\n",
            4,
        ),
        ("x = np.random.random((40, 7)).astype('float32')\ny = np.zeros(40)\n", 7),
        ("x = np.arange(12).reshape(-1, 6)\ny = x\n", 6),
    ],
)
def test_a_network_takes_its_input_from_data_of_a_known_shape(lines, features):
    assert parse(KERAS + lines + FIT).module[0].in_features == features


def test_texts_are_padded_to_as_many_steps_as_is_said():
    text = KERAS + (
        "(x, y), _ = keras.datasets.imdb.load_data(num_words=50)\n"
        "x = keras.preprocessing.sequence.pad_sequences(x, maxlen=9)\n"
        "net = keras.Sequential([layers.Embedding(50, 4), layers.Flatten(), layers.Dense(1)])\nnet.fit(x, y)\n"
    )
    assert parse(text).module[-1].in_features == 36


@pytest.mark.parametrize(
    ("network", "name", "channels"),
    [
        ("VGG16", "block3_conv2", 256),
        ("ResNet50", "conv3_block4_out", 512),
        ("MobileNetV2", "block_6_expand_relu", 192),
    ],
)
def test_a_layer_inside_of_a_ready_made_network_is_found_by_its_name(network, name, channels):
    text = KERAS + (
        f"base = keras.applications.{network}(include_top=False, input_shape=(64, 64, 3))\n"
        f"net = Model(base.input, base.get_layer('{name}').output)\n"
    )
    with torch.no_grad():
        assert parse(text).module.eval()(torch.empty(2, 3, 64, 64, device="meta")).shape[1] == channels


def test_groups_lie_along_the_axis_that_is_asked_for():
    text = "Sequential([Input((8, 6, 4)), GroupNormalization(groups=2{}), Flatten()])"
    counts = [parse(text.format(axis)).module for axis in ("", ", axis=1", ", axis=2", ", axis=-2")]
    assert [sum(p.numel() for p in one.parameters()) for one in counts] == [8, 16, 12, 12]


def test_blocks_of_timm_are_known():
    text = (
        "import torch\nfrom timm.models.vision_transformer import Block, PatchEmbed\n"
        "net = torch.nn.Sequential(PatchEmbed(8, 4, 3, 16), Block(16, 2, qkv_bias=True))\n"
    )
    net = parse(text).module
    assert net(torch.empty(2, 3, 8, 8, device="meta")).shape == (2, 4, 16)
    assert "1.attn.qkv.bias" in dict(net.named_parameters())


def test_patterns_are_read_where_they_cannot_take_long():
    text = (
        "import re\na, b = re.match(r'(\\d+)x(\\d+)', '3x4').groups()\nnet = nn.Sequential(nn.Linear(int(a), int(b)))"
    )
    assert parse(text).module[0].weight.shape == (4, 3)


@pytest.mark.parametrize("call", ["'(a+)+b', {}", "'(a+)(?#again)+b', {}", "'(a+) +b', {}, re.X", "'(?x)(a|a) *b', {}"])
def test_patterns_that_may_take_long_are_refused(call):
    found = call.format(repr("a" * 60))
    with pytest.raises(ParseError, match="none within another"):
        parse(f"import re\nn = len(re.findall({found}))\nnet = nn.Sequential(nn.Linear(n, 4))")


def test_a_causal_mask_can_be_run_without_memory():
    text = (
        "import torch\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.body = nn.Transformer(8, 2, 1, 1, 16, batch_first=True)\n    def forward(self, x):\n"
        "        mask = nn.Transformer.generate_square_subsequent_mask(x.size(1))\n"
        "        return self.body(x, x, tgt_mask=mask)\nnet = Net()\nnet(torch.zeros(2, 5, 8))\n"
    )
    assert parse(text).module.eval()(torch.empty(2, 5, 8, device="meta")).shape == (2, 5, 8)


def test_a_resampled_wave_is_as_long_as_torchaudio_makes_it():
    text = "import torchaudio\nnet = nn.Sequential(torchaudio.transforms.Resample(16000, 8000), nn.Conv1d(1, 2, 3))"
    assert parse(text).module(torch.empty(2, 1, 101, device="meta")).shape == (2, 2, 49)


def test_weights_that_an_initializer_makes_are_counted():
    text = KERAS + (
        "from keras import backend as K, initializers\nclass Scale(layers.Layer):\n    def build(self, shape):\n"
        "        self.w = K.variable(initializers.get('one')((int(shape[-1]),)), name=self.name)\n"
        "    def call(self, x):\n        return x * self.w\ni = keras.Input((4, 5))\nnet = Model(i, Scale()(i))\n"
    )
    assert sum(p.numel() for p in parse(text).module.parameters()) == 5


HUB = """import torch.nn as nn
from huggingface_hub import PyTorchModelHubMixin
class Net(nn.Module, PyTorchModelHubMixin):
    def __init__(self, width=4):
        super().__init__()
        self.rows = nn.Linear(width, 2)
    def forward(self, x):
        return self.rows(x)
"""


@pytest.mark.parametrize(("given", "width"), [("'owner/net'", 4), ("'owner/net', width=6, revision='main'", 6)])
def test_a_network_whose_weights_are_in_a_hub_is_of_its_class(given, width):
    parsed = parse(f"{HUB}net = Net.from_pretrained({given})")
    assert sum(one.numel() for one in parsed.module.parameters()) == 2 * width + 2


def test_a_class_without_such_a_base_has_no_such_method():
    with pytest.raises(ParseError, match="has no from_pretrained"):
        parse(f"{HUB.replace(', PyTorchModelHubMixin)', ')')}net = Net.from_pretrained('owner/net')")
