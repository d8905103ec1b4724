"""Keras's layers for sequences and videos: as many weights as Keras's formulas say, and its shapes of outputs."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse

F, U, T = 6, 8, 10  # features, units, steps


def gates(count: int, biases: int) -> int:
    return count * (U * (F + U) + biases * U)


RECURRENT = {
    "LSTM(8)": (gates(4, 1), (U,)),
    "LSTM(8, use_bias=False)": (gates(4, 0), (U,)),
    "LSTM(8, return_sequences=True)": (gates(4, 1), (U, T)),
    "GRU(8)": (gates(3, 2), (U,)),
    "GRU(8, reset_after=False)": (gates(3, 1), (U,)),
    "GRU(8, use_bias=False)": (gates(3, 0), (U,)),
    "SimpleRNN(8)": (gates(1, 1), (U,)),
    "SimpleRNN(8, use_bias=False)": (gates(1, 0), (U,)),
    "Bidirectional(LSTM(8))": (2 * gates(4, 1), (2 * U,)),
    "Bidirectional(SimpleRNN(8), merge_mode='sum')": (2 * gates(1, 1), (U,)),
    "Bidirectional(GRU(8, return_sequences=True), merge_mode='ave')": (2 * gates(3, 2), (U, T)),
    "SeparableConv1D(4, 3)": (3 * F + F * 4 + 4, (4, T - 2)),
    "DepthwiseConv1D(3, depth_multiplier=2)": (3 * F * 2 + F * 2, (F * 2, T - 2)),
}


@pytest.mark.parametrize(("layer", "expected"), RECURRENT.items(), ids=RECURRENT)
def test_a_layer_has_the_weights_and_the_output_of_keras(layer, expected):
    module = parse(f"m = Sequential([Input(({T}, {F})), {layer}])").module
    output = module(torch.empty(2, F, T, device="meta"))
    assert (sum(p.numel() for p in module.parameters()), tuple(output.shape[1:])) == expected


def test_both_directions_are_joined_as_keras_does_it():
    text = f"m = Sequential([Input(({T}, {F})), Bidirectional(LSTM({U}), merge_mode='{{}}')])"
    torch.manual_seed(0)
    joined = parse(text.format("concat"), device="cpu").module
    summed, averaged = (parse(text.format(mode), device="cpu").module for mode in ("sum", "ave"))
    for other in (summed, averaged):
        other.load_state_dict(joined.state_dict())
    x_BFT = torch.randn(2, F, T)
    forth, back = joined(x_BFT).split(U, 1)
    torch.testing.assert_close(summed(x_BFT), forth + back)
    torch.testing.assert_close(averaged(x_BFT), (forth + back) / 2)


SEQ2SEQ = """
encoder_inputs = Input(shape=(10, 6))
encoder_outputs, state_h, state_c = LSTM(8, return_state=True)(encoder_inputs)
decoder_inputs = Input(shape=(10, 6))
outputs = LSTM(8, return_sequences=True)(decoder_inputs, initial_state=[state_h, state_c])
model = Model([encoder_inputs, decoder_inputs], Dense(3, activation="softmax")(outputs))
"""


def test_states_go_from_an_encoder_to_a_decoder():
    module = parse(SEQ2SEQ, device="cpu").module.eval()
    assert sum(p.numel() for p in module.parameters()) == 2 * gates(4, 1) + 3 * (U + 1)
    x_BFT, other_BFT = torch.randn(2, 2, F, T)
    assert module(x_BFT, x_BFT).shape == (2, 3, T)
    assert not torch.equal(module(x_BFT, x_BFT), module(other_BFT, x_BFT))


def test_a_convolutional_lstm_counts_both_of_its_convolutions():
    text = "m = Sequential([Input((4, 8, 8, 3)), ConvLSTM2D(5, 3, padding='{}', return_sequences={})])"
    count = 4 * 5 * (9 * 3 + 1) + 4 * 5 * 9 * 5
    for padding, every, shape in (("same", True, (5, 4, 8, 8)), ("valid", False, (5, 6, 6))):
        module = parse(text.format(padding, every), device="cpu").module
        assert sum(p.numel() for p in module.parameters()) == count
        assert module(torch.randn(2, 3, 4, 8, 8)).shape[1:] == shape


def test_what_spectral_normalization_wraps_is_kept():
    parsed = parse("m = Sequential([Input((9, 9, 3)), SpectralNormalization(Conv2D(4, 3)), Flatten()])")
    assert sum(p.numel() for p in parsed.module.parameters()) == 4 * (27 + 1)
    assert any("SpectralNormalization" in note for note in parsed.notes)


def test_batch_norm_that_shifts_without_scaling_has_one_number_a_channel():
    parsed = parse("m = Sequential([Input((9, 9, 6)), BatchNormalization(scale=False)])", device="cpu")
    assert [tuple(p.shape) for p in parsed.module.parameters()] == [(6,)]
    module = parsed.module.eval()
    next(module.parameters()).data.fill_(2)
    x = torch.randn(2, 6, 9, 9)
    torch.testing.assert_close(module(x), x / (1 + 1e-3) ** 0.5 + 2)
    assert repr(parse(parsed.lines).module) == repr(module)


def test_a_noise_shape_drops_whole_channels_or_single_values():
    text = "m = Sequential([Input((9, 9, 6)), Dropout(0.5, noise_shape={})])"
    assert "Dropout2d" in parse(text.format("(None, 1, 1, 6)")).lines
    assert "nn.Dropout(" in parse(text.format("(None, 9, 9, 6)")).lines
    with pytest.raises(ParseError, match="whole channels"):
        parse(text.format("(None, 1, 9, 6)"))


FUNCTION = """
def block(x, skip, filters):
    x = Conv2DTranspose(filters, 2, strides=2, padding="same")(x)
    return Conv2D(filters, 3, padding="same")(x)


def head(x, classes):
    x = block(x, None, 32)
    return Dense(classes)(GlobalAveragePooling2D()(x))
"""


def test_a_function_of_a_tensor_is_read_with_the_input_that_is_typed():
    parsed = parse(FUNCTION, input_shape=(16, 8, 8))
    assert (parsed.network, parsed.input_shape, dict(parsed.assumed)) == ("head", (16, 8, 8), {"classes": 10})
    assert sum(p.numel() for p in parsed.module.parameters()) == 32 * (64 + 1) + 32 * (9 * 32 + 1) + 10 * 33


def test_layers_that_are_added_to_no_model_are_a_sequential():
    parsed = parse("model.add(Conv2D(4, 3))\nmodel.add(Flatten())\nmodel.add(Dense(2))", input_shape=(3, 5, 5))
    assert sum(p.numel() for p in parsed.module.parameters()) == 4 * 28 + 2 * (36 + 1)
    assert any("model is never made" in note for note in parsed.notes)


def test_inputs_that_call_takes_apart_are_as_many():
    text = "class M(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.a = Dense(3)\n"
    text += "    def call(self, inputs):\n        one, two = inputs\n        return self.a(one) + self.a(two)\n"
    parsed = parse(text, input_shape=(5,))
    assert parsed.module(torch.empty(2, 5, device="meta"), torch.empty(2, 5, device="meta")).shape == (2, 3)


LONG = """from keras import Input, Model, layers
words = Input((None,))
x = layers.Embedding(50, 4)(words)
for _ in range(3):
    x = layers.MaxPooling1D(7)(x)
net = Model(words, layers.Dense(2)(layers.GlobalMaxPooling1D()(x)))
"""


def test_a_longer_sequence_is_taken_where_one_of_open_length_is_too_short():
    parsed = parse(LONG)
    assert parsed.input_shape == (1792,)
    assert any("1792 steps are assumed" in note for note in parsed.notes)
    assert parse(LONG.replace("range(3)", "range(2)")).input_shape == (224,)
    assert parse(LONG, input_shape=(400,)).input_shape == (400,)
    assert parse(LONG, device="cpu").module(torch.zeros(2, 400).long()).shape == (2, 2)
