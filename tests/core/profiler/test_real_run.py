"""Networks that sizes alone do not decide: what is known is read, the rest is run, and that is said."""

from __future__ import annotations

import copy
import re

import pytest
import torch
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.profiler import LayerShapeError, profile, real_run
from tests.core.profiler.real_steps import kept_bytes, operations, step_peak

BATCH = 8


class Reads(nn.Module):
    """A convolution, and whatever a test does with its output."""

    def __init__(self, then) -> None:
        super().__init__()
        self.layer, self.then = nn.Conv2d(3, 16, 3, padding=1), then

    def forward(self, x: Tensor) -> Tensor:
        return self.then(self.layer(x))


class Experts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.router = nn.Linear(16, 3)
        self.experts = nn.ModuleList(nn.Linear(16, 16) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        chosen, output = self.router(x).argmax(-1), torch.zeros_like(x)
        for index, expert in enumerate(self.experts):
            rows = chosen == index
            output[rows] = expert(x[rows])
        return output


class Constants(nn.Module):
    """Everything that a network may know of itself before it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(6, 6)
        self.stride, self.alpha = torch.tensor([8.0, 16.0]), nn.Parameter(torch.tensor(2.0))
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))
        self.register_buffer("sizes", torch.tensor([2, 4]))
        self.register_buffer("chosen", torch.tensor([True, False, True, True, False, True]))

    def forward(self, x: Tensor) -> Tensor:
        self.count += 1
        y = self.layer(x) * float(self.stride[0]) * self.alpha.item()
        if self.count.item() == 1 and (self.stride > 4).all():
            y = torch.tanh(y)
        left, _ = y.split(self.sizes.tolist(), dim=1)
        return torch.cat([left, y[:, self.chosen]], 1)


def test_constants_of_a_network_are_known():
    model, x = Constants(), torch.randn(BATCH, 6)
    before = copy.deepcopy(model.state_dict())
    result = profile(model, (6,), BATCH)
    assert not result.notes
    assert result.saved_bytes == kept_bytes(copy.deepcopy(model), x)
    assert [row.output_shape for row in result.rows if row.called][-1] == (BATCH, 6)
    assert result.buffer_bytes == 8 + 16 + 6 + 8
    assert result.inference_peak_bytes > 0
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_norms_that_average_over_all_batches_count_them():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, momentum=None))
    assert not profile(model, (3, 8, 8), BATCH).settled().notes
    assert model[1].num_batches_tracked == 0


def test_a_constant_that_is_overwritten_with_what_nobody_knows_is_no_longer_known():
    class Keeps(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("mean", torch.zeros(3))

        def forward(self, x: Tensor) -> Tensor:
            view = self.mean[1:]
            self.mean.copy_(x.mean(0))
            return x * 2 if view.sum().item() == 0 else x

    (note,) = profile(Keeps(), (3,), BATCH).notes
    assert "reads values" in note


@pytest.mark.parametrize(
    "then",
    [
        lambda y: y if y.sum().item() > -1e9 else -y,
        lambda y: y if not torch.isnan(y).any() else y * 0,
        lambda y: y[(y.mean((1, 2, 3)) > -1e9).nonzero()[:, 0]],
        lambda y: y * torch.from_numpy(y.detach().numpy()).mean(),
        lambda y: y * max(y.detach().flatten().tolist()),
        lambda y: y if not torch.equal(y, y + 1) else y * 0,
    ],
)
def test_networks_that_read_activations_are_run(then):
    model, x = Reads(then), torch.randn(BATCH, 3, 32, 32)
    result = profile(model, (3, 32, 32), BATCH)
    (note,) = result.notes
    assert "run on the processor" in note
    assert note in str(result)
    assert result.total_macs == operations(lambda: model(x)) // 2 // BATCH
    assert result.saved_bytes == kept_bytes(model, x)
    output = model(x).detach()
    real = step_peak(model, x, lambda y: nn.functional.mse_loss(y, output), lambda: [output])
    assert result.training_peak_bytes == pytest.approx(real, rel=0.01)


def test_numbers_that_are_written_are_read_where_their_text_may_matter():
    def written(y: Tensor) -> Tensor:
        assert f"{y.mean():.3f}" != ""
        assert str(y)
        return y

    def chosen(y: Tensor) -> Tensor:
        return {"zoom_0": y, "zoom_1": y * 2}[f"zoom_{y.argmax() * 0}"]

    assert not profile(Reads(written), (3, 8, 8), BATCH).notes
    assert profile(Reads(chosen), (3, 8, 8), BATCH).notes


def test_what_torch_compile_changes_is_said_to_be_unknown():
    whole, part = torch.compile(nn.Linear(4, 2)), nn.Sequential(nn.Linear(4, 4), torch.compile(nn.Linear(4, 2)))
    by_itself = nn.Linear(4, 2)
    by_itself.compile()
    for model in (whole, part, by_itself):
        result = profile(model, (4,), BATCH).settled()
        assert "torch.compile" in result.notes[0]
    assert [row.name for row in profile(part, (4,), BATCH).rows] == ["0", "1"]
    assert not profile(nn.Linear(4, 2), (4,), BATCH).notes


def test_experts_are_found_by_their_tokens_and_rows_add_up():
    model = Experts()
    result = profile(model, (16,), 32)
    tokens = [row.input_shape[0] for row in result.rows if row.name.startswith("experts.")]
    assert sum(tokens) == 32
    assert result.total_params == sum(row.params for row in result.rows) == 16 * 3 + 3 + 3 * (16 * 16 + 16)
    assert result.gradient_bytes == 4 * 3 * (16 * 16 + 16)  # the choice of an expert has no gradient
    assert profile(model, (16,), 32) == result


def test_a_real_run_leaves_the_network_and_the_dice_alone():
    model = Experts()
    before, dice = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    profile(model, (16,), 4)
    assert torch.equal(torch.get_rng_state(), dice)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_given_values_are_those_that_are_run():
    class Positive(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x[x > 0] * 2

    result = profile(Positive(), input_data=torch.tensor([[1.0, -1.0], [2.0, 3.0], [-4.0, -5.0]]))
    assert result.rows[-1].output_shape == (3,)


def test_what_is_too_large_is_run_with_fewer(monkeypatch):
    macs = 8 * 8 * 16 * 27
    monkeypatch.setattr(real_run, "REAL_MACS", macs * 5)
    model = Reads(lambda y: y if y.sum().item() > -1e9 else -y)
    result = profile(model, (3, 8, 8), 64)
    assert (result.batch_size, result.rows[0].input_shape[0], result.total_macs) == (5, 5, macs)
    assert "5 instead of 64" in result.notes[0]
    monkeypatch.setattr(real_run, "REAL_BYTES", 1000)
    with pytest.raises(PlaygroundError, match="limit"):
        profile(model, (3, 8, 8), 64)


def test_networks_that_fix_their_batch_are_run_with_it():
    adjacency = torch.eye(12).to_sparse()

    class Graph(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(8, 4)
            self.register_buffer("adjacency", adjacency)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sparse.mm(self.adjacency, self.layer(x))

    assert profile(Graph(), (8,), 12).total_macs == 8 * 4


def test_what_only_prediction_reads_is_run_for_prediction():
    class Guards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(8, 8)

        def forward(self, x: Tensor) -> Tensor:
            y = self.layer(x)
            return y if self.training or y.max().item() < 1e9 else -y

    result = profile(Guards(), (8,), BATCH)
    assert not result.notes
    assert result.inference_peak_bytes > result.parameter_bytes
    assert "reads values" in result.notes[0]


def test_what_backward_reads_is_run():
    class Clip(torch.autograd.Function):
        @staticmethod
        def forward(context, x: Tensor) -> Tensor:
            return x.clone()

        @staticmethod
        def backward(context, gradient: Tensor) -> Tensor:
            return gradient / max(1.0, gradient.norm().item())

    result = profile(Reads(lambda y: Clip.apply(y)), (3, 8, 8), BATCH)
    assert result.training_peak_bytes > 0
    assert "reads values" in result.notes[0]


def test_an_error_in_backward_names_the_layer():
    class Breaks(torch.autograd.Function):
        @staticmethod
        def forward(context, x: Tensor) -> Tensor:
            return x.clone()

        @staticmethod
        def backward(context, gradient: Tensor) -> Tensor:
            raise KeyError("nothing")

    result = profile(Reads(lambda y: Breaks.apply(y)), (3, 8, 8), BATCH)
    with pytest.raises(PlaygroundError, match=r"backward pass stops at.*KeyError"):
        _ = result.training_peak_bytes
    assert "training is not known" in str(result)


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_tensors_without_sizes_are_one_sentence():
    class Ragged(nn.Module):
        def forward(self, x):
            return torch.nested.nested_tensor([x[0], x[1, :3]]) * 2

    class Jagged(nn.Module):
        def forward(self, x):
            return torch.nested.as_nested_tensor([x[0], x[1, :3]], layout=torch.jagged).to_padded_tensor(0.0) * 2

    with pytest.raises(PlaygroundError, match=r"layout=torch\.jagged") as caught:
        profile(Ragged(), (5, 8), 2)
    assert "nternal" not in str(caught.value)
    assert profile(Jagged(), (5, 8), 2).rows[-1].output_bytes == 4 * 8 * 8  # five rows and three


def test_a_profile_is_printed_where_prediction_stops():
    class Stops(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(8, 8)

        def forward(self, x: Tensor) -> Tensor:
            y = self.layer(x)
            return y if self.training else y.reshape(7, 7)

    result = profile(Stops(), (8,), BATCH)
    text = str(result)
    assert re.search(r"inference is not known +reshape", text)
    assert f"{result.training_peak_bytes:,} B" in text
    with pytest.raises(LayerShapeError):
        result.settled()


def test_tensors_made_of_numbers_of_others():
    class Makes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = torch.ones(3)

        def forward(self, x: Tensor) -> Tensor:
            known = torch.tensor([self.table.sum(), self.table[0]])
            return x * known.sum() if self.training else x * torch.as_tensor([x[0, 0], x[0, 1]]).sum()

    result = profile(Makes(), (3,), BATCH)
    assert result.training_peak_bytes > 0
    assert not result.notes
    assert result.inference_peak_bytes > 0
    assert result.notes


def test_a_compiled_function_runs_as_it_is_written():
    compiled = torch.compile(lambda x: x.sin() * 2, backend=_no_compiler)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(8, 4)

        def forward(self, x):
            return compiled(self.fc(x))

    result = profile(Net(), (8,)).settled()
    assert [row.kind for row in result.rows] == ["Linear", "sin", "mul"]
    with pytest.raises(Exception, match="was compiled"):
        compiled(torch.ones(2))  # afterwards the compiler is as it was


def _no_compiler(graph, inputs):
    raise AssertionError("it was compiled")
