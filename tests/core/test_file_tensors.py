"""Outputs of a large network lie in a file; they are the same, and nothing of it stays behind."""

from pathlib import Path

import psutil
import pytest
import torch
from torch import nn

from core.file_tensors import LEAST_BYTES, FileTensors, let_go_of_all, move_to_file, read_in_place
from core.lessons.inspect_network import trace


@pytest.mark.parametrize("shape", [(LEAST_BYTES // 4,), (3, 150, 77), (1, 200, 200)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.uint8])
def test_copies_are_equal_and_apart_from_what_they_were_made_of(tmp_path, shape, dtype):
    x = (255 * torch.rand(shape)).to(dtype)
    with FileTensors(tmp_path) as files:
        copies = [files.copy(x), files.copy(x.movedim(0, -1))]
    before = x.clone()
    x.zero_()
    assert torch.equal(copies[0], before)
    assert torch.equal(copies[1], before.movedim(0, -1))
    copies[0].zero_()
    assert torch.equal(copies[1], before.movedim(0, -1))


def test_the_file_has_no_name_and_outlives_what_made_it(tmp_path):
    x = torch.rand(100, 100, 10)
    with FileTensors(tmp_path) as files:
        copies = [files.copy(x * number) for number in range(3)]
    assert list(tmp_path.iterdir()) == []
    assert all(torch.equal(copy, x * number) for number, copy in enumerate(copies))


@pytest.mark.parametrize("folder", [None, Path("/no/such/folder")])
def test_without_a_folder_they_stay_in_memory(folder):
    x = torch.rand(100, 100, 10)
    with FileTensors(folder) as files:
        assert torch.equal(files.copy(x), x)


def test_a_network_is_traced_into_a_file_as_it_is_into_memory(tmp_path):
    net = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2)).eval()
    x_BCHW = torch.rand(1, 3, 64, 64)
    with FileTensors(tmp_path) as files:
        in_memory, in_file = trace(net, x_BCHW), trace(net, x_BCHW, files.copy)
    assert [one.kind for one in in_file] == ["Conv2d", "ReLU", "MaxPool2d"]
    for one, other in zip(in_memory, in_file, strict=True):
        assert torch.equal(one.output, other.output)
        assert (one.kind, one.inputs) == (other.kind, other.inputs)


def test_a_model_in_a_file_computes_what_it_did_and_its_weights_leave_memory(tmp_path):
    net = nn.Sequential(nn.Conv2d(3, 64, 3), nn.Flatten(), nn.Linear(64 * 30 * 30, 100)).eval().requires_grad_(False)
    x_BCHW = torch.rand(1, 3, 32, 32)
    before = net(x_BCHW)
    move_to_file(net, tmp_path)
    assert torch.equal(net(x_BCHW), before)
    in_use = mapped_bytes(tmp_path)
    let_go_of_all()
    assert mapped_bytes(tmp_path) < in_use / 10
    assert in_use > 0.9 * net[2].weight.nbytes
    assert torch.equal(net(x_BCHW), before)


@pytest.mark.parametrize("shape", [(50, 3, 64, 64), (0, 3, 64, 64)])
def test_a_file_that_is_read_in_place_leaves_memory_and_is_there_when_it_is_looked_at(tmp_path, shape):
    x = (255 * torch.rand(shape)).to(torch.uint8)
    path = tmp_path / "images.u8"
    path.write_bytes(x.numpy().tobytes())
    images = read_in_place(path, shape, torch.uint8)
    assert torch.equal(images, x)
    assert mapped_bytes(tmp_path) >= x.nbytes
    let_go_of_all()
    assert mapped_bytes(tmp_path) <= x.nbytes / 10
    assert torch.equal(images, x)


def test_a_file_too_short_for_what_is_read_in_place_is_refused(tmp_path):
    path = tmp_path / "images.u8"
    path.write_bytes(bytes(10))
    with pytest.raises(ValueError, match="greater than file size"):
        read_in_place(path, (11,), torch.uint8)


def mapped_bytes(folder: Path) -> int:
    """How much of files in the folder is in this process's memory."""
    return sum(one.rss for one in psutil.Process().memory_maps() if one.path.startswith(str(folder)))
