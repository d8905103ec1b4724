"""Keras's attention with heads and with scales, against its formula; what a text may ask of a call of it."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from core.errors import ParseError
from core.parsing import materialize, parse

THREE = "q, v, k = Input((5, 8)), Input((7, 6)), Input((7, 9))\nnet = keras.Model([q, v, k], {})"


def built(text):
    return materialize(parse(text).module, 0)


def parameters(text):
    return sum(p.numel() for p in parse(text).module.parameters())


@pytest.mark.parametrize(
    "call",
    [
        "MultiHeadAttention(2, 4)(q, v, k)",
        "MultiHeadAttention(2, 4)(q, value=v, key=k)",
        "MultiHeadAttention(num_heads=2, key_dim=4)(query=q, key=k, value=v)",
    ],
)
def test_inputs_of_different_widths(call):
    """Each projection takes the width of its own input, however the inputs are named."""
    net = built(THREE.format(call))
    weights = {name.rpartition(".")[0].rpartition(".")[2]: p.shape for name, p in net.named_parameters() if p.dim() > 1}
    assert weights == {"query": (8, 8), "key": (8, 9), "value": (8, 6), "output": (8, 8)}


def test_weights_are_given_on_demand():
    net = built(THREE.format("list(MultiHeadAttention(2, 4)(q, v, k, return_attention_scores=True))"))
    q, v, k = torch.randn(2, 8, 5), torch.randn(2, 6, 7), torch.randn(2, 9, 7)
    output, weights = net(q, v, k)  # (B, C, T), (B, S, H, T)
    assert output.shape == (2, 8, 5)
    assert weights.shape == (2, 7, 2, 5)
    assert torch.allclose(weights.sum(1), torch.ones(2, 2, 5), atol=1e-5)


def test_features_that_attention_gives():
    text = THREE.format("MultiHeadAttention(2, 4, value_dim=3, output_shape=10, use_bias=False)(q, v, k)")
    assert parameters(text) == 8 * 8 + 9 * 8 + 6 * 6 + 6 * 10
    assert parse(text).module(*(torch.zeros(2, n, 7, device="meta") for n in (8, 6, 9))).shape == (2, 10, 7)


def test_heads_that_share_keys():
    net = built("i = Input((5, 8))\nnet = keras.Model(i, GroupQueryAttention(4, 6, 2)(i, i))")
    assert sum(p.numel() for p in net.parameters()) == (8 * 24 + 24) + 2 * (8 * 8 + 8) + (24 * 8 + 8)
    assert net(torch.randn(2, 8, 5)).shape == (2, 8, 5)
    with pytest.raises(ParseError, match="num_query_heads=5 cannot be shared by 2 heads"):
        parse("i = Input((5, 8))\nnet = keras.Model(i, GroupQueryAttention(4, 5, 2)(i, i))")


@pytest.mark.parametrize(("settings", "count"), [("use_scale=True", 1), ("True, score_mode='concat'", 2)])
def test_scores_with_a_scale(settings, count):
    text = f"a, b = Input((7, 4)), Input((5, 4))\nnet = keras.Model([a, b], Attention({settings})([a, b]))"
    net = built(text)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.fill_(0.5)
    q, v = torch.randn(2, 4, 7), torch.randn(2, 4, 5)
    products, sums = torch.einsum("bct,bcs->bts", q, v), torch.tanh(0.5 * (q[..., None] + v[:, :, None])).sum(1)
    scores = 0.5 * (products if count == 1 else sums)
    assert len(list(net.parameters())) == count
    assert torch.allclose(net(q, v), torch.einsum("bts,bcs->bct", F.softmax(scores, -1), v), atol=1e-5)


def test_a_layer_called_by_keyword_or_without_an_input():
    assert parameters("i = Input((5, 8))\nnet = keras.Model(i, Dense(3)(inputs=i))") == 27
    with pytest.raises(ParseError, match="Dense is called without an input"):
        parse("i = Input((5, 8))\nnet = keras.Model(i, Dense(3)())")
