"""Arguments that are sizes of layers, told by their use: widths in a row, what goes in, how many words there are."""

from __future__ import annotations

import pytest
from torch import nn

from core.parsing import parse

IN_A_ROW = """
class Net(nn.Module):
    def __init__(self, input_dim, layers, out_sz):
        super().__init__()
        parts = []
        for width in layers:
            parts += [nn.Linear(input_dim, width), nn.ReLU()]
            input_dim = width
        self.parts = nn.Sequential(*parts, nn.Linear(layers[-1], out_sz))

    def forward(self, x):
        return self.parts(x)
"""
COUNTED = """
class Net(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.parts = nn.Sequential(*[nn.Linear(8, 8) for count in layers for _ in range(count)])

    def forward(self, x):
        return self.parts(x)
"""
WORDS = """
class Net(nn.Module):
    def __init__(self, input_dim, hidden_dim):
        super().__init__()
        self.embed = nn.Embedding({arguments})

    def forward(self, x):
        return self.embed(x)
"""
CRITIC = """
class Critic(nn.Module):
    def __init__(self, state_dim, action_dim):
        super().__init__()
        self.layer = nn.Linear(state_dim + action_dim, 1)

    def forward(self, {inputs}):
        return self.layer(torch.cat([{inputs}], 1))
"""
TABLE = """
class Net(nn.Module):
    def __init__(self, sizes=((12, 3), (7, 2)), n_cont=5):
        super().__init__()
        self.embeds = nn.ModuleList([nn.Embedding(rows, width) for rows, width in sizes])
        self.norm = nn.BatchNorm1d(n_cont)
        self.out = nn.Linear(5 + n_cont, 2)

    def forward(self, x_cat, x_cont):
        words = torch.cat([embed(x_cat[:, i]) for i, embed in enumerate(self.embeds)], 1)
        return self.out(torch.cat([words, self.norm(x_cont)], 1))
"""


def test_items_that_are_sizes_are_widths_and_others_are_counts():
    layers = [part for part in parse(IN_A_ROW).module.parts if isinstance(part, nn.Linear)]
    assert [layer.out_features for layer in layers] == [32, 64, 128, 10]
    assert len(parse(COUNTED).module.parts) == 8


def test_what_goes_in_is_a_number_of_words_only_where_it_is_embedded():
    assert parse(IN_A_ROW).assumed["input_dim"] == 64
    for arguments in ("input_dim, hidden_dim", "embedding_dim=hidden_dim, num_embeddings=input_dim"):
        assert parse(WORDS.format(arguments=arguments)).assumed["input_dim"] == 1000


@pytest.mark.parametrize(("inputs", "said"), [("x, u", "x 64, u 10"), ("s, a", "s 64, a 10"), ("obs, z", None)])
def test_one_width_that_no_name_tells_is_what_the_others_leave(inputs, said):
    notes = " ".join(parse(CRITIC.format(inputs=inputs)).notes)
    assert (f"{said} are taken" in notes) if said else ("each is given the same one" in notes)


def test_columns_of_a_table_beside_numbers():
    parsed = parse(TABLE)
    assert parsed.input_shape == (32,)
    assert "The text names no inputs: x_cat 32, x_cont 5 are taken." in parsed.notes
