"""Data sets of Keras tell the input of a network that states none, as they do when Keras fits it."""

from __future__ import annotations

import pytest

from core.errors import MissingShapeError
from core.parsing import parse

LOAD = """
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers
(x_train, y_train), (x_test, y_test) = tf.keras.datasets.{0}.load_data()
{1}
model = tf.keras.Sequential([layers.Flatten(), layers.Dense(3)])
model.compile()
model.fit(x_train, y_train)
"""
STEPS = {
    "x_train = x_train / 255.0": (28, 28),
    "x_train = x_train.reshape(-1, 28, 28, 1).astype('float32')": (1, 28, 28),
    "x_train = np.expand_dims(x_train, -1)": (1, 28, 28),
    "x_train = x_train[..., tf.newaxis] * 2": (1, 28, 28),
    "x_train = x_train.reshape(len(x_train), -1)": (784,),
    "x_train = x_train[:100, :14]": (28, 14),
}


@pytest.mark.parametrize("step", STEPS)
def test_what_is_made_of_the_data_is_the_input(step):
    parsed = parse(LOAD.format("mnist", step))
    assert sorted(parsed.input_shape) == sorted(STEPS[step])
    assert parsed.module[-1].in_features * 3 + 3 == sum(p.numel() for p in parsed.module.parameters())


def test_pictures_with_colours():
    assert parse(LOAD.format("cifar10", "")).input_shape == (3, 32, 32)


def test_a_size_that_the_text_takes_of_the_data_is_no_assumption():
    text = LOAD.format("fashion_mnist", "x_train = x_train.reshape(-1, 784)\nsize = x_train.shape[1]")
    parsed = parse(f"{text}net = tf.keras.Sequential([layers.Dense(4, input_dim=size), layers.Dense(size)])")
    assert [p.shape for p in parsed.module.parameters()][::2] == [(4, 784), (784, 4)]
    assert parsed.assumed == {}


def test_a_data_set_of_unknown_shape_asks_for_it():
    with pytest.raises(MissingShapeError):
        parse(LOAD.format("imdb", ""))


@pytest.mark.parametrize(
    "classes",
    [
        *("len(np.unique(y_train))", "np.unique(y_train).size", "y_test.max() + 1", "np.max(y_train) + 1"),
        *("len(set(y_train.flatten()))", "int(max(y_train)) + 1", "len(np.unique(y_train, return_counts=True)[0])"),
        "tf.keras.utils.to_categorical(y_train).shape[1]",
    ],
)
def test_labels_tell_how_many_classes_there_are(classes):
    text = LOAD.format("cifar100", f"classes = {classes}").replace("Dense(3)", "Dense(classes)")
    parsed = parse(text)
    assert parsed.module[-1].out_features == 100
    assert parsed.assumed == {}
