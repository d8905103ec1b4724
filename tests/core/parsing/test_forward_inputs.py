"""What a `forward` goes on with besides its one input: a state of another method, parts of a batch, the same again."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import ParseError
from core.parsing import parse

STATE = """
class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(50, 8)
        self.lstm = nn.LSTM(8, 16{first})
        self.out = nn.Linear(16, 4)
    def init_hidden(self, {size}):
        {ends}torch.zeros(1, {size}, 16), torch.zeros(1, {size}, 16)
    def forward(self, x):
        seen, self.hidden = self.lstm(self.emb(x), self.hidden)
        return self.out(seen)
"""
KINDS = {
    "kept, steps first": {"first": "", "size": "batch_size", "ends": "self.hidden = "},
    "kept, batch first": {"first": ", batch_first=True", "size": "bsz", "ends": "self.hidden = "},
    "returned": {"first": ", batch_first=True", "size": "n", "ends": "return "},
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_state_is_made_by_its_method_before_each_batch(kind):
    parsed = parse(STATE.format(**kind), device="cpu")
    tokens = torch.zeros(5, 7, dtype=torch.long)
    assert parsed.module(tokens).shape == (5, 7, 4)
    assert parsed.module(tokens[:3, :2]).shape == (3, 2, 4)  # the next batch has another size
    scope = {"nn": nn, "torch": torch}
    exec(STATE.format(**kind), scope)
    real, size = scope["Tagger"](), 7 if kind["first"] == "" else 5
    made = real.init_hidden(size)
    real.hidden = getattr(real, "hidden", made)
    assert real(tokens).shape == (5, 7, 4)
    assert any(note.startswith("init_hidden() makes hidden") for note in parsed.notes)


def test_a_state_that_no_method_makes_stays_a_slip():
    text = STATE.format(**KINDS["returned"]).replace("init_hidden", "count_words")
    with pytest.raises(ParseError, match="hidden is never made"):
        parse(text)


def test_a_state_among_the_inputs_is_made_by_its_method():
    text = STATE.format(**KINDS["returned"]).replace("self.hidden", "hidden").replace("self, x)", "self, x, hidden)")
    assert parse(text, device="cpu").module(torch.zeros(5, 7, dtype=torch.long)).shape == (5, 7, 4)


PAIR = """
class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Linear(6, 3)
        self.right = nn.Linear(6, 5)
    def forward(self, batch):
        {}
        return torch.cat([self.left(a), self.right(b)], 1)
"""


@pytest.mark.parametrize(
    "reading", ["a, b = batch.text, batch.image", 'a = batch["text"]; b = batch.get("image")', "a, b = batch"]
)
def test_each_part_of_a_batch_is_given_the_input(reading):
    parsed = parse(PAIR.format(reading), device="cpu")
    assert parsed.module(torch.zeros(2, 6)).shape == (2, 8)  # a batch of two is not taken for the two parts
    assert any("of batch: the input stands for each" in note for note in parsed.notes)


def test_attributes_of_a_tensor_are_no_parts():
    parsed = parse(PAIR.format("a, b = batch.data, batch.detach()"), device="cpu")
    assert parsed.module(torch.zeros(2, 6)).shape == (2, 8)
    assert not any("stands for each" in note for note in parsed.notes)


BRANCHES = """
class Either(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(6, 3)
    def forward(self, x):
        if isinstance(x, {kind}):
            return {then}
        {otherwise}
"""


@pytest.mark.parametrize(
    ("kind", "then", "otherwise"),
    [
        ("Boxes", "x.moved(self.lin.weight)", "return self.lin(x)"),
        ("torch.Tensor", "self.lin(x.float())", "else:\n            return self.lin(x.rows)"),
        ("dict", 'self.lin(x["rows"])', "return self.lin(x)"),
    ],
)
def test_what_another_kind_of_input_has_is_not_read_of_a_tensor(kind, then, otherwise):
    parsed = parse(BRANCHES.format(kind=kind, then=then, otherwise=otherwise))
    assert parsed.module(torch.empty(2, 6, device="meta")).shape == (2, 3)
    assert not any("stands for each" in note for note in parsed.notes)


@pytest.mark.parametrize(("name", "step"), [("adj", "adj @ x"), ("edge_index", "x[edge_index[0]]")])
def test_zeros_stand_for_the_edges_of_a_graph(name, step):
    text = "class Graph(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    text += f"        self.lin = nn.Linear(6, 3)\n    def forward(self, x, {name}):\n        x = self.lin(x)\n"
    parsed = parse(f"{text}        return {step}\n", device="cpu")
    assert parsed.module(torch.zeros(7, 6)).shape == (7, 3)
    assert f"forward() takes {name}: zeros stand for the edges of the graph here." in parsed.notes
