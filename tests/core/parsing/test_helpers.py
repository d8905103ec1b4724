"""What PyTorch has beside layers: shapes are PyTorch's own, and what a text keeps or calls otherwise is read."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.parsing import materialize, parse
from core.profiler import profile

POLICY = """
from torch.distributions import {0}
class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(6, 3), nn.Linear(6, 3)
    def forward(self, x):
        one, two = self.a(x), self.b(x).exp()
        d = {1}
        s = d.sample()
        return s, d.log_prob(s), d.entropy(), d.sample((5,))
net = Policy()
"""
DISTRIBUTIONS = {
    "Normal": "Normal(one, two)",
    "Normal of one scale": "Normal(one, 0.5)",
    "Independent, Normal": "Independent(Normal(one, two), 1)",
    "Categorical": "Categorical(logits=one)",
    "Categorical ": "Categorical(torch.softmax(one, -1))",
    "Bernoulli": "Bernoulli(logits=one)",
    "OneHotCategorical": "OneHotCategorical(logits=one)",
    "Beta": "Beta(two, two)",
    "MultivariateNormal": "MultivariateNormal(one, torch.eye(3))",
    "Laplace": "Laplace(one, two)",
    "Gamma": "Gamma(two, rate=two)",
    "StudentT": "StudentT(two)",
    "Exponential": "Exponential(two)",
    "Dirichlet": "Dirichlet(two)",
    "Geometric": "Geometric(logits=one)",
    "OneHotCategoricalStraightThrough": "OneHotCategoricalStraightThrough(logits=one)",
}


@pytest.mark.parametrize("made", DISTRIBUTIONS.values(), ids=DISTRIBUTIONS)
def test_samples_and_probabilities_have_the_shapes_of_torchs_distributions(made):
    names = ", ".join(name for name in torch.distributions.__all__ if f"{name}(" in made)
    text = POLICY.format(names, made)
    scope = {"nn": nn, "torch": torch}
    exec(text, scope)
    x = torch.zeros(4, 6)
    ours = parse(text).module(x.to("meta"))
    assert [one.shape for one in ours] == [one.shape for one in scope["net"](x)]


AGENT = """
class Agent(nn.Module):
    def __init__(self, state_dim, action_dim):
        super().__init__()
        self.pi = nn.Sequential(nn.Linear(state_dim, action_dim), nn.Softmax(-1))
    def forward(self):
        raise NotImplementedError
    def act(self, state, memory):
        memory.states.append(state)
        return self.pi(state).argmax(-1).item()
    def evaluate(self, state):
        return self.pi(state)
"""


def test_another_method_runs_where_forward_refuses():
    parsed = parse(AGENT)
    x = torch.zeros(2, parsed.module.pi[0].in_features, device="meta")
    assert parsed.module(x).shape == (2, 10) == (2, parsed.module.pi[0].out_features)
    assert "Agent has no forward(); evaluate() is run instead." in parsed.notes


ACTIVATION = "class Swish(nn.Module):\n    def __init__(self, beta=1.0):\n        super().__init__()\n"
ACTIVATION += "        self.beta = beta\n    def forward(self, x):\n        return x * torch.sigmoid(self.beta * x)\n"


def test_a_layer_without_weights_is_read_where_nothing_else_is():
    parsed = parse(ACTIVATION)
    assert (list(parsed.module.parameters()), parsed.module(torch.zeros(2, 5)).shape) == ([], (2, 5))
    assert parse(ACTIVATION + "net = nn.Sequential(nn.Linear(2, 3), Swish())").network == "net"


def test_means_of_a_normalizer_fit_its_images():
    text = "class Normalize(nn.Module):\n    def __init__(self, mean, std):\n        super().__init__()\n"
    text += "        self.mean, self.std = mean.view(-1, 1, 1), std.view(-1, 1, 1)\n"
    text += "        self.c = nn.Conv2d(3, 8, 3)\n    def forward(self, x):\n"
    text += "        return self.c((x - self.mean) / self.std)\n"
    assert parse(text).module(torch.zeros(2, 3, 9, 9, device="meta")).shape == (2, 8, 7, 7)


def test_word_vectors_give_the_size_of_an_embedding():
    text = "w = torch.randn(70, 5)\nnet = nn.Sequential(nn.Embedding.from_pretrained(w, padding_idx=0), nn.Flatten())"
    layer = parse(text).module[0]
    assert (layer.num_embeddings, layer.embedding_dim, layer.padding_idx) == (70, 5, 0)


TOKENS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(30, 6)
        self.f = nn.Linear(6, 2)
    def forward(self, x):
        return self.f(self.e(x).mean(1))
"""


def test_taking_an_input_for_indices_is_no_row():
    names = [row.name for row in profile(parse(TOKENS).module, (8,), 4).rows if row.name in ("", "long", "e", "f")]
    assert "long" not in " ".join(row.name for row in profile(parse(TOKENS).module, (8,), 4).rows)
    assert {"e", "f"} <= set(names)


def test_a_layer_is_copied_whatever_it_keeps_of_its_last_call():
    text = """
class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4)
    def forward(self, x):
        self.last = self.a(x)
        return self.last

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Inner()
    def forward(self, x):
        y = self.inner(x)
        return copy.deepcopy(self.inner)(y)
"""
    net = materialize(parse(text).module)
    x = torch.ones(2, 4)
    assert torch.allclose(net(x), net.inner.a(net.inner.a(x)))


FORWARDS = {
    "a crop": ("TF.center_crop(x, [4, 6])", (2, 3, 4, 6)),
    "a crop larger than the picture": ("CenterCrop(12)(x)", (2, 3, 12, 12)),
    "another size": ("TF.resize(x, [5, 7])", (2, 3, 5, 7)),
    "quantized sums": ("nn.quantized.FloatFunctional().add(x, x)", (2, 3, 9, 9)),
    "least squares": ("torch.linalg.lstsq(x, x[..., :2]).solution", (2, 3, 9, 2)),
    "one hot by scatter": ("torch.zeros(2, 5).scatter_(1, x[:, :1, 0, 0].long(), 1)", (2, 5)),
    "a draw": ("x if random.random() < 0.9 else None", (2, 3, 9, 9)),
}


@pytest.mark.parametrize(("expression", "shape"), FORWARDS.values(), ids=FORWARDS)
def test_shapes_of_functions_beside_layers(expression, shape):
    head = "import random\nfrom torchvision.transforms import CenterCrop\n"
    head += "import torchvision.transforms.functional as TF\n"
    text = head + "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    text += "        self.a = nn.Conv2d(3, 3, 1)\n    def forward(self, x):\n        x = self.a(x)\n"
    text += f"        return {expression}\n"
    assert parse(text).module(torch.zeros(2, 3, 9, 9, device="meta")).shape == shape


def test_a_crop_takes_the_middle():
    text = "import torchvision.transforms.functional as TF\nclass Net(nn.Module):\n    def __init__(self):\n"
    text += "        super().__init__()\n        self.p = nn.Parameter(torch.zeros(1))\n    def forward(self, x):\n"
    text += "        return TF.center_crop(x, 3) + self.p\n"
    x = torch.arange(49.0).reshape(1, 1, 7, 7)
    net = parse(text, device="cpu").module
    nn.init.zeros_(net.p)
    assert torch.equal(net(x), x[..., 2:5, 2:5])


def test_inputs_that_the_text_gives_by_name_are_given_again():
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.e = nn.Linear(4, 3), nn.Embedding(9, 3)
    def forward(self, x, *more, **named):
        return self.mixed(x, **named)
    def mixed(self, x, *, labels):
        return self.a(x) + self.e(labels)
net = Net()
y = net(torch.zeros(5, 4), labels=torch.zeros(5).long())
"""
    assert parse(text).module(torch.zeros(2, 4, device="meta")).shape == (2, 3)


def test_a_network_of_the_hub_and_one_picked_by_its_name():
    for line in ("torch.hub.load('pytorch/vision:v0.10.0', 'resnet18')", "torchvision.models.__dict__['resnet18']()"):
        text = f"import torchvision\nnet = {line}\nnet.fc = nn.Linear(512, 3)\n"
        assert parse(text).module(torch.zeros(2, 3, 64, 64, device="meta")).shape == (2, 3)


@pytest.mark.parametrize(("settings", "is_trained"), [("", False), (", freeze=False", True), (", False", True)])
def test_vectors_that_are_given_are_trained_only_where_the_text_says_so(settings, is_trained):
    text = f"w = torch.zeros(9, 4)\nnet = nn.Sequential(nn.Embedding.from_pretrained(w{settings}), nn.Linear(4, 2))"
    weights = list(parse(text).module.parameters())
    assert [one.requires_grad for one in weights] == [is_trained, True, True]
