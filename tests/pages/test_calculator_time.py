"""The calculator's tab Time: a device by its data sheet, this machine before and after it was measured."""

import pytest

from core import calibrations
from core.profiler.fitting import DEVICES
from core.profiler.timing.calibration import Calibration, Machine
from core.profiler.timing.kernels import KernelCall, TimedKernel
from playground.calculator import calibration as calibration_of
from tests.pages.helpers import open_page


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path))


def time_tab(**query):
    page = open_page("calculator", ca_tab="Time", ca_batch="32", **query)
    assert not page.exception
    return page


def said(page):
    return " ".join(element.value for kind in ("caption", "info", "markdown") for element in getattr(page, kind))


def metrics(page):
    return {metric.label: metric.value for metric in page.metric}


def test_a_device_of_the_list_has_a_range_and_all_have_a_row():
    page = time_tab()
    shown = metrics(page)
    assert "–" in shown["Training step"]
    assert "–" in shown["Epoch"]
    assert "Nobody has measured this device here" in said(page)
    table = next(frame.value for frame in page.dataframe if "How it is known" in frame.value)
    assert list(table["Device"]) == [device.title for device in DEVICES.values()]


def test_this_machine_is_to_be_measured_first_and_then_has_one_figure():
    page = time_tab(ca_dev="this")
    assert "Training step" not in metrics(page)
    assert "has not been measured yet" in said(page)
    assert any(button.label == "Measure this machine" for button in page.button)

    kernels = [KernelCall("elementwise", "float32", 0, n, n, (1.0, n, n), (10.0, 10.0)) for n in (1e3, 1e5, 1e7)]
    samples = tuple(TimedKernel(kernel, 1e-6 + 1e-10 * kernel.nbytes) for kernel in kernels)
    calibrations.save(Calibration(Machine.here(), samples, 0.0))
    page = time_tab(ca_dev="this")
    assert "–" not in metrics(page)["Training step"]
    assert "Nine of ten predicted steps" in said(page)
    assert any(button.label == "Measure this machine again" for button in page.button)


def test_the_epoch_follows_the_number_of_images():
    one, ten = (metrics(time_tab(ca_imgs=str(images)))["Epoch"] for images in (32, 320))
    assert one != ten


def test_the_button_starts_one_measurement_for_all(monkeypatch):
    started = []

    class Run:
        share, error, is_over = 0.25, "", False

        def __init__(self, device):
            started.append(device)

    monkeypatch.setattr(calibration_of, "CalibrationRun", Run)
    runs = calibration_of.Calibrations()
    assert runs.of("cpu") is None
    runs.start("cpu")
    runs.start("cpu")
    assert started == ["cpu"]
    runs.of("cpu").is_over = True
    runs.start("cpu")
    assert started == ["cpu", "cpu"]


def test_a_network_that_fails_has_no_time():
    page = time_tab(ca_net="Your own code", ca_text="nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))", ca_in="3")
    assert "fix it first" in said(page)
