"""Pasted PyTorch text: the module must be the one that Python itself would build."""

from collections import OrderedDict

import pytest
import torch
from torch import nn

from core.errors import ParseError
from core.layers.blocks import Parallel, Residual
from core.models import MODELS
from core.parsing import materialize, parse, parse_model
from core.parsing.dialects.pytorch.layers import LEAVES

WORLD = {"nn": nn, "torch": torch, "OrderedDict": OrderedDict, "Residual": Residual, "Parallel": Parallel}

SAME_AS_PYTHON = {
    "plain": "nn.Sequential(nn.Conv2d(3, 200, 5, padding=2))",
    "full name": "torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU())",
    "trailing comma": "nn.Sequential(\n    nn.Conv2d(3, 8, 3,),\n    nn.ReLU(),\n)",
    "comments": "nn.Sequential(  # all of it (\n    nn.ReLU(),  # not the end )\n    nn.Conv2d(3, 8, 3),\n)",
    "tuples": "nn.Sequential(nn.Conv2d(3, 8, kernel_size=(3, 5), stride=(2, 1), padding=(1, 2), dilation=(1, 1)))",
    "same": "nn.Sequential(nn.Conv2d(3, 8, 3, padding='same', padding_mode='reflect', bias=False))",
    "nested": "nn.Sequential(nn.Sequential(nn.Conv2d(3, 8, 1), nn.Sequential(nn.PReLU(8))), nn.Flatten(1, -1))",
    "ordered": "nn.Sequential(OrderedDict([('conv', nn.Conv2d(3, 8, 3)), ('act', nn.GELU(approximate='tanh'))]))",
    "ordered inside": "nn.Sequential(nn.Sequential(OrderedDict([('a', nn.Linear(3, 4)), ('b', nn.ELU())])), nn.SiLU())",
    "arithmetic": "nn.Sequential(nn.Linear(16 * 5 * 5, 2**7), nn.ELU(1e-2), nn.Dropout(1 - 0.75), nn.Linear(-(-8), 1))",
    "joints": "nn.Sequential(Residual(nn.Conv2d(3, 8, 1), shortcut=nn.Conv2d(3, 8, 3)), Parallel(nn.ReLU(), nn.ELU()))",
    "minus infinity": "nn.Sequential(nn.ConstantPad2d((0, 1, 0, 1), float('-inf')), nn.MaxPool2d(2, ceil_mode=True))",
    "zoo": "nn.Sequential(nn.ConvTranspose2d(4, 8, 4, 2, 1, output_padding=1, groups=2), nn.GroupNorm(2, 8),"
    " nn.Upsample(scale_factor=2, mode='bilinear', align_corners=False), nn.PixelShuffle(2), nn.Hardswish(),"
    " nn.AdaptiveAvgPool2d((1, None)), nn.Conv3d(2, 2, 1), nn.BatchNorm1d(3, momentum=None),"
    " nn.Unflatten(1, (2, 1)), nn.LayerNorm([1, 1]), nn.Softmax(dim=1))",
}


@pytest.mark.parametrize("text", SAME_AS_PYTHON.values(), ids=SAME_AS_PYTHON)
def test_the_module_is_the_one_that_python_builds(text):
    python = eval(text, dict(WORLD))
    assert repr(parse_model(text)) == repr(python)


@pytest.mark.parametrize("text", SAME_AS_PYTHON.values(), ids=SAME_AS_PYTHON)
def test_the_lines_shown_give_the_same_module_here_and_in_python(text):
    lines = parse(text).lines
    assert repr(parse_model(lines)) == repr(eval(lines, dict(WORLD))) == repr(parse_model(text))


WRITTEN_OTHERWISE = {
    "assigned": "model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())",
    "with imports": "import torch\nimport torch.nn as nn\nfrom torch import nn\n"
    "from torch.nn import Sequential, Conv2d, ReLU\n"
    "net = Sequential(Conv2d(3, 8, 3), ReLU())",
    "moved to a device": "net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()).to(device).eval()\nprint(net)",
    "list": "nn.Sequential(*[nn.Conv2d(3, 8, 3), nn.ReLU()])",
    "list by name": "layers = [nn.Conv2d(3, 8, 3)]\nlayers.append(nn.ReLU())\nnn.Sequential(*layers)",
    "numbers by name": "channels, k = 3, 3\nwidth: int = 4 * 2\nnn.Sequential(nn.Conv2d(3, width, k), nn.ReLU())",
    "layers only": "nn.Conv2d(3, 8, 3),\nnn.ReLU(),",
    "a layer a line": "nn.Conv2d(3, 8, 3)\nnn.ReLU()",
    "indented": "    model = nn.Sequential(\n        nn.Conv2d(3, 8, 3),\n        nn.ReLU(),\n    )",
    "prompt": ">>> model = nn.Sequential(\n...     nn.Conv2d(3, 8, 3),\n...     nn.ReLU(),\n... )",
    "markdown": "```python\nnn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())\n```",
    "windows line ends": "nn.Sequential(\r\n    nn.Conv2d(3, 8, 3),\r\n    nn.ReLU(),\r\n)\r\n",
    "tabs": "nn.Sequential(\n\tnn.Conv2d(3, 8, 3),\n\tnn.ReLU(),\n)",
    "comprehension": "nn.Sequential(*[nn.Conv2d(3, 8, 3) if i == 0 else nn.ReLU() for i in range(2)])",
    "device": "nn.Sequential(nn.Conv2d(3, 8, 3, device='cuda'), nn.ReLU())",
    "added by name": "net = nn.Sequential(nn.Conv2d(3, 8, 3))\nnet.add_module(f'{1}', nn.ReLU())",
    "a part by name": "act = nn.ReLU()\nmodel = nn.Sequential(nn.Conv2d(3, 8, 3), act)",
}


@pytest.mark.parametrize("text", WRITTEN_OTHERWISE.values(), ids=WRITTEN_OTHERWISE)
def test_ways_of_writing_the_same_network(text):
    assert repr(parse_model(text)) == repr(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()))


@pytest.mark.parametrize("name", ["alexnet", "vgg16_bn", "lenet5", "dcgan"])
def test_what_print_shows_is_read_back(name):
    model = MODELS[name].on_meta()
    assert repr(parse_model(str(model))) == repr(model)


def test_printed_names_are_kept():
    model = nn.Sequential(OrderedDict([("a", nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh()))), ("b", nn.PReLU())]))
    assert repr(parse_model(str(model))) == repr(model)


def test_a_layer_named_twice_is_one_layer_with_shared_weights():
    text = "conv = nn.Conv2d(8, 8, 3, padding=1)\nnn.Sequential(conv, nn.ReLU(), conv)"
    for module in (parse_model(text), parse_model(parse(text).lines)):
        assert module[0] is module[2]
        assert sum(p.numel() for p in module.parameters()) == 8 * 8 * 9 + 8


def test_nothing_is_allocated_for_a_huge_layer():
    module = parse_model("nn.Linear(150 * 150, 4_000_000)")
    assert module[0].weight.is_meta
    assert module[0].weight.numel() == 90_000_000_000


def test_an_import_is_not_followed_and_an_odd_one_is_said():
    parsed = parse("import torch\nimport os, no_such_module\nnn.ReLU()")
    assert parsed.notes == ("Line 2 was skipped: nothing there adds a layer, and nothing is executed.",)


def test_on_the_cpu_the_module_has_memory_and_a_cap():
    assert parse_model("nn.Linear(2, 3)", device="cpu")(torch.zeros(1, 2)).shape == (1, 3)
    with pytest.raises(ParseError, match="at most 500,000,000"):
        parse_model("nn.Linear(150 * 150, 4_000_000)", device="cpu")


def test_materialized_weights_are_those_of_building_after_the_seed():
    text = "nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.PReLU(), nn.Flatten(), nn.Linear(8, 2))"
    before = torch.get_rng_state()
    ours = materialize(parse_model(text), seed=3).state_dict()
    assert torch.equal(before, torch.get_rng_state())
    with torch.random.fork_rng():
        torch.manual_seed(3)
        theirs = eval(text, dict(WORLD)).state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_materialize_refuses_what_has_no_rule_for_its_weights():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.empty(3, device="meta"))

    with pytest.raises(ParseError, match="Odd has no reset_parameters"):
        materialize(nn.Sequential(Odd()))


MISTAKES = {
    "unknown layer": (
        "nn.Sequential(\n    nn.Conv2d(3, 8, 3),\n    nn.Relu(),\n)",
        "Line 3: .*Relu; the nearest is ReLU",
    ),
    "lazy": ("nn.LazyConv2d(8, 3)", "type the input shape beside the code"),
    "printed class": ("Net(\n  (a): ReLU()\n)", "Line 1: a printed class does not say how its parts are connected"),
    "unknown argument": (
        "nn.Conv2d(3, 8, kernal_size=3)",
        "no argument called kernal_size; the nearest is kernel_size",
    ),
    "missing argument": ("nn.Conv2d(3, 8)", "Line 1: Conv2d: missing .*'kernel_size'"),
    "too many": ("nn.ReLU(True, 1)", "Line 1: ReLU: too many"),
    "word for number": ("nn.Conv2d(3, 8, 'three')", 'kernel_size="three" of Conv2d must be an integer'),
    "half a channel": ("nn.Conv2d(3, 7 / 2, 3)", "out_channels=3.5 of Conv2d must be an integer"),
    "zero channels": ("nn.Conv2d(0, 8, 3)", "in_channels=0"),
    "negative padding": ("nn.Conv2d(3, 8, 3, padding=-1)", "padding=-1"),
    "three sides": ("nn.Conv2d(3, 8, (3, 3, 3))", "must be one number or 2"),
    "groups": ("nn.Conv2d(3, 8, 3, groups=2)", "PyTorch rejects this Conv2d: in_channels must be divisible by groups"),
    "padding of a pool": ("nn.MaxPool2d(2, padding='same')", 'padding="same" of MaxPool2d must be an integer'),
    "same with stride": ("nn.Conv2d(3, 8, 3, 2, 'same')", "PyTorch rejects"),
    "dropout": ("nn.Dropout(50)", "p=50 of Dropout must be a probability from 0 to 1"),
    "layer as number": ("nn.Conv2d(3, 8, nn.ReLU())", "Conv2d takes no other layers"),
    "number as layer": ("nn.Sequential(3)", "Sequential takes layers only"),
    "empty": ("nn.Sequential()", "Sequential is empty"),
    "nothing": ("  \n ", "no text yet"),
    "only numbers": ("width = 3", "No layer was found"),
    "bracket": ("nn.Sequential(nn.ReLU()", "Line 1 is not Python"),
    "comma": ("nn.Sequential(nn.ReLU() nn.ReLU())", "is not Python.*comma"),
    "class": ("class Net(nn.Module):\n    pass", "Line 1 begins the class Net, which makes no layer"),
    "free name": ("nn.Linear(n, 10)", "the name n has no value"),
    "loop": ("for i in range(3):\n    print(i)", "No layer was found"),
    "lambda": ("nn.Sequential(lambda x: x)", "Line 1: Sequential takes layers only, but got a lambda"),
    "other function": ("nn.Sequential(os.system('true'))", "os.system is not a layer"),
    "dunder": ("__import__('os').system('true')", "Line 1"),
    "attribute": ("().__class__.__bases__", "Line 1"),
    "harmful import": ("import os\nos.system('true')", "Line 2 was skipped"),
    "power": ("nn.Linear(10**10**10, 3)", "power is too large"),
    "digits": ("nn.Linear(" + "9" * 5000 + ", 3)", "thousands of digits"),
    "big number": ("nn.Linear(10**13, 3)", "beyond 1,000,000,000,000"),
    "division by zero": ("nn.Linear(1 // 0, 3)", "division by zero"),
    "too many parameters": ("nn.Linear(10**7, 10**7)", "at most 100,000,000,000"),
    "same names": ("nn.Sequential(OrderedDict([('a', nn.ReLU()), ('a', nn.Tanh())]))", "same name"),
    "dot in a name": ("nn.Sequential(OrderedDict([('a.b', nn.ReLU())]))", "PyTorch rejects"),
    "indices": ("nn.Sequential(nn.MaxPool2d(2, return_indices=True), nn.ReLU())", "must be left out"),
}


@pytest.mark.parametrize(("text", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_gets_a_sentence_with_its_line_and_a_way_out(text, sentence):
    with pytest.raises(ParseError, match=sentence):
        parse_model(text)


def test_reuse_by_name_cannot_double_a_network_without_end():
    lines = ["b0 = nn.ReLU()"] + [f"b{i} = nn.Sequential(b{i - 1}, b{i - 1})" for i in range(1, 40)]
    with pytest.raises(ParseError, match="more than 4,000 layers"):
        parse_model("\n".join(lines))


def test_every_known_layer_is_found_under_its_own_name_whatever_its_case():
    for name in LEAVES:
        with pytest.raises(ParseError, match=f"nearest is {name}"):
            parse_model(f"nn.{name.swapcase()}()")


def test_the_training_that_follows_a_network_is_left_out():
    text = "net = nn.Sequential(nn.Conv2d(3, 4, 3))\nnn.init.zeros_(net[0].bias)\ncriterion = nn.CrossEntropyLoss()"
    assert [type(layer).__name__ for layer in parse_model(text)] == ["Conv2d"]
    with pytest.raises(ParseError, match="no layer called"):
        parse_model("nn.Sequential(nn.Conv2d(3, 4, 3), nn.CrossEntropyLoss())")


OFF_A_PAGE = {
    "numbers before brackets": "1nn.Sequential(\n2    nn.Linear(3, 4),\n3    nn.Flatten(\n4    )\n5)",
    "prompts of a notebook": "In [1]:\nimport os\n\nIn [None]:\nnet = nn.Sequential(\n    nn.Linear(3, 4),\n)",
}


@pytest.mark.parametrize("text", OFF_A_PAGE.values(), ids=OFF_A_PAGE)
def test_a_margin_copied_along_is_taken_off(text):
    assert parse_model(text)[0].out_features == 4
