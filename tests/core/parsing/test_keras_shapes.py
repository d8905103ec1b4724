"""What TensorFlow's shapes have besides what Python's tuples have."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse
from tests.core.parsing.counting import read

LAYER = """import tensorflow as tf
from tensorflow.keras import layers
class Times(layers.Layer):
    def build(self, input_shape):
        width = {}
        self.kernel = self.add_weight(shape=tf.TensorShape((width, 3)))
    def call(self, x):
        return tf.matmul(x, self.kernel)
net = tf.keras.Sequential([tf.keras.Input((4, 5)), Times()])
"""
OF_A_SHAPE = (
    "{}.as_list()[-1]",
    "{}[-1].value",
    "{}.dims[-1].value",
    "{}.num_elements() // 4",
    "{}.with_rank(2)[1]",
    "{}.rank + {}.ndims + 1",
    "{}.concatenate([5])[2] if {}.is_fully_defined() else 0",
)


@pytest.mark.parametrize("written", OF_A_SHAPE)
@pytest.mark.parametrize("shape", ["input_shape[1:]", "tf.TensorShape(input_shape)[1:]"])
def test_the_shape_that_a_layer_is_built_for(written, shape):
    assert read(LAYER.format(written.replace("{}", shape))) == (15, (3, 4))


@pytest.mark.parametrize("written", OF_A_SHAPE)
@pytest.mark.parametrize("shape", ["x.shape[1:]", "x.get_shape()[1:]", "tf.TensorShape(x.shape)[1:]"])
def test_the_shape_of_what_a_layer_gives(written, shape):
    text = "import tensorflow as tf\nx = tf.keras.Input((4, 5))\n"
    text += f"y = tf.keras.layers.Dense({written.replace('{}', shape)})(x)\nnet = tf.keras.Model(x, y)\n"
    assert read(text) == (30, (5, 4))


def test_a_text_of_pytorch_has_none_of_them():
    with pytest.raises(ParseError, match="as_list"):
        parse("import torch.nn as nn\nsizes = (3, 4)\nnet = nn.Sequential(nn.Linear(sizes.as_list()[0], 2))\n")
