"""Limits follow the machine, the environment overrides them, and the document says what the file says."""

import dataclasses
import itertools
import re
from pathlib import Path

import pytest

from core.limits import GB, SIZES, Limits, limits_of, size_of

HOSTING = Path(__file__).parents[2] / "docs/hosting.md"
NAMES = [field.name for field in dataclasses.fields(Limits)]


@pytest.mark.parametrize(
    ("gigabytes", "size"), [(0.5, "small"), (1, "small"), (2, "small"), (4, "medium"), (8, "medium"), (16, "large")]
)
def test_the_memory_chooses_the_size(gigabytes, size):
    assert size_of(round(gigabytes * GB), {}) == size


def test_the_environment_chooses_another_size_and_single_values():
    assert size_of(64 * GB, {"CNN_PLAYGROUND_SIZE": "small"}) == "small"
    changed = limits_of(GB, 2, {"CNN_PLAYGROUND_LIMIT_CACHE_SHARE": "0.5", "CNN_PLAYGROUND_LIMIT_UPLOAD_BYTES": "1000"})
    assert changed == dataclasses.replace(limits_of(GB, 2, {}), cache_share=0.5, upload_bytes=1000)


@pytest.mark.parametrize("text", ["", "many", "0", "-3", "1.5", "inf", "nan"])
def test_a_value_that_is_no_positive_number_is_passed_over_with_a_warning(text, caplog):
    name = "CNN_PLAYGROUND_LIMIT_RUNS_PER_SERVER"
    assert limits_of(GB, 2, {name: text}) == limits_of(GB, 2, {})
    assert name in caplog.text
    assert size_of(GB, {"CNN_PLAYGROUND_SIZE": "huge"}) == "small"


def test_there_are_no_more_computing_processes_than_cores_and_may_be_none():
    assert [limits_of(64 * GB, cores, {}).computing_processes for cores in (1, 2, 3, 8)] == [1, 2, 2, 2]
    assert limits_of(64 * GB, 8, {"CNN_PLAYGROUND_LIMIT_COMPUTING_PROCESSES": "0"}).computing_processes == 0


@pytest.mark.parametrize("cores", [1, 2, 3, 8, 64])
@pytest.mark.parametrize("gigabytes", [1, 4, 64])
def test_computations_together_have_no_more_threads_than_there_are_cores(gigabytes, cores):
    chosen = limits_of(gigabytes * GB, cores, {})
    assert 1 <= chosen.computations * chosen.torch_threads <= cores


def test_a_smaller_machine_takes_on_no_more():
    ordered = [dataclasses.astuple(limits) for _, limits in SIZES.values()]
    for smaller, larger in itertools.pairwise(ordered):
        assert all(mine <= theirs for mine, theirs in zip(smaller, larger, strict=True))


def test_a_cache_never_shrinks_to_nothing():
    small = SIZES["small"][1]
    assert (small.entries(200), small.entries(1)) == (50, 2)


def test_the_document_lists_each_limit_with_its_values():
    section = HOSTING.read_text(encoding="utf-8").split("\n## Limits\n")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.*) \|$", section, re.MULTILINE))
    assert list(rows) == NAMES
    for place, (_, limits) in enumerate(SIZES.values()):
        values = {name: float(row.split(" | ")[place].replace(",", "")) for name, row in rows.items()}
        assert values == dataclasses.asdict(limits)
