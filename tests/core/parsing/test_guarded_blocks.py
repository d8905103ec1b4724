"""Statements of a `try` that may fail in a way that is not known here: refused, or said, never passed over."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse

HEAD = "import contextlib, torch\nfrom torch import nn\nimport machines\n"
MAY_FAIL = "may fail where the code is run"
REFUSED = {
    "a width behind it": "try:\n    head = Block(3)\n    width = 8\nexcept Exception:\n    pass",
    "a width instead of it": "width = 8\ntry:\n    head = Block(3)\nexcept ValueError:\n    width = 9",
    "a width where nothing fails": "width = 8\ntry:\n    head = Block(3)\nexcept:\n    pass\nelse:\n    width = 9",
    "a layer behind it": "width = 8\ntry:\n    a = Block(3)\n    b = nn.Linear(3, 4)\nexcept TypeError:\n    pass",
    "errors that are suppressed": "width = 8\nwith contextlib.suppress(Exception):\n    head = Block(3)\n    width = 9",
}
BEHIND = "\nnet = nn.Sequential(nn.Conv2d(3, width, 1), nn.ReLU())\n"


def read(lines: str):
    return parse(HEAD + lines.replace("Block(", "nn.Sequential(*machines.parts(), nn.ReLU(), ") + BEHIND)


@pytest.mark.parametrize("kind", REFUSED)
def test_a_statement_about_layers_is_refused_where_what_follows_depends_on_whether_it_fails(kind):
    with pytest.raises(ParseError, match="Line"):
        read(REFUSED[kind])


def test_it_is_passed_over_where_nothing_depends_on_it():
    assert (
        read("width = 8\ntry:\n    head = Block(3)\nexcept Exception as e:\n    print(e)").module[0].out_channels == 8
    )


@pytest.mark.parametrize("handler", ["raise", "exit(1)", "print(1); raise SystemExit"])
def test_it_is_passed_over_where_the_text_ends_when_it_fails(handler):
    assert (
        read(f"try:\n    head = Block(3)\n    width = 8\nexcept Exception:\n    {handler}").module[0].out_channels == 8
    )


def test_a_statement_about_other_things_is_said_where_a_width_depends_on_it():
    parsed = read("width = 4\ntry:\n    machines.start()\n    width = 8\nexcept Exception:\n    pass")
    assert parsed.module[0].out_channels == 8
    assert any(MAY_FAIL in note for note in parsed.notes)


@pytest.mark.parametrize(
    "lines",
    [
        "width = 8\ntry:\n    machines.start()\n    shown = 1\nexcept Exception:\n    pass",
        "try:\n    machines.start()\n    width = 8\nexcept KeyboardInterrupt:\n    width = 9",
        "machines.start()\nwidth = 8",
    ],
)
def test_nothing_is_said_where_no_network_depends_on_it(lines):
    parsed = read(lines)
    assert parsed.module[0].out_channels == 8
    assert not any(MAY_FAIL in note for note in parsed.notes)


FILES = {
    "what a file holds, or a width": ("try:\n    width = int(open('w').read())\nexcept OSError:\n    width = 9", 9),
    "by a function of the text": (
        "def stored():\n    with open('w') as f:\n        return int(f.read())\ntry:\n    width = stored()\n"
        "except FileNotFoundError:\n    width = 9",
        9,
    ),
    "any error, and another width": ("try:\n    width = torch.load('w')\nexcept Exception:\n    width = 9", 9),
    "a load of the text's own": (
        "def load(n): return 2 * n\nclass Sizes:\n    def read(self, n): return load(n)\n"
        "try:\n    width = Sizes().read(1) + load(3)\nexcept Exception:\n    width = 9",
        8,
    ),
    "a method of the text's own": (
        "class Sizes:\n    def read(self, n): return 2 * n\nsizes = Sizes()\n"
        "try:\n    width = sizes.read(4)\nexcept Exception:\n    width = 9",
        8,
    ),
    "a file that is written": ("try:\n    open('w', 'w')\n    width = 8\nexcept OSError:\n    width = 9", 8),
    "a network of the hub": ("width = 8\ntry:\n    torch.hub.load('a/b', 'c')\nexcept OSError:\n    width = 9", 8),
}


@pytest.mark.parametrize("kind", FILES)
def test_there_are_no_files_where_a_text_says_what_to_do_then(kind):
    lines, width = FILES[kind]
    assert read(lines).module[0].out_channels == width


def test_a_file_that_a_text_cannot_do_without_is_taken_to_be_there():
    parsed = read("width = 8\ntry:\n    data = open('w').read()\n    width = 9\nexcept OSError:\n    raise")
    assert parsed.module[0].out_channels == 9


LOOP = """
net = nn.Sequential(nn.Conv2d(3, 8, 1), nn.Conv2d(8, 4, 1))
for part in net:
    {change}
    if {test}:
        break
"""


def loop(change: str, test: str):
    return parse(HEAD + LOOP.format(change=change, test=test))


def test_a_loop_that_changed_a_network_before_it_could_not_be_evaluated_is_refused():
    with pytest.raises(ParseError, match="machines is imported"):
        loop("nn.utils.weight_norm(part)", "machines.count(3) > 3")


def test_one_that_changes_none_is_passed_over_and_one_that_comes_to_its_end_is_done():
    assert sum(p.numel() for p in loop("pass", "machines.count(3) > 3").module.parameters()) == 68
    assert sum(p.numel() for p in loop("nn.utils.weight_norm(part)", "len(net) > 3").module.parameters()) == 80
