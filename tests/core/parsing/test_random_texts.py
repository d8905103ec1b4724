"""Classes that a grammar writes, against the classes themselves; and such texts broken at random, which never surprise.

The texts are made here, so they may be run: what is read must have the same parameters, by name, and the same output.
"""

from __future__ import annotations

import itertools
import warnings

import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from core.errors import ParseError
from core.parsing import parse
from core.parsing.evaluation.budget import MAX_STEPS, MAX_TOTAL

CHANNELS = st.sampled_from([1, 2, 3, 4, 6])
LAYERS = (
    "nn.Conv2d({c}, {o}, {k}, padding={k} // 2)",
    "nn.Conv2d({c}, {o}, kernel_size=({k}, 1), stride=(1, 1), bias=False)",
    "nn.Sequential(nn.Conv2d({c}, {o}, 1), nn.BatchNorm2d({o}), nn.ReLU(inplace=True))",
    "Block({c}, {o})",
    "Block({c}, width={o}, repeats={n})",
    "make({c}, {o})",
    "nn.Sequential(*[nn.Conv2d({c}, {c}, 1) for _ in range({n})], nn.Conv2d({c}, {o}, 1))",
    "conv(in_channels={c}, out_channels={o})",
)
STEPS = (
    "x = self.{name}(x)",
    "x = F.relu(self.{name}(x))",
    "y = self.{name}(x); x = torch.cat([y, y[:, :{half}]], dim=1)[:, :{o}]",
    "x = self.{name}(x) + self.{name}(x) * 0.5",
    "for _ in range(1):\n            x = self.{name}(x)",
    "x = self.{name}(x) if x.shape[1] == {c} else x",
    "x, y = self.{name}(x), None",
    "x = getattr(self, '{name}')(x).contiguous()",
)
HEAD = """
from functools import partial

class Block(nn.Module):
    expansion = 1

    def __init__(self, channels, width=4, repeats=1, **options):
        super().__init__()
        self.body = nn.ModuleList()
        for i in range(repeats):
            self.body.append(nn.Conv2d(channels if i == 0 else width, width * self.expansion, 3, padding=1))
        self.skip = nn.Conv2d(channels, width, 1) if channels != width else nn.Identity()

    def forward(self, x):
        y = x
        for layer in self.body:
            y = torch.tanh(layer(y))
        return y + self.skip(x)

def make(a, b, norm=None):
    layers = [nn.Conv2d(a, b, 1)]
    if norm is None:
        layers += [nn.GroupNorm(1, b)]
    return nn.Sequential(*layers)

conv = partial(nn.Conv2d, kernel_size=3, padding=1)

class Net(nn.Module):
    def __init__(self, classes={classes}):
        super(Net, self).__init__()
"""
TAILS = (
    "return self.head(x.mean((2, 3)))",
    "return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))",
    "b, c = x.shape[:2]; return self.head(x.reshape(b, c, -1).max(-1)[0])",
    "return self.head(F.avg_pool2d(x, x.size()[2:]).view(x.size(0), -1))",
)


@st.composite
def classes(draw) -> str:
    """The text of a network of up to five layers, with blocks, functions, loops and slices."""
    count = draw(st.integers(1, 5))
    sizes = [draw(CHANNELS) for _ in range(count + 1)]
    built, steps = [], []
    for index, (c, o) in enumerate(itertools.pairwise(sizes)):
        names = {
            "c": c,
            "o": o,
            "k": draw(st.sampled_from([1, 3])),
            "n": draw(st.integers(1, 3)),
            "half": max(1, o // 2),
        }
        name = f"layer{index}"
        step = draw(st.sampled_from(STEPS))
        built.append(f"        self.{name} = {draw(st.sampled_from(LAYERS)).format(**names)}")
        steps.append(f"        {step.format(name=name, **names)}")
    text = HEAD.replace("{classes}", str(draw(st.integers(1, 12))))
    text += "\n".join(built) + f"\n        self.head = nn.Linear({sizes[-1]}, classes)\n\n    def forward(self, x):\n"
    text += "\n".join(steps) + f"\n        {draw(st.sampled_from(TAILS))}\n"
    return text + draw(st.sampled_from(["\nnet = Net()\n", f"\nnet = Net(classes={sizes[0]})\n", ""])) + f"# {sizes[0]}"


def weights(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(p.shape) for name, p in module.named_parameters()}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(classes())
def test_a_class_of_the_grammar_is_read_as_it_is(text):
    scope = {"nn": nn, "F": F, "torch": torch}
    exec(text, scope)
    original = scope["net"] if "net" in scope else scope["Net"]()
    module = parse(text).module
    assert weights(module) == weights(original)
    shape = (2, int(text.rpartition("# ")[2]), 9, 8)
    expected = original.to("meta").eval()(torch.empty(shape, device="meta")).shape
    assert module.eval()(torch.empty(shape, device="meta")).shape == expected


def survives(text: str) -> None:
    """Reads a text; whatever it is, nothing but a sentence is raised."""
    sentence, module = "", None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            module = parse(text).module
        except ParseError as error:
            sentence = str(error)
    assert all(p.is_meta for p in module.parameters()) if module is not None else 10 < len(sentence) < 700


TOKENS = st.sampled_from(
    [
        "self",
        "x",
        "y",
        "nn",
        "F",
        "torch",
        "(",
        ")",
        "[",
        "]",
        ":",
        ",",
        ".",
        "=",
        "0",
        "1",
        "-1",
        "1e9",
        "None",
        "for",
        "in",
        "if",
        "else",
        "not",
        "lambda",
        "*x",
        "**k",
        "'a'",
        "layer0",
        "Block",
        "make",
        "Net",
        ".forward",
        ".shape",
        "[0]",
        "[:,",
        "::2]",
        ".view(-1)",
        ".size()",
        "+=",
        "range(9**9)",
        "while",
        "True:",
        "return",
        "super()",
        "class",
        "def",
        "import",
        "__class__",
        ".append(",
        ".children()",
        "list(",
        "zip(",
        "dict(",
        "@",
        "->",
        ";",
        "del",
        "global",
        "yield",
        "await",
        "try:",
        "except:",
        "with",
        "assert",
        "raise",
    ]
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(classes(), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), TOKENS), min_size=1, max_size=4))
def test_a_text_that_is_broken_gets_a_sentence_or_a_network(text, changes):
    for place, length, token in changes:
        start = int(place * len(text))
        text = text[:start] + token + text[start + length :]
    survives(text)


@settings(max_examples=60, deadline=None)
@given(classes(), st.randoms(use_true_random=False))
def test_lines_in_another_order_get_a_sentence_or_a_network(text, random):
    lines = text.split("\n")
    first, second = random.randrange(len(lines)), random.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    survives("\n".join(lines))


BURNING = "def f{n}():\n    t = 0\n    for i in range(20_000):\n        for j in range(20_000):\n            t += 1\n"


def test_all_attempts_together_are_paid_from_one_purse(monkeypatch):
    """A hundred functions that never end cost no more than one."""
    spent = []
    from core.parsing import reading

    original = reading.Reading.__init__

    def remembered(self, *args):
        spent.append(self)
        original(self, *args)

    monkeypatch.setattr(reading.Reading, "__init__", remembered)
    survives("".join(BURNING.replace("{n}", str(n)) for n in range(100)))
    run = spent[-1].evaluator.run
    assert MAX_STEPS < run.spent + run.budget.spent <= MAX_TOTAL + 200
