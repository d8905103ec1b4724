"""A head that a text puts into a network which cannot be read is not shown in its place; names without their import."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse

HEAD = "import torch\nimport torch.nn as nn\n"
BODY = "head = nn.Sequential(nn.Linear(model.fc.in_features, 8), nn.ReLU(), nn.Linear(8, 3))\nmodel.fc = head\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("model = get_model(pretrained=True)", "get_model"),
        ("model = torch.load('model.pt')", "torch.load"),
        ("from mylib import resnet50\nmodel = resnet50(pretrained=True)", "resnet50 is imported"),
        ("from mylib import *\nmodel = resnet50(pretrained=True)", "resnet50 is imported"),
        ("model = AutoModel.from_pretrained('x')", "AutoModel"),
    ],
)
def test_a_head_alone_is_not_the_network(line, said):
    with pytest.raises(ParseError, match="only becomes a part of it") as caught:
        parse(f"{HEAD}{line}\n{BODY}")
    assert said in str(caught.value)


def test_a_network_whose_import_is_missing_is_that_of_torchvision_unless_the_text_has_its_own():
    parsed = parse(f"{HEAD}model = resnet50(pretrained=True)\n{BODY}")
    assert parsed.network == "model"
    assert sum(p.numel() for p in parsed.module.fc.parameters()) == 2049 * 8 + 9 * 3
    own = parse(f"{HEAD}def resnet18(n):\n    return nn.Linear(n, 4)\nnet = nn.Sequential(resnet18(3))\n")
    assert sum(p.numel() for p in own.module.parameters()) == 16
    for line in ("from models import resnet18", "from models import *"):
        with pytest.raises(ParseError):
            parse(f"{HEAD}{line}\nnet = resnet18()\n")


def test_what_only_keeps_a_network_says_nothing():
    parsed = parse(f"{HEAD}net = nn.Sequential(nn.Linear(3, 4))\ntrainer = Trainer()\ntrainer.model = net\n")
    assert parsed.network == "net"


def test_a_helper_without_weights_is_not_shown_for_a_class_that_cannot_be_built():
    helper = "class Same(nn.Module):\n    def forward(self, x):\n        return x\n"
    main = "class Net(nn.Module):\n    def __init__(self, sample):\n        super().__init__()\n        {}\n"
    main += "    def forward(self, x):\n        return self.fc(x)\n"
    with pytest.raises(ParseError, match="sample"):
        parse(HEAD + main.format("self.fc = nn.Linear(len(sample(3)), 4)") + helper)
    assert parse(HEAD + helper).network == "Same"


def test_an_argument_that_is_only_asked_whether_it_holds_is_off():
    body = "self.fc = nn.Linear(4, 2)\n        self.act = nn.ReLU() if zigzag else nn.Identity()"
    text = f"class Net(nn.Module):\n    def __init__(self, zigzag):\n        super().__init__()\n        {body}\n"
    text += "    def forward(self, x):\n        return self.act(self.fc(x))\n"
    parsed = parse(HEAD + text)
    assert type(parsed.module.act).__name__ == "Identity"
    assert parsed.assumed["zigzag"] is False
