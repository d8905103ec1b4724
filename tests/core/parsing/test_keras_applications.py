"""Keras's ready-made networks: counts and layers as Keras has them, and what texts put behind them."""

import pytest
import torch

from core.errors import MissingShapeError, ParseError
from core.parsing import parse
from core.parsing.clean import read_tree
from core.parsing.reading import Reading, ReadingOptions

KERAS = "from tensorflow import keras\nfrom tensorflow.keras import layers, Model\n"


def read(text, shape=None):
    """The network, its parameters, and what it gives for one image."""
    parsed = parse(KERAS + text, input_shape=shape)
    with torch.no_grad():
        out = parsed.module.eval()(torch.empty(2, *(shape or parsed.input_shape), device="meta"))
    return parsed, sum(p.numel() for p in parsed.module.parameters()), out.shape[1:]


@pytest.mark.parametrize(
    ("made", "trained", "out"),
    [  # the trainable parameters of Keras 3.15's own networks, and the shape of their output
        ("ResNet50(weights=None)", 25_583_592, (1000,)),
        ("ResNet50V2(include_top=False, input_shape=(150, 137, 3))", 23_519_360, (2048, 5, 5)),
        ("DenseNet121(include_top=False, input_shape=(64, 64, 3), pooling='avg')", 6_953_856, (1024,)),
        ("InceptionV3(include_top=False, input_shape=(150, 137, 3))", 21_768_352, (2048, 3, 2)),
        ("Xception(include_top=False, input_shape=(150, 137, 3))", 20_806_952, (2048, 5, 5)),
        ("MobileNet(input_shape=(96, 96, 3), alpha=0.5)", 1_331_592, (1000,)),
        ("MobileNetV3Small(include_top=False, input_shape=(150, 137, 3))", 927_008, (576, 5, 5)),
        ("EfficientNetB0(include_top=False, input_shape=(150, 137, 3))", 4_007_548, (1280, 5, 5)),
        ("EfficientNetV2B1(include_top=False, input_shape=(150, 137, 3))", 6_860_052, (1280, 5, 5)),
        ("EfficientNetV2B2(include_top=False, input_shape=(150, 137, 3))", 8_687_086, (1408, 5, 5)),
        ("EfficientNetV2S(include_top=False, input_shape=(64, 64, 3), pooling='max')", 20_177_488, (1280,)),
        ("NASNetMobile()", 5_289_978, (1000,)),
        ("NASNetMobile(include_top=False, input_shape=(150, 137, 3))", 4_232_978, (1056, 5, 5)),
        ("ConvNeXtTiny(classes=7, weights=None)", 27_825_511, (7,)),
        ("ConvNeXtSmall(include_top=False, input_shape=(64, 96, 3), pooling='avg')", 49_454_688, (768,)),
    ],
)
def test_ready_made_networks_have_keras_counts(made, trained, out):
    _, count, shape = read(f"net = keras.applications.{made}\n")
    assert (count, shape) == (trained, out)


def test_an_alpha_makes_another_network():
    counts = [read(f"net = keras.applications.MobileNetV2(alpha={a}, include_top=False)\n")[1] for a in (0.35, 1.0)]
    assert counts == [396_128, 2_223_872]


@pytest.mark.parametrize(
    ("network", "layer", "out"),
    [
        ("ResNet50(weights=None)", "layers[-2]", (2048,)),
        ("MobileNetV2(weights=None)", "layers[-3]", (1280, 7, 7)),
        ("ResNet50(include_top=False)", "layers[-2]", (2048, 7, 7)),
        ("MobileNetV2(include_top=False, input_shape=(96, 96, 3))", "get_layer('block_13_expand_relu')", (576, 6, 6)),
        ("VGG16(include_top=False)", "get_layer('block3_conv2')", (256, 56, 56)),
    ],
)
def test_a_layer_inside_is_one_of_keras_list(network, layer, out):
    text = f"base = keras.applications.{network}\nnet = Model(base.input, base.{layer}.output)\n"
    assert read(text)[2] == out


def names_of_layers(text):
    """What `net.layers` are called after a text."""
    tree, cleaned, _ = read_tree(f"{KERAS}{text}names = [one.name for one in net.layers]\n")
    return Reading(tree, cleaned, ReadingOptions()).evaluated().evaluator.globals.names["names"]


def test_the_list_of_layers_is_as_long_as_keras_and_in_its_order():
    names = names_of_layers("net = keras.applications.EfficientNetB0()\n")
    assert (len(names), names[4:6], names[-1]) == (241, ["stem_conv_pad", "stem_conv"], "predictions")
    names = names_of_layers("net = keras.applications.EfficientNetV2S(include_top=False)\n")
    assert (len(names), names[1:4], names[8]) == (513, ["rescaling", "stem_conv", "stem_bn"], "block1a_add")


def test_layers_in_branches_stand_by_their_distance_from_the_output():
    text = "i = keras.Input((4,))\na = layers.Dense(5, name='a')(i)\nb = layers.Dense(5, name='b')(a)\n"
    text += "c = layers.Dense(5, name='c')(i)\nd = layers.Add(name='d')([c, b])\nnet = Model(i, d)\n"
    assert names_of_layers(text)[1:] == ["a", "c", "b", "d"]
    assert read(text + "last = Model(net.input, net.layers[3].output)\n")[1] == 25 + 30


def test_a_sequential_has_no_input_among_its_layers():
    text = "net = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2)])\n"
    assert read(text + "first = Model(net.input, net.layers[0].output)\n")[2] == (3,)
    text = "net = keras.Sequential([layers.Dense(3, input_shape=(4,)), layers.Dense(2)])\n"
    assert read(text + "head = keras.Sequential(net.layers[:-1])\nhead.add(layers.Dense(7))\n")[1] == 15 + 28


def test_settings_that_no_network_has_are_refused():
    with pytest.raises(ParseError, match="width"):
        read("net = keras.applications.Xception(width=3)\n")
    with pytest.raises(ParseError, match="at least 71"):
        read("net = keras.applications.Xception(include_top=False, input_shape=(64, 64, 3))\n")


def test_a_shape_out_of_data_is_asked_for():
    text = "net = keras.applications.MobileNetV2(include_top=False, input_shape=images.shape[1:])\n"
    with pytest.raises(MissingShapeError, match="type it beside the code"):
        read(text)
    assert parse(KERAS + text, input_shape=(3, 64, 64)).input_shape == (3, 64, 64)
