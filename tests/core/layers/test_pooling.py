"""Every pooling, forward and backward, against a slow reference that reads like the definition."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.errors import ShapeError
from core.layers.pooling import POOLINGS, NetVLAD, RoIPool2d, SpatialPyramidPool2d, StochasticPool2d


def picture(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).requires_grad_()


def by_window(x, kernel, stride, reduce):
    """(B, C, H, W) -> (B, C, H', W'), one window after another."""
    rows = range(0, x.shape[2] - kernel + 1, stride)
    columns = range(0, x.shape[3] - kernel + 1, stride)
    return torch.stack(
        [torch.stack([reduce(x[:, :, i : i + kernel, j : j + kernel].flatten(2)) for j in columns], -1) for i in rows],
        -2,
    )


def by_part(x, size, reduce):
    """Adaptive pooling: part i runs from floor(i n / m) to ceil((i + 1) n / m)."""

    def spans(n):
        return [(i * n // size, math.ceil((i + 1) * n / size)) for i in range(size)]

    return torch.stack(
        [
            torch.stack([reduce(x[:, :, a:b, c:d].flatten(2)) for c, d in spans(x.shape[3])], -1)
            for a, b in spans(x.shape[2])
        ],
        -2,
    )


def vlad_reference(module, x):
    """NetVLAD written as its formula: a sum over places, a centre at a time."""
    out = []
    for picture_ in x:
        features = [f / f.norm() for f in picture_.flatten(1).T]
        weight, bias = module.assign.weight.flatten(1), module.assign.bias
        shares = [torch.softmax(weight @ f + bias, 0) for f in features]
        rows = [
            sum(share[k] * (f - centre) for share, f in zip(shares, features, strict=True))
            for k, centre in enumerate(module.centres)
        ]
        flat = torch.cat([row / row.norm() for row in rows])
        out.append(flat / flat.norm())
    return torch.stack(out)


REFERENCES = {
    "Max": lambda m, x, k: by_window(x, k["kernel_size"], k["stride"], lambda w: w.amax(-1)),
    "Overlapping max": lambda m, x, k: by_window(x, k["kernel_size"], k["stride"], lambda w: w.amax(-1)),
    "Average": lambda m, x, k: by_window(x, k["kernel_size"], k["stride"], lambda w: w.sum(-1) / k["kernel_size"] ** 2),
    "Lp": lambda m, x, k: by_window(
        x, k["kernel_size"], k["stride"], lambda w: (w ** k["norm_type"]).sum(-1) ** (1 / k["norm_type"])
    ),
    "Stochastic": lambda m, x, k: by_window(
        x, k["kernel_size"], k["stride"], lambda w: (w / w.sum(-1, keepdim=True) * w).sum(-1)
    ),
    "Adaptive average": lambda m, x, k: by_part(x, k["output_size"], lambda w: w.mean(-1)),
    "Adaptive max": lambda m, x, k: by_part(x, k["output_size"], lambda w: w.amax(-1)),
    "Global average": lambda m, x, k: torch.stack([torch.stack([c.mean() for c in b]) for b in x]),
    "Global max": lambda m, x, k: torch.stack([torch.stack([c.max() for c in b]) for b in x]),
    "Spatial pyramid": lambda m, x, k: torch.cat(
        [by_part(x, 2**level, lambda w: w.amax(-1)).flatten(1) for level in range(k["levels"])], 1
    ),
    "NetVLAD": lambda m, x, k: vlad_reference(m, x),
    "RoI": lambda m, x, k: roi_reference(x, REGIONS, k["output_size"], 1.0),
}

REGIONS = torch.tensor([[0.0, 1, 2, 10, 12], [1, 0, 0, 3, 3], [1, 4.4, 2.6, 4.4, 9], [0, 8, 8, 30, 30]])


def roi_reference(x, regions, size, scale):
    """Each cell of each region asks, part by part, whether it belongs to it."""
    out = x.new_zeros(len(regions), x.shape[1], size, size)
    for r, (index, *edges) in enumerate(regions.tolist()):
        left, top, right, bottom = (math.floor(e * scale + 0.5) for e in edges)
        height, width = max(bottom - top + 1, 1), max(right - left + 1, 1)
        for i in range(size):
            for j in range(size):
                ys = range(math.floor(top + i * height / size), math.ceil(top + (i + 1) * height / size))
                xs = range(math.floor(left + j * width / size), math.ceil(left + (j + 1) * width / size))
                inside = [x[int(index), :, y, x_] for y in ys for x_ in xs if y < x.shape[2] and x_ < x.shape[3]]
                if inside:
                    out[r, :, i, j] = torch.stack(inside).amax(0)
    return out


@pytest.mark.parametrize("name", POOLINGS)
def test_forward_and_backward_agree_with_the_slow_reference(name):
    entry = POOLINGS[name]
    knobs = entry.defaults
    torch.manual_seed(0)
    module = entry.build(3, **knobs).double().eval()
    x = picture(2, 3, 13, 17)
    got = module(x, REGIONS) if entry.gives == "regions" else module(x)
    want = REFERENCES[name](module, x, knobs)
    torch.testing.assert_close(got, want)
    weights = torch.rand(got.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    asked = [x, *module.parameters()]
    found = torch.autograd.grad((got * weights).sum(), asked)
    torch.testing.assert_close(found, torch.autograd.grad((want * weights).sum(), asked))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", POOLINGS)
def test_runs_forward_and_backward_in_every_precision(name, dtype):
    entry = POOLINGS[name]
    module = entry.build(3, **entry.defaults).eval()
    x = picture(2, 3, 16, 16).detach().to(dtype)
    regions = (REGIONS,) if entry.gives == "regions" else ()
    want = module.double()(x.double(), *regions).detach()
    x.requires_grad_()
    y = module.to(dtype)(x, *regions)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == dtype
    assert x.grad.isfinite().all()
    torch.testing.assert_close(y.detach().double(), want, atol=0.03, rtol=0.02)


def test_a_stochastic_draw_runs_in_every_precision():
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        x = picture(1, 2, 6, 6).detach().to(dtype).requires_grad_()
        y = StochasticPool2d(2, generator=torch.Generator().manual_seed(0)).train()(x)
        y.sum().backward()
        assert y.dtype == dtype
        assert x.grad.sum() == y.numel()


@pytest.mark.parametrize("name", POOLINGS)
def test_entry_gives_what_it_says(name):
    entry = POOLINGS[name]
    module = entry.build(3, **entry.defaults)
    x = torch.rand(2, 3, 16, 16)
    y = module(x, REGIONS) if entry.gives == "regions" else module(x)
    assert y.ndim == {"map": 4, "vector": 2, "regions": 4}[entry.gives]
    assert len(y) == (len(REGIONS) if entry.gives == "regions" else 2)
    assert entry.formula
    assert entry.paper
    code = entry.code.format(**entry.defaults)
    names = {"nn": nn, "channels": 3, "StochasticPool2d": StochasticPool2d, "NetVLAD": NetVLAD}
    names |= {"SpatialPyramidPool2d": SpatialPyramidPool2d, "RoIPool2d": RoIPool2d}
    built = eval(code, names)
    assert type(built) is type(module)


def test_stochastic_pooling_picks_in_proportion():
    x = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]).expand(20_000, 1, 2, 2)
    pool = StochasticPool2d(2, generator=torch.Generator().manual_seed(0)).train()
    picked = pool(x).flatten()
    shares = [(picked == value).double().mean().item() for value in (1, 2, 3, 4)]
    assert shares == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.015)
    assert picked.mean().item() == pytest.approx(pool.eval()(x[:1]).item(), abs=0.03)


def test_stochastic_pooling_passes_the_gradient_to_the_picked_value_alone():
    x = picture(4, 2, 6, 6)
    StochasticPool2d(2).train()(x).sum().backward()
    windows = x.grad.unfold(2, 2, 2).unfold(3, 2, 2).flatten(-2)
    assert windows.sum(-1).eq(1).all()
    assert (windows != 0).sum(-1).eq(1).all()


def test_stochastic_pooling_of_zeros_and_of_negatives():
    pool = StochasticPool2d(2)
    assert pool.train()(torch.zeros(1, 1, 4, 4)).eq(0).all()
    assert pool.eval()(torch.zeros(1, 1, 4, 4)).eq(0).all()
    with pytest.raises(ShapeError, match="ReLU"):
        pool(torch.full((1, 1, 4, 4), -1.0))


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 4))
def test_spatial_pyramid_has_one_length_for_every_size(height, width, levels):
    sides = tuple(2**level for level in range(levels))
    assert SpatialPyramidPool2d(sides)(torch.rand(1, 5, height, width)).shape == (1, 5 * sum(s * s for s in sides))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 40), min_size=4, max_size=4), st.integers(1, 6), st.sampled_from([1.0, 0.5, 0.25]))
def test_regions_agree_with_the_definition_anywhere(edges, size, scale):
    left, top, right, bottom = edges
    regions = torch.tensor([[0.0, min(left, right), min(top, bottom), max(left, right), max(top, bottom)]])
    x = torch.rand(1, 2, 12, 15, generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(RoIPool2d(size, scale)(x, regions), roi_reference(x, regions, size, scale))


def test_bad_regions_are_refused_in_words():
    with pytest.raises(ShapeError, match="image index, left"):
        RoIPool2d(2)(torch.rand(1, 1, 4, 4), torch.zeros(3, 4))
    with pytest.raises(ShapeError, match="among the 1"):
        RoIPool2d(2)(torch.rand(1, 1, 4, 4), torch.tensor([[1.0, 0, 0, 1, 1]]))


def unchanged_share(before, after):
    """The share (0 to 1) of values that are exactly the same in two tensors of one shape."""
    return (before == after).double().mean().item()


def test_a_small_shift_leaves_most_max_pooled_values():
    x = torch.zeros(1, 1, 16, 16)
    x[..., 4:6, 4:6] = 1
    pool = nn.MaxPool2d(2)
    assert unchanged_share(pool(x), pool(x.roll(1, 3))) == 63 / 64
    assert unchanged_share(x, x) == 1
