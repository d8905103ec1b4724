"""Several processes that train one network together: each takes its share of every batch.

Started by torchrun, each process has the whole dataset and the same config; random numbers are a function of the step,
so they agree on batches and augmentation. What they exchange are gradients (by DistributedDataParallel) and sums.
Source: Li et al. 2020, arXiv:2006.15704.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn


@dataclass(frozen=True)
class WorkerGroup:
    """The rank of this process among `size`; alone it is 0 of 1 and nothing here does anything."""

    rank: int = 0
    size: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this process reports for all."""
        return self.rank == 0

    def batch_slices(self, count: int, passes: int = 1) -> list[slice]:
        """This process' parts of a batch of `count`, one per pass; empty ones where there are too few for all.

        >>> WorkerGroup(1, 2).batch_slices(10), WorkerGroup(0, 2).batch_slices(3, passes=2)
        ([slice(5, 10, None)], [slice(0, 1, None), slice(1, 2, None)])
        """
        edges = [0]
        for part in torch.arange(count).tensor_split(self.size * passes):
            edges.append(edges[-1] + len(part))
        parts = [slice(a, b) for a, b in itertools.pairwise(edges)]
        return parts[self.rank * passes : (self.rank + 1) * passes]

    def sum(self, values: Tensor) -> Tensor:
        if self.size > 1:
            dist.all_reduce(values)
        return values

    def data_parallel(self, model: nn.Module, device: torch.device) -> nn.Module:
        """A network whose gradients are means over all processes."""
        if self.size == 1:
            return model
        ids = [device.index] if device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(model, device_ids=ids)

    def sync_batch_norm(self, model: nn.Module, device: torch.device) -> nn.Module:
        """The network with batch norms that see the batches of all processes, where PyTorch has such (on GPUs)."""
        if self.size == 1 or device.type != "cuda":
            return model
        return nn.SyncBatchNorm.convert_sync_batchnorm(model)

    def exit(self, status: int = 0) -> None:
        """End one process of several after its last output; a single process goes on and ends as usual.

        DistributedDataParallel keeps gloo's threads alive past the end of their group, and one that still frees a
        tensor while the interpreter ends aborts the process. So the interpreter is left as it is.
        """
        if self.size > 1:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def no_sync(self, model: nn.Module, is_last: bool) -> contextlib.AbstractContextManager[None]:
        """Inside, gradients are not exchanged unless this is the last pass of the step."""
        if is_last or not isinstance(model, nn.parallel.DistributedDataParallel):
            return contextlib.nullcontext()
        return model.no_sync()


@contextlib.contextmanager
def worker_group(device: str) -> Iterator[tuple[WorkerGroup, str]]:
    """The workers that torchrun started this process in, and its device; alone where it was started by hand."""
    if not dist.is_torchelastic_launched():
        yield WorkerGroup(), device
        return
    own = f"cuda:{os.environ['LOCAL_RANK']}" if device == "cuda" else device
    if own.startswith("cuda"):
        torch.cuda.set_device(own)
    dist.init_process_group("nccl" if own.startswith("cuda") else "gloo")
    try:
        yield WorkerGroup(dist.get_rank(), dist.get_world_size()), own
    finally:
        dist.destroy_process_group()
