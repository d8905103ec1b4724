"""Keras's `trainable`, down to the parts of layers and networks: the counts are those of Keras 3."""

import pytest

from core.parsing import parse

IMPORTS = "import keras\nfrom keras.layers import *\n"
ROW = "net = keras.Sequential([Input((3,)), Dense(4, name='wide'), BatchNormalization(), Dense(2)])\n"  # 16, 8, 10
OWN = """
class Scaled(Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=shape[-1:])
        self.parts = [Dense(2)]

    def call(self, x):
        return self.parts[0](x * self.scale)


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.scaled, self.last = Scaled(), Dense(5)

    def call(self, x):
        return self.last(self.scaled(x))


net = Net()
net.build((None, 3))
"""


def counts(text):
    """Numbers of weights that are trained and that are not."""
    weights = list(parse(IMPORTS + text).module.parameters())
    return tuple(sum(one.numel() for one in weights if one.requires_grad is kind) for kind in (True, False))


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("net.trainable = False", (0, 34)),
        ("net.trainable = False\nnet.trainable = True", (34, 0)),
        ("net.layers[0].trainable = False", (18, 16)),
        ("net.trainable = False\nnet.layers[-1].trainable = True", (0, 34)),
        ("for layer in net.layers[:-1]:\n    layer.trainable = False", (10, 24)),
        ("for i, layer in enumerate(net.layers):\n    layer.trainable = i > 1", (10, 24)),
        ("net.get_layer('wide').trainable = False", (18, 16)),
        ("for one in net.layers:\n    if isinstance(one, BatchNormalization):\n        one.trainable = False", (26, 8)),
        ("for one in net.layers:\n    if one.__class__.__name__ == 'Dense':\n        one.trainable = False", (8, 26)),
        ("for one in net.layers:\n    if type(one) == Dense:\n        one.trainable = False", (8, 26)),
        ("for one in net.layers:\n    one.trainable = not one.name.startswith('wide')", (18, 16)),
        ("net.layers[0].trainable = False\nnet.layers[0].trainable = not net.layers[0].trainable", (34, 0)),
        ("net.trainable = False\nbig = keras.Sequential([net, Dense(7)])", (21, 34)),
        ("net.trainable = False\nnet.layers[2].trainable = True\nbig = keras.Sequential([net, Dense(7)])", (31, 24)),
        ("i = Input((3,))\nbig = keras.Model(i, Dense(7)(net(i)))\nbig.layers[1].trainable = False", (21, 34)),
        ("def freeze(model):\n    for one in model.layers:\n        one.trainable = False\nfreeze(net)", (0, 34)),
    ],
)
def test_parts_of_a_network(statements, expected):
    assert counts(ROW + statements) == expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("net.scaled.trainable = False", (15, 11)),
        ("net.last.trainable = False", (11, 15)),
        ("net.trainable = False", (0, 26)),
        ("for layer in net.layers[:1]:\n    layer.trainable = False", (15, 11)),
    ],
)
def test_objects_of_the_text(statements, expected):
    assert counts(OWN + statements) == expected


OWN_PARTS = """
class Block(Layer):
    def __init__(self, **settings):
        super().__init__(**settings)
        self.wide, self.last = Dense(4), Dense(2)

    def build(self, shape):
        self.scale = self.add_weight(shape=shape[-1:])

    def call(self, x):
        return self.last(self.wide(x * self.scale))


x = Input((3,))
"""


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("block = Block()\nnet = keras.Model(x, block(x))\nblock.trainable = False", (0, 29)),
        ("block = Block()\nblock.trainable = False\nnet = keras.Model(x, block(x))", (0, 29)),
        ("net = keras.Model(x, Block(trainable=False)(x))", (26, 3)),  # its own weights alone
        ("block = Block()\nnet = keras.Model(x, block(x))\nblock.wide.trainable = False", (13, 16)),
    ],
)
def test_objects_of_the_text_within_a_network(statements, expected):
    assert counts(OWN_PARTS + statements) == expected


@pytest.mark.parametrize(
    ("layer", "kind", "is_one"),
    [
        ("SpatialDropout2D(0.1)", "Dropout", True),
        ("GaussianDropout(0.1)", "Dropout", False),
        ("AdditiveAttention()", "Attention", True),
        ("ConvLSTM2D(2, 3)", "RNN", True),
        ("Conv2DTranspose(2, 3)", "Conv2D", False),
    ],
)
def test_classes_of_layers(layer, kind, is_one):
    text = f"net = keras.Sequential([Input((3,)), Dense(2 if isinstance({layer}, {kind}) else 1, use_bias=False)])"
    assert counts(text) == (6 if is_one else 3, 0)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("Dense(5, trainable=False)", (0, 25)),
        ("TimeDistributed(Dense(5, trainable=False))", (0, 25)),
        ("Bidirectional(LSTM(2, trainable=False))", (0, 112)),
    ],
)
def test_settings_of_a_layer(layer, expected):
    assert counts(f"net = keras.Sequential([Input((6, 4)), {layer}])") == expected


def test_layers_that_are_frozen_before_they_have_weights():
    assert counts(
        "net = keras.Sequential([Dense(4), Dense(2)])\nnet.layers[0].trainable = False\nnet.build((None, 3))"
    ) == (
        10,
        16,
    )


def test_a_ready_made_network_under_a_head():
    text = """
base = keras.applications.MobileNetV2(include_top=False, input_shape=(96, 96, 3))
base.trainable = False
net = keras.Sequential([base, GlobalAveragePooling2D(), Dense(2)])
"""
    assert counts(text) == (1280 * 2 + 2, 2_223_872)
    whole = counts(f"{text}for layer in base.layers[-3:]:\n    layer.trainable = True")
    assert whole == (1280 * 2 + 2 + 320 * 1280 + 2 * 1280, 2_223_872 - 320 * 1280 - 2 * 1280)


def test_a_row_of_ready_made_networks_is_frozen_without_being_built():
    """Together they have more layers than a text may have: each is put together when it is first looked into."""
    text = "from keras.applications import *\n"
    text += "for make in (DenseNet201, InceptionResNetV2, ResNet152, NASNetLarge, VGG16):\n"
    text += "    base = make(include_top=False, input_shape=(331, 331, 3))\n    base.trainable = False\n"
    text += "    net = keras.Sequential([base, GlobalAveragePooling2D(), Dense(2)])\n"
    assert counts(text) == (512 * 2 + 2, 14_714_688)


def test_lines_freeze_the_same():
    parsed = parse(f"{IMPORTS}{ROW}net.layers[0].trainable = False")
    again = parse(parsed.lines)
    kinds = [[one.requires_grad for one in net.module.parameters()] for net in (parsed, again)]
    assert kinds[0] == kinds[1] == [False] * 2 + [True] * 4


LAYERS = "from tensorflow import keras\nfrom tensorflow.keras import layers\n"
LAYERS += "base = keras.Sequential([keras.Input((8, 8, 3)),\n"
LAYERS += "    layers.Conv2D(4, 3), layers.ReLU(), layers.BatchNormalization(), layers.Flatten(), layers.Dense(2)])\n"


@pytest.mark.parametrize(
    ("condition", "trained"),
    [
        ("layer.weights", [False] * 6),
        ("layer.get_weights()", [False] * 6),
        ("len(layer.weights) > 2", [True, True, False, False, True, True]),
        ("layer.count_params() > 50", [False, False, True, True, False, False]),
        ("layer.non_trainable_weights", [True, True, False, False, True, True]),
        ("hasattr(layer, 'kernel')", [False, False, True, True, False, False]),
        ("hasattr(layer, 'moving_mean')", [True, True, False, False, True, True]),
        ("hasattr(layer, 'rate')", [True] * 6),
    ],
)
def test_a_layer_is_frozen_by_what_it_has(condition, trained):
    text = LAYERS + f"for layer in base.layers:\n    if {condition}:\n        layer.trainable = False\n"
    assert [weight.requires_grad for weight in parse(text).module.parameters()] == trained
