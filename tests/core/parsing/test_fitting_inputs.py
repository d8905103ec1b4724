"""Inputs that are worked out where the text names none, from what a network says of those that are tried."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse
from core.parsing.inputs.usual_inputs import candidate_inputs

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
FLAT = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential({layers})
        self.fc = nn.Linear({count}, 2)
    def forward(self, x):
        {before}
        x = self.features(x)
        return self.fc({flat})
net = Net()
"""
CONV = "nn.Conv2d(3, 4, 3, padding=1), nn.MaxPool2d(2)"
CLIP = "nn.Conv3d(3, 4, 3, padding=1), nn.MaxPool3d(2)"
EACH = "x.view(x.size(0), -1)"
UNUSUAL = {
    "an image whose sides have no usual length": ((CONV, 4 * 117 * 117, "pass", EACH), (3, 234, 234)),
    "a usual side where several fit": ((CONV.replace("2)", "8)"), 4 * 14 * 14, "pass", EACH), (3, 112, 112)),
    "an image that is wider than high": ((CONV, 4 * 120 * 160, "pass", EACH), (3, 240, 320)),
    "a view that says how many values there are": ((CONV, 4 * 117 * 117, "pass", f"x.view(-1, {4 * 117 * 117})"), None),
    "a clip": ((CLIP, 4 * 12 * 56 * 56, "pass", EACH), (3, 24, 112, 112)),
    "a signal": (("nn.Conv1d(3, 4, 3, padding=1), nn.MaxPool1d(2)", 4 * 93, "pass", EACH), (3, 186)),
    "a shape that the input is brought into": ((CONV, 4 * 35 * 160, "x = x.view(-1, 3, 70, 320)", EACH), (3, 70, 320)),
    "channels that are picked": ((CONV, 4, "x = x[:, 2:5] + x[:, 6].unsqueeze(1)", "x.mean((2, 3))"), (7, 224, 224)),
}


@pytest.mark.parametrize("kind", UNUSUAL)
def test_an_unusual_input_is_worked_out(kind):
    (layers, count, before, flat), shape = UNUSUAL[kind]
    text = HEAD + FLAT.format(layers=layers, count=count, before=before, flat=flat)
    parsed = parse(text)
    assert parsed.input_shape == (shape or (3, 234, 234))
    assert parsed.module.eval()(torch.empty(2, *parsed.input_shape, device="meta")).shape == (2, 2)
    assert sum("usual sizes do not" in note for note in parsed.notes) == 1
    scope: dict = {}
    exec(text, scope)
    assert scope["net"](torch.zeros(1, *parsed.input_shape)).shape == (1, 2)


@pytest.mark.parametrize(
    "text",
    [
        FLAT.format(layers=CONV, count=4 * 112 * 112, before="pass", flat=EACH),  # a usual one
        FLAT.format(layers=CONV, count=7, before="pass", flat=EACH),  # none
        FLAT.format(layers=CONV, count=4 * 50 * 50, before="pass", flat=EACH) + "net(torch.zeros(1, 3, 100, 100))\n",
    ],
)
def test_nothing_is_said_where_a_usual_input_fits_or_none_does_or_the_text_names_one(text):
    assert not any("usual sizes do not" in note for note in parse(HEAD + text).notes)


def test_layers_in_a_row_get_an_unusual_input_too():
    text = f"nn.Sequential({CONV}, nn.Flatten(), nn.Linear({4 * 45 * 60}, 5))"
    assert parse(text).input_shape == (3, 90, 120)


ORDER = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.late = nn.Linear(4, 2)
        self.early = nn.Conv2d(3, 4, 3)
    def forward(self, x):
        {look}
        return self.late(self.early(x).mean((2, 3)))
"""


@pytest.mark.parametrize("look", ["pass", "n, c, h, w = x.shape"])
def test_the_layer_that_an_input_meets_first_tells_its_size(look):
    module = parse(HEAD + ORDER.format(look=look)).module
    assert candidate_inputs(module)[0] == (3, 224, 224)
    assert candidate_inputs(module)[0] == (3, 224, 224)
    assert not any(layer._forward_pre_hooks for layer in module.modules())


def test_inputs_that_are_put_together_share_what_the_first_layer_takes():
    text = HEAD + (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(3, 5)\n"
        "    def forward(self, x, y, t):\n        return self.a(torch.cat([x, y, t], dim=1))\n"
    )
    assert candidate_inputs(parse(text).module)[0] == (1,)


RECURRENT = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.{kind}
        self.fc = nn.Linear(6, 5)
    def forward(self, x, {names}):
        out, {names} = self.rnn(x, {given})
        return self.fc(out), {names}
net = Net()
"""


@pytest.mark.parametrize(
    ("kind", "names", "given"),
    [
        ("GRU(8, 6, num_layers=2, batch_first=True)", "hidden", "hidden"),
        ("LSTM(8, 6, batch_first=True)", "state", "state"),
        ("RNN(8, 3, bidirectional=True, batch_first=True)", "h", "h"),
    ],
)
def test_a_state_that_forward_is_given_is_zeros_of_its_shape(kind, names, given):
    parsed = parse(HEAD + RECURRENT.format(kind=kind, names=names, given=given))
    assert parsed.module.eval()(torch.empty(4, 9, 8, device="meta"))[0].shape == (4, 9, 5)
    assert f"forward() takes {names}: zeros stand for the first state here." in parsed.notes


def test_a_hidden_and_a_cell_state_are_given_apart():
    text = RECURRENT.format(kind="LSTM(8, 6, batch_first=True)", names="(h, c)", given="(h, c)")
    parsed = parse(HEAD + text.replace("self, x, (h, c)", "self, x, h, c"))
    assert parsed.module.eval()(torch.empty(4, 9, 8, device="meta"))[0].shape == (4, 9, 5)
    assert "forward() takes h and c: zeros stand for the first state here." in parsed.notes


def test_an_identity_takes_any_setting():
    assert parse("nn.Sequential(nn.Linear(3, 2), nn.Identity(inplace=True))").lines.count("Identity()") == 1


@pytest.mark.parametrize("layer", ["nn.TransformerEncoderLayer(8, 2)", "nn.LSTM(8, 8)"])
def test_a_vector_is_no_sequence_for_what_goes_through_steps(layer):
    text = HEAD + (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.a, self.b = nn.Linear(5, 8), {layer}\n"
        "    def forward(self, x):\n        return self.b(self.a(x))\n"
    )
    assert candidate_inputs(parse(text).module)[0] == (32, 5)
