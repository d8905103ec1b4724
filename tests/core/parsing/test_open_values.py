"""Expressions whose value a text does not tell: where a number is needed one is taken, named, and written down."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse

CLASS = """
class Net(nn.Module):
    def __init__(self{}):
        super().__init__()
        self.fc = nn.Linear({}, {})

    def forward(self, x):
        return self.fc(x)
"""
OPEN = {
    "of an environment": ("env.observation_space.shape[0]", "env.action_space.n", (4, 2)),
    "imported settings": ("cfg.MODEL.WIDE", "cfg.data['wide']", (64, 64)),
    "a constant of an earlier cell": ("HIDDEN_STATES", "len(encoder.classes_)", (64, 10)),
    "words of a quantity": ("input_words", "train.labels.nunique()", (64, 10)),
}


@pytest.mark.parametrize(("first", "second", "sizes"), OPEN.values(), ids=OPEN)
def test_a_number_is_assumed_for_an_expression_and_another_can_be_given(first, second, sizes):
    text = CLASS.format("", first, second)
    parsed = parse(text)
    assert (parsed.module.fc.in_features, parsed.module.fc.out_features) == sizes
    name = next(iter(parsed.assumed))
    given = parse(text, values={name: 7})
    assert given.module.fc.in_features == 7
    assert any(name in note for note in parsed.notes)


@pytest.mark.parametrize(("first", "second", "sizes"), OPEN.values(), ids=OPEN)
def test_the_lines_hold_the_values_and_assume_nothing_more(first, second, sizes):
    lines = parse(CLASS.format("", first, second)).lines
    again = parse(lines)
    assert not again.assumed
    assert tuple(again.module.fc.weight.shape) == sizes[::-1]
    exec(lines, {"nn": __import__("torch").nn})  # the text alone, as a script holds it


def test_settings_that_a_constructor_takes_are_written_into_the_lines():
    parsed = parse(CLASS.format(", args, config", "args.input_size", "config['hidden']"))
    again = parse(parsed.lines)
    assert again.module.fc.weight.shape == parsed.module.fc.weight.shape == (64, 32)


REFUSED = {
    "a letter": (CLASS.format("", "n", 3), "the name n has no value"),
    "an unknown function": (CLASS.format("", "size_of(x)", 3), "size_of"),
    "a misspelt argument": (CLASS.format(", in_channels", "in_chanels", 3), "the nearest is in_channels"),
    "a call with arguments": (CLASS.format("", "hp.Int('units', 8, 64)", 3), "hp.Int"),
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_may_be_anything_is_refused(text, sentence):
    with pytest.raises(ParseError, match=sentence.replace("(", r"\(")):
        parse(text)


def test_networks_are_listed_in_the_order_in_which_a_line_names_them():
    text = "def make():\n    return nn.Sequential(nn.ReLU()), nn.Sequential(nn.ReLU(), nn.ReLU())\n"
    assert parse(f"{text}zebra, apple = make()").networks == ("zebra", "apple")


GAN = """
class GAN:
    def __init__(self, latent_dim):
        self.generator = self.build_generator(latent_dim)
        self.discriminator = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())

    def build_generator(self, latent_dim):
        return nn.Sequential(nn.Linear(latent_dim, 4), nn.Tanh())
"""
BUILDER = """
class LeNet:
    @staticmethod
    def build(width, height, depth, classes):
        model = Sequential()
        model.add(Conv2D(6, 5, input_shape=(height, width, depth)))
        model.add(Flatten())
        model.add(Dense(classes))
        return model
"""


def test_networks_that_an_object_keeps_are_offered_by_their_names():
    assert parse(GAN).networks == ("GAN.generator", "GAN.discriminator")
    parsed = parse(f"{GAN}gan = GAN(5)\n", network="gan.generator")
    assert (parsed.network, parsed.module[0].in_features) == ("gan.generator", 5)


def test_a_method_that_builds_a_network_is_called_with_an_image():
    parsed = parse(BUILDER)
    assert (parsed.network, parsed.input_shape) == ("LeNet.build", (3, 64, 64))
    assert parse(BUILDER, values={"depth": 1, "classes": 3}).module[-1].out_features == 3


def test_the_size_that_a_summary_states_is_the_input():
    net = "net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU())\n"
    assert parse(f"from torchsummary import summary\n{net}summary(net, (1, 28, 30))").input_shape == (1, 28, 30)
    assert parse(f"from torchinfo import summary\n{net}summary(net, input_size=(8, 1, 9, 9))").input_shape == (1, 9, 9)


JOINED = """
class Net(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.widths = config["net"]["hidden_sizes"]
        sizes = [config["net"]["slots"] - 2] + self.widths + [1]
        self.layers = nn.ModuleList()
        for i in range(len(self.widths) + 1):
            bound = 1 / math.sqrt(sizes[i])
            self.layers.append(nn.Linear(sizes[i], sizes[i + 1]))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
"""


def test_what_is_made_of_an_open_list_is_not_taken_for_that_list() -> None:
    """Its items are those of the longer list, also behind a function of `math` of an open number."""
    parsed = parse(f"import math\n{JOINED}")
    assert [(one.in_features, one.out_features) for one in parsed.module.layers] == [
        (62, 32), (32, 64), (64, 128), (128, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [("transformer_layers", 2), ("transformer_heads", 4), ("text_depth", 2)])
def test_a_word_before_layers_or_heads_changes_not_how_many_are_usual(name: str, value: int) -> None:
    text = CLASS.format(f", {name}", 3, name)
    assert parse(text).module.fc.out_features == value
