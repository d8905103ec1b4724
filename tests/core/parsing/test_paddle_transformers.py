"""Transformers of Paddle: a dropout for each part, masks for each head, and stacks that end in a norm."""

import pytest
import torch

from core.parsing import parse

BERT = """
import paddle
import paddle.nn as nn

class Bert(nn.Layer):
    def __init__(self, vocab=1000, hidden=64, heads=4, inner=128):
        super().__init__()
        self.embeddings = nn.Embedding(vocab, hidden)
        layer = nn.TransformerEncoderLayer(
            hidden, heads, inner, dropout=0.1, activation="gelu", attn_dropout=0.2, act_dropout=0)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.fc = nn.Linear(hidden, 2)
    def forward(self, ids):
        mask = paddle.unsqueeze((ids == 0).astype("float32") * -1e9, axis=[1, 2])
        return self.fc(self.encoder(self.embeddings(ids), mask)[:, 0])
"""


def test_each_part_of_a_layer_has_its_own_dropout():
    module = parse(BERT).module
    layer = module.encoder.layers[1]
    assert (layer.self_attn.dropout, layer.dropout.p, layer.dropout1.p) == (0.2, 0, 0.1)
    assert sum(p.numel() for p in module.parameters()) == 131_074
    assert module(torch.zeros(2, 7, dtype=torch.long, device="meta")).shape == (2, 2)


def test_a_mask_hides_what_it_hides_in_paddle():
    module = parse(BERT, device="cpu").module.eval()
    ids = torch.tensor([[5, 6, 0, 0]])
    with torch.no_grad():
        assert torch.allclose(module(ids), module(ids[:, :2]), atol=1e-5)


@pytest.mark.parametrize(
    ("stack", "count", "call"),
    [
        (
            'nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, activation="tanh", attn_dropout=0.0, '
            "act_dropout=0.0, normalize_before=True), 2, nn.LayerNorm(8))",
            1216,
            "self.stack(x, paddle.ones([2, 2, 5, 5], dtype='bool'))",
        ),
        (
            'nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16, 0.1, "gelu", 0.0, 0.0), num_layers=2)',
            1808,
            "self.stack(x, x, tgt_mask=paddle.zeros([5, 5]))",
        ),
        ("nn.Transformer(8, 2, 1, 2, 16, normalize_before=True)", 2440, "self.stack(x, x)"),
    ],
)
def test_a_stack_has_the_parameters_of_paddle(stack, count, call):
    text = f"""
import paddle
import paddle.nn as nn
class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.stack = {stack}
    def forward(self, x):
        return {call}
net = Net()
"""
    module = parse(text, input_shape=(5, 8)).module
    assert sum(p.numel() for p in module.parameters()) == count
    assert module(torch.zeros(2, 5, 8, device="meta")).shape == (2, 5, 8)


def test_names_that_paddle_has_taken_from_pytorch():
    text = """
import paddle.nn as nn
from paddle.autograd import PyLayer
class Square(PyLayer):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding="SAME")
        self.heads = nn.ModuleList([nn.Linear(8, 4)])
    def forward(self, x):
        return self.heads[0](Square.apply(self.conv(x)).mean([2, 3]))
"""
    module = parse(text).module
    assert module(torch.zeros(2, 3, 9, 9, device="meta")).shape == (2, 4)
