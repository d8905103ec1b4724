"""Lines of code that look like what stands around code stay in it; where that cannot be told, the text is refused."""

import pytest

from core.errors import ParseError
from core.parsing import parse_model
from tests.core.parsing.test_wrapped_texts import SUMMARIES

HEAD = "import torch.nn as nn\n"
SHELL = "!pip install torch\n"  # so that the text is no Python before it is cleaned
KEPT = {
    "a dictionary's numbers": f"{HEAD}w = {{\n0: 1.0,\n1: 1.0,\n2: 2.5,\n3: 1.0,\n}}\nnet = nn.Linear(10, len(w))",
    "a list's numbers": f"{HEAD}w = [\n1.5,\n2.5,\n3.5,\n4.5,\n]\nnet = nn.Linear(10, int(sum(w)))",
    "tags in strings": f"{HEAD}s = 'a<br />b'.replace('<br />', ' ')\nids = {{'<pad>': 0, '<unk>': 1}}\n"
    "net = nn.Embedding(len(ids), 16)",
    "signs in strings": f"{HEAD}signs = '，。！,.!'\nnet = nn.Embedding(len(set(signs)), 8)",
    "else with an apostrophe": f"{HEAD}if False:\n    net = nn.Linear(3, 4)\nelse:  # it's shallow\n"
    "    net = nn.Linear(3, 5)",
    "del with an apostrophe": f"{HEAD}net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 5))\n"
    "del net[1]  # we don't need it",
    "an error that was cut": f"{HEAD}net = nn.Sequential(nn.Linear(3, 4))\n"
    "if True:\n    net.append(nn.Linear(4, 50))\nraise_later = 'UserWarning: bad'",
}
AFTER_TABLE = {
    "a sum over lines": "n = (16\n     + 16\n)",
    "a condition in brackets": "n = 5\nif (n) > 3: n = 2 * n",
    "a product in brackets": "def twice(n):\n    return (n) * 2\nn = twice(8)",
}
TRACE = 'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    next(it)\nStopIteration\n'


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_code_stays_what_it_is(text):
    expected = [tuple(one.shape) for one in parse_model(text).parameters()]
    assert [tuple(one.shape) for one in parse_model(SHELL + text).parameters()] == expected


@pytest.mark.parametrize("line", AFTER_TABLE.values(), ids=AFTER_TABLE)
def test_code_beside_a_table_is_no_row(line):
    text = f"{HEAD}{line}\nnet = nn.Linear(3, n)"
    for table in SUMMARIES.values():
        for beside in (f"{table}\n\n{text}", f"{text}\n\n{table}"):
            assert parse_model(beside)[0].out_features == parse_model(text)[0].out_features


@pytest.mark.parametrize(
    "printed",
    [TRACE, "Sequential(\n  (0): Linear(in_features=3, out_features=4)\n", "Traceback (most recent call last):\n...\n"],
)
def test_code_below_what_was_printed_is_read(printed):
    text = f"{HEAD}net = nn.Sequential(nn.Linear(3, 4))\n{{}}\nnet.append(nn.Linear(4, 50))\n"
    assert len(parse_model(text.format(printed))) == 2
    assert len(parse_model(text.format(printed) + "a.py:3: UserWarning: bad\n")) == 2


def test_a_fence_in_a_docstring_ends_no_code():
    inner = '    """Use it so:\n\n    ```python\n    net = Net()\n    ```\n    """\n'
    body = "    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(3, 4)\n"
    code = f"{HEAD}class Net(nn.Module):\n{inner}{body}    def forward(self, x):\n        return self.a(x)\n"
    text = f"Here it is:\n```python\n{code}```\nand then\n```python\nnet = Net()\n```\n"
    assert sum(one.numel() for one in parse_model(text).parameters()) == 16


def test_code_of_several_lines_between_single_backquotes():
    code = f"{HEAD}net = nn.Sequential(\n    nn.Linear(3, 4),\n    nn.Linear(4, 5))"
    text = f"I call `net.eval()` and build it so:\n`{code}`\nbut `loss` grows. What's wrong?\n"
    assert parse_model(text)[1].out_features == 5


def test_lines_of_a_session_without_a_prompt_are_code():
    session = (
        ">>> import torch.nn as nn\n>>> net = nn.Sequential(nn.Linear(3, 4))\nnet[0] = nn.Linear(3, 40)\n>>> net\nA()"
    )
    assert parse_model(session)[0].out_features == 40


LOST = {
    "raise ends one block alone": "net = nn.Sequential()\nfor n in [8, 8]:\nif n < 1:\nraise ValueError(n)\n"
    "net.append(nn.Linear(n, n))",
    "a function in a method": "class A(nn.Module):\ndef __init__(self):\nsuper().__init__()\n"
    "self.a = nn.Linear(3, 3)\ndef part(n):\nreturn nn.Linear(n, n)\nself.b = part(3)\n"
    "def forward(self, x):\nreturn self.b(self.a(x))\n\nnet = A()",
}


@pytest.mark.parametrize("text", LOST.values(), ids=LOST)
def test_lost_indentation_is_refused_where_blocks_may_end_elsewhere(text):
    with pytest.raises(ParseError):
        parse_model(HEAD + text)


def test_a_method_goes_on_below_an_empty_line():
    block = (
        "class B(nn.Module):\ndef __init__(self, n):\nsuper().__init__()\nself.f = nn.Linear(n, n)\n"
        "def forward(self, x):\nreturn self.f(x)\n"
    )
    net = (
        "class A(nn.Module):\ndef __init__(self):\nsuper().__init__()\nself.a = nn.Linear(3, 8)\n\nb = B(8)\n"
        "self.b = nn.Sequential(b)\ndef forward(self, x):\nreturn self.b(self.a(x))\n\nnet = A()"
    )
    assert sum(one.numel() for one in parse_model(f"{HEAD}\n{block}\n{net}").parameters()) == 32 + 72


USES = {
    "an own method": "net.add_layer(3, 4)",
    "a helper": "loader = create_loader()\ntest_model(net, loader)",
    "another network": "decoder.eval()\nnet_d.train()\nmodel2.load_state_dict(state)",
    "a list of elsewhere": "nets.append(net)",
}


@pytest.mark.parametrize("lines", USES.values(), ids=USES)
def test_names_that_are_alike_are_no_mistakes(lines):
    text = (
        f"{HEAD}class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.layers = nn.ModuleList([nn.Linear(3, 3)])\n    def add_layer(self, i, o):\n"
        "        self.layers.append(nn.Linear(i, o))\n    def forward(self, x):\n        for layer in self.layers:\n"
        "            x = layer(x)\n        return x\ndef create_model():\n    return Net()\n"
        "def get_model():\n    return Net()\n"
        f"encoder = net_g = model1 = net = create_model()\n{lines}"
    )
    assert sum(one.numel() for one in parse_model(text).parameters()) in (12, 28)


DOCUMENTED = {
    "of PyTorch": "class torch.nn.Linear(in_features, out_features, bias=True)[source]\n\nApplies a transformation.\n\n"
    "Examples:\n\n>>> net = nn.Linear(3, 4)\n",
    "of Paddle": "Linear\n\nclass paddle.nn. Linear ( in_features, out_features, weight_attr=None ) [源代码]\n\n"
    "线性变换层。\n\n代码示例\n\nimport paddle\nnet = paddle.nn.Linear(3, 4)\n",
    "with what it returns": "net\n\nlayers.make(size: int) → Layer[source]¶\n\nMakes one.\n\nnet = nn.Linear(3, 4)\n",
}


@pytest.mark.parametrize("text", DOCUMENTED.values(), ids=DOCUMENTED)
def test_headings_of_documentation_are_no_code(text):
    assert sum(one.numel() for one in parse_model(text).parameters()) == 16


def test_paddles_table_between_code_without_indentation_is_left_out():
    text = (
        "先写结论。\nimport paddle\nclass Net(paddle.nn.Layer):\ndef __init__(self):\nsuper().__init__()\n"
        "self.fc = paddle.nn.Linear(3, 4)\ndef forward(self, x):\nreturn self.fc(x)\nnet = Net()\n"
        "print(paddle.summary(net, (2, 3)))\n-------------------------------\n"
        "Layer (type) Input Shape Output Shape Param #\n"
        "===============================\nNet-1 [[2, 3]] [2, 4] 16\nL [[2, 3]] [2, 4] 16\n"
        "===============================\n"
        "Total params: 16\nTrainable params: 16\n-------------------------------\n这样就可以了。\nprint(net)\n"
    )
    assert sum(one.numel() for one in parse_model(text).parameters()) == 16
