"""Networks that take several inputs which are not alike: which shapes they get where the text does not call them."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse

CRITIC = """
class Critic(nn.Module):
    def __init__(self, {arguments}):
        super().__init__()
        self.first = nn.Linear({first}, 40)
        self.second = nn.Linear(40 + {second}, 1)

    def forward(self, {inputs}):
        one, two = {inputs}
        return self.second(torch.cat([self.first(one), two], 1))
"""
CAPTIONS = """
class Decoder(nn.Module):
    def __init__(self, width=40, words=90):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.embed = nn.Embedding(words, width)
        self.rnn = nn.GRU(width, 16, batch_first=True)
        self.out = nn.Linear(16, words)

    def forward(self, images, captions):
        x = torch.cat([self.conv(images).mean((2, 3)).unsqueeze(1), self.embed(captions)], 1)
        return self.out(self.rnn(x)[0])
"""


def output_of(parsed):
    return parsed.module(torch.empty(2, *parsed.input_shape, device="meta"))


@pytest.mark.parametrize(
    ("arguments", "first", "second", "inputs", "shapes"),
    [
        ("state_dim=24, action_dim=4", "state_dim", "action_dim", "state, action", "state 24, action 4"),
        ("obs_size=7, n_actions=3", "obs_size", "n_actions", "obs, act", "obs 7, act 3"),
        ("state_size, action_size", "state_size", "action_size", "states, actions", "states 64, actions 10"),
        ("wide=9, narrow=2", "wide", "narrow", "s, a", "s 9"),
    ],
)
def test_each_input_has_the_width_that_its_name_tells_or_that_a_layer_takes(arguments, first, second, inputs, shapes):
    parsed = parse(CRITIC.format(arguments=arguments, first=first, second=second, inputs=inputs))
    if shapes == "s 9":  # no layer takes the second by itself
        assert parsed.input_shape is None
        return
    assert f"The text names no inputs: {shapes} are taken." in parsed.notes
    assert output_of(parsed).shape == (2, 1)


def test_words_beside_an_image_are_found_by_what_the_layers_take():
    parsed = parse(CAPTIONS)
    assert parsed.input_shape == (3, 64, 64)
    assert output_of(parsed).shape == (2, 33, 90)
    assert "forward() takes captions besides: 32 for each item here." in parsed.notes


def test_the_shapes_of_a_call_count_for_each_input_and_are_kept_on_a_device():
    call = "\nnet = Critic()\nnet(torch.randn(5, 24), torch.randn(5, 4))"
    text = CRITIC.format(arguments="wide=24, narrow=4", first="wide", second="narrow", inputs="seen, done")
    parsed = parse(text + call)
    assert parsed.input_shape == (24,)
    assert output_of(parsed).shape == (2, 1)
    real = parse(CAPTIONS, device="cpu")
    assert real.module(torch.zeros(3, 3, 64, 64)).shape == (3, 33, 90)


def test_inputs_that_are_alike_stay_the_same_one():
    text = CRITIC.format(arguments="width=8", first="width", second="width", inputs="one_image, two_image")
    parsed = parse(text)
    assert parsed.input_shape is None
    assert any("each is given the same one" in note for note in parsed.notes)
