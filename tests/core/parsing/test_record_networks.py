"""Networks under `@dataclass`, whose layers are made after their fields have values."""

from __future__ import annotations

import pytest

from core.parsing import parse

TEXT = """
from dataclasses import dataclass

@dataclass(eq=False)
class Head(nn.Module):
    hidden_dim: int
    dropout: float = 0.1

    def __post_init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(20, self.hidden_dim), nn.Dropout(self.dropout))

    def forward(self, x):
        return self.layers(x)

@dataclass(eq=False)
class Net(nn.Module):
    hidden_dim: int
    num_classes: int

    def __post_init__(self):
        super().__init__()
        self.head = Head(self.hidden_dim)
        self.out = nn.Linear(self.hidden_dim, self.num_classes)

    def forward(self, x):
        return self.out(self.head(x))
"""


@pytest.mark.parametrize(
    ("end", "sizes", "assumed"),
    [
        ("", (64, 10), {"hidden_dim": 64, "num_classes": 10}),
        ("\nnet = Net(9, num_classes=3)", (9, 3), {}),
        ("\nnet = Net(num_classes=3, hidden_dim=7)", (7, 3), {}),
    ],
)
def test_fields_are_arguments_like_others(end, sizes, assumed):
    parsed = parse(TEXT + end)
    assert (parsed.module.out.in_features, parsed.module.out.out_features) == sizes
    assert parsed.assumed == assumed
    again = parse(parsed.lines).module
    assert (again.out.in_features, again.out.out_features) == sizes
