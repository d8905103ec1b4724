"""Networks whose first layer looks something up: how many tokens they take, or one user and one item."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse
from core.parsing.inputs.usual_inputs import candidate_inputs

HEAD = "import torch\nimport torch.nn as nn\n"
ROW = """
class Row(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(50, 6)
        self.last = nn.Linear({count}, 2)

    def forward(self, x):
        return self.last({given})

net = Row()
"""
ROWS = {
    "as many as a layer behind them takes": (6 * 21, "self.words(x).flatten(1)", (21,)),
    "as many as are left of them": (6 * 5, "self.words(x)[:, ::2].flatten(1)", (9,)),
}


@pytest.mark.parametrize("kind", ROWS)
def test_as_many_tokens_are_taken_as_go_through(kind):
    count, given, shape = ROWS[kind]
    parsed = parse(HEAD + ROW.format(count=count, given=given))
    assert parsed.input_shape == shape
    scope: dict = {}
    exec(HEAD + ROW.format(count=count, given=given), scope)
    assert scope["net"](torch.zeros(2, *shape, dtype=torch.long)).shape == (2, 2)


PAIR = """
class Pair(nn.Module):
    def __init__(self, n_users, n_items, wide=8):
        super().__init__()
        self.users, self.items = nn.Embedding(n_users, wide), nn.Embedding(n_items, wide)

    def forward(self, {names}):
        return (self.users({first}) * self.items({second})).sum(-1)
"""


@pytest.mark.parametrize("names", [("user", "item"), ("user_ids", "movie_ids"), ("userId", "item_input")])
def test_a_user_and_an_item_are_one_each(names):
    first, second = names
    module = parse(HEAD + PAIR.format(names=", ".join(names), first=first, second=second)).module
    assert candidate_inputs(module)[0] == ()
    assert module(torch.zeros(2, dtype=torch.long, device="meta")).shape == (2,)


def test_rows_of_other_names_stay_rows():
    module = parse(HEAD + PAIR.format(names="left, right", first="left", second="right")).module
    assert len(candidate_inputs(module)[0]) == 1


@pytest.mark.parametrize(("number", "value"), [("num_filters", 64), ("n_filters", 64), ("in_filters", 3)])
def test_filters_are_those_of_a_layer_and_not_the_channels_of_an_image(number, value):
    text = f"class Net(nn.Module):\n    def __init__(self, {number}):\n        super().__init__()\n"
    text += f"        self.a = nn.Conv2d({number}, 8, 3)\n    def forward(self, x):\n        return self.a(x)\n"
    assert parse(HEAD + text).assumed[number] == value


BAGS = """
class Bags(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.last = nn.EmbeddingBag(50, 6), nn.Linear(6, 2)

    def forward(self, text, offsets):
        return self.last(self.words(text, offsets))

net = Bags()
"""


def test_bags_of_words_are_given_where_each_begins():
    parsed = parse(HEAD + BAGS)
    assert parsed.input_shape == ()
    assert any("one number goes through" in note for note in parsed.notes)
    scope: dict = {}
    exec(HEAD + BAGS, scope)
    real = scope["net"](torch.zeros(2, dtype=torch.long), torch.tensor([0, 1]))
    assert parsed.module(torch.empty(2, device="meta")).shape == real.shape == (2, 2)
