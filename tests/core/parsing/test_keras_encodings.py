"""Keras layers that prepare data: what they give of an input, and what a text asks them for."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import materialize, parse


def built(text):
    return materialize(parse(text).module, 0)


def parameters(text):
    return sum(p.numel() for p in parse(text).module.parameters())


@pytest.mark.parametrize(
    ("layer", "steps", "features"),
    [
        ("CategoryEncoding(7)", 3, 7),
        ("CategoryEncoding(num_tokens=7, output_mode='one_hot')", 1, 7),
        ("StringLookup(vocabulary=['a', 'b'])", 3, 3),
        ("StringLookup(vocabulary=['a', 'b'], output_mode='multi_hot')", 3, 3),
        ("IntegerLookup(vocabulary=[4, 5, 6], num_oov_indices=2, output_mode='one_hot')", 1, 5),
        ("Discretization(bin_boundaries=[0.0, 1.0], output_mode='one_hot')", 1, 3),
        ("Hashing(num_bins=10)", 3, 3),
    ],
)
def test_features_behind_an_encoding(layer, steps, features):
    assert parameters(f"net = Sequential([Input(({steps},)), {layer}, Dense(2)])") == features * 2 + 2


def test_categories_of_a_row():
    net = built("i = Input((3,))\nnet = keras.Model(i, CategoryEncoding(4)(i))")
    assert net(torch.tensor([[0, 2, 2], [1, 3, 0]])).tolist() == [[1, 0, 1, 0], [1, 1, 0, 1]]


def test_size_of_a_vocabulary():
    text = "look = StringLookup(vocabulary=['a', 'b', 'c'])\nlook.adapt(data)\n"
    assert parameters(f"{text}net = Sequential([Input((5,)), Embedding(look.vocabulary_size(), 6), LSTM(2)])") > 4 * 6
    assert (
        parameters(f"{text}net = Sequential([Input((5,)), Embedding(len(look.get_vocabulary()), 6), Flatten()])") == 24
    )
    with pytest.raises(ParseError, match="depends on data"):
        parse("net = Sequential([Input((1,)), StringLookup(output_mode='one_hot'), Dense(2)])")


@pytest.mark.parametrize("kind", ["CenterCrop", "RandomCrop"])
def test_crops_change_the_size(kind):
    net = built(f"net = keras.Sequential([Input((9, 8, 3)), {kind}(4, 6), Conv2D(2, 1)])")
    assert net(torch.zeros(1, 3, 9, 8)).shape == (1, 2, 4, 6)
    image = torch.arange(72.0).reshape(1, 1, 9, 8)
    crop = built(f"net = keras.Sequential([Input((9, 8, 1)), {kind}(5, 6), ReLU()])")
    assert torch.equal(crop(image), image[:, :, 2:7, 1:7])
    larger = parse(f"net = keras.Sequential([Input((9, 8, 3)), {kind}(20, 16), Conv2D(2, 1)])").module
    assert larger(torch.zeros(1, 3, 9, 8, device="meta")).shape == (1, 2, 20, 16)


def test_channels_as_cells_of_blocks():
    """TensorFlow's order: the cells of a block are in front of the channels that stay."""
    text = "i = Input((3, 5, 8))\nnet = keras.Model(i, Lambda(lambda x: tf.nn.{}(x, 2))(i))"
    x = torch.randn(2, 8, 3, 5)
    y = built(text.format("depth_to_space"))(x)
    for row in range(2):
        for column in range(2):
            first = (2 * row + column) * 2
            assert torch.equal(y[:, :, row::2, column::2], x[:, first : first + 2])
    back = built("i = Input((6, 10, 2))\nnet = keras.Model(i, Lambda(lambda x: tf.nn.space_to_depth(x, 2))(i))")
    assert torch.equal(back(y), x)


def test_patches_that_are_no_squares_are_refused():
    patches = "tf.image.extract_patches(x, [1, 8, {}, 1], [1, 8, 8, 1], [1, {r}, {r}, 1], 'VALID')"
    text = f"i = Input((32, 32, 3))\nnet = keras.Model(i, Dense(2)(Lambda(lambda x: {patches})(i)))"
    assert parameters(text.format(8, r=1)) == 8 * 8 * 3 * 2 + 2
    with pytest.raises(ParseError, match="patches are read as squares without gaps"):
        parse(text.format(4, r=1))
    with pytest.raises(ParseError, match="patches are read as squares without gaps"):
        parse(text.format(8, r=2))
