"""What a network may hold: locks, hooks, closures, TorchScript, lazy layers. It is never changed."""

from __future__ import annotations

import collections
import concurrent.futures
import functools
import logging
import threading
import weakref

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from core.errors import PlaygroundError
from core.profiler import profile
from core.profiler.fake_tensor.object_copy import Copier
from tests.core.profiler.real_steps import kept_bytes, operations, parameters, step_peak

BATCH = 4
SHAPE = (3, 16, 16)


class Holds(nn.Module):
    """A module with what deepcopy stops at."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(6, 6)
        self.lock, self.condition, self.event = threading.Lock(), threading.Condition(), threading.Event()
        self.log, self.local, self.pool = (
            logging.getLogger("x"),
            threading.local(),
            concurrent.futures.ThreadPoolExecutor,
        )
        self.numbers, self.seeded = (n for n in range(3)), torch.Generator()
        self.act = lambda x: torch.relu(self.layer(x))
        self.me, self.seen = weakref.ref(self), collections.defaultdict(list)

    def forward(self, x: Tensor) -> Tensor:
        with self.lock, self.condition:
            self.log.debug("called")
            self.seen["shapes"].append(x.shape)
            return self.me().act(x) + torch.rand(6, generator=self.seeded)


def test_what_cannot_be_copied_is_made_anew_or_shared():
    model = Holds()
    result = profile(model, (6,), BATCH).settled()
    assert (result.total_params, result.total_macs) == (42, 36)
    assert next(model.numbers) == 0
    assert not model.seen
    assert not model.lock.locked()


def test_a_generator_that_is_used_is_named():
    class Draws(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.numbers = (n for n in range(3))

        def forward(self, x: Tensor) -> Tensor:
            return x * next(self.numbers)

    with pytest.raises(PlaygroundError, match=r"0\.numbers holds a generator"):
        profile(nn.Sequential(Draws()), (6,), BATCH)


@pytest.mark.parametrize("kind", ["closure", "method", "partial", "outer"])
def test_hooks_write_into_the_copy(kind):
    outer: dict[str, Tensor] = {}

    class Collects(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.head = nn.Conv2d(3, 8, 3), nn.Linear(8, 2)
            self.features = outer if kind == "outer" else {}
            hooks = {
                "closure": lambda module, args, output: self.features.__setitem__("x", output),
                "method": self.keep,
                "partial": functools.partial(self.keep_as, "x"),
                "outer": lambda module, args, output: outer.__setitem__("x", output),
            }
            self.body.register_forward_hook(hooks[kind])

        def keep(self, module: nn.Module, args: tuple, output: Tensor) -> None:
            self.features["x"] = output

        def keep_as(self, name: str, module: nn.Module, args: tuple, output: Tensor) -> None:
            self.features[name] = output

        def forward(self, x: Tensor) -> Tensor:
            self.body(x)
            return self.head(self.features["x"].mean((2, 3)))

    model = Collects()
    result = profile(model, SHAPE, BATCH).settled()
    assert not model.features
    assert not outer
    assert result.saved_bytes == kept_bytes(model, torch.randn(BATCH, *SHAPE))


def test_what_is_kept_from_one_step_to_the_next_stands():
    class Remembers(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.last = nn.Conv2d(3, 32, 3), None

        def forward(self, x: Tensor) -> Tensor:
            y = self.layer(x)
            self.last = y.detach()
            return y.mean((2, 3))

    model, x = Remembers(), torch.randn(BATCH, 3, 64, 64)
    target = torch.zeros(BATCH, dtype=torch.int64)
    real = step_peak(model, x, lambda output: nn.functional.cross_entropy(output, target), lambda: [target])
    model(x)  # what the measurement cannot see: the last output stands while the next is made
    with_last = real + model.last.nbytes
    assert profile(Remembers(), (3, 64, 64), BATCH).training_peak_bytes == pytest.approx(with_last, rel=0.01)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("old", [nn.utils.weight_norm, nn.utils.spectral_norm, prune.identity])
def test_replaced_weights_are_let_go(old):
    layer = nn.Linear(256, 512)
    model = old(layer, "weight") or layer
    x, target = torch.randn(8, 256), torch.zeros(8, dtype=torch.int64)
    real = step_peak(
        model, x, lambda output: nn.functional.cross_entropy(output, target), lambda: [target, model.weight]
    )
    assert profile(model, (256,), 8).training_peak_bytes == pytest.approx(real, rel=0.02)


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer, self.norm = nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8)

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() != 4:
            raise RuntimeError("pictures are wanted")
        return torch.relu(self.norm(self.layer(x)))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("make", [torch.jit.script, lambda block: torch.jit.trace(block, torch.randn(2, 8, 14, 14))])
def test_torchscript_is_one_row(make):
    model, x = nn.Sequential(nn.Conv2d(3, 8, 3), make(Block())), torch.randn(BATCH, *SHAPE)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    result = profile(model, SHAPE, BATCH).settled()
    assert [row.kind for row in result.rows] == ["Conv2d", "Block"]
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert result.total_params == parameters(model)
    assert result.total_macs == operations(lambda: model(x)) // 2 // BATCH
    assert result.gradient_bytes == 4 * parameters(model)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_whole_script_is_profiled():
    result = profile(torch.jit.script(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())), SHAPE, BATCH).settled()
    assert (result.total_params, len(result.rows)) == (224, 1)


class Listed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(8, 8, 3, padding=1) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_script_with_a_list_of_layers_is_one_row():
    result = profile(nn.Sequential(nn.Conv2d(3, 8, 3), torch.jit.script(Listed())), SHAPE, BATCH).settled()
    assert [row.kind for row in result.rows] == ["Conv2d", "Listed"]
    assert result.total_params == 224 + 2 * 584


def test_graphs_of_torch_fx_keep_their_layers():
    graph = torch.fx.symbolic_trace(nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2)))
    assert [row.name for row in profile(graph, (6,), BATCH).settled().rows] == ["0", "1", "2"]


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_exported_programs_that_know_no_other_mode_are_profiled():
    program = torch.export.export(nn.Linear(6, 2), (torch.ones(BATCH, 6),)).module()
    assert profile(program, (6,), BATCH).settled().total_params == 14


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_lazy_layers_get_their_sizes_and_nothing_else_changes(device):
    with torch.device(device):
        model = nn.Sequential(nn.LazyConv2d(8, 3), nn.LazyBatchNorm2d(), nn.ReLU(), nn.Flatten(), nn.LazyLinear(4))
    model[3].eval()
    state = torch.get_rng_state()
    result = profile(model, SHAPE, BATCH).settled()
    assert torch.equal(torch.get_rng_state(), state)
    assert [module.training for module in model] == [True, True, True, False, True]
    assert type(model[0]) is nn.Conv2d
    assert result.total_params == parameters(model)
    if device == "cpu":
        assert (int(model[1].num_batches_tracked), model[1].running_mean.abs().sum()) == (0, 0)
    assert [row.kind for row in result.rows] == ["Conv2d", "BatchNorm2d", "ReLU", "Flatten", "Linear"]


def test_parameters_that_forward_makes_real():
    class Scales(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.UninitializedParameter()

        def forward(self, x: Tensor) -> Tensor:
            if isinstance(self.scale, nn.UninitializedParameter):
                self.scale.materialize(x.shape[1:])
            return x * self.scale

    assert profile(Scales(), (6,), BATCH).total_params == 6


def test_lazy_layers_that_cannot_run_are_said_and_stay_lazy():
    model = nn.Sequential(nn.LazyConv2d(8, 3), nn.Linear(5, 2))
    with pytest.raises(PlaygroundError, match="lazy layers, and the run"):
        profile(model, SHAPE, BATCH)
    assert isinstance(model[0], nn.LazyConv2d)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_quantization_stubs_and_observers():
    import torch.ao.quantization as quantization

    model = nn.Sequential(quantization.QuantStub(), nn.Conv2d(3, 8, 3), quantization.DeQuantStub())
    assert profile(model, SHAPE, BATCH).settled().total_params == 224
    model.train().qconfig = quantization.get_default_qat_qconfig("fbgemm")
    prepared = quantization.prepare_qat(model)
    assert profile(prepared, SHAPE, BATCH).settled().total_macs == 14 * 14 * 8 * 27


def test_a_copier_copies_each_thing_once():
    shared = [torch.ones(2)]
    copied = Copier(torch.clone).copy(
        {"a": shared, "b": (shared, 1), "c": frozenset((1, 2)), "d": collections.deque([3], 2)}
    )
    assert copied["a"] is copied["b"][0] is not shared
    assert copied["c"] == {1, 2}
    assert copied["d"].maxlen == 2
    assert copied["a"][0] is not shared[0]


def test_functions_that_hold_nothing_are_themselves():
    def plain(x: int, step: int = 1) -> int:
        return x + step

    def countdown(n: int) -> int:
        return 0 if n == 0 else countdown(n - 1)

    copier = Copier(torch.clone)
    assert copier.copy(plain) is plain
    assert copier.copy(countdown)(3) == 0
    kept = [1]
    twin = copier.copy(lambda: kept)
    assert twin() == kept
    assert twin() is not kept


def test_methods_of_copied_lists_and_own_forwards_are_those_of_the_copy():
    class Appends(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.seen = nn.Linear(6, 6), []
            self.add = self.seen.append
            self.forward = lambda x: self.keep(self.layer(x))

        def keep(self, y: Tensor) -> Tensor:
            self.add(y)
            return self.seen[-1] * len(self.seen)

    model = Appends()
    assert profile(model, (6,), BATCH).settled().total_params == 42
    assert not model.seen


def test_a_network_that_catches_its_own_errors_goes_on():
    class Tries(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.small, self.layer = nn.Linear(5, 6), nn.Linear(6, 6)

        def forward(self, x: Tensor) -> Tensor:
            try:
                x = self.small(x)
            except RuntimeError:
                x = self.layer(x)
            try:
                return x.reshape(5, 5)
            except RuntimeError:
                return torch.relu(x)

    model = Tries()
    rows = profile(model, (6,), BATCH).settled().rows
    assert [(row.kind, row.called) for row in rows] == [("Linear", True), ("relu", True), ("Linear", False)]
    assert rows[0].saved_bytes == 4 * 6 * BATCH
