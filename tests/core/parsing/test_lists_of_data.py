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


@pytest.mark.parametrize("words", ["with open('t') as file:\n    page = file.read()\nwords = tuple(set(page))\n", ""])
def test_tables_of_words_that_only_a_run_knows_leave_their_number_open(words):
    parsed = parse(
        f"import torch.nn as nn\n{words}class Net(nn.Module):\n"
        "    def __init__(self, words):\n        super().__init__()\n"
        "        self.words = words\n        self.word_of = dict(enumerate(self.words))\n"
        "        self.number_of = {word: n for n, word in self.word_of.items()}\n"
        "        self.rows = nn.Linear(len(self.words), 2)\n"
        "    def forward(self, x):\n        return self.rows(x)\nnet = Net(words)"
    )
    assert parsed.assumed == {"len(words)": 1000}
    assert sum(p.numel() for p in parsed.module.parameters()) == 2 * 1000 + 2


def test_layers_that_stand_for_words_of_a_file_are_refused():
    with pytest.raises(ParseError):
        parse("import torch.nn as nn\nparts = {n: nn.Linear(4, 4) for n in open('t')}\n"
              "net = nn.ModuleDict(parts)")  # fmt: skip
