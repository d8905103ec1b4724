"""Classes as tutorials write them: what is read gives the same output, weight by weight, as the class itself."""

from __future__ import annotations

import contextlib

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.errors import ParseError
from core.parsing import parse

CHAIN = '''
class Net(nn.Module):
    """The usual beginner's network."""

    def __init__(self, classes=10):
        super(Net, self).__init__()
        self.classes = classes
        self.conv1 = nn.Conv2d(1, 4, 3, 1)
        self.conv2 = nn.Conv2d(4, 8, 3, 1)
        self.pool = nn.MaxPool2d(2, 2)
        self.dropout1 = nn.Dropout(0.25)
        self.fc1 = nn.Linear(8 * 5 * 5, 16)
        self.fc2 = nn.Linear(16, classes)

    def forward(self, x):
        batch = x.size(0)
        x = self.pool(F.relu(self.conv1(x)))
        x = F.max_pool2d(torch.tanh(self.conv2(x)), 2)
        x = self.dropout1(x)
        x = x.view(batch, -1)
        x = F.leaky_relu(self.fc1(x), 0.2)
        x = F.dropout(x, training=self.training)
        return F.log_softmax(self.fc2(x), dim=1)

model = Net()
print(model)
'''
SUMS = """
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, padding=1)
        self.a = nn.Conv2d(4, 4, 3, padding=1)
        self.b = nn.Conv2d(4, 4, 1)
        self.head = nn.Sequential(nn.Conv2d(8, 2, 1), nn.ReLU())

    def forward(self, x):
        x = self.stem(x)
        y = F.relu(self.a(x)) + x
        y += self.b(y)
        z = torch.cat([self.a(y), y], dim=1)
        return self.head(z)
"""
REFUSED = [
    "if x.mean() > 0:\n            x = self.a(x)\n        return x",
    "return self.a(x).tolist()",
    "return self.helper(x)",
    "return x.magic()",
    "return self.a(magic(x))",
    "return self._modules",
    "return __import__('os').system('true')",
    "x = self.a(x)",
]


def outputs(text: str, name: str, shape: tuple[int, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    """What the class gives, really run, and what the read network gives with the same weights."""
    scope = {"nn": nn, "F": F, "torch": torch}
    exec(text.replace("print(model)", ""), scope)
    original, read = scope[name]().eval(), parse(text, device="cpu").module.eval()
    weights = {id(p): p for p in original.parameters()}.values()
    ours = {id(p): p for p in read.parameters()}.values()
    assert sorted(p.shape for p in weights) == sorted(p.shape for p in ours)
    for tensors in (weights, ours):
        for parameter in tensors:
            generator = torch.Generator().manual_seed(sum(parameter.shape) + parameter.numel())
            with torch.no_grad():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
    x = torch.randn(2, *shape, generator=torch.Generator().manual_seed(0))
    return original(x), read(x)


@pytest.mark.parametrize(("text", "name", "shape"), [(CHAIN, "Net", (1, 28, 28)), (SUMS, "Block", (1, 9, 9))])
def test_the_read_network_computes_what_the_class_computes(text, name, shape):
    theirs, ours = outputs(text, name, shape)
    torch.testing.assert_close(theirs, ours)


def test_a_layer_used_twice_is_one_layer():
    module = parse(SUMS).module
    assert sum(p.numel() for p in module.parameters()) == 40 + 148 + 20 + 18


def written(forward: str) -> str:
    """A class with one layer, a, and this forward()."""
    head = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    head += "        self.a = nn.Conv2d(1, 1, 1)\n"
    return head + "    def forward(self, x):\n" + "".join(f"        {line}\n" for line in forward.split("\n"))


@pytest.mark.parametrize("body", REFUSED)
def test_what_forward_does_besides_is_refused_in_a_sentence(body):
    with pytest.raises(ParseError, match=r"^Line \d+"):
        parse(written(body.replace("\n        ", "\n")))


def test_a_few_lines_cannot_double_a_network_without_end():
    lines = "y = self.a(x)\n" + "u = torch.cat([x, y], 1)\ny = torch.cat([y, u], 1)\nx = u\n" * 60
    with pytest.raises(ParseError, match="more than"):
        parse(written(lines + "return y"))


def test_lines_pasted_out_of_a_constructor_are_read():
    assert len(parse("self.main = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())").module) == 2


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="xy=+.()[],:selfNtorchFadw \n", max_size=80))
def test_any_forward_at_all_gives_a_network_or_a_sentence(body):
    with contextlib.suppress(ParseError):
        assert isinstance(parse(written(body + "\nreturn self.a(x)")).module, nn.Module)


OWN_GRADIENT = """
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, grad):
        return grad


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3)

    def forward(self, *, picture, scale):
        return Swish.apply(self.a(picture)) * self.a(scale)
"""


def test_a_function_with_its_own_gradient_is_applied_and_inputs_may_be_named():
    module = parse(OWN_GRADIENT).module
    picture = torch.empty(2, 3, 9, 9, device="meta")
    assert module(picture).shape == module(picture=picture, scale=picture).shape == (2, 8, 7, 7)


UNDER_TEST = """
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.a = nn.Linear(width, 4)

    def forward(self, x):
        b, t, w = x.shape
        return self.a(x)


def _test_net():
    inspect(Net.__name__)
    inspect(torch.zeros(1, 2, 3))

"""


def test_a_trial_function_that_fails_leaves_its_class_to_be_read():
    parsed = parse(f"from tools import inspect\n{UNDER_TEST}")
    assert (parsed.network, parsed.module.a.out_features) == ("Net", 4)


PACKED = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(50, 6)
        self.rnn = nn.LSTM(6, 8, bidirectional=True)
        self.fc = nn.Linear(16, 3)

    def forward(self, text, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(text), lengths, batch_first=True)
        output, (h, c) = self.rnn(packed)
        output, lengths = nn.utils.rnn.pad_packed_sequence(output, batch_first=True)
        return self.fc(output), torch.cat((h[-2], h[-1]), 1)


net = Net()
"""


def test_packed_sequences_have_the_shapes_of_pytorch():
    scope = {"nn": nn, "torch": torch}
    exec(PACKED, scope)
    text, lengths = torch.randint(50, (2, 10)), torch.tensor([10, 10])
    theirs = scope["net"](text, lengths)
    module = parse(PACKED, device="cpu").module
    module.load_state_dict(scope["net"].state_dict())
    for one, other in zip(module(text, lengths), theirs, strict=True):
        torch.testing.assert_close(one, other)


def test_a_list_of_layers_that_no_network_holds_is_a_row_of_them():
    parsed = parse("layers = [nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)]\nepochs = 60")
    assert (parsed.network, len(parsed.module)) == ("layers", 3)


def test_a_class_that_inherits_from_a_file_of_its_own_names_that():
    with pytest.raises(ParseError, match="Autoencoder is imported"):
        parse("from models import Autoencoder\n\nclass Denoiser(Autoencoder):\n    pass\n")


MANGLED = """
class _Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.__body = nn.Linear(3, 4)
    def forward(self, x):
        return self.__run(x)
    def __run(self, x):
        return self.__body(x)
class Net(_Base):
    def __init__(self):
        super().__init__()
        self.__body = nn.Linear(3, 5)
"""


def test_names_with_two_underscores_are_those_of_their_class():
    text = MANGLED
    scope = {"nn": nn}
    exec(text, scope)
    names = {name: p.shape for name, p in scope["Net"]().named_parameters()}
    assert {name: p.shape for name, p in parse(text).module.named_parameters()} == names


def test_add_module_takes_its_arguments_by_name():
    text = "net = nn.Sequential()\nnet.add_module(name='first', module=nn.Linear(3, 4))"
    assert list(parse(text).module.state_dict()) == ["first.weight", "first.bias"]


HOLDER = """
class Net(nn.Module):
    def __init__(self, seq_len):
        super().__init__()
        self.scale = nn.Parameter((1 / seq_len) * torch.ones(seq_len, 3))
        self.kept = nn.Module()
        self.kept.body = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 5))
        self.kept.register_buffer("offset", torch.zeros(3))
    def forward(self, x):
        x = x + self.kept.offset
        for name, layer in self.kept.body._modules.items():
            x = layer(x)
            if name == "0":
                return x
"""


def test_a_bare_module_holds_others_and_tells_its_parts():
    parsed = parse(HOLDER + "net = Net(7)", device="cpu")
    scope = {"nn": nn, "torch": torch}
    exec(HOLDER, scope)
    real = scope["Net"](7)
    assert {k: v.shape for k, v in parsed.module.state_dict().items()} == {
        k: v.shape for k, v in real.state_dict().items()
    }
    assert parsed.module(torch.zeros(2, 3)).shape == real(torch.zeros(2, 3)).shape == (2, 4)


def test_an_open_number_may_scale_a_tensor():
    text = HOLDER.replace("self, seq_len", "self, cfg").replace("seq_len", "cfg.seq_len")
    assert parse(text).module.scale.shape == (32, 3)
