"""Devices as PyTorch numbers them, with their memory and use, from what `nvidia-smi` prints."""

import psutil
import pytest

from core.jobs.processes.devices import MIB, gpus, local_devices

TABLE = """\
0, GPU-aaaa, NVIDIA H100 80GB HBM3, 81559, 2048, 25
1, GPU-bbbb, NVIDIA H100 80GB HBM3, 81559, 0, [N/A]
2, GPU-cccc, NVIDIA A10, 23028, 1, 0
"""


def test_each_gpu_has_its_memory_and_use():
    first, second, third = gpus(TABLE, visible=None)
    assert (first.key, first.title, first.memory_bytes, first.used_bytes, first.busy) == (
        *("cuda:0", "NVIDIA H100 80GB HBM3"),
        *(81559 * MIB, 2048 * MIB, 0.25),
    )
    assert (second.busy, third.busy) == (None, 0.0)
    assert first.free_bytes == (81559 - 2048) * MIB
    assert first.kernels == "cuda"


@pytest.mark.parametrize(
    ("visible", "titles"),
    [("2,0", ["NVIDIA A10", "NVIDIA H100 80GB HBM3"]), ("GPU-cccc", ["NVIDIA A10"]), ("", [])],
)
def test_gpus_are_numbered_as_cuda_visible_devices_has_them(visible, titles):
    found = gpus(TABLE, visible)
    assert [gpu.title for gpu in found] == titles
    assert [gpu.key for gpu in found] == [f"cuda:{place}" for place in range(len(titles))]


def test_the_cpu_is_always_there_and_comes_last(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    *others, cpu = local_devices(lambda: TABLE)
    assert [device.key for device in others if device.key != "mps"] == ["cuda:0", "cuda:1", "cuda:2"]
    assert (cpu.key, cpu.kernels) == ("cpu", "cpu")
    assert cpu.threads >= 1
    assert 0 < cpu.memory_bytes <= psutil.virtual_memory().total
    assert 0 < cpu.free_bytes < cpu.memory_bytes


def test_rubbish_is_no_gpu():
    assert gpus("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.") == ()
