"""Networks that take several tensors, apart or as parts of one input: each gets a size that goes through."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.network_argument import network_and_input
from core.parsing import materialize, parse
from core.profiler import Setting, profile_in
from core.profiler.inputs import as_inputs

HEAD = "import torch\nfrom torch import nn\nfrom dataclasses import dataclass\nfrom typing import NamedTuple\n"
NET = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.picture = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.numbers = nn.Linear(10, 4)
        self.head = nn.Linear(12, 5)
    def forward(self, {inputs}):
        {begin}
        return self.head(torch.cat([self.picture({image}), self.numbers({row})], 1))
"""
PARAMETERS = 224 + 44 + 65


def net(inputs: str, image: str, row: str, begin: str = "pass") -> str:
    return HEAD + NET.format(inputs=inputs, image=image, row=row, begin=begin)


WAYS = {
    "two inputs": (net("image, row", "image", "row"), "row"),
    "a dictionary": (net("batch", "batch['image']", "batch['row']"), "row"),
    "an object": (net("batch", "batch.image", "batch.row"), "row"),
    "a pair": (net("pair", "a", "b", "a, b = pair"), "b"),
    "items of a list": (net("inputs", "inputs[0]", "inputs[1]"), "inputs[1]"),
}
IMAGE = torch.empty(2, 3, 20, 20, device="meta")
ROW = torch.empty(2, 10, device="meta")


@pytest.mark.parametrize(("text", "name"), WAYS.values(), ids=WAYS)
def test_each_input_has_a_size_of_its_own(text: str, name: str):
    parsed = parse(text)
    assert parsed.input_shape is not None
    assert len(parsed.input_shape) == 3
    assert parsed.assumed[f"size of {name}"] == (10,)
    assert any(f"{name} is 10 here" in note or f"{name} besides: 10 for" in note for note in parsed.notes)
    assert parsed.module(IMAGE).shape == (2, 5)
    assert parse(parsed.lines).assumed == parsed.assumed
    assert parse(text, device="cpu").module(torch.zeros(2, 3, 20, 20)).shape == (2, 5)


@pytest.mark.parametrize(("text", "name"), WAYS.values(), ids=WAYS)
def test_given_tensors_go_where_they_belong(text: str, name: str):
    module = parse(text).module
    assert module(IMAGE, ROW).shape == (2, 5)
    first = {"row": "image", "b": "a", "inputs[1]": "inputs[0]"}[name]
    assert module(**{first: IMAGE, name: ROW}).shape == (2, 5)


@pytest.mark.parametrize(
    "call",
    [
        "@dataclass\nclass Batch:\n    image: torch.Tensor\n    row: torch.Tensor\n"
        "net(Batch(torch.zeros(2, 3, 40, 40), torch.zeros(2, 10)))\n",
        "class Batch(NamedTuple):\n    image: torch.Tensor\n    row: torch.Tensor\n"
        "net(Batch(torch.zeros(2, 3, 40, 40), torch.zeros(2, 10)))\n",
    ],
)
def test_what_the_text_calls_it_with_says_all_sizes(call: str):
    parsed = parse(net("batch", "batch.image", "batch.row") + "net = Net()\n" + call)
    assert parsed.input_shape == (3, 40, 40)
    assert parsed.assumed == {"size of row": (10,)}


def test_a_dictionary_that_the_text_calls_it_with_says_all_sizes():
    text = net("batch", "batch['image']", "batch['row']")
    text += "net = Net()\nout = net({'image': torch.zeros(2, 3, 40, 40), 'row': torch.zeros(2, 10)})\n"
    assert parse(text).input_shape == (3, 40, 40)
    assert parse(text).assumed == {"size of row": (10,)}


def test_numbers_that_are_put_behind_features_are_as_many_as_the_layer_lacks():
    text = net("image, extra", "image", "extra").replace("self.numbers(extra)", "extra")
    assert parse(text).assumed == {"size of extra": (4,)}


def test_words_and_an_image():
    text = net("words, image", "image", "words").replace("nn.Linear(10, 4)", "nn.EmbeddingBag(100, 4)")
    parsed = parse(text)
    assert parsed.input_shape is not None
    assert len(parsed.input_shape) == 1
    assert len(parsed.assumed["size of image"]) == 3


def test_a_size_that_is_typed_is_taken():
    text = net("image, row", "image", "row").replace("nn.Linear(10, 4)", "nn.LazyLinear(4)").replace("self.head(", "(")
    parsed = parse(text, input_shape=(3, 8, 8), values={"size of row": (7,)})
    assert parsed.module.numbers.in_features == 7
    with pytest.raises(ParseError, match="size of row is"):
        parse(text, input_shape=(3, 8, 8), values={"size of row": (-7,)})


def test_the_profiler_takes_every_input():
    module = parse(WAYS["a dictionary"][0]).module
    named = profile_in(module, as_inputs({"image": (3, 8, 8), "row": (10,)}), Setting())
    nested = profile_in(module, as_inputs([{"image": (3, 8, 8), "row": (10,)}]), Setting())
    alone = profile_in(module, (3, 8, 8), Setting())
    assert named.total_params == nested.total_params == alone.total_params == PARAMETERS
    assert named.total_macs == nested.total_macs == alone.total_macs
    assert named.input_bytes == nested.input_bytes == alone.input_bytes + 10 * 4


def test_the_command_line_takes_every_input():
    typed = as_inputs({"image": (3, 8, 8), "row": (10,)})
    found = network_and_input(WAYS["an object"][0], typed)
    assert profile_in(found.network, found.input_shape, Setting()).total_params == PARAMETERS
    assert any("row is 10 here" in note for note in found.notes)


def test_a_real_network_runs_and_trains():
    module = materialize(parse(WAYS["a dictionary"][0]).module)
    module(torch.zeros(2, 3, 20, 20)).sum().backward()
    assert all(one.grad is not None for one in module.parameters())
