"""Settings that have to be words, counts, places or sums; tables and families of networks."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse
from core.parsing.inputs.usual_inputs import candidate_inputs

HEAD = "import torch\nimport torch.nn as nn\n"
NET = """class Net(nn.Module):
    def __init__(self, {args}):
        super().__init__()
        {body}
    def forward(self, x):
        return {out}
"""


def _net(args: str, body: str, out: str = "self.net(x)") -> str:
    return HEAD + NET.format(args=args, body=body.replace("\n", "\n        "), out=out)


WORDS = """if cfg.pool == 'avg':
    self.net = nn.AvgPool2d(2)
elif cfg.pool == 'max':
    self.net = nn.MaxPool2d(2)
else:
    raise ValueError(cfg.pool)"""


def test_a_setting_that_has_to_be_one_of_some_words_is_the_first():
    parsed = parse(_net("cfg", "self.first = nn.Conv2d(3, 4, 1)\n" + WORDS, "self.net(self.first(x))"))
    assert type(parsed.module.net).__name__ == "AvgPool2d"
    assert parsed.assumed["cfg.pool"] == "avg"
    text = _net("cfg", "self.first = nn.Conv2d(3, 4, 1)\n" + WORDS, "self.net(self.first(x))")
    assert type(parse(text, values={"cfg.pool": "max"}).module.net).__name__ == "MaxPool2d"
    free = WORDS.replace("raise ValueError(cfg.pool)", "self.net = nn.Identity()")
    assert type(parse(_net("cfg", "self.f = nn.Conv2d(3, 4, 1)\n" + free)).module.net).__name__ == "Identity"


def test_a_count_that_nothing_is_usual_for_is_two_where_layers_are_counted():
    body = "self.net = nn.Sequential(*[nn.Conv2d(args.zeta, args.zeta, 1) for _ in range(args.num_rg)])"
    parsed = parse(_net("args", body))
    assert len(parsed.module.net) == parsed.assumed["args.num_rg"] == 2


def test_places_among_resolutions():
    body = "self.net = nn.Conv2d(3, 8 if 16 in {0} else 4, 1)"
    for name in ("attn_resolutions", "config['attn_resolutions']"):
        args = name.split("[")[0]
        assert parse(_net(args, body.format(name))).module.net.out_channels == 8


def test_a_depth_that_is_counted_in_layers_of_blocks_has_three_blocks_a_stage():
    body = "n = (depth - 2) // 6\nself.net = nn.Sequential(*[nn.Conv2d(3, 3, 3, padding=1) for _ in range(n)])"
    parsed = parse(_net("depth", body))
    assert parsed.assumed["depth"] == 20
    assert len(parsed.module.net) == 3
    kernel = parse(_net("kernel_size", "self.net = nn.Conv2d(3, 4, kernel_size, padding=(kernel_size - 1) // 2)"))
    assert kernel.assumed["kernel_size"] == 3


def test_a_sum_of_settings_is_worked_out_whatever_its_name_is():
    body = "num_features = gp.first\nfor k in (2, 3):\n    num_features = num_features + k * gp.growth\n"
    body += "self.net = nn.Conv2d(3, num_features, 1)"
    parsed = parse(_net("gp", body))
    first, growth = parsed.assumed["gp.first"], parsed.assumed["gp.growth"]
    assert parsed.module.net.out_channels == first + 5 * growth
    assert "num_features" not in parsed.assumed


@pytest.mark.parametrize("name", ["cfg.width", "width"])
def test_a_typed_value_is_that_of_the_setting_and_not_of_what_is_worked_out_of_it(name):
    first, second = "nn.Conv2d(3, cfg.width * 2, 1)", "nn.Conv2d(2 * cfg.width, cfg.width + 1, 1)"
    net = parse(_net("cfg", f"self.net = nn.Sequential({first}, {second})"), values={name: 8}).module.net
    assert (net[0].out_channels, net[1].in_channels, net[1].out_channels) == (16, 16, 9)
    alone = HEAD + "net = nn.Sequential(nn.Linear(3, width * 2), nn.Linear(width * 2, 4))\n"
    assert parse(alone, values={"width": 8}).module[0].out_features == 16
    counted = HEAD + "num_classes = len(data.classes)\nnet = nn.Sequential(nn.Linear(3, num_classes))\n"
    assert parse(counted, values={"num_classes": 7}).module[0].out_features == 7


def test_settings_that_are_asked_whether_they_are_there_and_arguments_that_have_to_be_tuples():
    body = "assert isinstance(blocks, tuple)\nnorm = nn.BatchNorm2d if gp.norm is None else gp.norm\n"
    body += "self.net = nn.Sequential(nn.Conv2d(3, 4, 1), norm(4), *[nn.ReLU() for _ in blocks])"
    parsed = parse(_net("blocks=None, gp=None", body))
    assert type(parsed.module.net[1]).__name__ == "BatchNorm2d"
    assert isinstance(parsed.assumed["blocks"], tuple)


TABLE = _net("sizes, width", "self.net = nn.Sequential(*[nn.Conv2d(3, 3 * width, 1) for _ in sizes][:1])")


def test_networks_that_a_table_of_lambdas_builds_are_offered():
    text = TABLE + "MODELS = {'small': lambda **k: Net([1], 1, **k), 'wide': lambda **k: Net([1, 2], 4, **k)}\n"
    parsed = parse(text)
    assert parsed.networks == ("small", "wide")
    assert parsed.network == "wide"
    assert not parsed.assumed
    assert parsed.module.net[0].out_channels == 12
    small = parse(text, network="small")
    assert small.module.net[0].out_channels == 3
    assert "MODELS['small']()" in small.lines
    assert parse(small.lines).module.net[0].out_channels == 3


@pytest.mark.parametrize("too_many", [700, 100_000])
def test_after_a_network_that_is_too_large_the_first_of_its_family_is_shown(too_many):
    stage = "nn.Sequential(*[nn.ReLU() for _ in range(9)], nn.Linear(3, 3))"
    text = _net("depth", f"self.net = nn.Sequential(*[{stage} for _ in range(depth)])")
    text += "".join(f"def net{depth}():\n    return Net({depth})\n" for depth in (2, 5, too_many))
    parsed = parse(text)
    assert parsed.network == "net2"
    assert set(parsed.networks) == {"net2", "net5", f"net{too_many}"}
    assert parse(text, network="net5").network == "net5"


def test_a_tensor_beside_a_network_is_the_input_that_it_takes():
    text = _net("n=4", "self.net = nn.Conv2d(3, n, 5, 2)") + "y = torch.randn(4, 7)\nx1 = torch.randn(2, 3, 16, 17)\n"
    parsed = parse(text)
    assert parsed.input_shape == (3, 16, 17)
    assert "The input is 3x16x17: x1 has that size." in parsed.notes
    called = text + "net = Net()\nnet(torch.zeros(1, 3, 40, 40))\n"
    assert parse(called).input_shape == (3, 40, 40)
    assert parse(text.replace("2, 3, 16, 17", "2, 5, 16, 17")).input_shape is None


def test_a_sequence_that_forward_turns_over():
    text = _net("n=4", "self.net = nn.Conv1d(7, n, 3)", "self.net(x.permute(0, 2, 1))")
    net = parse(text).module
    fits = [one for one in candidate_inputs(net)[:6] if len(one) == 2 and one[1] == 7]
    assert fits
    assert net(torch.zeros(2, *fits[0], device="meta")).shape == (2, 4, fits[0][0] - 2)
