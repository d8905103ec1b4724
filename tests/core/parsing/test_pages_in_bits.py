"""Pages that show a network bit by bit, or a block of it alone: what of it is meant, and what is left out."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse

INIT = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(3, 4)
"""
FORWARD = """\
    def forward(self, x):
        return self.body(x)
"""
SIZE = 16


def count(text, **asked):
    return sum(one.numel() for one in parse(text, **asked).module.parameters())


class TestContinuedClasses:
    @pytest.mark.parametrize(
        "later",
        [
            f"class Net(nn.Module):\n    ...\n\n{FORWARD}",
            f"class Net(nn.Module):\n{FORWARD}",
            f"class Net(nn.Module):\n    def __init__(self):\n        ...\n\n{FORWARD}",
        ],
        ids=["points", "nothing", "points in its __init__"],
    )
    def test_what_a_later_bit_does_not_show_is_taken_from_the_one_before(self, later):
        parsed = parse(f"{INIT}\n{later}")
        assert sum(one.numel() for one in parsed.module.parameters()) == SIZE
        assert any("Net in line" in note for note in parsed.notes)

    @pytest.mark.parametrize("forward", ["", "    def forward(self, x):\n        ...\n"], ids=["left out", "points"])
    def test_what_it_shows_comes_before_what_points_stand_for(self, forward):
        changed = INIT.replace("4)", "5)") + "        ...\n"
        parsed = parse(f"{INIT}        self.head = nn.Linear(4, 2)\n\n{FORWARD}\n{changed}{forward}")
        assert parsed.module.body.out_features == 5
        assert parsed.module.head.in_features == 4

    def test_a_method_is_added(self):
        added = "class Net(nn.Module):\n    ...\n    def best(self, x):\n        return self.forward(x).argmax(1)\n"
        assert count(f"{INIT}\n{FORWARD}\n{added}") == SIZE

    def test_layers_are_made_anew_and_run_as_before(self):
        changed = INIT.replace("nn.Linear(3, 4)", "nn.Linear(3, 5)")
        assert count(f"{INIT}\n{FORWARD}\n{changed}\nnet = Net()") == 20

    def test_a_class_that_the_end_may_have_cut_off_is_not_read(self):
        changed = INIT.replace("nn.Linear(3, 4)", "nn.Linear(3, 5)")
        parsed = parse(f"{INIT}\n{FORWARD}\n{changed}")
        assert sum(one.numel() for one in parsed.module.parameters()) == SIZE
        assert "Net in line 9 does not show all of it: that of line 1 is read." in parsed.notes

    def test_a_class_that_needs_nothing_of_the_other_is_another(self):
        alone = INIT.replace("self.body = nn.Linear(3, 4)", "self.a = nn.Linear(1, 1)")
        text = f"{INIT}\n{FORWARD}\n{alone}\n    def forward(self, x):\n        return self.a(x)\n"
        assert count(text) == 2


class TestPoints:
    @pytest.mark.parametrize("where", ["        ...\n        self.head = nn.Linear(4, 2)\n", "        ...\n"])
    def test_code_that_is_left_out_of_a_method_is_asked_for(self, where):
        with pytest.raises(ParseError, match=r"Line 5: `\.\.\.` stands for code"):
            parse(f"{INIT}{where}\n{FORWARD}")

    def test_a_method_of_points_alone_does_nothing(self):
        assert count(f'{INIT}\n    def log(self):\n        """Says."""\n        ...\n\n{FORWARD}') == SIZE

    def test_a_comment_that_says_so_is_named(self):
        parsed = parse(f"{INIT}        # ... more of them\n\n{FORWARD}")
        assert "Line 5 says that code is left out there; it is not counted." in parsed.notes


class TestAnswers:
    QUESTION = (
        "It's my model:\n\nmodel = Sequential()\nmodel.add(Dense(4, input_shape=(3,)))\nmodel.add(Dense(1))\n"
        "model.compile(loss='mse')\nmodel.fit(x, y)\n\nWhat's wrong with it?\n\nYou'd better use\n\n"
    )

    def test_a_layer_of_an_answer_is_not_added_to_the_trained_network(self):
        with pytest.raises(ParseError, match="Line 13 adds a layer to model, which line 7 has trained"):
            parse(f"{self.QUESTION}model.add(Dense(2))\n")

    def test_a_layer_is_added_where_the_network_is_trained_again(self):
        assert count(f"{self.QUESTION}model.add(Dense(2))\nmodel.compile(loss='mse')\n") == 16 + 5 + 4

    def test_a_network_that_is_made_anew_is_another(self):
        assert count(f"{self.QUESTION}model = Sequential([Dense(2, input_shape=(3,))])\nmodel.add(Dense(1))\n") == 11

    def test_a_part_that_stands_outside_of_its_class_is_named(self):
        parsed = parse(f"It's this:\n\n{INIT}\n{FORWARD}\nChange it, it's wrong:\n\nself.body = nn.Linear(3, 9)\n")
        assert "Line 13 sets a part of `self` outside of a class: left out." in parsed.notes
        assert sum(one.numel() for one in parsed.module.parameters()) == SIZE


def test_pieces_of_a_class_among_sentences_are_no_network():
    text = "The encoder's layers are\nself.a = nn.Linear(3, 4)\nself.b = nn.Linear(3, 4)\nThat's what it's made of.\n"
    with pytest.raises(ParseError, match="Lines 2, 3 set parts of `self`, but neither"):
        parse(text)


def test_a_part_of_a_class_that_is_not_shown_spoils_no_network():
    text = "net = nn.Sequential(nn.Linear(3, 4), nn.ReLU())\n\nself.all = nn.Sequential(*[Block(w) for _ in range(2)])"
    parsed = parse(text)
    assert sum(one.numel() for one in parsed.module.parameters()) == SIZE
    assert "Line 3 sets a part of `self` outside of a class: left out." in parsed.notes


def test_a_whole_network_that_an_object_keeps_is_read_among_sentences():
    text = "It's the critic:\nself.model = nn.Sequential(nn.Linear(3, 4), nn.ReLU())\nThat's what it's made of.\n"
    assert count(text) == SIZE


class TestBlocks:
    BLOCK = INIT.replace("Net", "Block") + "\n" + FORWARD
    WHOLE = (
        "class Whole(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.block = Block()\n"
        "        self.head = nn.Linear(4, 2)\n    def forward(self, x):\n        return self.head(self.block(x))\n"
    )

    def test_a_block_that_is_tried_out_after_the_network_is_not_meant(self):
        parsed = parse(f"{self.BLOCK}{self.WHOLE}net = Whole()\nblock = Block()\nblock(torch.randn(2, 3))\n")
        assert parsed.networks == ("block", "net")
        assert parsed.network == "net"

    def test_a_page_that_tries_out_a_block_goes_on_to_the_network(self):
        parsed = parse(f"{self.BLOCK}block = Block()\nblock(torch.randn(2, 3))\n{self.WHOLE}")
        assert parsed.networks == ("block", "Whole")
        assert parsed.network == "Whole"
        assert sum(one.numel() for one in parsed.module.parameters()) == 26

    def test_a_block_that_is_all_that_is_built_in_the_end_is_meant_and_the_network_offered(self):
        text = f"{self.BLOCK}{self.WHOLE}block = Block()\n"
        parsed = parse(text)
        assert parsed.networks == ("Whole", "block")
        assert parsed.network == "block"
        assert count(text, network="Whole") == 26

    def test_networks_that_share_a_block_keep_their_order(self):
        other = self.WHOLE.replace("Whole", "Other").replace("(4, 2)", "(4, 7)")
        assert parse(f"{self.BLOCK}{self.WHOLE}{other}a = Other()\nb = Whole()\n").network == "b"


NET = INIT + "\n" + FORWARD + "\n"
ENDS = {
    "of a loop in a function": "def evaluate(net, data):\n    with torch.no_grad():\n        for x, y in data:\n"
    "            good = torch.where(net(x) > 0.5, torch.tensor(1",
    "of a method about training": "    def training_step(self, batch):\n        x, y = batch\n"
    "        return {'loss': F.mse_loss(self(x",
    "of a word": "for x, y in loader:\n    loss = (net(x) - y).pow(2).mean()\n    print('loss is",
    "of a statement": "def accuracy(net, data):\n    for x, y in",
    "of a head": "def fit(net, data):\n    for x, y in data:\n        if x is not",
    "of a class about data": "class Engine:\n    def __init__(self, folder):\n        self.ids = sorted(set(folder))\n"
    "        self.places = {one: n for n, one in enumer",
    "of the head of a class": "class Other(nn.Mod",
    "of a set of data": "data = Data.TensorDataset(x,",
    "of a set of images": "train = datasets.FashionMNIST(root='data', train=True,",
}


class TestCutEnds:
    @pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
    def test_the_end_of_what_trains_is_left_out(self, end):
        parsed = parse(NET + end)
        assert sum(one.numel() for one in parsed.module.parameters()) == SIZE
        assert any("ends in the middle" in note for note in parsed.notes)

    @pytest.mark.parametrize(
        "text",
        [NET.rstrip()[:-1], INIT + "        self.head = nn.Linear(4", NET + "def head():\n    return nn.Linear(4,"],
        ids=["forward", "__init__", "a function that makes layers"],
    )
    def test_the_end_of_a_network_is_missed(self, text):
        with pytest.raises(ParseError):
            parse(text)


GRAPH = "graph main (\n  %x[FLOAT, 4x3]\n) {\n  %5 = Shape(%x)\n  return %5\n}"


def test_what_was_printed_stands_in_a_fence_without_a_word_beside_that_of_the_code():
    text = f"This works:\n```python\n{NET}```\nand prints:\n```\n{GRAPH}\n```\n"
    assert sum(one.numel() for one in parse(text).module.parameters()) == SIZE


@pytest.mark.parametrize("end", ["", "\n    # and then the rest of th"])
def test_a_text_may_end_within_a_try(end):
    inner = "\n".join(f"    {line}" for line in f"{INIT}{FORWARD}net = Net()".split("\n"))
    parsed = parse(f"try:\n    import plotting\n{inner}{end}")
    assert sum(one.numel() for one in parsed.module.parameters()) == SIZE
    assert any("within a `try`" in note for note in parsed.notes)


def test_a_try_without_an_end_in_the_middle_is_refused():
    with pytest.raises(ParseError, match="except"):
        parse(f"try:\n    a = 1\n{INIT}{FORWARD}")


TOOL = (
    "    def _dump(self, layer, file):\n        if layer is None:\n            return\n        file.write(str(layer.wei"
)


def test_a_text_may_end_within_a_method_that_the_network_does_not_call():
    assert count(f"{INIT}{FORWARD}{TOOL}") == SIZE


@pytest.mark.parametrize("forward", ["", FORWARD.replace("self.body", "self._dump")], ids=["none", "calls it"])
def test_the_end_of_a_method_that_it_needs_is_missed(forward):
    with pytest.raises(ParseError, match="never closed"):
        parse(f"{INIT}{forward}{TOOL}")
