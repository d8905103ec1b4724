"""Transposed convolutions that PyTorch refuses are refused where there is no memory, too, and no others."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import PlaygroundError
from core.parsing import parse
from core.profiler import profile

LAYERS = {
    "channels": (lambda: nn.ConvTranspose2d(4, 2, 5), (3, 8, 8), False),
    "channels of groups": (lambda: nn.ConvTranspose2d(8, 6, 3, groups=2), (4, 8, 8), False),
    "output padding": (lambda: nn.ConvTranspose2d(3, 2, 5, 1, 2, output_padding=1), (3, 8, 8), False),
    "output padding, one axis": (lambda: nn.ConvTranspose2d(3, 2, 5, (2, 1), output_padding=(0, 1)), (3, 8, 8), False),
    "a signal": (lambda: nn.ConvTranspose1d(4, 2, 5), (3, 8), False),
    "a clip": (lambda: nn.ConvTranspose3d(3, 2, 3, 2, output_padding=2), (3, 4, 4, 4), False),
    "output padding below the stride": (lambda: nn.ConvTranspose2d(3, 2, 5, 2, 1, 1), (3, 8, 8), True),
    "output padding below the dilation": (lambda: nn.ConvTranspose2d(3, 2, 5, 1, 1, 1, dilation=2), (3, 8, 8), True),
    "groups": (lambda: nn.ConvTranspose2d(4, 6, 3, groups=2), (4, 8, 8), True),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_is_refused_where_pytorch_refuses_it(kind):
    make, shape, is_fine = LAYERS[kind]
    layer = make()
    try:
        real = tuple(layer(torch.zeros(1, *shape)).shape)
    except RuntimeError:
        real = None
    assert (real is not None) is is_fine
    if is_fine:
        assert profile(nn.Sequential(layer), shape).rows[0].output_shape == real
    else:
        with pytest.raises(PlaygroundError, match="ConvTranspose"):
            profile(nn.Sequential(layer), shape)


def test_no_input_is_taken_for_a_text_through_whose_decoder_nothing_goes():
    text = (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.down, self.up = nn.Conv2d(3, {}, 3, 2, 1), nn.ConvTranspose2d(8, 3, 2, 2)\n"
        "    def forward(self, x):\n        return self.up(self.down(x)).flatten(1)[:, :48]\nnet = Net()\n"
    )
    for channels, is_fine in ((8, True), (6, False)):
        net = parse(text.format(channels)).module
        if is_fine:
            assert profile(net, (3, 32, 32)).rows[-1].output_shape
        else:
            with pytest.raises(PlaygroundError, match="8 channels"):
                profile(net, (3, 32, 32))
