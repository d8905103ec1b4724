"""Lists that a loop over data fills: nobody knows how long they are, and a usual length is assumed."""

import pytest

from core.errors import ParseError
from core.parsing import parse

KERAS = "from keras.layers import *\nfrom keras.models import *\n"
LENGTHS = {
    "words = set()\nfor line in open('t'):\n    for word in line.split():\n        words.add(word)\n"
    "words = sorted(list(words))\nn = len(words)\n": 1000,
    "table = {}\nfor line in open('t'):\n    table[line] = 1\nvocab_size = len(table)\nn = vocab_size\n": 1000,
    "labels = []\nfor name in os.listdir('t'):\n    labels.append(name)\nn = len(labels)\n": 10,
}


@pytest.mark.parametrize(("text", "length"), LENGTHS.items())
def test_a_list_that_a_loop_over_data_fills_is_not_empty(text, length):
    parsed = parse(f"import os\n{KERAS}{text}model = Sequential([Dense(n, input_shape=(4,))])")
    assert sum(p.numel() for p in parsed.module.parameters()) == 5 * length
    assert length in parsed.assumed.values()


def test_layers_that_such_a_loop_makes_are_refused():
    with pytest.raises(ParseError, match="not known"):
        parse("import torch.nn as nn\nlayers = []\nfor c in open('t'):\n    layers.append(nn.Linear(4, 4))\n"
              "net = nn.Sequential(*layers)")  # fmt: skip
