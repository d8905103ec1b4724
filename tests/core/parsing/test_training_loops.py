"""Loops that train, and bars of progress around them: they build nothing, and may say what a network is called with."""

from __future__ import annotations

import pytest

from core.parsing import parse

NETWORK = """
import torch, torchvision
from torch import nn

class Net(nn.Module):
    def __init__(self, steps=28):
        super().__init__()
        self.rnn = nn.GRU(steps, 16, batch_first=True)
        self.out = nn.Linear(16, 10)

    def forward(self, x):
        return self.out(self.rnn(x)[0][:, -1])

net = Net()
"""
LOOP = """
for epoch in range(3):
    for images, labels in loader:
        {call}
        loss.backward()
"""


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("loss = cost(net(images.view(-1, 20, 28)), labels)", (20, 28)),
        ("loss = cost(net(images.reshape(images.size(0), 12, 28).to(device)), labels)", (12, 28)),
        ("x = images.view((-1, 9, 28)).float().cuda(); loss = cost(net(x), labels)", (9, 28)),
        ("loss = cost(net(images.squeeze(1)), labels)", None),
        ("loss = cost(net(images.view(-1, count, 28)), labels)", None),
    ],
)
def test_data_get_their_shape_where_the_network_is_called(call, shape):
    assert parse(NETWORK + LOOP.format(call=call)).input_shape == shape


def test_grids_of_pictures_in_a_loop_build_nothing():
    call = "grid = torchvision.utils.make_grid(net(images)); loss = cost(grid)"
    parsed = parse(NETWORK + LOOP.format(call=call))
    assert (parsed.network, parsed.assumed) == ("net", {})


def test_what_a_loop_computes_with_is_no_assumption_about_the_network():
    call = "noise = torch.randn(images.shape[0], 20, 28); loss = cost(net(noise), labels)"
    assert parse(NETWORK + LOOP.format(call=call)).assumed == {}


@pytest.mark.parametrize(
    ("lines", "bar"),
    [
        ("import tqdm", "tqdm.tqdm(range(4))"),
        ("from tqdm import tqdm", "tqdm(range(4), desc='layers')"),
        ("from tqdm.auto import tqdm", "tqdm(iterable=range(4))"),
        ("from tqdm.notebook import trange", "trange(4)"),
        ("from fastprogress import progress_bar", "progress_bar(range(4))"),
    ],
)
def test_a_bar_of_progress_is_what_it_goes_around(lines, bar):
    text = f"{lines}\nfrom torch import nn\nlayers = []\nfor i in {bar}:\n    layers.append(nn.Linear(8, 8))\n"
    assert len(parse(text + "net = nn.Sequential(*layers)").module) == 4
