"""Pasted Keras: known counts, shapes that its layers leave, and what is asked for or refused."""

import inspect

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse, parse_model
from core.parsing.dialects.keras.layers import ACTIVATIONS, KERAS

MNIST = """
import numpy as np
import keras
from keras import layers

num_classes = 10
input_shape = (28, 28, 1)
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train.astype("float32") / 255

model = keras.Sequential(
    [
        keras.Input(shape=input_shape),
        layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(num_classes, activation="softmax"),
    ]
)
model.summary()
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=128, epochs=15, validation_split=0.1)
"""

CATS_AND_DOGS = """
from keras import layers, models, optimizers
model = models.Sequential()
model.add(layers.Conv2D(32, (3, 3), activation='relu',
                        input_shape=(150, 150, 3)))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(64, (3, 3), activation='relu'))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(128, (3, 3), activation='relu'))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(128, (3, 3), activation='relu'))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Flatten())
model.add(layers.Dense(512, activation='relu', kernel_regularizer=regularizers.l2(0.01)))
model.add(layers.Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer=optimizers.RMSprop(lr=1e-4), metrics=['acc'])
"""

GENERATOR = """
def make_generator_model():
    model = tf.keras.Sequential()
    model.add(layers.Dense(7*7*256, use_bias=False, input_shape=(100,)))
    model.add(layers.BatchNormalization())
    model.add(layers.LeakyReLU())
    model.add(layers.Reshape((7, 7, 256)))
    assert model.output_shape == (None, 7, 7, 256)
    model.add(layers.Conv2DTranspose(128, (5, 5), strides=(1, 1), padding='same', use_bias=False))
    model.add(layers.BatchNormalization())
    model.add(layers.LeakyReLU())
    model.add(layers.Conv2DTranspose(64, (5, 5), strides=(2, 2), padding='same', use_bias=False))
    model.add(layers.BatchNormalization())
    model.add(layers.LeakyReLU())
    model.add(layers.Conv2DTranspose(1, (5, 5), strides=(2, 2), padding='same', use_bias=False, activation='tanh'))
    return model
generator = make_generator_model()
"""

FUNCTIONAL = """
inputs = keras.Input(shape=(180, 180, 3))
x = layers.Rescaling(1./255)(inputs)
x = layers.Conv2D(filters=32, kernel_size=3, activation=tf.nn.relu)(x)
x = layers.MaxPooling2D(pool_size=2)(x)
x = layers.Flatten()(x)
outputs = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs=inputs, outputs=outputs)
"""

FLOWERS = """
import os
img_height = 180
img_width = 180
num_classes = len(class_names)
num_classes = 5

model = Sequential([
  layers.Rescaling(1./255, input_shape=(img_height, img_width, 3)),
  layers.Conv2D(16, 3, padding='same', activation='relu'),
  layers.MaxPooling2D(),
  layers.Conv2D(32, 3, padding='same', activation='relu'),
  layers.MaxPooling2D(),
  layers.Conv2D(64, 3, padding='same', activation='relu'),
  layers.MaxPooling2D(),
  layers.Flatten(),
  layers.Dense(128, activation='relu'),
  layers.Dense(num_classes)
])
"""

DENSE = """
model = Sequential([
    Dense(512, 'relu', input_dim=784),
    Dropout(0.2),
    Dense(512, activation=LeakyReLU(alpha=0.1)),
    Dense(10), Activation('softmax')])
"""

# counts as Keras's own summary prints them (the generator's without the 25,472 that do not train)
TUTORIALS = {
    "mnist convnet": (MNIST, (1, 28, 28), 34_826, (10,)),
    "small cats and dogs": (CATS_AND_DOGS, (3, 150, 150), 3_453_121, (1,)),
    "gan generator": (GENERATOR, (100,), 2_330_944 - 25_472, (1, 28, 28)),
    "functional chain": (FUNCTIONAL, (3, 180, 180), 896 + 253_473, (1,)),
    "flowers": (FLOWERS, (3, 180, 180), 3_989_285, (5,)),
    "dense": (DENSE, (784,), 401_920 + 262_656 + 5_130, (10,)),
}


@pytest.mark.parametrize(("text", "input_shape", "params", "out"), TUTORIALS.values(), ids=TUTORIALS)
def test_tutorials_have_the_counts_that_keras_prints(text, input_shape, params, out):
    parsed = parse(text)
    assert parsed.dialect == "keras"
    assert parsed.input_shape == input_shape
    assert sum(p.numel() for p in parsed.module.parameters()) == params
    assert parsed.module.eval()(torch.empty(1, *input_shape, device="meta")).shape[1:] == out
    assert repr(parse_model(parsed.lines)) == repr(parsed.module)


def test_what_was_passed_over_is_said():
    notes = " ".join(parse(MNIST).notes)
    assert "Lines 23, 24, 25 were skipped" in notes
    assert "another order" in notes
    assert "Regularizers are left out" in " ".join(parse(CATS_AND_DOGS).notes)
    assert "Rescaling is left out" in " ".join(parse(FUNCTIONAL).notes)
    assert "do not" not in " ".join(parse(DENSE).notes)


@pytest.mark.parametrize("name", [name for name, layer in ACTIVATIONS.items() if layer])
def test_each_activation_is_a_layer(name):
    module = parse_model(f"Sequential([Input((4,)), Dense(3, activation='{name}')])")
    assert type(module[1]).__name__ == ACTIVATIONS[name].kind


EXAMPLES = {  # settings for layers that need some; the others are built bare
    "Dense": "3",
    "Activation": "'relu'",
    "Dropout": "0.5",
    "AlphaDropout": "0.5",
    "Reshape": "(-1, 2)",
    **dict.fromkeys(("Resizing", "CenterCrop", "RandomCrop"), "4, 5"),
    "DepthwiseConv2D": "3",
    "PReLU": "shared_axes=[1, 2]",
    "GroupNormalization": "2",
    "Rescaling": "1 / 255",
}


@pytest.mark.parametrize("name", KERAS)
def test_each_layer_knows_the_shape_it_leaves(name):
    axes = next((int(n) for n in "123" if f"{n}D" in name), 2)
    given = EXAMPLES.get(name) or ("0.5" if "Dropout" in name else "")
    needed = [
        p for p in inspect.signature(KERAS[name]).parameters.values() if p.default is p.empty and p.name != "shape"
    ]
    if not given and needed and "Random" not in name:
        given = "4, 3" if "filters" in [p.name for p in needed] else "1"
    sides = ", ".join(["9"] * axes)
    text = f"Sequential([Input(({sides}, 4)), {name}({given}), BatchNormalization(), GlobalMaxPooling{axes}D()])"
    if name == "Flatten" or "Global" in name:
        text = f"Sequential([Input(({sides}, 4)), {name}({given}), Dense(2)])"
    if name == "Reshape":
        text = "Sequential([Input((9, 9, 4)), Reshape((-1, 2)), Dense(5)])"
    parsed = parse(text)
    parsed.module.eval()(torch.empty(2, *parsed.input_shape, device="meta"))  # a wrong shape would not fit what follows
    assert repr(parse_model(parsed.lines)) == repr(parsed.module)


def test_a_shape_that_is_missing_is_asked_for_or_given():
    text = "Sequential([Conv2D(8, 3), Flatten(), Dense(1)])"
    with pytest.raises(ParseError, match=r"Line 1: the code states no input shape.*type it beside"):
        parse(text)
    assert parse(text, input_shape=(1, 9, 9)).module[2].in_features == 8 * 7 * 7


def test_an_open_size_takes_the_given_one():
    text = "Sequential([Input((None, None, 3)), Conv2D(8, 3), Flatten(), Dense(1)])"
    assert parse(text, input_shape=(3, 9, 9)).module[2].in_features == 8 * 7 * 7


MISTAKES = {
    "unknown": (
        "Sequential([Input((9, 9, 1)),\n Conv2d(8, 3), MaxPooling2D()])",
        "Line 2: .*Conv2d; the nearest is Conv2D",
    ),
    "does not fit": ("Sequential([Input((9, 9, 1)),\n Conv2D(8, 11)])", "Line 2: Conv2D: a 11x11 kernel does not fit"),
    "argument": ("Sequential([Input((9, 9, 1)), Conv2D(8, 3, stride=2)])", "unexpected keyword argument 'stride'"),
    "flat into conv": (
        "Sequential([Input((9, 9, 1)), Flatten(), Conv2D(8, 3)])",
        "Conv2D: it needs an input with 2 spatial dimensions",
    ),
    "merge": ("x = Input((9, 9, 1))\ny = concatenate([x, Input((8, 8, 1))])\nModel(x, y)", "Line 2: .*[Ss]izes"),
    "padding word": ("Sequential([Conv2D(8, 3, padding='full')])", 'padding="full" must be one of valid, same'),
    "number of filters": ("Sequential([Conv2D('a', 3)])", 'filters="a" must be an integer'),
    "activation": ("Sequential([Input((3,)), Dense(8, 'swoosh')])", 'activation="swoosh" must be one of'),
    "noise": ("Sequential([Input((9, 9, 3)), Dropout(0.5, noise_shape=(None, 1, 9, 3))])", "whole channels"),
    "slopes": ("Sequential([Input((9, 9, 1)), PReLU(shared_axes=[4]), Flatten(), Dense(1)])", "axes from 1 to 3"),
    "reshape": ("Sequential([Input((9,)), Reshape((2, 5))])", "has 10 values, but the input has 9"),
    "input shape": ("Sequential([Input((9, 'a')), Dense(1)])", "the input shape must be"),
    "nothing": ("model = keras.Sequential()", "No layer was found"),
    "cropped away": ("Sequential([Input((4, 4, 1)), Cropping2D(2)])", "nothing is left of 4x4"),
    "twice": ("d = Dense(3)\nx = Input((2,))\ny = d(d(x))\nModel(x, y)", "used twice, on different shapes"),
    "added nonsense": ("model = Sequential()\nmodel.add(3)", "Line 2: model.add takes a layer"),
}


@pytest.mark.parametrize(("text", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_gets_a_sentence(text, sentence):
    with pytest.raises(ParseError, match=sentence):
        parse(text)


def test_a_layer_used_twice_on_one_shape_shares_its_weights():
    module = parse_model("d = Dense(3)\nx = Input((3,))\nModel(x, d(d(x)))")
    assert module[0] is module[1]


def test_a_layer_that_is_added_twice_is_refused_as_keras_does():
    with pytest.raises(ParseError, match="Line 2: the same layer is added twice"):
        parse("d = Dense(3)\nSequential([Input((3,)), d, d])")


def test_nested_sequentials_and_add_after_a_list():
    text = "base = Sequential([Conv2D(8, 3)])\nmodel = Sequential([Input((9, 9, 1)), base])\n"
    assert parse_model(text + "model.add(Flatten())\nmodel.add(Dense(2))")[2].in_features == 8 * 49


def test_where_a_script_asks_for_the_order_of_axes_it_is_answered_as_keras_would():
    text = """
if K.image_data_format() == "channels_first":
    shape = (3, 150, 160)
else:
    shape = (150, 160, 3)
model = Sequential()
model.add(Conv2D(32, (3, 3), input_shape=shape))
"""
    assert parse(text).input_shape == (3, 150, 160)


def test_layers_of_a_network_go_into_another_one_by_one():
    text = "base = VGG16(include_top=False, input_shape=(64, 64, 3))\nnet = Sequential()\nfor layer in base.layers:\n"
    text += (
        "    net.add(layer)\n    layer.trainable = False\nnet.add(Flatten())\nnet.add(Dense(2))\nnet.optimizer = 'adam'"
    )
    parsed = parse(f"from keras.applications import VGG16\n{text}")
    assert sum(p.numel() for p in parsed.module.parameters()) == 14_714_688 + 2 * (2 * 2 * 512 + 1)
