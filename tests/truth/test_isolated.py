"""The runner of blocks: its own tests."""

import math
from pathlib import Path

import pytest

from tests.truth.isolated import ROOT, BlockFailed, outputs

DRAW = "import torch\nprint(torch.rand(1).item())"


def test_each_block_runs_on_its_own_and_gives_what_it_prints(tmp_path: Path):
    blocks = [
        "a = 1\nprint(a)",
        "print('a' in globals(), __name__)",
        "import torch\ntorch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)",
        "import torch\nprint(torch.ones(1).dtype, torch.is_grad_enabled(), torch.get_num_threads())",
        "def twice(x):\n    return once(x) * 2\ndef once(x):\n    return x\nprint([twice(i) for i in range(3)])",
    ]
    assert outputs(blocks, tmp_path) == ["1\n", "False __main__\n", "", "torch.float32 True 1\n", "[0, 2, 4]\n"]


def test_a_block_without_a_seed_prints_something_else_each_time(tmp_path: Path):
    first, second = (float(printed) for printed in outputs([DRAW, DRAW], tmp_path))
    assert not math.isclose(first, second)
    seeded = "import torch\ntorch.manual_seed(3)\n" + DRAW
    assert len(set(outputs([seeded, DRAW, seeded], tmp_path)[::2])) == 1


def test_a_block_reads_files_that_lie_beside_it(tmp_path: Path):
    (tmp_path / "image.png").write_bytes(b"12345")
    assert outputs(["print(len(open('image.png', 'rb').read()))"], tmp_path) == ["5\n"]


@pytest.mark.parametrize("package", ["core", "playground"])
def test_this_repository_cannot_be_imported(package: str, tmp_path: Path):
    with pytest.raises(BlockFailed, match=f"No module named '{package}'(?s:.*)in block 1:\n\nimport {package}"):
        outputs(["print(1)", f"import {package}"], tmp_path)


def test_an_exception_is_told_with_its_line_and_its_block(tmp_path: Path):
    with pytest.raises(BlockFailed, match=r"print\(1 / 0\)(?s:.*)ZeroDivisionError(?s:.*)in block 0:\n\nx = 1\n"):
        outputs(["x = 1\nprint(1 / 0)"], tmp_path)
    with pytest.raises(BlockFailed, match="SystemExit"):
        outputs(["raise SystemExit(1)"], tmp_path)


def test_a_folder_of_this_repository_is_refused():
    with pytest.raises(ValueError, match="inside the repository"):
        outputs([], ROOT / "tests")
