"""A file of weights costs the server little of its own memory, however large it is: measured in its own process."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.training import TrainConfig, build_network
from core.training.batches import ImageNormalization
from core.training.checkpoints import TrainedModel
from core.training.export import weights_bytes

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells a process its memory")

LARGE = "nn.Sequential(nn.Flatten(), nn.Linear(12288, 2000), nn.ReLU(), nn.Linear(2000, 2))"  # 98 MB
MEASURE = r"""
import re, sys
from pathlib import Path
from core.training.weights_file import read_weights

def status(name):
    return 1024 * int(re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())[1])

read_weights(Path(sys.argv[1]))  # what is imported and kept the first time
Path("/proc/self/clear_refs").write_text("5")
peak, own = status("VmHWM"), status("RssAnon")
network = read_weights(Path(sys.argv[2]))
print(status("VmHWM") - peak, status("RssAnon") - own)
"""


def write_weights(path: Path, network: str) -> Path:
    config = TrainConfig(network=network)
    normalize = ImageNormalization((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    model = build_network(network, 2, 64, config)
    path.write_bytes(weights_bytes(TrainedModel(model, config, ("a", "b"), 64, normalize, 1)))
    return path


def test_weights_of_98_mb_stay_in_their_file(tmp_path):
    torch.manual_seed(0)
    small = write_weights(tmp_path / "small", "nn.Sequential(nn.Flatten(), nn.Linear(12288, 2))")
    large = write_weights(tmp_path / "large", LARGE)
    out = subprocess.run(
        [sys.executable, "-c", MEASURE, str(small), str(large)], capture_output=True, text=True, check=True
    ).stdout
    grown, own = map(int, out.split())
    assert grown < 150e6, "pages of the file included, which the system takes back when it needs them"
    assert own < 40e6
