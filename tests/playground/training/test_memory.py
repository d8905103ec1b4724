"""What a run takes is predicted from its own recipe; what does not fit is refused with ways out that fit."""

import dataclasses

import pytest

from core.datasets import load, needed_bytes
from core.errors import PlaygroundError
from core.jobs.job_spec import Source
from core.jobs.processes.devices import TrainingDevice
from core.jobs.storage.decoded_images import save_decoded
from core.knobs import knobs_of
from core.optim import OPTIMIZERS
from core.profiler import Setting, profile_in
from core.profiler.fitting import PEAK_ERROR
from core.training import TrainConfig, build_network
from playground.training import memory
from playground.training.memory import MemoryQuery, needed

SKETCHES, SIZE = Source("Sketches", "sketches"), 16
CPU = TrainingDevice("cpu", "CPU", 4_000_000_000, 1_000_000_000, None, 2)


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """A server that has decoded a few sketches."""
    save_decoded(load("sketches", SIZE, limit=12), tmp_path / "sketches.pt")

    class OneSet:
        @staticmethod
        def decoded_file(source, size):
            return tmp_path / ("sketches.pt" if source == SKETCHES else "nothing.pt")

    monkeypatch.setattr(memory, "job_manager", OneSet)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_is_known_to_the_profiler(name):
    assert MemoryQuery(TrainConfig(optimizer=name), 2, 32, "cpu").setting().optimizer == OPTIMIZERS[name].key


def test_the_peak_is_the_profilers_for_the_same_recipe():
    config = TrainConfig(batch_size=256, optimizer="Adam")
    asked = MemoryQuery(config, 2, 32, "cpu")
    setting = Setting(256, "adam", loss="cross_entropy", channels_last=True)
    expected = profile_in(build_network(config.network, 2, 32).train(), (3, 32, 32), setting).training_peak_bytes
    assert needed(asked) == expected
    smaller = needed(dataclasses.replace(asked, config=dataclasses.replace(config, batch_size=128)))
    assert smaller < expected


def test_width_and_frozen_layers_count():
    asked = MemoryQuery(TrainConfig(), 2, 32, "cpu")
    wide = dataclasses.replace(asked, config=TrainConfig(width=64))
    assert needed(asked) < needed(wide)
    frozen, tuned = (
        needed(dataclasses.replace(asked, config=TrainConfig(network=f"EfficientNet-Lite0, {how}")))
        for how in ("frozen", "fine-tuned")
    )
    assert frozen < tuned


def another(name):
    """A value of a setting that is not its default."""
    knob = knobs_of(TrainConfig)[name]
    if isinstance(knob.default, bool):
        return not knob.default
    return next(value for value in (*knob.choices, knob.low, knob.high) if value not in (None, knob.default))


def test_recipes_that_differ_only_in_what_takes_no_memory_are_one_query():
    config = TrainConfig(dropout="Dropout")
    others = [dataclasses.replace(config, **{name: another(name)}) for name in memory.UNCOUNTED]
    queries = [MemoryQuery(one, 2, SIZE, "cpu", training=10, validation=2) for one in (config, *others)]
    assert len({memory.peaks(query) for query in queries}) == 1
    assert len({memory.counted(query.config) for query in queries}) == 1
    assert memory.counted(dataclasses.replace(config, ema=0.9)) != memory.counted(config)


def test_a_run_that_fits_says_what_it_takes(pictures):
    config = TrainConfig()
    sentence = memory.check(SKETCHES, SIZE, config, CPU)
    few = MemoryQuery(config, 2, SIZE, "cpu", training=10, validation=2)
    assert needed(few) < needed(MemoryQuery(config, 2, SIZE, "cpu"))
    assert f"{needed(few) / 1e6:.2f} MB" in sentence
    assert "3.00 GB are free" in sentence
    assert memory.check(Source("Not yet", "other"), SIZE, config, CPU) == ""


def test_a_run_that_does_not_fit_is_refused_with_a_way_out(pictures):
    config = TrainConfig(network="Cats and dogs", batch_size=256)
    asked = MemoryQuery(config, 2, SIZE, "cpu", training=10, validation=2)
    total = needed(asked) + needed_bytes(12, SIZE)
    least = int(total * (1 - PEAK_ERROR)) + 2**20 * 250  # which go to the process alone
    small = dataclasses.replace(CPU, used_bytes=0, memory_bytes=least - 2**20)
    with pytest.raises(PlaygroundError, match="What would make it fit") as refused:
        memory.check(SKETCHES, SIZE, config, small)
    assert f"needs at least {least / 1e6:.2f} MB" in str(refused.value)
    assert f"{small.free_bytes / 1e6:.2f} MB are free on the device (CPU)" in str(refused.value)
    assert "smaller" in str(refused.value)


def test_each_way_out_has_its_own_peak_and_that_is_within_the_budget():
    asked = MemoryQuery(TrainConfig(network="Cats and dogs", batch_size=256), 2, 16, "cpu")
    ways = memory.suggestions(asked, budget := int(needed(asked) * 0.7))
    batch = int(next(way for way in ways if way.startswith("Batch size ")).split()[2])
    smaller = dataclasses.replace(asked, config=dataclasses.replace(asked.config, batch_size=batch))
    assert needed(smaller) <= budget < needed(asked)
    assert len(ways) <= memory.MOST_REMEDIES


def test_where_validation_is_the_fullest_moment_a_smaller_batch_is_no_way_out():
    asked = MemoryQuery(TrainConfig(network="Cats and dogs", batch_size=16), 2, 16, "cpu")
    training, validation = memory.peaks(asked)
    assert training < validation == needed(asked)
    assert not any(way.startswith("Batch size ") for way in memory.suggestions(asked, training))


def test_a_device_that_does_not_tell_its_memory_is_not_refused(pictures):
    sentence = memory.check(SKETCHES, SIZE, TrainConfig(), TrainingDevice("gpu", "A GPU", 0, 0))
    assert "images not included" in sentence
    assert "are free" not in sentence
