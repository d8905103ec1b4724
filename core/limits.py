"""How much this server takes on: threads, computations, caches, uploads, runs. By the memory that the machine has.

Another size, or a single value, is set in the environment: `CNN_PLAYGROUND_SIZE=small`, and for each field of `Limits`
`CNN_PLAYGROUND_LIMIT_...` with the field's name in capitals. docs/hosting.md lists them.
"""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from core import cpu_count, main_memory

SIZE, LIMIT = "CNN_PLAYGROUND_SIZE", "CNN_PLAYGROUND_LIMIT_"
GB = 10**9
MAY_BE_NONE = ("computing_processes",)


@dataclass(frozen=True)
class Limits:
    """What one server takes on at most.

    Threads of PyTorch for a computation in the server, such computations at a time, processes beside the server for the
    heavy ones (0: they run in the server, too), and how many wait for one visitor and for all. `cache_share` is the
    share of a cache's usual number of entries, `cache_bytes` is for all results together that are kept as bytes. Sizes
    in bytes and pixels of what is uploaded, bytes that decoding one picture may take, the size of a file of weights,
    and how many files and bytes an archive may hold. Runs that are unfinished, of one visitor and of all, and finished
    ones that are kept for one visitor, with their bytes; searches for a learning rate; bytes of decoded data sets that
    are kept for everybody, and the share of main memory that one may fill. Cores that a run gets at least, however busy
    the pages are. Messages of one connection that are taken in at once, and a second after that.
    """

    torch_threads: int
    computations: int
    computing_processes: int
    waiting_per_visitor: int
    waiting_per_server: int
    cache_share: float
    cache_bytes: int
    upload_bytes: int
    picture_bytes: int
    picture_pixels: int
    decoding_bytes: int
    weights_bytes: int
    archive_files: int
    unpacked_bytes: int
    runs_per_visitor: int
    runs_per_server: int
    kept_runs: int
    kept_run_bytes: int
    searches_per_server: int
    decoded_bytes: int
    dataset_memory_share: float
    training_cores: float
    messages_at_once: int
    messages_per_second: int

    def entries(self, usual: int) -> int:
        """Entries of a cache that holds `usual` many on a machine with room."""
        return max(2, round(usual * self.cache_share))


# fmt: off
SIZES = {  # from the memory at which it begins, in bytes
    "small": (0, Limits(  # 1 GB, as on Community Cloud
        torch_threads=1, computations=1, computing_processes=0, waiting_per_visitor=4, waiting_per_server=60,
        cache_share=0.25, cache_bytes=8_000_000,
        upload_bytes=100_000_000, picture_bytes=25_000_000, picture_pixels=50_000_000, decoding_bytes=100_000_000,
        weights_bytes=100_000_000, archive_files=60_000, unpacked_bytes=4_000_000_000,
        runs_per_visitor=2, runs_per_server=20, kept_runs=12, kept_run_bytes=1_000_000_000, searches_per_server=10,
        decoded_bytes=5_000_000_000, dataset_memory_share=0.1, training_cores=0.3,
        messages_at_once=60, messages_per_second=20,
    )),
    "medium": (5 * GB // 2, Limits(  # 4 GB
        torch_threads=2, computations=2, computing_processes=1, waiting_per_visitor=8, waiting_per_server=200,
        cache_share=1.0, cache_bytes=16_000_000,
        upload_bytes=500_000_000, picture_bytes=50_000_000, picture_pixels=50_000_000, decoding_bytes=150_000_000,
        weights_bytes=210_000_000, archive_files=60_000, unpacked_bytes=4_000_000_000,
        runs_per_visitor=2, runs_per_server=60, kept_runs=12, kept_run_bytes=2_000_000_000, searches_per_server=40,
        decoded_bytes=20_000_000_000, dataset_memory_share=0.3, training_cores=0.3,
        messages_at_once=60, messages_per_second=20,
    )),
    "large": (12 * GB, Limits(  # a server, with or without GPUs
        torch_threads=4, computations=4, computing_processes=2, waiting_per_visitor=8, waiting_per_server=400,
        cache_share=1.0, cache_bytes=16_000_000,
        upload_bytes=1_000_000_000, picture_bytes=50_000_000, picture_pixels=50_000_000, decoding_bytes=150_000_000,
        weights_bytes=210_000_000, archive_files=60_000, unpacked_bytes=4_000_000_000,
        runs_per_visitor=2, runs_per_server=60, kept_runs=12, kept_run_bytes=2_000_000_000, searches_per_server=40,
        decoded_bytes=20_000_000_000, dataset_memory_share=0.4, training_cores=0.3,
        messages_at_once=60, messages_per_second=20,
    )),
}
# fmt: on


@cache
def size() -> str:
    """The key in `SIZES` of this machine, the same as long as the process lives."""
    return size_of(main_memory.total_bytes(), os.environ)


@cache
def limits() -> Limits:
    """Those of this machine, the same as long as the process lives."""
    return limits_of(main_memory.total_bytes(), cpu_count.allowed(), os.environ)


def limits_of(memory_bytes: int, cores: int, environment: Mapping[str, str]) -> Limits:
    """Those of a machine with so much memory; no more computations and threads than it has cores.

    A second process computes from two cores on: it gives way to the pages.

    >>> limits_of(1 * GB, 2, {}).computations, limits_of(64 * GB, 2, {}).computations
    (1, 2)
    >>> limits_of(1 * GB, 2, {"CNN_PLAYGROUND_LIMIT_RUNS_PER_SERVER": "5"}).runs_per_server
    5
    """
    chosen = SIZES[size_of(memory_bytes, environment)][1]
    computations = min(chosen.computations, cores)
    threads = min(chosen.torch_threads, max(1, cores // computations))
    processes = min(chosen.computing_processes, cores)
    chosen = dataclasses.replace(
        chosen, computations=computations, torch_threads=threads, computing_processes=processes
    )
    return dataclasses.replace(chosen, **_overridden(environment))


def size_of(memory_bytes: int, environment: Mapping[str, str]) -> str:
    """The key in `SIZES`: what the environment says, else the largest that the memory is enough for."""
    named = environment.get(SIZE, "")
    if named in SIZES:
        return named
    if named:
        logging.getLogger(__name__).warning("%s is %r, but must be one of %s", SIZE, named, ", ".join(SIZES))
    return [size for size, (least, _) in SIZES.items() if memory_bytes >= least][-1]


def _overridden(environment: Mapping[str, str]) -> dict[str, Any]:
    """The values that the environment sets; what is no positive number (or 0, of `MAY_BE_NONE`) is passed over."""
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Limits):
        text = environment.get(name := f"{LIMIT}{field.name.upper()}")
        if text is None:
            continue
        try:
            value = float(text) if field.type == "float" else int(text)
            if not (0 < value < float("inf") or (value == 0 and field.name in MAY_BE_NONE)):
                raise ValueError
            values[field.name] = value
        except ValueError:
            logging.getLogger(__name__).warning("%s is %r, but must be a positive number", name, text)
    return values
