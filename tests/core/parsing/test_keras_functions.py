"""TensorFlow's functions and weights of Keras layers: the same numbers as numpy gives with channels last."""

import itertools

import numpy as np
import pytest
import torch

from core.errors import ParseError
from core.parsing import materialize, parse

SIZES = (4, 5, 3)  # height, width, channels
REDUCTIONS = {"sum": np.sum, "mean": np.mean, "max": np.max}
AXES = [axes for count in (1, 2, 3) for axes in itertools.combinations((1, 2, 3), count)]


def keras_order(y: torch.Tensor) -> np.ndarray:
    return y.movedim(1, -1).numpy() if y.dim() > 2 else y.numpy()


def computed(lines: str, x: np.ndarray, weights: dict[str, np.ndarray] | None = None) -> np.ndarray:
    """What the network of these lines gives for x in Keras's order."""
    text = f"import tensorflow as tf\nfrom tensorflow.keras import backend as K, layers\n{lines}"
    module = materialize(parse(text).module).eval()
    for name, parameter in module.named_parameters():
        own = name.rpartition(".")[2]
        if weights and own in weights:
            parameter.data = torch.tensor(weights[own], dtype=torch.float32)
    first = torch.tensor(x, dtype=torch.float32)
    with torch.no_grad():
        return keras_order(module(first.movedim(-1, 1) if first.dim() > 2 else first))


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(2, *SIZES)).astype(np.float32)


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("axes", AXES, ids=str)
def test_reductions_count_axes_as_keras_does(name, axes, x):
    lines = f"i = tf.keras.Input({SIZES})\nm = tf.keras.Model(i, tf.reduce_{name}(layers.ReLU()(i), axis={list(axes)}))"
    expected = REDUCTIONS[name](np.maximum(x, 0), axis=axes)
    if expected.ndim == 1:
        expected = expected[:, None]
        lines = lines.replace(f"axis={list(axes)}", f"axis={list(axes)}, keepdims=True")
        expected = expected.reshape(2, 1, 1, 1)
    np.testing.assert_allclose(computed(lines, x), expected, rtol=1e-5)


FUNCTIONS = {
    "y[:, 1:3]": lambda y: y[:, 1:3],
    "y[:, 0]": lambda y: y[:, 0],
    "y[..., :2]": lambda y: y[..., :2],
    "tf.reshape(y, (-1, 20, 3))": lambda y: y.reshape(2, 20, 3),
    "tf.reshape(y, [tf.shape(y)[0], 4, 15])": lambda y: y.reshape(2, 4, 15),
    "tf.reshape(y, (-1, 60))": lambda y: y.reshape(2, 60),
    "tf.transpose(y, [0, 2, 1, 3])": lambda y: y.transpose(0, 2, 1, 3),
    "tf.transpose(y, [0, 3, 1, 2])": lambda y: y.transpose(0, 3, 1, 2),
    "tf.expand_dims(y[:, 0], axis=2)": lambda y: y[:, 0][:, :, None],
    "tf.squeeze(y[:, :1], axis=1)": lambda y: y[:, 0],
    "tf.concat([y, y], axis=1)": lambda y: np.concatenate([y, y], 1),
    "tf.concat(tf.split(y, 2, axis=1), axis=-1)": lambda y: np.concatenate(np.split(y, 2, 1), -1),
    "tf.stack([y[:, 0], y[:, 1]], axis=1)": lambda y: np.stack([y[:, 0], y[:, 1]], 1),
    "tf.matmul(y, y, transpose_b=True)": lambda y: y @ y.swapaxes(-1, -2),
    "tf.einsum('bhwc,bhwd->bhcd', y, y)": lambda y: np.einsum("bhwc,bhwd->bhcd", y, y),
    "y * tf.reduce_mean(y, axis=3, keepdims=True)": lambda y: y * y.mean(3, keepdims=True),
    "layers.Multiply()([y, layers.GlobalAveragePooling2D()(y)])": lambda y: y * y.mean((1, 2), keepdims=True),
}


@pytest.mark.parametrize(("expression", "reference"), FUNCTIONS.items(), ids=FUNCTIONS)
def test_functions_count_axes_as_keras_does(expression, reference, x):
    lines = f"i = tf.keras.Input({SIZES})\ny = layers.ReLU()(i)\nm = tf.keras.Model(i, {expression})"
    np.testing.assert_allclose(computed(lines, x), reference(np.maximum(x, 0)), rtol=1e-4, atol=1e-5)


ATTENTION = """
class Attention(layers.Layer):
    def build(self, input_shape):
        self.w = self.add_weight(name="w", shape=(input_shape[-1], 1), initializer="random_normal")
        self.b = self.add_weight(name="b", shape=(input_shape[1], 1), initializer="zeros")
        super().build(input_shape)

    def call(self, x):
        e = K.squeeze(K.tanh(K.dot(x, self.w) + self.b), axis=-1)
        a = K.expand_dims(K.softmax(e), axis=-1)
        return K.sum(x * a, axis=1)

m = tf.keras.Sequential([tf.keras.Input((6, 4)), Attention()])
"""


def test_weights_of_a_layer_of_the_text():
    rng = np.random.default_rng(1)
    x, w, b = rng.normal(size=(2, 6, 4)), rng.normal(size=(4, 1)), rng.normal(size=(6, 1))
    e = np.tanh(x @ w + b)[..., 0]
    a = np.exp(e) / np.exp(e).sum(1, keepdims=True)
    np.testing.assert_allclose(computed(ATTENTION, x, {"w": w, "b": b}), (x * a[..., None]).sum(1), rtol=1e-4)


def test_a_dense_layer_written_with_variables():
    text = (
        "class Linear(layers.Layer):\n    def __init__(self, units, input_dim):\n        super().__init__()\n"
        "        init = tf.random_normal_initializer()\n"
        "        self.w = tf.Variable(initial_value=init(shape=(input_dim, units), dtype='float32'), trainable=True)\n"
        "        self.b = self.add_weight(shape=(units,), initializer='zeros')\n"
        "        self.count = self.add_weight(shape=(3,), trainable=False)\n"
        "    def call(self, x):\n        return tf.matmul(x, self.w) + self.b\n"
        "i = tf.keras.Input((7,))\nm = tf.keras.Model(i, Linear(5, 7)(i))\n"
    )
    parsed = parse(f"import tensorflow as tf\nfrom tensorflow.keras import layers\n{text}")
    assert sum(p.numel() for p in parsed.module.parameters()) == 7 * 5 + 5
    assert "Keras counts weights with trainable=False as non-trainable parameters; PyTorch does not." in parsed.notes


def test_a_weight_of_no_size_is_refused():
    with pytest.raises(ParseError, match="the shape of a weight must be integers from 1"):
        parse(ATTENTION.replace("shape=(input_shape[-1], 1)", "shape=(0, 1)"))


def test_shared_weights_are_counted_once():
    text = ATTENTION.replace("m = ", "a = Attention()\ni = tf.keras.Input((6, 4))\nn = ").replace("n = tf", "_ = tf")
    text = "import tensorflow as tf\nfrom tensorflow.keras import layers, backend as K\n" + text
    text += "m = tf.keras.Model(i, layers.add([a(i), a(i)]))\n"
    assert sum(p.numel() for p in parse(text).module.parameters()) == 4 + 6


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("Conv2DTranspose(4, 3, strides=2, padding='same', output_padding=1)", (14, 14)),
        ("Conv2DTranspose(4, 3, strides=2, padding='valid', output_padding=1)", (16, 16)),
        ("Conv2DTranspose(4, 3, dilation_rate=2)", (11, 11)),
    ],
)
def test_transposed_convolutions(call, shape):
    # Keras's deconv_output_length: (n - 1) * stride + dilated kernel - 2 * pad + output_padding
    module = parse(f"Sequential([Input((7, 7, 3)), {call}])").module
    assert module(torch.empty(1, 3, 7, 7, device="meta")).shape[2:] == shape


def test_functions_of_plain_numbers_give_numbers():
    text = """import tensorflow as tf
shape = (4, 5)
decoder = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(tf.math.reduce_prod(shape).numpy()),
                               tf.keras.layers.Reshape(shape)])"""
    module = parse(text).module
    assert sum(p.numel() for p in module.parameters()) == 3 * 20 + 20
