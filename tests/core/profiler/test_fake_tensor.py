"""Tensors without bytes: their shape rules against real tensors, and that nobody notices them."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from core.profiler import profile
from core.profiler.fake_tensor import shape_cache
from core.profiler.fake_tensor.copying import fake_copy
from core.profiler.fake_tensor.mode import FakeTensorMode
from core.profiler.fake_tensor.shape_rules import RULES
from core.profiler.fake_tensor.tensor import FakeTensor, spec_of
from tests.core.profiler.networks import NETWORKS, built

aten = torch.ops.aten
META = torch.device("meta")


def facts(value):
    """What a shape rule decides, of one or several tensors or specs; sides of length 1 may have any stride."""
    if isinstance(value, Tensor):
        value = spec_of(value)
    if isinstance(value, tuple) and isinstance(value[-1], torch.dtype):
        size, strides, _, dtype = value
        return size, [stride for stride, side in zip(strides, size, strict=True) if side > 1], dtype
    return [facts(part) for part in value] if isinstance(value, (list, tuple)) else value


def _real(value):
    """Zeros on the CPU, laid out alike; a mask of wanted gradients wants all."""
    if isinstance(value, Tensor):
        cells = sum((side - 1) * stride for side, stride in zip(value.shape, value.stride(), strict=True)) + 1
        return torch.zeros(cells, dtype=value.dtype).as_strided(value.shape, value.stride())
    if isinstance(value, list) and value and all(isinstance(part, bool) for part in value):
        return [True] * len(value)
    return [_real(part) for part in value] if isinstance(value, list) else value


@pytest.fixture
def compared(monkeypatch):
    """Every rule that is used is compared on the spot with the operation itself, on the CPU; collects both."""
    used, wrong = set(), []
    by_rule = shape_cache._known

    def compare(func, args, kwargs):
        known = by_rule(func, args, kwargs)
        if known is not None and not kwargs and not func._schema.is_mutable:
            used.add(func)
            expected = func(*(_real(value) for value in args))
            several = isinstance(expected, tuple)
            pairs = zip(known, expected, strict=True) if several else [(known, expected)]
            for ours, theirs in pairs:
                if ours is not None and facts(ours) != facts(theirs):
                    wrong.append((str(func), facts(args), facts(ours), facts(theirs)))
        return known

    monkeypatch.setattr(shape_cache, "_known", compare)
    monkeypatch.setattr(shape_cache, "_MEMORY", {})
    return used, wrong


def test_shape_rules_are_those_of_the_cpu(compared):
    for name, case in NETWORKS.items():
        for setting in (
            {},
            {"channels_last": True},
            {"precision": "bf16"},
            {"loss": "mse"},
            {"precision": "pure-bf16"},
        ):
            profile(built(name), case.input_shape, 3, **setting).settled()
    profile(nn.LSTM(6, 5, num_layers=2, bidirectional=True, batch_first=True), (7, 6), 3).settled()
    used, wrong = compared
    assert not wrong
    missed = {rule.overloadpacket for rule in RULES} - {func.overloadpacket for func in used}
    assert missed <= {aten.binary_cross_entropy_with_logits, aten._adaptive_avg_pool2d_backward, aten._softmax} | {
        aten._softmax_backward_data,
        aten.bmm,
        aten._grouped_mm,
        aten.mm,
        aten.smooth_l1_loss_backward,
        aten.huber_loss_backward,
    }, missed


sides = st.integers(1, 9)


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(st.integers(1, 3), st.integers(1, 3), sides, sides),
    *(st.tuples(st.integers(1, 3), st.integers(1, 3)) for _ in range(3)),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_windows_are_counted_as_pytorch_counts_them(size, kernel, stride, dilation, transposed, ceil_mode, last):
    x = torch.empty(size, device=META)
    weight = (
        torch.empty(size[1], 4, *kernel, device=META) if transposed else torch.empty(4, size[1], *kernel, device=META)
    )
    if last:
        x, weight = (tensor.to(memory_format=torch.channels_last) for tensor in (x, weight))
    calls = [
        (aten.convolution.default, (x, weight, None, stride, (1, 0), dilation, transposed, (0, 0), 1)),
        (aten.max_pool2d_with_indices.default, (x, kernel, stride, (kernel[0] // 2, 0), dilation, ceil_mode)),
    ]
    for func, args in calls:
        known = RULES[func](*args)
        if known is not None:
            assert facts(known)[:1] == facts(func(*args))[:1]


def test_a_fake_copy_shares_what_is_shared_and_is_made_of_fake_tensors():
    model = built("tied")
    fake = fake_copy(model, FakeTensorMode())
    assert fake.left.weight is fake.right.weight
    for theirs, ours in zip(model.parameters(), fake.parameters(), strict=True):
        assert isinstance(ours, FakeTensor)
        assert isinstance(ours, nn.Parameter)
        assert (ours.shape, ours.dtype, ours.requires_grad) == (theirs.shape, theirs.dtype, theirs.requires_grad)


def test_a_profile_holds_no_activations():
    model = nn.Sequential(*(nn.Conv2d(64, 64, 3, padding=1) for _ in range(4)))
    profile(model, (64, 8, 8)).settled()
    gc.collect()
    before = torch.zeros(1).untyped_storage().nbytes()
    tracemalloc.start()
    result = profile(model, (64, 224, 224), 1000).settled()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.training_peak_bytes > 50e9 > 1e7 > most + before


def test_a_constant_inside_a_network_may_be_read():
    class Counts(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            steps = torch.linspace(0, 1, 3)
            for step in steps.tolist():
                x = x + step * torch.rand(x.shape[0], 1) + torch.arange(x.shape[1])
            return x

    result = profile(Counts(), (5,), 2)
    assert result.rows[-1].output_shape == (2, 5)
