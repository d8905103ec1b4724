"""Peaks and timelines against real training steps on the CPU."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn

from benchmarks.measured_memory import Event, measure_events, measure_training, without_workspaces
from core.errors import PlaygroundError
from core.models import MODELS
from core.optim import OPTIMIZERS
from core.profiler import Setting, profile, profile_in
from core.profiler.memory.categories import CATEGORIES
from core.profiler.memory.cpu.machine import has_half_products
from core.profiler.memory.prepare import prepare
from tests.core.profiler.networks import NETWORKS, Residual, UNet, built

BATCH = 8


def residual_net() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(inplace=True)),
        *(Residual(32, True), Residual(32, True), nn.MaxPool2d(2), Residual(32, False)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(32, 10)),
    )


def vgg_net() -> nn.Module:
    return nn.Sequential(
        *(
            nn.Conv2d(3, 32, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(32, 32, 3, padding=1),
            nn.ReLU(inplace=True),
        ),
        *(nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(64 * 12 * 12, 256), nn.ReLU(), nn.Dropout(), nn.Linear(256, 10)),
    )


REAL = {
    "residual": (residual_net, (3, 64, 64)),
    "vgg": (vgg_net, (3, 48, 48)),
    "u-net": (UNet, (3, 64, 64)),
    "upsampling": (NETWORKS["upsampling"].build, (3, 16, 16)),
}
SETTINGS = {
    "sgd": Setting(BATCH),
    "adam": Setting(BATCH, "adam"),
    "bf16": Setting(BATCH, "momentum", "bf16"),
    "pure bf16": Setting(BATCH, "sgd", "pure-bf16"),
    "channels last": Setting(BATCH, "sgd", channels_last=True),
}


pytestmark = pytest.mark.usefixtures("one_thread")


def real(model: nn.Module, shape: tuple[int, ...], setting: Setting) -> tuple[nn.Module, Tensor]:
    """The network and an input as a setting wants them."""
    x = torch.zeros(BATCH, *shape)
    if setting.precision.startswith("pure"):
        model, x = model.bfloat16(), x.bfloat16()
    if setting.channels_last:
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    prepare(model, setting, lambda tensor: None)
    return model, x


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", REAL)
def test_training_peak_is_that_of_a_real_step(name, setting):
    build, shape = REAL[name]
    if SETTINGS[setting].precision != "fp32" and not has_half_products():
        pytest.skip("this processor computes in 16 bit by way of copies in 32 bit, which are not predicted")
    predicted = profile_in(build(), shape, SETTINGS[setting]).training_peak_bytes
    measured = measure_training(*real(build(), shape, SETTINGS[setting]), SETTINGS[setting]).peak_bytes
    assert predicted == pytest.approx(measured, rel=0.03)


def test_what_a_convolution_takes_and_gives_back_is_no_tensor():
    convolution, made = ("aten::convolution_backward",), ("aten::convolution_backward", "aten::empty")
    gradient, late = Event(100, made, 5), Event(-100, ("aten::add",), 9)
    taken = [Event(7000, convolution, 8), gradient, Event(-7000, convolution, 8), Event(7000, convolution, 12), late]
    assert list(without_workspaces(taken)) == [gradient, Event(7000, convolution, 12), late]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("name", ["alexnet", "resnet18", "densenet121"])
def test_on_a_gpu_too(name, precision, optimizer):
    setting, shape = Setting(BATCH, optimizer, precision, device="cuda"), MODELS[name].input_shape
    predicted = profile_in(MODELS[name].on_meta(), shape, setting).training_peak_bytes
    found = measure_training(MODELS[name].build().cuda(), torch.zeros(BATCH, *shape, device="cuda"), setting)
    assert predicted == pytest.approx(found.peak_bytes, rel=0.05)
    assert found.peak_bytes < found.allocated_bytes


@pytest.mark.parametrize(
    "setting",
    [
        Setting(BATCH, checkpointed=("3", "4", "6")),
        Setting(BATCH, checkpointed=("[0:3]", "3")),
        Setting(BATCH, frozen=("0", "1", "3")),
        Setting(BATCH, inplace=False),
    ],
    ids=["checkpointed blocks", "a checkpointed stretch", "frozen", "nothing in place"],
)
def test_what_a_setting_changes_is_what_a_real_step_shows(setting):
    plain = profile(residual_net(), (3, 64, 64), BATCH).training_peak_bytes
    predicted = profile_in(residual_net(), (3, 64, 64), setting).training_peak_bytes
    measured = measure_training(*real(residual_net(), (3, 64, 64), setting), setting).peak_bytes
    assert predicted == pytest.approx(measured, rel=0.03)
    assert predicted >= plain if setting.inplace is False else predicted < plain


def test_inference_peak_is_that_of_a_real_prediction():
    model, x = residual_net().eval(), torch.zeros(BATCH, 3, 64, 64)

    def step() -> None:
        with torch.no_grad():
            model(x)

    measured = measure_events(step, lambda: [*model.parameters(), *model.buffers(), x])
    predicted = profile(residual_net(), (3, 64, 64), BATCH).inference_peak_bytes
    assert predicted == pytest.approx(measured.peak_bytes, rel=0.03)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_timeline_is_one_piece_and_its_parts_add_up(name):
    result = profile(built(name), NETWORKS[name].input_shape, 4, "momentum")
    spans = result.timeline
    for span, following in itertools.pairwise(spans):
        assert span.end_bytes == following.start_bytes
    for span in spans:
        assert span.peak_bytes == sum(span.at_peak) >= max(span.start_bytes, span.end_bytes)
        if span.row >= 0:
            assert (result.rows[span.row].name, result.rows[span.row].kind) == (span.name, span.kind)
    assert result.training_peak_bytes == max(span.peak_bytes for span in spans)
    phases = list(dict.fromkeys(span.phase for span in spans))
    assert phases == [phase for phase in ("forward", "loss", "backward", "optimizer") if phase in phases]
    parameters = list(built(name).parameters())
    assert result.parameter_bytes == sum(parameter.nbytes for parameter in parameters)
    assert result.optimizer_bytes == sum(parameter.nbytes for parameter in parameters if parameter.requires_grad)


def test_what_is_kept_is_what_saved_tensors_say():
    result = profile(residual_net(), (3, 64, 64), BATCH)
    buffers = sum(buffer.nbytes for buffer in residual_net().buffers() if buffer.dim())
    loss = BATCH * 10 * 4 + 4  # log-probabilities and the weight of the classes
    assert result.kept_bytes == result.saved_bytes - BATCH * 3 * 64 * 64 * 4 - buffers + loss


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_holds_what_the_registry_says(name):
    kind = OPTIMIZERS[name].memory
    parameters = [nn.Parameter(torch.ones(size)) for size in (50_000, 40_000, 70_000)]
    optimizer = OPTIMIZERS[name].build(parameters, 0.01)
    for parameter in parameters:
        parameter.grad = torch.ones_like(parameter)
    measured = measure_events(optimizer.step, lambda: parameters)
    state = [value for entry in optimizer.state.values() for value in entry.values() if isinstance(value, Tensor)]
    assert sum(value.nbytes for value in state) == kind.slots * 640_000 + kind.constants * 3
    lingering = 160_000 if kind.lingers else 0  # of the parameter before the largest
    expected = kind.scratch * 280_000 + lingering if kind.scratch else 0
    assert measured.peak_bytes - measured.base_bytes == pytest.approx(expected, abs=64)


def test_accumulation_keeps_the_gradients_of_the_passes_before():
    setting = Setting(4 * BATCH, "adam", accumulate=4)
    measured = measure_training(vgg_net(), torch.zeros(BATCH, 3, 48, 48), setting).peak_bytes
    assert profile_in(vgg_net(), (3, 48, 48), setting).training_peak_bytes == pytest.approx(measured, rel=0.03)


def test_passes_and_devices_share_the_batch():
    whole, single = (profile(vgg_net(), (3, 48, 48), batch) for batch in (32, 8))
    passes = profile(vgg_net(), (3, 48, 48), 32, accumulate=4)
    shared = profile(vgg_net(), (3, 48, 48), 32, replicas=4)
    assert passes.rows == shared.rows == single.rows
    buckets = single.gradient_bytes
    assert shared.training_peak_bytes == single.training_peak_bytes + buckets < whole.training_peak_bytes


def test_visitors_at_the_same_time_do_not_disturb_each_other():
    asked = [(batch, precision) for batch in (2, 4, 8) for precision in ("fp32", "bf16", "pure-bf16")]

    def answer(batch: int, precision: str):
        return profile(residual_net(), (3, 64, 64), batch, precision=precision)

    alone = [answer(*question) for question in asked]
    with ThreadPoolExecutor(4) as visitors:
        assert list(visitors.map(lambda question: answer(*question), asked * 3)) == alone * 3


def test_memory_is_affine_in_the_batch():
    peaks = [profile(residual_net(), (3, 64, 64), batch).training_peak_bytes for batch in (16, 32, 64)]
    assert peaks[2] - peaks[1] == 2 * (peaks[1] - peaks[0])


def test_categories_are_those_of_every_span():
    span = profile(vgg_net(), (3, 48, 48), 2).timeline[0]
    assert len(span.at_peak) == len(CATEGORIES)


@pytest.mark.parametrize(
    "wrong",
    [
        {"optimizer": "magic"},
        {"precision": "fp7"},
        {"accumulate": 0},
        {"accumulate": 9},
        {"checkpointed": ("nowhere",)},
        {"checkpointed": ("[3:99]",)},
        {"frozen": ("nowhere",)},
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(PlaygroundError):
        profile(vgg_net(), (3, 48, 48), 8, **wrong)


@pytest.mark.parametrize("share", [(1, 1), (1, 3), (4, 1), (5, 3)])
def test_settings_that_are_alike_have_the_same_bytes(share):
    setting = Setting(47, "adam", accumulate=share[0], replicas=share[1])
    assert setting.alike.alike == setting.alike
    model, shape = built("u-net"), NETWORKS["u-net"].input_shape
    one, other = (profile_in(model, shape, each) for each in (setting, setting.alike))
    assert one.rows == other.rows
    assert one.usages == other.usages
