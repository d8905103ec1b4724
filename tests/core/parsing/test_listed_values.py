"""Values that only some networks go through with: numbers from a list, sizes of images, sequences of settings."""

from __future__ import annotations

import itertools

import pytest

from core.parsing import parse

HEAD = "class Net(nn.Module):\n    def __init__(self, {}):\n        super().__init__()\n"
END = "        self.body = nn.Sequential(*[nn.Conv2d(3, 3, 3) for _ in range(wide)])\n"
END += "    def forward(self, x):\n        return self.body(x)\n"
TABLE = "SIZES = {5: 3, 7: 4}\n"


@pytest.mark.parametrize(
    ("first", "check", "layers"),
    [
        ("", "assert depth in [5, 7]\n        wide = depth", 5),
        ("", "known = (5, 7)\n        if depth not in known: raise ValueError(depth)\n        wide = depth", 5),
        (TABLE, "wide = SIZES[depth]", 3),
        (TABLE, "assert depth in SIZES.keys()\n        wide = SIZES[depth]", 3),
        ("", "assert depth in (1, 2)\n        wide = depth", 2),  # the usual number is among them
        ("", "wide = {5: 30, 7: 4}[depth]\n        assert wide < 9", 4),  # the first does not go through
    ],
)
def test_a_number_is_taken_from_those_that_it_must_be_one_of(first, check, layers):
    parsed = parse(first + HEAD.format("depth") + f"        {check}\n" + END)
    assert len(parsed.module.body) == layers
    assert any(note.startswith("depth has no value") for note in parsed.notes)


def test_a_number_that_is_only_compared_is_not_restricted():
    text = HEAD.format("depth") + "        wide = 1 if depth in (50, 101) else depth\n" + END
    assert len(parse(text).module.body) == 2


def test_a_larger_image_is_tried_where_a_small_one_does_not_go_through():
    text = HEAD.format("img_size") + "        picture = torch.zeros(1, 1, img_size, img_size)\n"
    text += "        nn.Conv2d(1, 1, 100)(picture)\n        wide = img_size // 64\n" + END
    parsed = parse(text)
    assert parsed.assumed == {"img_size": 128}
    assert len(parsed.module.body) == 2


def test_several_values_are_taken_for_a_setting_that_is_gone_through():
    text = HEAD.format("cfg") + "        wide = len(cfg.hidden_dims)\n        for size in cfg.hidden_dims:\n"
    text += "            assert size in (32, 64, 128)\n        assert cfg.hidden_dims[1] == 64\n" + END
    parsed = parse(text)
    assert len(parsed.module.body) == 3
    assert parsed.assumed["cfg.hidden_dims"] == (32, 64, 128)


def test_nothing_is_taken_for_a_setting_that_the_class_itself_asks_about():
    text = HEAD.format("encoder=None") + "        self.encoder = encoder\n        wide = 2\n" + END
    text += "    def start(self):\n        if isinstance(self.encoder, str):\n            self.encoder.strip()\n"
    assert sum(p.numel() for p in parse(text).module.parameters()) == 2 * (3 * 3 * 9 + 3)


def test_a_sequence_that_a_list_is_added_to_is_a_list():
    text = HEAD.format("hidden_layers") + "        sizes = [3] + hidden_layers + [7]\n        wide = len(sizes)\n" + END
    parsed = parse(text)
    assert len(parse(parsed.lines).module.body) == len(parsed.module.body) == 6


@pytest.mark.parametrize(
    ("arguments", "check", "holds"),
    [
        ("length, piece=50", "assert length % piece == 0", lambda given: given["length"] % 50 == 0),
        ("zebra, okapi", "assert 0 <= okapi and okapi < zebra", lambda given: 0 <= given["okapi"] < given["zebra"]),
        ("width, heads=7", "if width % heads: raise ValueError(width)", lambda given: given["width"] % 7 == 0),
    ],
)
def test_assumed_numbers_pass_the_checks_of_the_class(arguments, check, holds):
    parsed = parse(HEAD.format(arguments) + f"        {check}\n        wide = 2\n" + END)
    assert holds(parsed.assumed)


def test_a_switch_among_settings_that_nothing_is_usual_for_is_off():
    text = HEAD.format("settings") + "        wide = 2 if settings['zebra'] else 3\n" + END
    parsed = parse(text)
    assert len(parsed.module.body) == 3
    assert "settings['zebra'] has no value in the text; False is assumed." in parsed.notes


@pytest.mark.parametrize(
    "loop",
    ["for pair in stages: parts.append(nn.Linear(pair[0], pair[1]))", "parts = [nn.Linear(a, b) for a, b in stages]"],
)
def test_a_sequence_whose_items_go_in_and_come_out_holds_pairs_that_fit(loop):
    text = HEAD.format("stages") + f"        parts = []\n        {loop}\n        wide = 1\n"
    text += "        self.row = nn.Sequential(*parts)\n" + END
    row = parse(text).module.row
    assert all(one.out_features == two.in_features for one, two in itertools.pairwise(row))


def test_a_number_by_its_annotation_is_no_sequence():
    text = HEAD.format("units: int") + "        if isinstance(units, int): units = [units] * 5\n"
    text += "        wide = units[4] // units[0]\n" + END
    assert len(parse(text).module.body) == 1


@pytest.mark.parametrize("loop", ["for row in rows:", "for number, row in enumerate(rows):"])
def test_rows_that_are_dictionaries(loop):
    text = (
        "def build(width, rows):\n    net = Sequential()\n"
        f"    {loop}\n        net.add(Dense(row['units'], activation=row['activation']))\n"
        "        net.add(Dropout(row['rate']))\n    return net\n"
    )
    parsed = parse(
        f"from keras.models import Sequential\nfrom keras.layers import Dense, Dropout\n{text}", input_shape=(9,)
    )
    assert sum(p.numel() for p in parsed.module.parameters()) == 9 * 32 + 32 + 32 * 64 + 64
    assert "'rate': 0.5" in next(note for note in parsed.notes if note.startswith("rows has no value"))
