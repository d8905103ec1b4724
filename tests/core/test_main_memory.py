"""A container is as large as it is allowed, in both versions of Linux's control groups."""

import psutil
import pytest

from core import main_memory

VERSION_2 = {
    "memory.max": "1000000000",
    "memory.current": "700000000",
    "memory.stat": "anon 300000000\nactive_file 100000000\ninactive_file 250000000",
}
VERSION_1 = {
    "memory.limit_in_bytes": "1000000000",
    "memory.usage_in_bytes": "700000000",
    "memory.stat": "rss 9\nactive_file 1\ntotal_active_file 100000000\ntotal_inactive_file 250000000",
}
# where the files lie under /sys/fs/cgroup, and what /proc/self/cgroup says
PLACES = {
    "a container": ("", VERSION_2, "0::/"),
    "a service": ("system.slice/app.service", VERSION_2, "0::/system.slice/app.service"),
    "within a service": ("system.slice/app.service", VERSION_2, "0::/system.slice/app.service/worker"),
    "a container, version 1": ("memory", VERSION_1, "4:memory:/docker/0123456789ab\n1:cpu:/docker/0123456789ab"),
    "a group, version 1": ("memory/class", VERSION_1, "4:memory:/class\n0::/"),
}


@pytest.fixture
def cgroups(tmp_path, monkeypatch):
    monkeypatch.setattr(main_memory, "ROOT", tmp_path / "cgroup")
    monkeypatch.setattr(main_memory, "MEMBERSHIP", tmp_path / "membership")
    return tmp_path


def put(cgroups, where, files, membership):
    folder = cgroups / "cgroup" / where
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(f"{text}\n", encoding="ascii")
    (cgroups / "membership").write_text(f"{membership}\n", encoding="ascii")


@pytest.mark.parametrize("case", PLACES)
def test_a_container_is_as_large_as_it_is_allowed(case, cgroups):
    put(cgroups, *PLACES[case])
    assert (main_memory.total_bytes(), main_memory.used_bytes()) == (1_000_000_000, 350_000_000)


def test_the_narrowest_of_nested_limits_holds(cgroups):
    put(cgroups, "outer", VERSION_2, "0::/outer/inner")
    put(cgroups, "outer/inner", VERSION_2 | {"memory.max": "2000000000"}, "0::/outer/inner")
    assert main_memory.total_bytes() == 1_000_000_000


@pytest.mark.parametrize("limit", ["max", "9223372036854771712"])
def test_without_a_limit_it_is_the_machine(limit, cgroups):
    put(cgroups, "", VERSION_2 | {"memory.max": limit}, "0::/")
    machine = psutil.virtual_memory().total
    assert main_memory.total_bytes() == machine
    assert 0 < main_memory.used_bytes() < machine


def test_where_there_are_no_control_groups_it_is_the_machine(cgroups):
    assert main_memory.total_bytes() == psutil.virtual_memory().total
    assert 0 < main_memory.used_bytes() < main_memory.total_bytes()
