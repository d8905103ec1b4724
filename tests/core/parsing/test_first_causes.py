"""What a text lacks is said by its first cause, and functions that are called build what they build."""

from __future__ import annotations

import pytest

from core.errors import MissingShapeError, ParseError
from core.parsing import parse
from core.parsing.evaluation.values import MissingDefinitionError

TORCH = "import torch.nn as nn\n"
KERAS = "from tensorflow.keras import layers, Model, Sequential\nfrom tensorflow import keras\n"


def parameters(text: str) -> int:
    return sum(one.numel() for one in parse(text).module.parameters())


def test_a_missing_block_is_named_before_the_shape_is():
    text = (
        KERAS + "from .parts import Stem\nclass Net(Model):\n    def __init__(self):\n        super().__init__()\n"
        "        self.top = layers.Dense(3)\n    def call(self, x):\n        return self.top(Stem()(x))\n"
    )
    with pytest.raises(MissingDefinitionError, match="Stem is imported"):
        parse(text)


def test_a_shape_is_asked_for_where_the_imports_do_not_matter():
    text = KERAS + "from .data import load\nnet = Sequential([layers.Dense(3)])\n"
    with pytest.raises(MissingShapeError):
        parse(text)


def test_a_missing_base_is_named_rather_than_what_it_would_have_kept():
    text = (
        TORCH + "from .base import Body\nclass Net(Body):\n    def __init__(self):\n        super().__init__()\n"
        "        self.last = nn.Linear(self.width, 3)\n"
    )
    with pytest.raises(MissingDefinitionError, match="Body is imported"):
        parse(text)


def test_an_argument_that_the_text_refuses_to_miss_gets_a_value():
    text = (
        TORCH + "class Net(nn.Module):\n    def __init__(self, channels, classes=None):\n        super().__init__()\n"
        "        assert classes is not None\n        self.fc = nn.Linear(channels, classes)\n"
        "    def forward(self, x):\n        return self.fc(x)\n"
    )
    assert parse(text).assumed == {"channels": 3, "classes": 10}


def test_a_function_that_also_trains_is_entered_with_its_arguments():
    text = (
        TORCH + "def fit(width, rate):\n    net = nn.Sequential(nn.Linear(4, width), nn.ReLU(), nn.Linear(width, 2))\n"
        "    for x, y in loader:\n        loss = measure(net(x), y)\n"
        "    return net, rate\nnet, rate = fit(5, rate=0.1)\n"
    )
    assert parameters(text) == 4 * 5 + 5 + 5 * 2 + 2


def test_a_function_that_goes_on_with_a_given_network_is_not_passed_over():
    start = TORCH + "net = nn.Sequential(nn.Linear(4, 5))\n"
    more = "def longer(net, width):\n    net.append(nn.Linear(5, {}))\nlonger(net, 2)\n"
    assert parameters(start + more.format("width")) == 25 + 12
    with pytest.raises(ParseError, match="mystery"):
        parse(start + more.format("mystery()"))


def test_a_model_that_cannot_be_made_is_refused_where_another_was_made_before():
    base = "base = keras.applications.ResNet50(include_top=False)\n"
    text = f"{KERAS}{base}net = Model(base.input, base.get_layer('conv9').output)"
    with pytest.raises(ParseError, match="no layer called"):
        parse(text)


def test_code_with_its_table_below_is_read():
    table = (
        'Model: "sequential"\n____________\nLayer (type)   Output Shape   Param #\n============\n'
        "dense (Dense)   (None, 4)   36\n============\nTotal params: 36\n"
    )
    text = "Example 1:\n\nmodel.add(Dense(4, input_shape=(8,)))\nmodel.summary()\n\n" + table
    assert parameters(text) == 36
    with pytest.raises(ParseError, match="This is the table"):
        parse(table)


def test_a_first_line_without_the_margin_of_the_others_is_read():
    assert parameters("\nimport torch.nn as nn\n    a = 3\n    net = nn.Sequential(nn.Linear(a, 2))\n") == 8


def test_a_part_of_what_a_function_builds_is_not_taken_for_the_whole():
    text = KERAS + "def build(width):\n    i = Input((4,))\n    inner = Model(i, Dense(3)(i))\n"
    text += "    x = inner(i)\n    x = {}\n    whole = Model(i, x)\n    return inner, whole\n"
    assert parameters(text.format("Dense(2)(x)")) == 15 + 8
    with pytest.raises(ParseError, match="Mystery"):
        parse(text.format("keras.layers.Mystery(width)(x)"))


PART = "class Part(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(3, 3)\n"
WHOLE = "class Whole(Base):\n    def __init__(self):\n        super().__init__()\n        self.part = Part()\n"
WHOLE += "    def forward(self, x):\n        return self.part(x)\n"


@pytest.mark.parametrize(
    ("line", "said"), [("from .base import Base\n", "Base is imported"), ("", "inherits from Base")]
)
def test_a_part_is_not_shown_where_the_base_of_the_whole_is_missing(line, said):
    with pytest.raises(MissingDefinitionError, match=said):
        parse(TORCH + line + PART + WHOLE)


def test_what_only_uses_a_network_may_inherit_from_anything():
    trainer = "class Trainer(Base):\n    def __init__(self):\n        self.net = Part()\n"
    assert parse(TORCH + "from .base import Base\n" + PART + trainer).network == "Part"


@pytest.mark.parametrize("call", ["super().__init__()", "super(Part, self).__init__()", "nn.Module.__init__(self)"])
def test_a_class_that_never_calls_the_init_above_it_is_refused_as_by_pytorch(call):
    assert parse(TORCH + PART.replace("super().__init__()", call)).network == "Part"
    with pytest.raises(ParseError, match=r"Line 4: a is made before super\(\).__init__\(\) is called"):
        parse(TORCH + PART.replace("        super().__init__()\n", ""))
