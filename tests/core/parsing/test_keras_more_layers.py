"""Keras's layers with weights or axes of their own against their formulas, written out once more."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from core.errors import ParseError
from core.parsing import materialize, parse


def built(text, seed=0):
    return materialize(parse(text).module, seed)


@pytest.mark.parametrize(
    ("axes", "slopes"), [("", (4, 5, 6)), ("shared_axes=[1, 2]", (4,)), ("shared_axes=[1]", (4, 1, 6))]
)
def test_slopes_of_prelu(axes, slopes):
    layer = built(f"net = keras.Sequential([Input((5, 6, 4)), PReLU({axes})])")[0]
    assert tuple(layer.weight.shape) == slopes
    with torch.no_grad():
        layer.weight.uniform_(0, 1)
        x = torch.randn(2, 4, 5, 6)
        slope = layer.weight.reshape(slopes if len(slopes) > 1 else (4, 1, 1))
        assert torch.allclose(layer(x), torch.where(x > 0, x, x * slope))


@pytest.mark.parametrize(("axis", "dim"), [(1, 2), (2, 3), (3, 1), (-1, 1)])
def test_batch_norm_along_an_axis(axis, dim):
    net = built(f"net = keras.Sequential([Input((5, 6, 4)), BatchNormalization(axis={axis}, epsilon=0.001)])").train()
    x = torch.randn(8, 4, 5, 6)
    over = [one for one in range(4) if one != dim]
    mean, variance = x.mean(over, keepdim=True), x.var(over, unbiased=False, keepdim=True)
    assert torch.allclose(net(x), (x - mean) / torch.sqrt(variance + 0.001), atol=1e-5)
    assert sum(p.numel() for p in net.parameters()) == 2 * x.shape[dim]


def test_batch_norm_not_over_the_batch():
    with pytest.raises(ParseError, match="axis=0 must be the index of one axis"):
        parse("net = keras.Sequential([Input((5, 6, 4)), BatchNormalization(axis=0)])")


TWO = "a, b = Input((7, 4)), Input((5, 4))\nnet = keras.Model([a, b], {})"


def test_attention_is_a_mean_by_products():
    net = built(TWO.format("Attention()([a, b])"))
    q, v = torch.randn(2, 4, 7), torch.randn(2, 4, 5)
    weights = F.softmax(torch.einsum("bct,bcs->bts", q, v), -1)
    assert torch.allclose(net(q, v), torch.einsum("bts,bcs->bct", weights, v), atol=1e-5)


def test_additive_attention_is_a_mean_by_a_sum():
    net = built(TWO.format("AdditiveAttention()([a, b])"))
    (scale,) = net.parameters()
    q, v = torch.randn(2, 4, 7), torch.randn(2, 4, 5)
    sums = torch.tanh(q[:, :, :, None] + v[:, :, None, :])
    weights = F.softmax(torch.einsum("c,bcts->bts", scale, sums), -1)
    assert torch.allclose(net(q, v), torch.einsum("bts,bcs->bct", weights, v), atol=1e-5)


@pytest.mark.parametrize("call", ["Dot(axes=2)([a, b])", "dot([a, b], axes=[2, 2])", "Dot(axes=-1)([a, b])"])
def test_products_of_sequences(call):
    a, b = torch.randn(2, 4, 7), torch.randn(2, 4, 5)
    expected = torch.einsum("bct,bcs->bts", a, b)  # steps, then channels, in Keras's order
    assert torch.allclose(built(TWO.format(call))(a, b), expected.transpose(1, 2), atol=1e-5)


def test_products_of_vectors():
    net = built("a, b = Input((4,)), Input((4,))\nnet = keras.Model([a, b], Dot(axes=1, normalize=True)([a, b]))")
    a, b = torch.randn(3, 4), torch.randn(3, 4)
    assert torch.allclose(net(a, b), F.cosine_similarity(a, b)[:, None], atol=1e-5)


POSITIONS = """
class Encoded(layers.Layer):
    def __init__(self):
        super().__init__()
        self.words, self.places = layers.Embedding(30, 6), layers.Embedding(10, 6)
    def call(self, x):
        return self.words(x) + self.places({})
x = keras.Input((10,))
net = keras.Model(x, Encoded()(x))
"""
RANGES = ["tf.range(10)", "tf.range(start=0, limit=tf.shape(x)[-1], delta=1)", "keras.ops.arange(0, 10, 1)"]


@pytest.mark.parametrize("places", [*RANGES, "tf.expand_dims(tf.range(0, 10), 0)", "tf.range(10)[tf.newaxis, :]"])
def test_positions_are_embedded(places):
    net = built(POSITIONS.format(places))
    tables = sorted(net.parameters(), key=len)
    tokens = torch.randint(0, 30, (2, 10))
    assert torch.allclose(net(tokens), (tables[1][tokens] + tables[0]).transpose(1, 2), atol=1e-6)


@pytest.mark.parametrize(
    "call",
    [
        "keras.ops.image.extract_patches(i, size=2)",
        "tf.image.extract_patches(i, [1, 2, 2, 1], [1, 2, 2, 1], rates=[1, 1, 1, 1], padding='VALID')",
    ],
)
def test_patches(call):
    net = parse(f"i = keras.Input((6, 8, 3))\nnet = keras.Model(i, layers.Dense(5)({call}))").module
    assert net(torch.zeros(2, 3, 6, 8, device="meta")).shape == (2, 5, 3, 4)
    assert sum(p.numel() for p in net.parameters()) == 12 * 5 + 5


def test_local_response_norm_of_tensorflow():
    net = built("i = keras.Input((6, 8, 9))\nnet = keras.Model(i, tf.nn.lrn(i, 2, bias=1.5, alpha=0.1, beta=0.7))")
    x = torch.randn(2, 9, 6, 8)
    squares = F.pad(x.square(), (0, 0, 0, 0, 2, 2)).unfold(1, 5, 1).sum(-1)
    assert torch.allclose(net(x), x / (1.5 + 0.1 * squares) ** 0.7, atol=1e-5)


@pytest.mark.parametrize(("mode", "features"), [("concat", 7), ("sum", 3), ("mul", 3), ("ave", 3), ("max", 3)])
def test_merge_of_keras_1(mode, features):
    second = 4 if mode == "concat" else 3
    text = "from keras.layers import Merge\na, b, net = Sequential(), Sequential(), Sequential()\n"
    text += f"a.add(Dense(3, input_dim=5))\nb.add(Dense({second}, input_dim=6))\n"
    text += f"net.add(Merge([a, b], mode='{mode}'))\nnet.add(Dense(2))\n"
    net = parse(text).module
    assert net(torch.zeros(2, 5, device="meta"), torch.zeros(2, 6, device="meta")).shape == (2, 2)
    assert sum(p.numel() for p in net.parameters()) == 18 + 7 * second + 2 * features + 2


def test_a_model_that_only_trains_offers_what_it_is_made_of():
    text = "i = keras.Input((4,))\npart = keras.Model(i, Dense(2)(i))\nclass GAN(keras.Model):\n"
    text += "    def __init__(self, part):\n        super().__init__()\n        self.part = part\n"
    text += "    def train_step(self, data):\n        return {}\ngan = GAN(part)\n"
    assert parse(text).network == "part"


def test_what_goes_into_an_unknown_function_is_lost():
    with pytest.raises(ParseError, match="what it does to a tensor cannot be known"):
        parse("i = keras.Input((4,))\nnet = keras.Model(i, Dense(2)(tf.signal.thing(i)))")


def test_a_rate_with_a_comma_is_told_from_two_numbers():
    with pytest.raises(ParseError, match=r"\(0, 25\) are two numbers: write 0.25, with a point"):
        parse("net = Sequential([Input((8,)), Dense(4), Dropout(0,25)])")
