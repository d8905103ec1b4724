"""What a network may be given: several tensors, lists, keywords, real tensors, tokens, a loss and a target."""

from __future__ import annotations

import dataclasses
import re

import numpy
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.errors import PlaygroundError
from core.profiler import LayerError, profile
from core.profiler.inputs import as_inputs
from tests.core.profiler.real_steps import kept_bytes, operations, parameters, step_peak

BATCH = 6


class TwoTowers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.image, self.words, self.head = nn.Conv2d(3, 8, 3), nn.Linear(10, 8), nn.Linear(8, 4)

    def forward(self, image: Tensor, words: Tensor, *, scale: float = 1.0) -> Tensor:
        return self.head(self.image(image).mean((2, 3)) * self.words(words) * scale)


class Neck(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(channels, 8, 1) for channels in (4, 6))

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        return [layer(part) for layer, part in zip(self.lateral, maps, strict=True)]


class Tokens(nn.Module):
    """Two tables of words, after the layer that reads them in the order of the attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.head, self.words, self.kinds = nn.Linear(16, 3), nn.Embedding(50, 16), nn.Embedding(2, 16)

    def forward(self, ids: Tensor, weights: Tensor, kinds: Tensor) -> Tensor:
        return self.head(((self.words(ids) + self.kinds(kinds)) * weights.unsqueeze(-1)).mean(1))


def test_several_tensors_are_a_list_or_keywords():
    model, sizes = TwoTowers(), {"image": (3, 9, 9), "words": (10,)}
    given = torch.randn(BATCH, 3, 9, 9), torch.randn(BATCH, 10)
    right = parameters(model), operations(lambda: model(*given)) // 2 // BATCH, kept_bytes(model, *given)
    results = [
        profile(model, list(sizes.values()), BATCH),
        profile(model, sizes, BATCH),
        profile(model, input_data=given),
        profile(model, input_data=dict(zip(sizes, given, strict=True))),
    ]
    for result in results:
        assert (result.total_params, result.total_macs, result.saved_bytes) == right
        assert result.batch_size == BATCH
    assert {result.training_peak_bytes for result in results} == {results[0].training_peak_bytes}
    assert "image 3×9×9, words 10" in str(results[1])
    assert results[0].input_shape == (3, 9, 9)


def test_what_is_no_tensor_is_passed_on():
    shapes = {"image": (3, 9, 9), "words": (10,), "scale": 0.5}
    assert profile(TwoTowers(), shapes, BATCH).total_params == parameters(TwoTowers())


def test_a_list_of_tensors_is_one_argument():
    model, maps = Neck(), [torch.randn(BATCH, 4, 8, 8), torch.randn(BATCH, 6, 4, 4)]
    result = profile(model, [[(4, 8, 8), (6, 4, 4)]], BATCH)
    assert result.total_macs == operations(lambda: model(maps)) // 2 // BATCH
    assert [row.input_shape for row in result.rows] == [tuple(part.shape) for part in maps]
    assert [name for name, _ in result.input_shapes] == ["[0]", "[1]"]


def test_a_batch_that_is_taken_for_a_list_is_remarked():
    class Each(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Conv2d(4, 8, 1)

        def forward(self, maps: Tensor) -> list[Tensor]:
            return [self.layer(part) for part in maps]

    (note,) = profile(Each(), (4, 8, 8), 2).notes
    assert "along the batch" in note
    assert not profile(Each(), [[(4, 8, 8), (4, 2, 2)]], 2).notes


@pytest.mark.parametrize("dtype", [None, ["int64", None, torch.int64], {"input 1": "int64", "input 3": "torch.int64"}])
def test_tokens_are_what_an_embedding_looks_up(dtype):
    model = Tokens()
    ids, kinds = torch.randint(0, 50, (BATCH, 7)), torch.randint(0, 2, (BATCH, 7))
    result = profile(model, [(7,), (7,), (7,)], BATCH, dtype=dtype)
    assert result.saved_bytes == kept_bytes(model, ids, torch.randn(BATCH, 7), kinds)
    assert result.input_bytes == BATCH * 7 * (8 + 4 + 8) + BATCH * 8


def test_an_embedding_of_places_makes_no_tokens_of_pictures():
    class Patches(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.places, self.cut, self.head = nn.Embedding(4, 8), nn.Conv2d(3, 8, 4, 4), nn.Linear(8, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.head((self.cut(x).flatten(2).transpose(1, 2) + self.places(torch.arange(4))).mean(1))

    assert profile(Patches(), (3, 8, 8), BATCH).input_bytes == BATCH * (3 * 8 * 8 * 4 + 8)


def test_one_hot_words_are_whole_numbers_without_an_embedding():
    class Hot(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(20, 3)

        def forward(self, ids: Tensor) -> Tensor:
            return self.layer(functional.one_hot(ids, 20).float().mean(1))

    assert profile(Hot(), (5,), BATCH).rows[-1].output_shape == (BATCH, 3)


def test_given_values_may_be_read():
    class Lengths(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words, self.layer = nn.Embedding(20, 8, padding_idx=0), nn.GRU(8, 8, batch_first=True)

        def forward(self, ids: Tensor) -> Tensor:
            lengths = (ids > 0).sum(1)
            packed = nn.utils.rnn.pack_padded_sequence(self.words(ids), lengths, True, enforce_sorted=False)
            return self.layer(packed)[1]

    model, ids = Lengths(), torch.tensor([[3, 4, 5, 0], [1, 0, 0, 0], [2, 2, 0, 0]])
    result = profile(model, input_data=ids)
    assert not result.notes
    assert result.saved_bytes == kept_bytes(model, ids)
    assert result.total_macs == operations(lambda: model(ids)) // 2 // 3


@pytest.mark.parametrize("loss", [lambda output: output.square().mean(), nn.CrossEntropyLoss(), functional.mse_loss])
def test_a_loss_of_ones_own_is_run(loss):
    model, x = nn.Sequential(nn.Linear(64, 512), nn.Tanh(), nn.Linear(512, 256)), torch.randn(128, 64)
    target = torch.zeros(128, dtype=torch.int64) if isinstance(loss, nn.Module) else torch.zeros(128, 256)
    if getattr(loss, "__name__", "") == "<lambda>":
        real = step_peak(model, x, loss)
    else:
        real = step_peak(model, x, lambda output: loss(output, target), lambda: [target])
    assert profile(model, (64,), 128, loss=loss).training_peak_bytes == pytest.approx(real, rel=0.01)


def test_a_given_target_is_counted_and_handed_on():
    def loss(output: dict[str, Tensor], target: dict[str, Tensor]) -> Tensor:
        return functional.cross_entropy(output["logits"], target["classes"])

    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(8, 5)

        def forward(self, x: Tensor) -> dict[str, Tensor]:
            return {"logits": self.layer(x)}

    target = {"classes": torch.zeros(BATCH, dtype=torch.int64)}
    result = profile(Heads(), (8,), BATCH, loss=loss, target=target)
    assert result.input_bytes == BATCH * (8 * 4 + 8)
    assert result.gradient_bytes == 4 * result.total_params


def test_a_loss_that_does_not_fit_stops_the_training_alone():
    result = profile(nn.Linear(8, 5), (8,), BATCH, loss=lambda output: output)
    assert result.total_params == 45
    with pytest.raises(PlaygroundError, match="not one number"):
        _ = result.training_peak_bytes
    assert re.search(r"training is not known +the loss gives", str(result))
    assert result.inference_peak_bytes > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "not both"),
        ({"input_shape": (3,), "input_data": torch.ones(2, 3)}, "not both"),
        ({"input_shape": [(3, 0), (2,)]}, "at least 1"),
        ({"input_shape": {"x": 3.5}}, "no tensor"),
        ({"input_shape": (3,), "dtype": "apples"}, "no type"),
    ],
)
def test_inputs_that_are_none_are_refused(arguments, said):
    with pytest.raises(PlaygroundError, match=said):
        as_inputs(**arguments)


def test_a_batch_size_that_contradicts_the_data_is_refused():
    with pytest.raises(PlaygroundError, match="hold 4"):
        profile(nn.Linear(3, 2), batch_size=5, input_data=torch.ones(4, 3))


def test_messages_speak_of_shapes_only_where_shapes_are_the_fault():
    class Wrong(nn.Module):
        def __init__(self, fault: str) -> None:
            super().__init__()
            self.fault, self.layer = fault, nn.Linear(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            if self.fault == "type":
                return self.layer(x.double())
            return self.layer(x) + (self.nothing if self.fault == "name" else {}["key"])

    for fault, said in (("type", "dtype"), ("name", "AttributeError"), ("key", "KeyError")):
        with pytest.raises(LayerError, match=said) as caught:
            profile(Wrong(fault), (4,), 2)
        assert "shape" not in str(caught.value)
    with pytest.raises(PlaygroundError, match=r"single tensor.*list of their sizes"):
        profile(TwoTowers(), (3, 9, 9))


def test_tokens_may_be_shifted_before_they_are_looked_up():
    class Features(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("offsets", torch.tensor([0, 10, 20]))
            self.table, self.dense = nn.Embedding(30, 8), nn.Linear(5, 8)

        def forward(self, numbers: Tensor, kinds: Tensor) -> Tensor:
            return self.dense(numbers) + self.table(kinds + self.offsets).sum(1)

    result = profile(Features(), [(5,), (3,)], BATCH)
    assert result.input_bytes == BATCH * (5 * 4 + 3 * 8 + 8)


def test_packed_sequences_and_dataclasses_are_given_as_they_are():
    @dataclasses.dataclass
    class Sample:
        image: Tensor
        label: str = "cat"

    class Reads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 3)

        def forward(self, sample: Sample) -> Tensor:
            assert sample.label == "cat"
            return self.layer(sample.image)

    assert profile(Reads(), input_data=[Sample(torch.ones(BATCH, 4))]).total_macs == 12
    packed = nn.utils.rnn.pack_sequence([torch.randn(size, 6) for size in (5, 3, 2)])
    model = nn.GRU(6, 4)
    result = profile(model, input_data=packed)
    assert result.batch_size == 3
    assert result.saved_bytes == kept_bytes(model, packed)
    assert result.total_macs == operations(lambda: model(packed)) // 2 // 3


@pytest.mark.parametrize(
    ("network", "settings", "said"),
    [
        (nn.ReLU, {}, r"call it, ReLU\(\.\.\.\)"),
        (torch.relu, {}, "must be a torch.nn.Module"),
        (nn.ReLU(), {"batch_size": 2.5}, "2.5, but must be a whole number"),
        (nn.ReLU(), {"batch_size": "2"}, "'2', but must be a whole number"),
        (nn.ReLU(), {"batch_size": 10**30}, "at most 1,000,000,000,000"),
        (nn.ReLU(), {"frozen": ("head",)}, "no part 'head': it has none"),
        (nn.Sequential(nn.ReLU()), {"frozen": ("head",)}, "its parts are 0$"),
    ],
)
def test_what_is_no_network_and_no_count_is_one_sentence(network, settings, said):
    with pytest.raises(PlaygroundError, match=said):
        profile(network, (8,), **settings)


def test_counts_of_numpy_are_counts():
    assert profile(nn.ReLU(), (8,), numpy.int64(3)).rows[0].output_shape == (3, 8)


def test_an_input_of_more_bytes_than_can_be_counted_is_refused():
    with pytest.raises(PlaygroundError, match="64 bits"):
        profile(nn.ReLU(), (10**5, 10**5), 10**10)
