"""Kernels, their times at the rates of a device, and what these add up to."""

import itertools
import math
import re
from collections import Counter
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from core.errors import PlaygroundError
from core.models import MODELS
from core.profiler import Setting, profile
from core.profiler.fitting import DEVICES, device
from core.profiler.timing import MeasuredRates, record, step_time
from core.profiler.timing.curves import fit
from core.profiler.timing.kernels import KernelCall, TimedKernel, moving
from core.profiler.timing.operations import kernels_of
from core.profiler.timing.pages import MAPPED, Heap
from core.profiler.timing.published import ARCHITECTURES, SHEETS, published_rates
from core.profiler.timing.recording import RecordedIteration
from core.profiler.timing.trials import trials

NETWORK = nn.Sequential(
    nn.Conv2d(3, 16, 3, padding=1, bias=False),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.Conv2d(16, 16, 3, groups=16, stride=2),
    nn.GELU(),
    nn.MaxPool2d(2),
    nn.ConvTranspose2d(16, 8, 2, stride=2),
    nn.AdaptiveAvgPool2d(2),
    nn.Flatten(),
    nn.Linear(32, 5),
)
SHAPE, BATCH = (3, 16, 16), 4


class KernelsThatRun(TorchDispatchMode):
    """Every kernel of the operations that really run inside."""

    def __init__(self):
        super().__init__()
        self.kernels = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        outputs = func(*args, **(kwargs or {}))
        self.kernels += kernels_of(func, args, outputs)
        return outputs


def linear_rates(families, new_byte_seconds=0.0):
    """Rates at which every kernel takes a microsecond, and a nanosecond for each byte."""
    samples = []
    for kernel in families:
        for scale in (1, 2, 4, 8):
            terms = (1.0, *(scale * term for term in kernel.terms[1:]))
            one = KernelCall(kernel.family, kernel.dtype, 0, 0, 0, terms, tuple(size + scale for size in kernel.sizes))
            samples.append(TimedKernel(one, 1e-6 + 1e-9 * sum(terms[1:])))
    return MeasuredRates("a test", tuple(samples), new_byte_seconds)


def test_the_recorded_kernels_are_those_that_really_run():
    recording = record(NETWORK, SHAPE, Setting(BATCH))
    model = NETWORK.train()
    x, target = torch.randn(BATCH, *SHAPE), torch.zeros(BATCH, dtype=torch.int64)
    with KernelsThatRun() as running:
        nn.functional.cross_entropy(model(x), target).backward()
    model.zero_grad()
    recorded = [call.kernel for call in recording.calls if call.phase != "optimizer"]

    def counted(kernels):
        return Counter((one.family, one.dtype, one.macs, one.read, one.written, one.terms) for one in kernels)

    assert counted(recorded) == counted(running.kernels)
    assert len(recorded) > 25


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "mobilenet_v2"])
def test_products_of_forward_are_the_profiles_and_backward_takes_up_to_twice_as_many(name):
    model, shape = MODELS[name].on_meta(), MODELS[name].input_shape
    calls = record(model, shape, Setting(2)).calls
    forward = sum(call.kernel.macs for call in calls if call.phase == "forward")
    backward = sum(call.kernel.macs for call in calls if call.phase == "backward")
    assert forward == 2 * profile(model, shape).total_macs
    assert 1.5 * forward < backward < 2 * forward  # the first layer needs no gradient of its input


def test_every_family_of_the_presets_is_measured_by_a_calibration_in_both_types():
    measured = set()
    with torch.no_grad():
        for trial in trials():
            args = trial.build(torch.device("meta")) if trial.kernel is None else ()
            result = trial.func(*args, **trial.kwargs) if args else None
            kernel = trial.described(args, result)
            measured.add((kernel.family, kernel.dtype, len(kernel.terms)))
    for name in ("lenet5", "squeezenet1_1", "mobilenet_v2", "convnext_tiny", "unet", "dcgan", "googlenet"):
        for precision in ("fp32", "bf16"):
            work = record(MODELS[name].on_meta(), MODELS[name].input_shape, Setting(2, precision=precision))
            needed = {(kernel.family, kernel.dtype, len(kernel.terms)) for kernel in work.kernels if kernel.nbytes > 64}
            assert {one for one in needed - measured if not one[1].startswith("int")} == set()


def test_a_curve_finds_the_rates_behind_exact_times():
    def sample(macs, nbytes):
        kernel = KernelCall("f", "float32", macs, nbytes, 0, (1.0, macs, nbytes), (math.log2(macs), math.log2(nbytes)))
        return TimedKernel(kernel, 2e-6 + 3e-12 * macs + 5e-11 * nbytes)

    curve = fit([sample(10**power * part, 10**4 * part**3) for power in (5, 6, 7, 8) for part in (1, 3, 7)])
    assert curve.rates == pytest.approx([2e-6, 3e-12, 5e-11], rel=1e-3)
    unseen = sample(5 * 10**9, 10**8)
    assert curve.seconds(unseen.kernel) == pytest.approx(unseen.seconds, rel=1e-3)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.tuples(st.integers(10, 10**9), st.floats(1e-7, 1.0)), min_size=1, max_size=12))
def test_no_kernel_takes_less_than_nothing_whatever_was_measured(measured):
    samples = [
        TimedKernel(KernelCall("f", "float32", 0, n, n, (1.0, float(n), float(n)), (math.log2(n),)), seconds)
        for n, seconds in measured
    ]
    curve = fit(samples)
    assert (curve.rates >= 0).all()
    assert all(curve.seconds(sample.kernel) >= 0 for sample in samples)


def test_a_sample_pulls_kernels_of_its_size_and_not_others():
    small = [
        TimedKernel(KernelCall("f", "float32", 0, n, 0, (1.0, float(n)), (math.log2(n),)), 1e-9 * n)
        for n in (2**8, 2**9)
    ]
    large = [
        TimedKernel(KernelCall("f", "float32", 0, n, 0, (1.0, float(n)), (math.log2(n),)), 4e-9 * n)
        for n in (2**24, 2**25, 2**26, 2**27, 2**28, 2**29)
    ]
    curve = fit(small + large)
    assert curve.seconds(large[2].kernel) / large[2].seconds == pytest.approx(1, abs=0.1)


def test_bytes_of_a_repeated_cell_count_once():
    gradient = torch.ones(1).expand(64, 64)
    assert moving("elementwise", (gradient,), torch.empty(64, 64)).read == 4


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=60))
def test_blocks_of_the_heap_never_overlap_and_are_new_only_above_its_top(steps):
    heap, live = Heap(), {}
    for is_release, size in steps:
        if is_release and live:
            address = next(iter(live))
            heap.release(address, live.pop(address))
        else:
            before = heap.top
            address, new = heap.allocate(size)
            assert new == heap.top - before <= size
            live[address] = size
        spans = sorted([*live.items(), *heap.free])
        assert all(start + size <= after for (start, size), (after, _) in itertools.pairwise(spans))
        assert sum(size for _, size in spans) == heap.top


def test_a_block_too_large_to_keep_is_new_each_time_and_a_small_one_only_once():
    heap = Heap()
    assert [heap.allocate(MAPPED) for _ in range(2)] == [(-1, MAPPED)] * 2
    address, new = heap.allocate(1000)
    heap.release(address, 1000)
    assert (new, heap.allocate(1000)) == (1000, (address, 0))


def test_a_training_under_way_touches_no_new_memory_unless_its_blocks_are_large():
    small = record(MODELS["lenet5"].on_meta(), MODELS["lenet5"].input_shape, Setting(8))
    large = record(MODELS["vgg11"].on_meta(), MODELS["vgg11"].input_shape, Setting(1))
    assert small.new_bytes == 0
    assert large.new_bytes > 400e6  # the gradient of the first fully connected layer


def test_a_step_is_the_sum_of_its_phases_and_rows():
    recording = record(NETWORK, SHAPE, Setting(BATCH, "adam"))
    rates = linear_rates(recording.kernels, new_byte_seconds=1e-9)
    step = step_time(recording, rates)
    assert sum(step.phases.values()) == pytest.approx(step.seconds)
    layers = step.phases["forward"] + step.phases["backward"]
    assert sum(row.seconds for row in step.rows) == pytest.approx(layers, rel=0.05)
    assert len(step.rows) == len(recording.rows)
    assert step.low < step.seconds < step.high
    assert sum(step.bounds.values()) == pytest.approx(1)
    assert step.epoch(10).likely == pytest.approx(3 * step.seconds)
    assert step.images_per_second == pytest.approx(BATCH / step.seconds)


def test_an_iteration_can_be_timed_itself():
    recording = record(NETWORK, SHAPE, Setting(BATCH))
    rates = linear_rates(recording.kernels)
    assert step_time(RecordedIteration(NETWORK, SHAPE, Setting(BATCH)), rates) == step_time(recording, rates)


class Guarded(nn.Linear):
    """Reads a value of what it is given."""

    def forward(self, x):
        return super().forward(x) if x.sum().item() > 0 else x


def test_inputs_are_those_that_a_profile_takes_and_values_are_not_guessed():
    words = nn.Sequential(nn.Embedding(50, 8), nn.Flatten(), nn.Linear(32, 3))
    assert record(words, (4,), Setting(2, "adafactor")).kernels
    bilinear = record(nn.Bilinear(4, 5, 2), [(4,), (5,)], Setting(2))
    assert step_time(bilinear, published_rates(DEVICES["t4"])).seconds > 0
    with pytest.raises(PlaygroundError, match="depends on values"):
        record(Guarded(4, 4), (4,), Setting(2))


def test_accumulation_repeats_all_but_the_update():
    once, twice = (record(NETWORK, SHAPE, Setting(passes * BATCH, accumulate=passes)) for passes in (1, 2))
    rates = linear_rates({**once.kernels, **twice.kernels})
    one, two = step_time(once, rates).phases, step_time(twice, rates).phases
    assert two["optimizer"] == pytest.approx(one["optimizer"])
    assert two["forward"] == pytest.approx(2 * one["forward"])


def test_a_layer_waits_for_what_takes_longest_at_full_speed():
    rates = published_rates(DEVICES["a100-40"])
    wide, thin = nn.Conv2d(512, 512, 3), nn.ReLU()
    step = step_time(record(nn.Sequential(wide, thin), (512, 64, 64), Setting(16)), rates)
    assert [row.bound for row in step.rows] == ["arithmetic", "memory"]
    tiny = step_time(record(nn.Sequential(nn.Linear(4, 4), nn.Tanh()), (4,), Setting(1)), rates)
    assert {row.bound for row in tiny.rows} == {"overhead"}


def test_each_device_of_the_list_has_a_data_sheet_and_nothing_else_has():
    assert set(SHEETS) == set(DEVICES)
    assert published_rates(device("8 GB")) is None
    a100, t4 = published_rates(DEVICES["a100-80"]), published_rates(DEVICES["t4"])
    assert (a100.flops, a100.flops * a100.architecture.half) == pytest.approx((19.5e12, 312e12), rel=0.01)
    assert (t4.flops, t4.flops * t4.architecture.half) == pytest.approx((8.1e12, 65e12), rel=0.01)


# Tera-operations a second as the makers publish them: fp32, TF32 and 16 bits on tensor cores, added up in fp32.
PUBLISHED = [
    *[("rtx4060", 15.1, 15.1, 30.25), ("rtx4060ti", 22.1, 22.06, 44.1), ("rtx4070", 29.1, 29.1, 58.25)],
    *[("rtx4070ti", 40.1, 40.1, 80.2), ("rtx4080", 48.7, 48.7, 97.5), ("rtx4090", 82.6, 82.6, 165.2)],
    *[("rtx5060", 19.2, 19.2, 38.4), ("rtx5070", 30.9, 30.9, 61.7), ("rtx5070ti", 43.9, 43.9, 87.9)],
    *[("rtx5080", 56.3, 56.3, 112.6), ("rtx5090", 104.8, 104.8, 209.5), ("a10", 31.2, 62.5, 125)],
    *[("l4", 30.3, 60, 121), ("l40s", 91.6, 183, 362), ("a100-40", 19.5, 156, 312), ("a100-80", 19.5, 156, 312)],
    *[("h100", 66.9, 494.7, 989.4), ("h200", 66.9, 494.7, 989.4), ("v100", 15.7, 15.7, 125), ("t4", 8.1, 8.1, 65)],
]


@pytest.mark.parametrize(("key", "single", "tf32", "half"), PUBLISHED)
def test_rates_are_those_that_the_maker_publishes(key, single, tf32, half):
    flops, generation = SHEETS[key].flops, ARCHITECTURES[SHEETS[key].architecture]
    assert (flops, flops * generation.tf32, flops * generation.half) == pytest.approx(
        (single * 1e12, tf32 * 1e12, half * 1e12), rel=0.015
    )
    assert SHEETS[key].confirmed_by


def test_what_was_not_confirmed_is_said():
    documented = Path("docs/time.md").read_text(encoding="utf-8")
    (listed,) = re.findall(r"as they were first written: (.*?)\. The", documented, re.DOTALL)
    unconfirmed = [DEVICES[key].title.partition(" (")[0] for key, sheet in SHEETS.items() if not sheet.confirmed_by]
    assert " ".join(listed.split()).split(", ") == unconfirmed
    assert f"of {len(SHEETS) - len(unconfirmed)} of the {len(SHEETS)} devices" in " ".join(documented.split())


# Images per second of ResNet-50 on one GPU. Source: NVIDIA DeepLearningExamples, resnet50v1.5 for PyTorch.
THROUGHPUT = [
    ("v100", 112, "fp32", 356),
    ("v100", 256, "fp16", 1156),
    ("a100-80", 256, "fp32", 938),
    ("a100-80", 256, "fp16", 2470),
]


@pytest.mark.parametrize(("key", "batch", "precision", "images"), THROUGHPUT)
def test_published_throughput_lies_in_the_range(key, batch, precision, images):
    setting = Setting(batch, "momentum", precision, device="cuda")
    work = record(MODELS["resnet50"].on_meta(), MODELS["resnet50"].input_shape, setting)
    step = step_time(work, published_rates(DEVICES[key]))
    assert step.low < batch / images < step.high
    assert step.high / step.low < 4
