"""Networks kept by objects that a text builds without a name, and the length that a data set of the text gives."""

from __future__ import annotations

import pytest
from torch import nn

from core.errors import ParseError
from core.parsing import parse

TRAINER = """import torch.nn as nn
class Trainer:
    def __init__(self, hidden=20):
        self.model = nn.Sequential(nn.Linear(10, hidden), nn.Linear(hidden, 2))
    def __enter__(self):
        return self
    def __exit__(self, *reason):
        pass
    def fit(self):
        print("trained")
"""
KERAS_TRAINER = """from tensorflow.keras.layers import Dense, Input
from tensorflow.keras.models import Sequential
class Trainer:
    def __init__(self, hidden=20):
        self.model = Sequential([Input((10,)), Dense(hidden), Dense(2)])
    def fit(self):
        self.model.fit(None, 1)
"""
OWN_LAYER = """import torch.nn as nn
class Scaled(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Linear(10, width)
    def forward(self, x):
        return self.inner(x) * 2
class Trainer:
    def __init__(self, settings):
        self.model = Scaled(settings["width"])
    def fit(self):
        print("trained")
"""
DATA = """import torch.nn as nn
from torch.utils.data import Dataset
class Pictures(Dataset):
    def __init__(self, count):
        super().__init__()
        self.count = count
    def __len__(self):
        return self.count
"""
OF_20, OF_30 = 10 * 20 + 20 + 20 * 2 + 2, 10 * 30 + 30 + 30 * 2 + 2
USES = [
    "Trainer(hidden=30).fit()",
    "Trainer(30)",
    "result = Trainer(hidden=30).fit()",
    "print(Trainer(hidden=30).fit())",
    "def main(width=30):\n    Trainer(width).fit()\nmain()",
    "def main():\n    Trainer(hidden=30).fit()",
    'if __name__ == "__main__":\n    Trainer(hidden=30).fit()',
]


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("text", [TRAINER, KERAS_TRAINER])
@pytest.mark.parametrize("use", USES)
def test_an_object_built_in_passing_shows_its_own_network(text: str, use: str):
    parsed = parse(text + use)
    assert count(parsed.module) == OF_30
    assert any("is that of Trainer(" in note and "30" in note for note in parsed.notes)
    assert not any("skipped" in note for note in parsed.notes)
    assert count(parse(parsed.lines).module) == OF_30


@pytest.mark.parametrize(
    "use", ["with Trainer(hidden=30):\n    pass", "with Trainer(hidden=30) as one:\n    one.fit()"]
)
def test_the_object_of_a_with_block_shows_its_own_network(use: str):
    assert count(parse(TRAINER + use).module) == OF_30


def test_an_object_that_another_one_builds_has_the_values_it_is_given():
    keeper = "class Study:\n    def __init__(self, h):\n        self.trainer = Trainer(h)\n    run = print\n"
    parsed = parse(TRAINER + keeper + "Study(30).run()")
    assert count(parsed.module) == OF_30
    assert not parsed.assumed


def test_a_class_that_is_never_built_keeps_its_defaults():
    parsed = parse(TRAINER)
    assert count(parsed.module) == OF_20
    assert not parsed.notes


def test_values_tried_for_an_open_function_are_not_those_of_the_text():
    parsed = parse(TRAINER + "def study(hidden, data):\n    Trainer(hidden).fit()\n")
    assert count(parsed.module) == OF_20
    assert not parsed.notes


def test_the_lines_build_the_object_again_from_the_settings_it_was_given():
    parsed = parse(OWN_LAYER + 'Trainer({"width": 7}).fit()')
    assert count(parsed.module) == 10 * 7 + 7
    assert not parsed.assumed
    assert count(parse(parsed.lines).module) == 10 * 7 + 7


def test_a_loss_that_an_object_keeps_is_not_the_network():
    loss = """class FocalLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(5))
    def forward(self, x):
        return (x * self.weight).mean()
"""
    keeper = "class Measure:\n    def __init__(self):\n        self.loss = FocalLoss()\n"
    text = "import torch\nimport torch.nn as nn\n" + loss + OWN_LAYER + keeper
    assert parse(text + "Measure()\nprint(Scaled(7)(torch.zeros(1, 10)))").network == "Scaled"


def test_a_single_layer_of_an_object_is_a_network_too():
    text = (
        "import torch.nn as nn\nclass Trainer:\n    def __init__(self, n=4):\n        self.model = nn.Linear(10, n)\n"
    )
    assert count(parse(text + "Trainer(n=7)").module) == 10 * 7 + 7


def test_the_class_that_the_text_builds_comes_before_one_that_it_only_defines():
    other = TRAINER.replace("Trainer", "Unused").replace("hidden=20", "hidden=9")
    assert parse(TRAINER + other + "Trainer(30).fit()").network == "Trainer.model"


@pytest.mark.parametrize("head", ["size = len(Pictures(7))", "data = Pictures(7)\nsize = len(data)"])
def test_a_data_set_says_how_long_it_is(head: str):
    parsed = parse(DATA + head + "\nnet = nn.Sequential(nn.Linear(size, 2), nn.ReLU())")
    assert count(parsed.module) == 7 * 2 + 2
    assert not parsed.assumed


def test_the_length_of_data_that_is_not_there_is_assumed():
    text = DATA.replace("return self.count", "return len(self.files)")
    parsed = parse(text + "data = Pictures(7)\nnet = nn.Sequential(nn.Linear(len(data), 2), nn.ReLU())")
    assert parsed.assumed == {"len(data)": 64}


def test_weights_that_no_input_reaches_are_refused_with_a_sentence():
    text = "import tensorflow as tf\nw = tf.Variable(tf.zeros([7, 2]))\nlogits = tf.matmul(state, w)\n"
    with pytest.raises(ParseError, match="computed from no input"):
        parse(text)
