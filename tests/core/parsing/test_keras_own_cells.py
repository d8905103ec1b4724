"""Cells of a text's own class under Keras's RNN, against the loop written out once more."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import materialize, parse

CELL = """
class MinimalCell(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
        self.recurrent = self.add_weight(shape=(self.units, self.units), name="recurrent")

    def call(self, inputs, states):
        output = K.tanh(K.dot(inputs, self.kernel) + K.dot(states[0], self.recurrent))
        return output, [output]

x = Input((7, 3))
"""


@pytest.mark.parametrize("settings", ["", ", return_sequences=True", ", return_state=True"])
def test_a_cell_of_the_text_runs_at_each_step(settings):
    net = materialize(parse(f"{CELL}net = keras.Model(x, RNN(MinimalCell(5){settings})(x))").module, 0)
    kernel, recurrent = sorted(net.parameters(), key=len)
    assert (tuple(kernel.shape), tuple(recurrent.shape)) == ((3, 5), (5, 5))
    x, state, outputs = torch.randn(2, 3, 7), torch.zeros(2, 5), []
    for step in x.unbind(2):
        state = torch.tanh(step @ kernel + state @ recurrent)
        outputs.append(state)
    given = net(x)
    output = given[0] if "state" in settings else given
    expected = torch.stack(outputs, 2) if "sequences" in settings else state
    assert torch.allclose(output, expected, atol=1e-5)
    assert "state" not in settings or torch.allclose(given[1], state, atol=1e-5)


def test_a_cell_whose_states_have_another_size_is_refused():
    text = CELL.replace("self.state_size = units", "self.state_size = [units, units]")
    with pytest.raises(ParseError, match="not as long as its state_size"):
        parse(f"{text}net = keras.Model(x, RNN(MinimalCell(5))(x))")
