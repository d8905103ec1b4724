"""Texts whose imports stand in another cell: short names of modules, modules handed in, flags around classes."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse
from core.training.export.own_class import own_class

CLASS = """class Net({nn}.Module):
    def __init__(self):
        super().__init__()
        self.a = {nn}.Linear(8, 4)

    def forward(self, x):
        return {functional}.relu({torch}.cat([self.a(x), x], 1))
"""
NAMES = {"nn": "tnn", "functional": "Fn", "torch": "th"}


def output(text: str, *shape: int) -> tuple[int, ...]:
    import torch

    return tuple(parse(text).module(torch.empty(2, *shape, device="meta")).shape)


@pytest.mark.parametrize("functional", ["Fn", "nnf", "func", "th.nn.functional"])
def test_short_names_stand_for_the_module_that_has_all_that_is_taken_of_them(functional):
    assert output(CLASS.format(**NAMES | {"functional": functional}), 8) == (2, 12)


@pytest.mark.parametrize("functional", ["utils", "ops", "helpers"])
def test_a_module_of_the_author_is_none_of_them(functional):
    with pytest.raises(ParseError, match=functional):
        parse(CLASS.format(**NAMES | {"functional": functional}))


def test_a_name_with_a_value_keeps_it():
    own = "class Own:\n    def relu(self, x):\n        return x[:, :1]\nFn = Own()\n"
    assert output(own + CLASS.format(**NAMES), 8) == (2, 1)


def test_an_exported_script_imports_what_the_text_does_not():
    script = own_class(parse(CLASS.format(**NAMES)).lines)
    assert script is not None
    names: dict[str, object] = {}
    exec("import torch\nfrom torch import nn\n" + script, names)
    assert names["network"]().a.out_features == 4


def test_a_module_that_a_function_is_handed_is_that_module():
    text = """def build(*, torch: object, width: int):
    nn = torch.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(8, width)

        def forward(self, x):
            return torch.relu(self.a(x))

    return Net()
"""
    parsed = parse(text)
    assert parsed.module.a.in_features == 8
    assert parsed.lines.endswith("build(torch=torch, width=64)")
    assert not any("torch has no value" in note for note in parsed.notes)


def test_a_flag_of_another_cell_around_classes_is_taken_to_be_set():
    indented = "".join(f"    {line}\n" for line in CLASS.format(nn="nn", functional="F", torch="torch").split("\n"))
    parsed = parse(f"if HAS_TORCH:\n{indented}    net = Net()\nelse:\n    print('no torch')\n")
    assert parsed.network == "net"
    assert "HAS_TORCH has no value in the text; True is assumed." in parsed.notes


def test_a_flag_between_two_networks_is_asked_for():
    made = "class {}(nn.Module):\n        def __init__(self):\n            super().__init__()\n"
    made += "            self.a = nn.Linear({}, 2)\n"
    text = f"if DEEP:\n    {made.format('A', 4)}    net = A()\nelse:\n    {made.format('B', 9)}    net = B()\n"
    with pytest.raises(ParseError, match="DEEP has no value"):
        parse(text)


def test_a_class_for_scripts_is_a_network():
    text = CLASS.format(nn="nn", functional="F", torch="torch").replace("nn.Module", "torch.jit.ScriptModule")
    assert output(text.replace("    def forward", "    @torch.jit.script_method\n    def forward"), 8) == (2, 12)


def test_a_letter_for_torch_itself():
    text = CLASS.format(nn="nn", functional="F", torch="torch").replace("torch.", "t.")
    assert "t." in text
    assert output(text, 8) == (2, 12)


def test_weights_are_changed_in_place_below_the_network():
    text = (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(4, 2)\n"
    )
    text += (
        "        with torch.no_grad():\n            self.a.bias[0] = -2.0\n            self.a.weight[:, 1].fill_(0.5)\n"
    )
    text += "    def forward(self, x):\n        return self.a(x)\n"
    assert output(text, 4) == (2, 2)
