"""Settings of Keras's layers that are given by their place, along several axes, or in Keras's newer words."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from core.errors import ParseError
from core.parsing import materialize, parse

KERAS = "import keras\nfrom keras import layers\n"


def count(parsed):
    return sum(parameter.numel() for parameter in parsed.module.parameters())


def chain(layer, shape):
    return parse(KERAS + f"net = keras.Sequential([keras.Input({shape}), {layer}])\n")


def run(layer, shape, *inputs):
    net = materialize(chain(layer, shape).module, 0).eval()
    with torch.no_grad():
        return net(*inputs)


@pytest.mark.parametrize(
    ("layer", "shape", "parameters"),
    [
        ("layers.LSTM(5, 'tanh', 'sigmoid', False)", "(8, 6)", 4 * 5 * (6 + 5)),
        ("layers.GRU(5, 'tanh', 'sigmoid', False)", "(8, 6)", 3 * 5 * (6 + 5)),
        ("layers.SimpleRNN(5, 'tanh', False)", "(8, 6)", 5 * (6 + 5)),
        ("layers.Dense(5, None, True, 'zeros')", "(10,)", 55),
        ("layers.Conv2D(8, 3, 1, 'same', None, 1, 1, 'relu', False, 'he_normal')", "(9, 10, 4)", 8 * 36),
        ("layers.PReLU('zeros', None, None, [1, 2])", "(9, 10, 4)", 4),
        ("layers.Bidirectional(layers.LSTM(5), 'sum')", "(8, 6)", 2 * 4 * 5 * 12),
    ],
)
def test_arguments_by_their_place(layer, shape, parameters):
    assert count(chain(layer, shape)) == parameters


def test_the_size_of_a_value_by_its_place():
    text = KERAS + "a = keras.Input((8, 6))\nnet = keras.Model(a, layers.MultiHeadAttention(2, 3, 5)(a, a))\n"
    assert count(parse(text)) == 2 * (6 * 6 + 6) + (6 * 10 + 10) + (10 * 6 + 6)


@pytest.mark.parametrize(
    ("axes", "sizes"), [((2, 3), (10, 4)), ((1, 2), (9, 10)), ((1,), (9,)), ((1, 2, 3), (9, 10, 4)), ((-1,), (4,))]
)
@pytest.mark.parametrize("kind", ["LayerNormalization", "RMSNormalization"])
def test_a_norm_over_several_axes(kind, axes, sizes):
    x = torch.rand(2, 4, 9, 10)
    dims = [1 if axis in (3, -1) else axis + 1 for axis in axes]
    parsed = chain(f"layers.{kind}(axis={list(axes)}, epsilon=1e-6)", "(9, 10, 4)")
    assert count(parsed) == torch.Size(sizes).numel() * (2 if kind == "LayerNormalization" else 1)
    mean = x.mean(dims, keepdim=True) if kind == "LayerNormalization" else 0
    expected = (x - mean) / ((x - mean).square().mean(dims, keepdim=True) + 1e-6).sqrt()
    assert torch.allclose(materialize(parsed.module, 0)(x), expected, atol=1e-5)


def test_axes_of_norms_that_are_none():
    with pytest.raises(ParseError, match="must be the index of one axis"):
        chain("layers.LayerNormalization(axis=[0, 1])", "(9, 10, 4)")


def test_softmax_over_both_sides():
    x = torch.rand(2, 4, 9, 10)
    result = run("layers.Softmax(axis=(1, 2))", "(9, 10, 4)", x)
    assert torch.allclose(result, x.flatten(2).softmax(2).unflatten(2, (9, 10)), atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("threshold=0.5", lambda x: torch.where(x >= 0.5, x, 0.0)),
        ("max_value=0.7, threshold=0.5", lambda x: torch.where(x >= 0.5, x, 0.0).clamp(max=0.7)),
        ("max_value=0.7, negative_slope=0.1", lambda x: F.leaky_relu(x, 0.1).clamp(max=0.7)),
    ],
)
def test_bounds_of_relu(settings, expected):
    x = torch.randn(2, 4, 9, 10)
    assert torch.allclose(run(f"layers.ReLU({settings})", "(9, 10, 4)", x), expected(x))


@pytest.mark.parametrize(
    ("axes", "over"), [("", (2, 3)), (", attention_axes=(2,)", (3,)), (", attention_axes=(1,)", (2,))]
)
def test_attention_over_maps_mixes_the_places_along_its_axes(axes, over):
    text = KERAS + f"a = keras.Input((4, 5, 6))\nnet = keras.Model(a, layers.MultiHeadAttention(2, 3{axes})(a, a))\n"
    net = materialize(parse(text).module, 0).eval()
    x = torch.rand(1, 6, 4, 5)
    changed = x.clone()
    changed[0, :, 0, 0] += 1.0
    with torch.no_grad():
        moved = (net(x) - net(changed)).abs().sum(1)[0] > 1e-7
    reach = torch.zeros(4, 5, dtype=torch.bool)
    reach[slice(None) if 2 in over else 0, slice(None) if 3 in over else 0] = True
    assert torch.equal(moved, reach)


def test_a_convolutional_lstm_with_channels_first():
    layer = "layers.ConvLSTM2D(4, 3, padding='same', return_sequences=True, data_format='channels_first')"
    parsed = parse(KERAS + f"a = keras.Input((5, 3, 9, 10))\nnet = keras.Model(a, {layer}(a))\n")
    assert count(parsed) == 16 * (3 + 4) * 9 + 16
    assert parsed.module(torch.zeros(2, *parsed.input_shape, device="meta")).numel() == 2 * 5 * 4 * 9 * 10


def test_a_convolutional_lstm_both_ways():
    layer = "layers.Bidirectional(layers.ConvLSTM2D(4, 3, padding='same', return_sequences=True))"
    parsed = chain(layer, "(5, 9, 8, 3)")
    assert count(parsed) == 2 * (16 * (3 + 4) * 9 + 16)
    net = materialize(parsed.module, 0).eval()
    x = torch.rand(1, 3, 5, 9, 8)
    with torch.no_grad():
        before, after = net(x), net(torch.cat([x[:, :, :4], x[:, :, 4:] + 1], 2))
    assert torch.equal(before[:, :4, 0], after[:, :4, 0])  # forth, the first step has not seen the last
    assert not torch.allclose(before[:, 4:, 0], after[:, 4:, 0])


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_steps_from_the_last_to_the_first(kind):
    x = torch.rand(2, 6, 8)
    forth = run(f"layers.{kind}(5)", "(8, 6)", x.flip(2))
    assert torch.allclose(run(f"layers.{kind}(5, go_backwards=True)", "(8, 6)", x), forth)


def test_states_of_several_cells():
    text = KERAS + "a = keras.Input((8, 6))\n"
    text += "out, first, second = layers.RNN([layers.LSTMCell(5), layers.LSTMCell(4)], return_state=True)(a)\n"
    net = parse(text + "net = keras.Model(a, [out, first[0], second[1]])\n").module
    assert [tuple(one.shape[1:]) for one in net(torch.zeros(2, 6, 8, device="meta"))] == [(4,), (5,), (4,)]


def test_a_cell_step_by_step():
    text = KERAS + "a = keras.Input((8, 6))\ncell = layers.LSTMCell(5)\nstates = [layers.Dense(5)(a[:, 0])] * 2\n"
    text += "for step in range(3):\n    out, states = cell(a[:, step], states)\nnet = keras.Model(a, out)\n"
    parsed = parse(text)
    assert count(parsed) == 4 * 5 * (6 + 5 + 1) + 35
    assert tuple(parsed.module(torch.zeros(2, 6, 8, device="meta")).shape) == (2, 5)


def test_another_activation_of_a_recurrent_layer_is_said():
    parsed = chain("layers.LSTM(5, activation='relu')", "(8, 6)")
    assert any("LSTM computes with tanh" in note and "'relu'" in note for note in parsed.notes)
    assert not any("computes with" in note for note in chain("layers.LSTM(5)", "(8, 6)").notes)


@pytest.mark.parametrize("way", ["crop_to_aspect_ratio=True", "pad_to_aspect_ratio=True"])
def test_images_keep_their_proportions(way):
    x = torch.ones(1, 3, 12, 20)
    y = run(f"layers.Resizing(5, 5, {way})", "(12, 20, 3)", x)
    assert tuple(y.shape) == (1, 3, 5, 5)
    assert torch.allclose(y, torch.ones_like(y)) == way.startswith("crop")


def test_a_group_norm_that_only_scales():
    assert count(chain("layers.GroupNormalization(4, center=False)", "(9, 10, 8)")) == 8


def test_names_of_newer_layers():
    assert count(chain("layers.Convolution3DTranspose(8, 3)", "(6, 7, 8, 3)")) == 8 * 3 * 27 + 8
    assert count(chain("layers.BatchNormalization(synchronized=True)", "(9, 10, 8)")) == 16
    chain("layers.SpatialDropout2D(0.2, data_format='channels_last')", "(9, 10, 8)")


@pytest.mark.parametrize(
    ("layer", "sizes"),
    [
        ("layers.Conv2D(8, 3, 1, 'same', 'channels_first')", (8, 9, 10)),
        ("layers.MaxPooling2D(2, 2, 'valid', 'channels_first')", (3, 4, 5)),
        ("layers.GlobalAveragePooling2D('channels_first')", (3,)),
        ("layers.UpSampling2D(2, 'channels_first')", (3, 18, 20)),
        ("layers.ZeroPadding2D(1, 'channels_first')", (3, 11, 12)),
    ],
)
def test_the_order_of_channels_by_its_place(layer, sizes):
    parsed = parse(KERAS + f"x = keras.Input((3, 9, 10))\nnet = keras.Model(x, {layer}(x))\n")
    assert tuple(parsed.module(torch.zeros(2, *parsed.input_shape, device="meta")).shape[1:]) == sizes


def test_channels_last_by_its_place_where_the_others_are_first():
    text = KERAS + "keras.backend.set_image_data_format('channels_first')\nx = keras.Input((4, 9, 10))\n"
    assert count(parse(text + "net = keras.Model(x, layers.Conv2D(8, 3, 1, 'same', 'channels_last')(x))\n")) == 728
    assert count(parse(text + "net = keras.Model(x, layers.BatchNormalization(1)(x))\n")) == 8
