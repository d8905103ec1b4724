"""The profile of a network against a real run of it on the CPU."""

from __future__ import annotations

import math
import pickle

import pytest
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from core.errors import PlaygroundError, ShapeError
from core.profiler import LayerShapeError, profile
from tests.core.profiler.networks import NETWORKS, built

BATCH = 3


def stand_in(shape: tuple[int, ...]) -> Tensor:
    return torch.linspace(-1, 1, BATCH * math.prod(shape)).reshape(BATCH, *shape)


def really_saved(model: nn.Module, x: Tensor) -> int:
    """Bytes that a CPU run keeps for backward: each storage once, parameters left out."""
    storages = {}
    parameters = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}

    def keep(tensor: Tensor) -> Tensor:
        storages[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda kept: kept):
        output = model(x)  # alive until counted, so that no address is used twice
    total = sum(size for address, size in storages.items() if address not in parameters)
    del output
    return total


@pytest.fixture(params=NETWORKS)
def name(request):
    return request.param


def test_saved_bytes_are_those_of_a_cpu_run(name):
    model, shape = built(name), NETWORKS[name].input_shape
    expected = really_saved(built(name), stand_in(shape))
    assert profile(model, shape, BATCH).saved_bytes == expected


def test_shapes_params_and_macs_are_those_of_a_cpu_run(name):
    model, shape = built(name), NETWORKS[name].input_shape
    result = profile(model, shape, BATCH)
    with FlopCounterMode(display=False) as flops, torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
        output = model(stand_in(shape))
    called = [row for row in result.rows if row.called]
    output = output[0] if isinstance(output, tuple) else output
    assert math.prod(called[-1].output_shape) == output.numel()
    assert result.total_params == sum(parameter.numel() for parameter in model.parameters())
    assert result.total_macs * BATCH == flops.get_total_flops() // 2


def test_rows_add_up_and_start_at_the_input(name):
    result = profile(built(name), NETWORKS[name].input_shape, BATCH)
    assert result.rows[0].sources == (-1,)
    for total, part in [("total_params", "params"), ("total_macs", "macs")]:
        assert getattr(result, total) == sum(getattr(row, part) for row in result.rows)
    for total in ("output_bytes", "saved_bytes"):
        assert getattr(result, total) == sum(getattr(row, total) for row in result.rows)
    for index, row in enumerate(result.rows):
        assert all(source < index for source in row.sources)
        assert not row.called or row.sources, f"{row.label} reads nothing"


def test_the_network_is_not_changed(name):
    model = built(name)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    seed = torch.get_rng_state()
    profile(model, NETWORKS[name].input_shape, BATCH).settled()
    assert torch.equal(seed, torch.get_rng_state())
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert not any("forward" in vars(module) for module in model.modules())


def test_the_worked_case():
    result = profile(nn.Sequential(nn.Conv2d(3, 200, 5, padding=2)), (3, 150, 100), 100)
    assert (result.total_params, result.total_macs) == (15_200, 225_000_000)
    assert result.output_bytes == 1_200_000_000
    row = result.rows[0]
    assert (row.name, row.kind, row.attribute("kernel_size")) == ("0", "Conv2d", (5, 5))
    assert (row.input_shape, row.output_shape) == ((100, 3, 150, 100), (100, 200, 150, 100))


def test_a_huge_network_allocates_nothing():
    with torch.device("meta"):
        model = nn.Sequential(nn.Conv2d(3, 100_000, 3), nn.Flatten(), nn.Linear(100_000 * 62 * 62, 100_000))
    result = profile(model, (3, 64, 64), 10_000)
    assert result.total_params == 100_000 * 28 + (100_000 * 62 * 62 + 1) * 100_000


def test_functions_are_rows_of_the_module_that_calls_them():
    rows = profile(built("functions"), (3, 11, 11)).rows
    assert [row.kind for row in rows] == ["conv2d", "relu", "mul", "dropout", "adaptive_avg_pool2d"]
    assert [row.params for row in rows] == [162, 0, 6, 0, 0]
    rows = profile(built("residual"), (4, 8, 8)).rows
    added = next(row for row in rows if row.kind == "add")
    assert (added.name, added.is_function, added.sources) == ("0", True, (3, -1))


def test_shared_parameters_count_once_and_uncalled_ones_at_the_end():
    rows = profile(built("tied"), (4, 8, 8)).rows
    assert [(row.name, row.params) for row in rows if row.kind == "Conv2d"] == [("conv", 148), ("conv", 0)]
    assert [(row.name, row.params) for row in rows if row.kind == "Linear"][:2] == [("left", 64), ("right", 8)]
    assert (rows[-1].name, rows[-1].params, rows[-1].called) == ("unused", 42, False)


def test_grouped_transposed_and_dilated_macs():
    def macs(layer: nn.Module, shape: tuple[int, ...]) -> int:
        return profile(layer, shape).total_macs

    assert macs(nn.Conv2d(8, 8, 3, groups=8, padding=1), (8, 10, 10)) == 8 * 100 * 9
    assert macs(nn.Conv2d(8, 16, 3, dilation=2, padding=2), (8, 10, 10)) == 16 * 100 * 8 * 9
    assert macs(nn.ConvTranspose2d(8, 16, 4, stride=2, padding=1), (8, 10, 10)) == 8 * 100 * 16 * 16
    assert macs(nn.ConvTranspose2d(8, 16, 4, stride=2, padding=1, groups=4), (8, 10, 10)) == 8 * 100 * 4 * 16


FAILURES = [
    (nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(16, 4, 3)), (3, 9, 9), "1", "in_channels", 8),
    (nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(10, 2)), (3, 9, 9), "2", "in_features", 392),
    (nn.Sequential(nn.Conv2d(3, 8, 3), nn.Linear(10, 2)), (3, 9, 9), "1", "in_features", 392),
    (nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(9)), (3, 9, 9), "1", "num_features", 8),
    (nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(2, 4)), (3, 9, 9), "1", "num_channels", 8),
    (nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 9)), (3, 9, 9), "1", "padding", 1),
    (nn.Sequential(nn.Conv2d(3, 8, 3), nn.LayerNorm(9)), (3, 9, 9), "1", "normalized_shape", 7),
    (nn.Sequential(nn.Conv2d(3, 8, 9), nn.MaxPool2d(4)), (3, 9, 9), "1", "kernel_size", 1),
    (nn.Sequential(nn.Conv2d(3, 8, 9), nn.BatchNorm2d(8)), (3, 9, 9), "1", "batch_size", 2),
]


@pytest.mark.parametrize(("model", "shape", "name", "argument", "value"), FAILURES)
def test_a_shape_error_keeps_the_rows_before_it_and_says_the_number_to_change(model, shape, name, argument, value):
    with pytest.raises(ShapeError) as caught:
        profile(model, shape)
    failed = caught.value.failed
    assert (failed.name, failed.argument, failed.value) == (name, argument, value)
    assert [row.name for row in caught.value.rows] == [str(index) for index in range(int(name))]
    assert str(value) in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(again, LayerShapeError)
    assert again.failed == failed


def test_the_number_to_change_mends_it():
    with pytest.raises(ShapeError) as caught:
        profile(nn.Sequential(nn.Flatten(), nn.Linear(10, 2)), (3, 9, 9))
    assert profile(nn.Sequential(nn.Flatten(), nn.Linear(caught.value.failed.value, 2)), (3, 9, 9)).total_params == 488


def test_a_join_that_does_not_fit_is_the_function_that_fails():
    class Join(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 3, stride=2)

        def forward(self, x: Tensor) -> Tensor:
            return torch.cat([x, self.conv(x)], 1)

    with pytest.raises(ShapeError, match=r"height 9 vs\. 4") as caught:
        profile(Join(), (3, 9, 9))
    assert (caught.value.failed.kind, len(caught.value.rows)) == ("cat", 1)


def test_lstm_macs():
    result = profile(nn.LSTM(8, 16, 2, batch_first=True), (5, 8), 3)
    assert result.total_macs == 5 * (4 * 16 * (8 + 16) + 4 * 16 * (16 + 16))


def test_parametrized_and_hooked_layers_are_one_row():
    model = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3)), nn.Conv2d(4, 4, 1))
    model[1].register_forward_hook(lambda module, args, output: output * 2)
    rows = profile(model, (3, 8, 8)).rows
    assert [row.params for row in rows] == [4 * 27 + 4 + 4, 20]
    assert [row.kind for row in rows] == ["ParametrizedConv2d", "Conv2d"]


def test_a_gpu_keeps_a_byte_a_cell_for_dropout():
    model = nn.Sequential(nn.Linear(8, 8), nn.Dropout(), nn.Linear(8, 2))
    on_cpu, on_gpu = (profile(model, (8,), 10, device=device).rows[1].saved_bytes for device in ("cpu", "cuda"))
    assert (on_cpu, on_gpu) == (320, 80)


def test_autocast_normalizes_layers_in_fp32_on_a_gpu():
    """PyTorch's lists for the two devices differ; on the CPU a layer norm stays in bf16."""
    model = nn.Sequential(nn.Linear(8, 8), nn.LayerNorm(8), nn.Linear(8, 2))
    on_cpu, on_gpu = (
        profile(model, (8,), 10, precision="bf16", device=device).rows[1].output_bytes for device in ("cpu", "cuda")
    )
    assert (on_cpu, on_gpu) == (160, 320)


def test_a_checkpointed_block_drops_out_on_a_gpu_as_it_did_before():
    model = nn.Sequential(nn.Linear(8, 8), nn.Dropout(), nn.Linear(8, 8), nn.Dropout(), nn.Linear(8, 2))
    whole, folded = (
        profile(model, (8,), 1000, device="cuda", checkpointed=paths).saved_bytes for paths in ((), ("[0:4]",))
    )
    assert folded < whole


def test_bad_sizes_are_refused():
    for shape, batch in [((3, 0, 4), 1), ((3, 4, 4), 0), ((), -1)]:
        with pytest.raises(PlaygroundError, match="at least 1"):
            profile(nn.ReLU(), shape, batch)


def test_profiles_travel():
    result = profile(built("plain"), (3, 20, 20))
    assert pickle.loads(pickle.dumps(result)) == result
    assert hash(result) == hash(pickle.loads(pickle.dumps(result)))


def test_a_convolution_that_is_given_a_row_is_told_which_shape_to_write():
    with pytest.raises(ShapeError, match=r"4 dimensions .* write the input with its channels, for example 3x224x224"):
        profile(nn.Conv2d(3, 8, 3), (224,))
    with pytest.raises(ShapeError, match="comes after a flattening layer"):
        profile(nn.Sequential(nn.Flatten(), nn.Conv2d(3, 8, 3)), (3, 8, 8))
