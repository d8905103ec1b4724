"""A calibration: what is measured, how it is kept, and what the command line makes of it."""

import dataclasses
import json

import pytest
import torch

from core import calibrations
from core.__main__ import main
from core.profiler.fitting import DEVICES, this_machine
from core.profiler.timing import calibration as subject
from core.profiler.timing.calibration import Calibration, Machine, calibrating, read_calibration
from core.profiler.timing.kernels import KernelCall, TimedKernel
from core.profiler.timing.measuring import groups, measure, new_byte_seconds
from core.profiler.timing.trials import trials
from core.profiler.timing.trials.trial import Trial, values

aten = torch.ops.aten


def adding(count):
    return Trial(aten.add.Tensor, lambda on: (values(count, device=on), values(count, device=on)), 8 * count)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def few_trials(monkeypatch):
    """A calibration of three kernels instead of two thousand."""
    monkeypatch.setattr(subject, "trials", lambda kernels: [adding(1000), adding(100_000), adding(3_000_000)])


def made(seconds=1e-3):
    kernel = KernelCall("elementwise", "float32", 0, 800, 400, (1.0, 800.0, 400.0), (9.6, 8.6))
    return Calibration(Machine.here(), (TimedKernel(kernel, seconds),), 2e-10)


def test_more_work_takes_longer():
    measured = [sample for group in measure([adding(1000), adding(4_000_000)], torch.device("cpu")) for sample in group]
    small, large = measured
    assert (small.kernel.family, small.kernel.nbytes, large.kernel.nbytes) == ("elementwise", 12_000, 48_000_000)
    assert 0 < small.seconds < large.seconds
    assert new_byte_seconds() >= 0


def test_measuring_leaves_random_numbers_as_they_are():
    state = torch.get_rng_state()
    noise = Trial(aten.bernoulli_.float, lambda on: (values(100, device=on), 0.5), 400)
    assert len(list(measure([noise], torch.device("cpu")))) == 1
    assert torch.equal(torch.get_rng_state(), state)


def test_groups_are_all_trials_in_order_and_more_than_a_cache_holds():
    many = [adding(5_000_000) for _ in range(12)]
    parts = list(groups(many))
    assert [trial for part in parts for trial in part] == many
    assert len(parts) > 1


def test_shapes_are_drawn_the_same_each_time_and_differ():
    def sizes():
        return [trial.nbytes for trial in trials()]

    assert sizes() == sizes()
    assert len(set(sizes())) > 500


def test_what_is_kept_is_read_again(cache):
    before = made()
    calibrations.save(before)
    assert read_calibration(json.loads(json.dumps(before.as_dict()))) == before
    assert calibrations.measured_rates(before.machine) == before.rates
    assert calibrations.measured_rates(dataclasses.replace(before.machine, threads=99)) is None
    assert calibrations.rates_of(DEVICES["t4"]).is_measured is False
    calibrations.save(made(seconds=5.0))
    assert calibrations.measured_rates(before.machine).samples[0].seconds == 5.0


@pytest.mark.parametrize("content", ["", "[]", '{"version": 1}', '{"version": 0, "samples": []}'])
def test_a_file_that_somebody_has_changed_is_no_calibration(cache, content):
    machine = Machine.here()
    calibrations.path_of(machine).write_text(content)
    assert calibrations.measured_rates(machine) is None


def test_calibrating_says_how_far_it_is(few_trials):
    *shares, result = calibrating()
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert [sample.kernel.family for sample in result.samples] == ["elementwise"] * 3
    assert result.rates.bytes_per_second > 0
    assert result.rates.title == result.machine.title


def test_the_command_line_calibrates_and_then_knows_the_time(cache, few_trials, capsys):
    assert main(["profile", "lenet5", "--time", "--device", "this"]) == 2
    assert "python -m core calibrate" in capsys.readouterr().err
    assert main(["calibrate", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[-2] == {"share": 1.0}
    assert lines[-1]["kernels"] == 3
    if this_machine().kernels == "cpu":
        assert main(["profile", "lenet5", "--batch", "8", "--time", "--images", "100", "--json"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert report["time"]["is_measured"] is True
        assert report["time"]["epoch_seconds"] == pytest.approx(13 * report["time"]["step_seconds"])
        assert len(report["time"]["rows"]) == len(report["layers"])


def test_the_command_line_says_a_range_for_a_gpu_and_what_it_cannot_know(cache, capsys):
    assert main(["profile", "resnet18", "--batch", "32", "--time", "--images", "50000", "--device", "rtx3060"]) == 0
    said = capsys.readouterr().out
    assert "by its published rates" in said
    assert "an epoch of 50,000 images takes" in said
    assert main(["profile", "lenet5", "--time", "--device", "8GB"]) == 2
    assert "nothing is known of the speed of 8GB" in capsys.readouterr().err


def test_calibrate_prints_what_it_comes_to(cache, few_trials, capsys):
    assert main(["calibrate"]) == 0
    said = capsys.readouterr().out
    assert "3 kernels measured" in said
    assert str(cache) in said
