"""Inputs that an example in a docstring shows, that a network's own settings tell, or that are spread over an image."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
SLEEP = '''
class Sleep(nn.Module):
    r"""Stages of sleep.

    .. code-block:: python

        # batch, electrodes, samples
        x = torch.randn(32, 1, 600)
        Sleep()(x)
    """
    def __init__(self, patch=100, count=6):
        super().__init__()
        self.a, self.b = nn.Conv1d(1, 4, 3, padding=1), nn.Linear(patch * count * 4, 2)
    def forward(self, x):
        return self.b(self.a(x).flatten(1))
'''
COMMENTED = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 4, 3)
    def forward(self, x):
        return self.a(x)
class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(5, 2)
    def forward(self, x):
        return self.a(x)
# if __name__ == "__main__":
#     image = torch.rand(size=(n, 3, 72, 40))
#     print(Net()(image).shape)
"""


def test_an_example_in_a_docstring_is_the_input():
    parsed = parse(HEAD + SLEEP)
    assert parsed.input_shape == (1, 600)
    assert any("example in line 11" in note for note in parsed.notes)


def test_an_example_in_comments_is_the_input_of_the_network_that_takes_it():
    assert parse(HEAD + COMMENTED, network="Net").input_shape == (3, 72, 40)
    assert parse(HEAD + COMMENTED).input_shape is None


def test_an_example_counts_beside_a_time():
    text = '''
class Denoiser(nn.Module):
    """
    >>> net(torch.randn(1, 4, 9, 9), torch.randint(1, 1000, (1,)))
    """
    def __init__(self):
        super().__init__()
        self.a, self.norm, self.time = nn.Conv2d(4, 4, 3, padding=1), nn.LayerNorm([4, 9, 9]), nn.Linear(1, 4)
    def forward(self, x, t):
        return self.norm(self.a(x)) + self.time(t.unsqueeze(-1).float())[:, :, None, None]
'''
    assert parse(HEAD + text).input_shape == (4, 9, 9)


@pytest.mark.parametrize(
    ("settings", "layers", "shape"),
    [
        (
            "num_electrodes=20, chunk_size=96, in_channels=9, num_classes=2",
            "nn.Conv2d(in_channels, 8, (num_electrodes, 1)), nn.Flatten(), nn.Linear(8 * chunk_size, num_classes)",
            (9, 20, 96),
        ),
        (
            "num_classes=2, grid_size=(9, 7), in_channels=4",
            "nn.Conv2d(in_channels, 8, 3, padding=1), nn.LayerNorm([8, *grid_size])",
            (4, 9, 7),
        ),
        ("n_chans=6, n_times=50, hidden=3", "nn.Conv1d(n_chans, 3, 1), nn.LayerNorm([3, n_times])", (6, 50)),
    ],
)
def test_settings_that_are_sides_are_tried_as_the_input(settings, layers, shape):
    text = f"class Net(nn.Module):\n    def __init__(self, {settings}):\n        super().__init__()\n"
    text += f"        self.body = nn.Sequential({layers})\n    def forward(self, x):\n        return self.body(x)\n"
    parsed = parse(HEAD + text)
    assert parsed.input_shape == shape
    parsed.module.eval()(torch.empty(2, *shape, device="meta"))


def test_a_row_is_spread_over_an_image():
    text = """
class Generator(nn.Module):
    def __init__(self, conv_dim=8, c_dim=5):
        super().__init__()
        self.a = nn.Conv2d(3 + c_dim, conv_dim, 3, padding=1)
    def forward(self, x, c):
        c = c.view(c.size(0), c.size(1), 1, 1).repeat(1, 1, x.size(2), x.size(3))
        return self.a(torch.cat([x, c], dim=1))
"""
    parsed = parse(HEAD + text)
    assert (parsed.input_shape, parsed.assumed["size of c"]) == ((3, 64, 64), (5,))
    assert parsed.module(torch.empty(2, 3, 64, 64, device="meta")).shape == (2, 8, 64, 64)


def test_points_beside_their_neighbours():
    text = """
def pairs(x, k=20):
    near = x.unsqueeze(-1).expand(-1, -1, -1, k)
    return torch.cat([near, x.topk(k, dim=-1)[0].unsqueeze(2).expand_as(near)], 1)
class Cloud(nn.Module):
    def __init__(self, k=20):
        super().__init__()
        self.a = nn.Conv2d(6, 8, 1)
    def forward(self, x):
        batch, width, points = x.size()
        return self.a(pairs(x)).max(-1)[0]
"""
    assert parse(HEAD + text).input_shape == (3, 1024)


def test_samples_without_a_value_are_enough_for_a_pass_in_init():
    text = """
class Shallow(nn.Module):
    def __init__(self, n_channels=32, n_samples=WINDOW_SAMPLES, n_classes=2):
        super().__init__()
        self.a = nn.Sequential(nn.Conv2d(1, 40, (1, 25)), nn.Conv2d(40, 40, (n_channels, 1)), nn.AvgPool2d((1, 75)))
        with torch.no_grad():
            flat = self.a(torch.zeros(1, 1, n_channels, n_samples)).numel()
        self.head = nn.Linear(flat, n_classes)
    def forward(self, x):
        return self.head(self.a(x).flatten(1))
"""
    parsed = parse(HEAD + text)
    assert (parsed.assumed, parsed.input_shape) == ({"WINDOW_SAMPLES": 256}, (1, 32, 256))
