"""What is taken for arguments and inputs that a text leaves open, by what it does with them."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse
from core.parsing.inputs.trial import takes
from core.parsing.inputs.usual_inputs import candidate_inputs

HEAD = "import torch\nimport torch.nn as nn\nfrom dataclasses import dataclass\nfrom einops import rearrange\n"


def first_taken(text: str) -> tuple[int, ...] | None:
    module = parse(HEAD + text).module
    return next((shape for shape in candidate_inputs(module) if takes(module, shape)), None)


SETTINGS = """
@dataclass
class Settings:
    width: int = 6
    classes: int = 0
    padding_id: int = 0
class Net(nn.Module):
    def __init__(self, config: Settings):
        super().__init__()
        self.a = nn.Conv2d(3, config.width, 1)
        self.b = nn.Conv2d(config.width, config.classes, 1, padding=config.padding_id)
    def forward(self, x):
        return self.b(self.a(x))
"""


def test_settings_of_the_text_keep_what_they_say_and_get_a_number_for_what_is_zero():
    parsed = parse(HEAD + SETTINGS)
    assert [one.out_channels for one in parsed.module.children()] == [6, 10]
    assert any("Settings(classes=10) is assumed" in note for note in parsed.notes)


def test_a_list_that_the_constructor_edits_is_a_list():
    text = """
class Net(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        hidden.insert(0, inputs)
        hidden.reverse()
        self.layers = nn.Sequential(*[nn.Linear(a, b) for a, b in zip(hidden, hidden[1:])])
    def forward(self, x):
        return self.layers(x)
"""
    assert [one.out_features for one in parse(HEAD + text).module.layers][:2] == [64, 32]


@pytest.mark.parametrize("name", ["f'Conv{axes}d'", "'Conv{}d'.format(axes)", "'Conv%dd' % axes"])
def test_the_axes_in_the_name_of_a_layer_are_two(name: str):
    text = f"""
class Net(nn.Module):
    def __init__(self, axes):
        super().__init__()
        self.a = getattr(nn, {name})(3, 8, 1)
    def forward(self, x):
        return self.a(x)
"""
    assert parse(HEAD + text).assumed == {"axes": 2}


@pytest.mark.parametrize(
    ("row", "layers", "taken"),
    [
        ("width, k", "nn.Conv2d(before, width, k)", "[(32, 3), (64, 3)]"),
        ("width, act", "nn.Conv2d(before, width, 1), act()", "[(32, nn.ReLU), (64, nn.ReLU)]"),
    ],
)
def test_each_place_of_a_row_has_what_it_is_used_for(row: str, layers: str, taken: str):
    text = f"""
class Net(nn.Module):
    def __init__(self, stages):
        super().__init__()
        made, before = [], 3
        for {row} in stages:
            made += [{layers}]
            before = width
        self.layers = nn.Sequential(*made)
    def forward(self, x):
        return self.layers(x)
"""
    parsed = parse(HEAD + text)
    assert parsed.notes == (f"stages has no value in the text; {taken} is assumed.",)
    assert first_taken(text) == (3, 224, 224)


def test_settings_that_are_handed_on_as_a_whole_hold_what_is_needed():
    text = """
class Part(nn.Module):
    def __init__(self, in_channels, width, bias=True):
        super().__init__()
        self.a = nn.Conv2d(in_channels, width, 1, bias=bias)
    def forward(self, x):
        return self.a(x)
class Net(nn.Module):
    def __init__(self, part):
        super().__init__()
        self.a = Part(**part)
        self.b = nn.Conv2d(part["width"], 2, 1)
    def forward(self, x):
        return self.b(self.a(x))
"""
    assert first_taken(text) is not None


def test_an_argument_is_of_the_class_that_an_assert_wants():
    text = """
class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 4, 1)
    def forward(self, x):
        return self.a(x)
class Other(Inner):
    pass
class Outer(nn.Module):
    def __init__(self, source):
        super().__init__()
        assert isinstance(source, Inner)
        self.source = source
        self.b = nn.Conv2d(4, 2, 1)
    def forward(self, x):
        return self.b(self.source(x))
"""
    assert type(parse(HEAD + text).module.source).__name__ == "Inner"


def test_states_that_are_made_as_a_pair_are_given_one_by_one():
    text = """
class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.x = nn.Linear(8, 16)
        self.h = nn.Linear(4, 16)
    def init_hidden(self, batch_size):
        return torch.zeros(batch_size, 4), torch.zeros(batch_size, 4)
    def forward(self, x, hidden_state, cell_state):
        i, f, o, g = (self.x(x) + self.h(hidden_state)).chunk(4, -1)
        cell_state = f.sigmoid() * cell_state + i.sigmoid() * g.tanh()
        return o.sigmoid() * cell_state.tanh(), cell_state
cell = Cell()
"""
    output = parse(HEAD + text).module(torch.empty(2, 8, device="meta"))
    assert [tuple(one.shape) for one in output] == [(2, 4), (2, 4)]


def test_inputs_that_are_put_together_share_the_channels_of_the_first_layer():
    text = """
class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(6, 8, 4, 2)
    def forward(self, sketch, photo):
        return self.a(torch.cat([sketch, photo], 1))
"""
    assert first_taken(text) == (3, 224, 224)


PATCHES = """
class Net(nn.Module):
    def __init__(self{argument}):
        super().__init__()
        self.p, self.n = {patch}, {side} // {patch}
        self.a = nn.Linear(3 * self.p ** 2, 16)
        self.b = nn.Parameter(torch.zeros(1, self.n ** 2, 16))
    def forward(self, x):
        x = rearrange(x, "b c (h p) (w q) -> b (h w) (p q c)", p=self.p, q=self.p)
        return (self.a(x).view(-1, self.n ** 2, 16) + self.b).mean(1)
"""


def test_patches_are_cut_of_an_image_of_the_side_that_was_taken():
    assert first_taken(PATCHES.format(argument=", image_size", side="image_size", patch=4)) == (3, 32, 32)


def test_patches_are_cut_of_a_large_image_where_no_side_is_open():
    assert first_taken(PATCHES.format(argument="", side=224, patch=16)) == (3, 224, 224)


def test_a_norm_that_comes_first_says_how_wide_a_sequence_is():
    assert first_taken("net = nn.Sequential(nn.LayerNorm(24), nn.Linear(24, 5))") == (32, 24)


def test_axes_that_do_not_fit_may_fit_for_another_input():
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(3))
        self.heads = 4
    def forward(self, x):
        b, c, h, w, heads = *x.shape, self.heads
        return x * heads
net = Net()
"""
    assert first_taken(text) is not None
    with pytest.raises((ValueError, ParseError), match="5 names on the left"):
        parse(HEAD + text).module(torch.empty(2, 3, device="meta"))


@pytest.mark.parametrize(
    ("settings", "shape"),
    [("grid_size=30", (5, 30, 30)), ("img_size=(48, 96)", (5, 48, 96)), ("in_h=20, in_w=40", (5, 20, 40))],
)
def test_an_image_has_the_sides_that_the_constructor_says(settings, shape):
    text = f"""
class Net(nn.Module):
    def __init__(self, {settings}):
        super().__init__()
        self.a = nn.Conv2d(5, 4, 3, padding=1)
    def forward(self, x):
        return self.a(x).mean((2, 3))
"""
    assert first_taken(text) == shape
