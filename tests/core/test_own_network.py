"""`package.module:Net` and `path/file.py:Net` run the caller's code, and only these do."""

from __future__ import annotations

import sys

import pytest
from torch import nn

from core import own_network
from core.errors import PlaygroundError

FILE = """
from dataclasses import dataclass
from torch import nn
from neighbour import WIDTH

@dataclass
class Config:
    classes: int = 3

class Net(nn.Module):
    def __init__(self, classes, width=WIDTH, act="relu"):
        super().__init__()
        self.fc = nn.Linear(width, classes)
        self.act = act

ready = nn.Linear(2, 2)
number = 7

def make(classes=5):
    return Net(classes)

def fails():
    raise RuntimeError("no such weights")

def exits():
    raise SystemExit("no such folder")
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "own_file.py").write_text(FILE)
    (tmp_path / "neighbour.py").write_text("WIDTH = 6")
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_class_a_function_and_a_module_of_a_file(folder):
    path = folder / "own_file.py"
    net = own_network.build(f"{path}:Net", ["4", "act=gelu"])
    assert (net.fc.in_features, net.fc.out_features, net.act) == (6, 4, "gelu")
    assert own_network.build(f"{path}:make").fc.out_features == 5
    assert isinstance(own_network.build(f"{path}:ready"), nn.Linear)


def test_a_module_of_the_current_folder_and_of_a_package(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert own_network.build("own_file:Net", ["2"]).fc.out_features == 2
    assert isinstance(own_network.build("torch.nn:Linear", ["2", "3"]), nn.Linear)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("Net", [], "--args"),
        ("Nut", [], "its networks are Net, ready"),
        ("number", [], "TypeError"),
        ("Config", [], "not a torch.nn.Module"),
        ("fails", [], "no such weights"),
        ("exits", [], "no such folder"),
        ("Net", ["act=relu", "4"], "named argument"),
    ],
)
def test_what_goes_wrong_is_one_sentence(folder, name, arguments, said):
    with pytest.raises(PlaygroundError, match=said):
        own_network.build(f"{folder / 'own_file.py'}:{name}", arguments)


@pytest.mark.parametrize(
    ("reference", "said"), [("no_such_package:Net", "cannot be imported"), ("no/such/file.py:Net", "no file")]
)
def test_what_is_not_there_is_said(reference, said):
    with pytest.raises(PlaygroundError, match=said):
        own_network.build(reference)


@pytest.mark.parametrize(
    "text",
    ["resnet50", "nn.Sequential(nn.ReLU())", "class Net:\n    pass", "model.py", "C:Net()", "lambda x: x", ":Net"],
)
def test_no_other_text_asks_for_an_import(text):
    assert not own_network.is_reference(text)


def test_a_file_that_exits_is_said(tmp_path):
    (tmp_path / "script_that_exits.py").write_text("raise SystemExit('no data here')")
    with pytest.raises(PlaygroundError, match="cannot be imported: SystemExit: no data here"):
        own_network.build(f"{tmp_path / 'script_that_exits.py'}:Net")
