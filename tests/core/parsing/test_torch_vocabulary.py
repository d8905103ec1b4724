"""Functions of PyTorch in a `forward`: each gives the shape and the kind of numbers that PyTorch gives for real."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.parsing import ParseError, materialize, parse

TEXT = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
    def forward(self, x):
        y = self.conv(x)
        s, v = y.flatten(2), y.mean((2, 3))
        k = v.t() @ v
        return {}
net = Net()
"""
EXPRESSIONS = """
torch.sigmoid_(y)
torch.Tensor.relu(y)
torch.rsub(y, 1)
torch.msort(y)
torch.copysign(y, -y)
torch.addmv(v[0], k, v[0])
torch.split_with_sizes(y, [1, 3], dim=1)[1]
torch.as_strided(v, (2, 2), (1, 2))
y.index_put((torch.tensor([0]),), torch.tensor(1.0))
y.repeat_interleave(torch.tensor([1, 3]), dim=0)
torch.repeat_interleave(y, torch.tensor([2, 1, 1, 4]), 1)
F.one_hot(torch.tensor([[0, 4], [2, 1]]))
torch.unique(torch.tensor([3, 1, 3]))
torch.nonzero(torch.tensor([0, 1, 2]), as_tuple=True)[0]
torch.normal(0, 1, size=(2, 3))
torch.normal(mean=v, std=torch.ones(4))
torch.kaiser_window(8)
torch.fft.rfftfreq(8, d=0.5)
torch.fft.hfft(s)
torch.istft(torch.stft(s[:, 0], 16, return_complex=True), 16)
torch.istft(torch.stft(s[:, 0], 16, hop_length=8, return_complex=True), 16, hop_length=8, length=60)
torch.cov(v)
torch.corrcoef(v)
torch.special.gammaln(y.abs() + 1)
torch.special.softmax(y, dim=1)
torch.linalg.multi_dot([k, k, k])
torch.linalg.eig(k).eigenvalues
F.fractional_max_pool2d(y, 2, output_size=(4, 3))
F.max_pool2d_with_indices(y, 2)[1]
F.pdist(v)
F.margin_ranking_loss(v, v, torch.ones(2, 4), reduction="none")
F.multi_head_attention_forward(*[v[None]] * 3, 4, 2, torch.ones(12, 4), *[None] * 3, False, 0.0, k, None)[0]
torch.Tensor([1, 2])
torch.empty(3).random_(0, 5)
torch.sparse_coo_tensor(torch.zeros(2, 3).long(), torch.ones(3), (4, 5)).to_dense()
k.to_sparse().to_dense()
y.type("torch.DoubleTensor")
y.type(torch.LongTensor)
y.contiguous(memory_format=torch.channels_last)
torch.zeros(y.size(dim=1), device=y.device)
torch.zeros_like(y, device=y.device)
y.new_zeros(3, device=y.device)
y.short()
y.__getitem__(0).__add__(1)
torch.jit.annotate(list, [y])[0]
torch.vmap(lambda one: one.sum(0))(y)
torch.nn.utils.rnn.pad_sequence([s[0, 0], s[1, 0, :5]], batch_first=True)
nn.MSELoss(reduction="none")(y, y)
torch.utils.checkpoint.checkpoint_sequential(nn.Sequential(nn.Conv2d(4, 5, 3)), 1, y, use_reentrant=False)
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().split("\n"))
def test_the_output_is_pytorchs(expression):
    text, scope = TEXT.format(expression), {"nn": nn, "torch": torch, "F": F}
    exec(text, scope)
    x = torch.rand(2, 3, 8, 8)
    with torch.no_grad():
        want, have = scope["net"](x), parse(text, input_shape=(3, 8, 8)).module(x.to("meta"))
    assert (have.shape, have.dtype) == (want.shape, want.dtype)


@pytest.mark.parametrize("expression", ["y.device.type == 'cpu'", "y.layout == torch.strided", "not y.is_sparse"])
def test_what_a_tensor_says_of_itself(expression):
    text = TEXT.format(f"y if {expression} else v")
    assert parse(text).module(torch.zeros(2, 3, 8, 8, device="meta")).dim() == 4


@pytest.mark.parametrize("expression", ["torch.unique(y)", "y.nonzero()", "v.equal(v)", "F.one_hot(y.long())"])
def test_what_depends_on_values_says_so(expression):
    with pytest.raises(ParseError, match="depends on the values of a tensor"):
        parse(TEXT.format(expression), input_shape=(3, 8, 8)).module(torch.zeros(2, 3, 8, 8, device="meta"))


LAYERS = """
nn.RNN(4, 6, 2, "relu", False)
nn.FractionalMaxPool2d(3, output_ratio=(0.5, 0.5))
nn.AdaptiveLogSoftmaxWithLoss(4, 20, [5, 10])
nn.TransformerEncoderLayer(4, 2, 8, activation=F.silu)
nn.ParameterDict({"a": torch.ones(3)})
nn.utils.remove_weight_norm(nn.utils.weight_norm(nn.Conv2d(3, 4, 3)))
nn.utils.remove_spectral_norm(nn.utils.spectral_norm(nn.Linear(3, 4)))
nn.utils.fuse_conv_bn_eval(nn.Conv2d(3, 4, 1, bias=False).eval(), nn.BatchNorm2d(4).eval())
nn.utils.skip_init(nn.Linear, 3, 4)
einops.layers.torch.EinMix("b t c -> b t o", weight_shape="c o", bias_shape="o", c=4, o=6)
"""
HOLDER = """
import einops
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = {}
    def forward(self, x):
        return x
net = Net()
"""


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("layer", LAYERS.strip().split("\n"))
def test_the_weights_are_pytorchs(layer):
    import einops.layers.torch

    text, scope = HOLDER.format(layer), {"nn": nn, "torch": torch, "F": F, "einops": einops}
    exec(text, scope)
    real, read = ([(n, p.shape) for n, p in net.named_parameters()] for net in (scope["net"], parse(text).module))
    assert read == real


SYMMETRIC = """
import torch.nn.utils.parametrize as parametrize
class Symmetric(nn.Module):
    def forward(self, w):
        return w.triu() + w.triu(1).transpose(-1, -2)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        parametrize.register_parametrization(self.fc, "weight", Symmetric())
        self.mask = nn.Buffer(torch.ones(4), persistent=False)
        self.register_parameter(name="gain", param=nn.Parameter(torch.ones(4)))
    def forward(self, x):
        return self.fc(x) * self.mask * self.gain
net = Net()
"""


def test_a_weight_may_be_computed_of_another_one():
    scope = {"nn": nn, "torch": torch}
    exec(SYMMETRIC, scope)
    read = parse(SYMMETRIC).module
    for net in (scope["net"], read):
        assert [name for name, _ in net.named_parameters()] == [
            "gain",
            "fc.bias",
            "fc.parametrizations.weight.original",
        ]
        assert [name for name, _ in net.named_buffers()] == ["mask"]
        assert "mask" not in net.state_dict()
    assert read(torch.zeros(2, 4, device="meta")).shape == (2, 4)


@pytest.mark.parametrize(
    "layer",
    ["MultiheadAttention(8, 2)", "TransformerEncoderLayer(8, 2, 16)", "Transformer(8, 2, 1, 1, 16, batch_first=True)"],
)
def test_attention_gets_the_first_weights_that_pytorch_draws(layer):
    call = "a, a" if layer.startswith("Transformer(") else "a, a, a" if layer.startswith("Multi") else "a"
    text = (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(3, 8)\n"
    )
    text += f"        self.layer = nn.{layer}\n    def forward(self, x):\n"
    text += f"        a = self.a(x)\n        return self.layer({call})\n"
    ours = materialize(parse(text, input_shape=(4, 3)).module, 3)
    torch.manual_seed(3)
    first, own = torch.nn.Linear(3, 8), eval(f"torch.nn.{layer}")
    assert all(map(torch.equal, ours.parameters(), [*first.parameters(), *own.parameters()]))
