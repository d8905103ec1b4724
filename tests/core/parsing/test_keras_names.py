"""Names that Keras gives layers of its own accord, by which a text asks for them."""

import pytest

from core.parsing import parse

IMPORTS = "import keras\nfrom keras.layers import *\n"
NET = "i = Input((3,))\nx = Dense(4)(i)\nx = Dense(5)(Dropout(0.5)(x))\nnet = keras.Model(i, Dense(6)(x))\n"
ROW = "net = keras.Sequential([Input((3,)), Dense(4), Dropout(0.5), Dense(5), Dense(6)])\n"


def outputs(text):
    """How many values the network gives."""
    return list(parse(IMPORTS + text).module.parameters())[-1].numel()


@pytest.mark.parametrize("net", [NET, ROW])
@pytest.mark.parametrize(("name", "expected"), [("dense", 4), ("dense_1", 5), ("dense_2", 6)])
def test_layers_are_numbered_by_kind(net, name, expected):
    assert outputs(f"{net}part = keras.Model(net.inputs, net.get_layer('{name}').output)") == expected


@pytest.mark.parametrize("place", [1, 3, 4])
def test_a_name_that_is_read_leads_back_to_its_layer(place):
    by_name = outputs(f"{NET}part = keras.Model(net.input, net.get_layer(net.layers[{place}].name).output)")
    assert by_name == outputs(f"{NET}part = keras.Model(net.input, net.layers[{place}].output)")


def test_numbers_go_on_in_the_next_network():
    assert outputs(f"{NET}{ROW}part = keras.Model(net.inputs, net.get_layer('dense_4').output)") == 5


@pytest.mark.parametrize("name", ["input_1", "input_layer"])
def test_inputs_have_names_of_keras_2_and_3(name):
    assert outputs(f"{NET}part = keras.Model(net.input, Dense(7)(net.get_layer('{name}').output))") == 7


def test_a_layer_that_is_renamed():
    assert (
        outputs(f"{ROW}net.layers[0]._name = 'wide'\npart = keras.Model(net.inputs, net.get_layer('wide').output)") == 4
    )


def test_names_of_one_text_choose_layers():
    weights = parse(
        f"{IMPORTS}{ROW}for one in net.layers:\n    one.trainable = one.name != 'dense_1'"
    ).module.parameters()
    assert [one.requires_grad for one in weights] == [True, True, False, False, True, True]
