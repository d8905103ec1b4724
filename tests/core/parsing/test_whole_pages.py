"""Whole pages, with all that stands around and between their code: only the code is read, and all of it."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse

NETWORK = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(3, 4)
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        return self.head(torch.relu(self.body(x)))

net = Net()
"""
PARAMETERS = 26


def parameters(text, **asked):
    return sum(one.numel() for one in parse(text, **asked).module.parameters())


FOREIGN = {
    "a heading that begins with a name of code": "nn.Module is the base of all of them",
    "a heading with a colon": "nn.Linear: what such a layer does",
    "a formula": "in a residual network the output is y = F(x) + x",
    "a formula behind a bullet": "- x is what goes in, y=F(x)",
    "mathematics": "∂y/∂x = ∂F(x)/∂x + 1",
    "LaTeX": "The output is \\[ y = \\frac{a}{b} \\cdot x \\]",
    "a rule": "==========",
    "one sign": "=",
    "reStructuredText": ".. image:: https://example.org/a.png\n   :target: https://example.org",
    "links": "See `talk 2 <https://example.org/watch?v=1>`_ of last year's meeting",
    "an address": "<https://example.org/a>",
    "a reference": "@misc{lee2020,\n  author = {Lee, Ann},\n  year = {2020}\n}",
    "a package": "* numpy>=1.2.3",
    "a command": "python -m pip install 'a[b,c]'",
    "a picture": "⭐ Star it if it's useful",
    "printed sizes": "Output shape:  torch.Size([2, 4])\nHidden:  (tensor([[0.1,\n         0.2]]), tensor([0.3]))",
    "a row": "Net          [7, 3]          [7, 2]          --",
    "a word": "Overview",
    "points": "- CPU\n- GPU",
    "words in another language": "    如何使用",
    "sentences that begin like code": "import this into your project\nclass weights are not used\nreturn to the top",
    "a formula in a sentence": "It's the size of it; use y = f(x) there",
    "an answer": "A: It's n*n + n (with bias=True)",
    "a bar of progress": " 1875/1875 [=====] - 6s 3ms/step - loss: 0.4\n 45%|████▌     | 77/170 [00:01<00:01]",
    "a menu": "140 lines (119 loc) · 5.18 KB",
}


@pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN)
def test_lines_that_are_no_code_are_left_out(foreign):
    text = f"How it's done\n{foreign}\n\n{NETWORK}\n{foreign}\nThat's it, isn't it?\n"
    parsed = parse(text)
    assert sum(one.numel() for one in parsed.module.parameters()) == PARAMETERS
    assert any("Sentences" in note for note in parsed.notes)


SLIPS = {
    "a missing bracket": "net.head = nn.Linear(4, 5",
    "two values beside each other": "net.head = nn.Linear(4 5)",
    "a missing sign": "net head = nn.Linear(4, 5)",
    "a lost equal sign": "net.head nn.Linear(4, 5)",
    "a head without its colon": "class Other(nn.Module)",
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_code_with_a_slip_is_no_foreign_line(slip):
    text = f"Here's how it's done:\n\n{NETWORK}\n{slip}\n\nThat's it.\n"
    with pytest.raises(ParseError, match=r"Line 1\d is not Python"):
        parse(text)


def test_a_schema_of_what_is_made_below_is_left_out():
    schema = "net = Model(inputs=[a, b, ..], outputs=[c, ..])"
    assert parameters(f"It's made so:\n{schema}\nand that's it:\n{NETWORK}") == PARAMETERS
    with pytest.raises(ParseError, match="Line 2 is not Python"):
        parse(f"It's made so:\n{schema}\nand that's it:\nother = 3\n")


def test_code_below_sentences_may_stand_at_any_depth():
    block = "\n".join(f"    {line}" for line in NETWORK.split("\n"))
    text = f"Start ::\n\n    import torch\n    from torch import nn\n\nThen, as it's usual ::\n\n{block}\n* it's done\n"
    assert parameters(text) == PARAMETERS


def test_sixty_sentences_and_more_are_no_limit():
    text = "".join(f"It's sentence {number} of them (of many).\n" for number in range(150))
    assert parameters(f"{text}{NETWORK}{text}") == PARAMETERS


def test_the_cause_of_a_refusal_is_no_sentence():
    with pytest.raises(ParseError, match=r"near `net = nn\.Linear"):
        parse("Let's see what's up.\n\nIt's made here\nnet = nn.Linear(3 4)\nThat's all, it's done.\n")


class TestFences:
    def test_what_a_fence_without_language_printed_is_left_out(self):
        text = f"```\nLoss: 0.2, it's ok\nepoch 1 of 3 done\n```\n```python\n{NETWORK}```\n"
        assert parameters(text) == PARAMETERS

    def test_code_outside_of_fences_is_read_too(self):
        text = f"It's a notebook\n\nIn [3]:\n{NETWORK}\nIt's called so:\n\n```python\ny = net(x)\n```\n"
        parsed = parse(text)
        assert sum(one.numel() for one in parsed.module.parameters()) == PARAMETERS
        assert "Code is read between the fences and outside of them." in parsed.notes

    def test_code_behind_the_signs_of_a_fence_is_read(self):
        text = f"It's mine\n\n``````{NETWORK}``````\n\nIt's tested so:\n\n``````x = torch.rand(10, 3)\nnet(x)\n``````\n"
        parsed = parse(text)
        assert parsed.input_shape == (3,)
        assert sum(one.numel() for one in parsed.module.parameters()) == PARAMETERS

    def test_a_fence_that_the_end_of_the_text_cuts_off_is_read(self):
        assert parameters(f"It's \\frac{{a}}{{b}} {{of it\n\n```python\n{NETWORK}") == PARAMETERS

    def test_a_list_of_heads_or_shapes_is_no_code(self):
        heads = "class Net(nn.Module)  # all of it\nclass Part(nn.Module)  # one\n"
        shapes = "Linear   ->  [1, 4]\nLinear   ->  [1, 2]\n"
        text = f"```python\n{heads}```\n\n{NETWORK}\n```python\n{shapes}```\nThat's it\n"
        assert parameters(text) == PARAMETERS

    def test_a_name_in_a_sentence_is_no_code_outside(self):
        text = f"Call `nn.Linear(3, 9)` or model.add(Dense(3)) as usual:\n```python\n{NETWORK}```\n"
        assert parameters(text) == PARAMETERS


class TestUnfinished:
    @pytest.mark.parametrize("cut", ["optimizer = torch.optim.SGD(net.par", "def train(net,\n          device,"])
    def test_training_that_the_end_cuts_off_is_left_out(self, cut):
        parsed = parse(f"It's this:\n\n{NETWORK}\n{cut}")
        assert sum(one.numel() for one in parsed.module.parameters()) == PARAMETERS
        assert any("ends in the middle" in note for note in parsed.notes)

    def test_a_network_that_the_end_cuts_off_is_refused(self):
        with pytest.raises(ParseError, match="never closed"):
            parse(f"It's this:\n\n{NETWORK}\nnet = nn.Sequential(net, nn.Linear(2,")

    def test_the_head_of_a_function_alone_is_no_obstacle(self):
        text = f"It's so:\n{NETWORK}\ndef step(batch):\n    # as above\n\nengine = Engine(step)\nLet's go on then\n"
        assert parameters(text) == PARAMETERS

    def test_a_block_of_which_only_a_comment_is_shown_is_no_obstacle(self):
        text = f"It's so:\n{NETWORK}\nwith torch.no_grad():\n    # your code here\n\nThat's it\n"
        assert parameters(text) == PARAMETERS

    def test_the_head_of_a_function_that_builds_is_not_taken_for_nothing(self):
        text = f"It's so:\n{NETWORK}\ndef widen(net):\n    # adds layers\n\nnet = widen(net)\nLet's go on then\n"
        with pytest.raises(ParseError):
            parse(text)

    def test_a_class_of_which_only_the_beginning_is_shown_comes_first(self):
        complete = NETWORK.replace("net = Net()", "")
        begun = complete.replace("Net", "Other").split("    def forward")[0]
        parsed = parse(f"{complete}\n{begun}\n")
        assert parsed.networks == ("Other", "Net")
        assert parsed.network == "Net"


class TestVersions:
    TEXT = (
        "net = nn.Sequential(nn.Linear(3, 4), nn.ReLU())\nprint(net)\n\n"
        "net = nn.Sequential(nn.Linear(3, 5), nn.ReLU())\nnet.append(nn.Linear(5, 1))\n"
    )

    def test_each_network_of_one_name_is_offered(self):
        parsed = parse(self.TEXT)
        assert parsed.networks == ("net (line 1)", "net")
        assert parsed.network == "net"
        assert parameters(self.TEXT) == 26

    def test_an_earlier_one_is_read_as_it_was(self):
        earlier = parse(self.TEXT, network="net (line 1)")
        assert earlier.network == "net (line 1)"
        assert earlier.networks == ("net (line 1)", "net")
        assert sum(one.numel() for one in earlier.module.parameters()) == 16
        assert parameters(earlier.lines) == 16

    def test_one_that_is_made_anew_as_it_was_is_offered_once(self):
        assert parse(f"{NETWORK}{NETWORK}").networks == ("net",)

    def test_a_name_that_is_not_there_is_refused(self):
        with pytest.raises(ParseError, match="no network net"):
            parse(self.TEXT, network="net (line 9)")


def test_a_layer_that_is_only_mentioned_is_not_what_a_page_means():
    used = "layer = nn.Linear(3, 4)\ny = layer(torch.randn(2, 3))\n"
    text = f"Syntax\nnn.Linear(in_features, out_features)\nIt's used so:\n{used}"
    parsed = parse(text)
    assert parsed.network == "layer"
    assert parsed.module(torch.empty(2, 3, device="meta")).shape == (2, 4)


def test_a_ready_made_network_beside_those_of_another_package_is_not_what_is_meant():
    text = (
        "from fine_nets import Net\nfrom torchvision.models import resnet18\nnet = Net(width=8)\n"
        "y = net(torch.randn(1, 3, 32, 32))\nteacher = resnet18()\n"
    )
    with pytest.raises(ParseError, match="Net is imported"):
        parse(text)
    assert parse(text.replace("y = net(torch.randn(1, 3, 32, 32))\n", "")).network == "teacher"


def test_a_network_that_another_package_makes_is_asked_for():
    with pytest.raises(ParseError, match="Fine is imported"):
        parse("from fine_nets import Fine\nmodel = Fine.from_pretrained('fine-b0')\nout = model(img)\n")


def test_files_one_below_the_other_import_from_each_other():
    text = f"It's two files:\n\n```python\n{NETWORK.replace('net = Net()', '')}```\n\n```python\n{{}}```\nThat's it.\n"
    parsed = parse(text.format("from model import Net\n\nmodel = Net()\n"))
    assert parsed.network == "model"
    assert any("imports Net: that of this text is taken" in note for note in parsed.notes)
    assert parameters(text.format("from .model import Net as Model\n\nmodel = Model()\n")) == PARAMETERS


def test_an_error_of_a_notebook_is_left_out():
    trace = (
        "RuntimeError                              Traceback (most recent call last)\nCell In[2], line 3\n"
        "----> 3 net(x)\n\nFile /opt/torch/nn/modules/module.py:1501, in Module._call_impl(self, *args)\n"
        "   1500 if not hooks:\n-> 1501     return forward_call(*args)\n\nRuntimeError: it's too small\n"
    )
    assert parameters(f"It's this error:\n\n{trace}\nIt's this code:\n\n{NETWORK}") == PARAMETERS
