"""Before anything is decoded it is known what a set takes, and one that is mapped is not held in memory."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.datasets import load, needed_bytes, survey
from core.datasets import memory as set_memory
from core.datasets.inspecting.baseline import nearest_mean_accuracy
from core.datasets.inspecting.duplicates import near_duplicates
from core.datasets.reading.loading import listing_of
from core.errors import DataError

SIDE, COUNT = 512, 300  # 236 MB decoded


def plain(seed: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (4, 4, 3), dtype=np.uint8)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    """Small files that become large pictures."""
    path = tmp_path_factory.mktemp("large") / "large.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(COUNT):
            archive.writestr(f"{'ab'[number % 2]}/{number}.png", plain(number))
    return path


HELD = """
import sys
from pathlib import Path
from core.datasets import inspect, load

def held() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(sys.argv[3])) * 1024

load(sys.argv[1], 16)  # whatever is imported and started only once
before = held()
pictures = load(sys.argv[1], int(sys.argv[2]), cache=True)
examples = [int(pictures.images[place].sum()) for place in pictures.examples(4)]
print(pictures.memory_bytes, held() - before)
"""


def held(path: Path, kind: str) -> tuple[int, int]:
    command = [sys.executable, "-c", HELD, str(path), str(SIDE), kind]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=600)
    decoded, more = done.stdout.split()
    return int(decoded), int(more)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say what a process holds")
def test_a_kept_set_is_mapped_and_neither_decoding_nor_opening_holds_it_in_memory(large, tmp_path, monkeypatch):
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path))
    decoded, of_its_own = held(large, "RssAnon")  # decodes; what is written to the file is the system's to take back
    assert decoded == needed_bytes(COUNT, SIDE)
    assert of_its_own < decoded / 2
    _, resident = held(large, "VmRSS")  # opens what was decoded
    assert resident < decoded / 4


def test_chunks_do_not_change_which_pictures_are_copies(monkeypatch):
    images = torch.cat([load("digits", 16, limit=60).images] * 2)
    whole = near_duplicates(images)
    monkeypatch.setattr("core.datasets.inspecting.tangent_distance.CHUNK", 1)
    assert torch.equal(near_duplicates(images), whole)


def test_a_survey_counts_the_files_of_each_class_and_refuses_what_is_no_set(large, tmp_path):
    assert survey(large) == {"a": COUNT / 2, "b": COUNT / 2}
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as archive:
        archive.writestr("only/1.png", plain(1))
    with pytest.raises(DataError, match="Only one class"):
        survey(tmp_path / "one.zip")


def test_a_fingerprint_changes_with_the_files(tmp_path):
    for name in ("a/1.png", "b/1.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(plain(0))
    first = listing_of(tmp_path).fingerprint
    assert listing_of(tmp_path).fingerprint == first
    (tmp_path / "a/1.png").write_bytes(plain(1) + b" ")
    second = listing_of(tmp_path).fingerprint
    (tmp_path / "a/2.png").write_bytes(plain(2))
    assert len({first, second, listing_of(tmp_path).fingerprint}) == 3


def test_a_set_may_fill_its_share_of_the_main_memory_and_no_more():
    memory = set_memory.main_memory_bytes()
    assert memory > 100_000_000
    most = int(set_memory.MEMORY_SHARE * memory) // needed_bytes(1, 64)
    assert set_memory.fits_memory(most, 64)
    assert not set_memory.fits_memory(most + 1, 64)


def test_the_nearest_mean_is_what_a_comparison_with_all_means_says():
    pictures = load("digits", 8, limit=400)
    train, val = pictures.split()
    x = pictures.images.flatten(1).double()
    means = torch.stack([x[train][pictures.labels[train] == label].mean(0) for label in range(10)])
    expected = (torch.cdist(x[val], means).argmin(1) == pictures.labels[val]).double().mean()
    assert nearest_mean_accuracy(pictures, train, val) == pytest.approx(float(expected), abs=1e-9)
    assert float(expected) > 0.8
    assert nearest_mean_accuracy(pictures, train[pictures.labels[train] != 3], val) < float(expected)
