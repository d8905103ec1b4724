"""Tensors in a file without a name: only what is looked at takes memory, and the system may take that back."""

from __future__ import annotations

import mmap
import tempfile
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Self

import torch
from torch import Tensor, nn

LEAST_BYTES = 1 << 16  # smaller ones stay in memory
_living: weakref.WeakValueDictionary[int, mmap.mmap] = weakref.WeakValueDictionary()  # by address, each as its tensor
_living_lock = threading.Lock()


def let_go_of_all() -> None:
    """No page of any of these files counts as this process's memory; what is looked at is read again."""
    with _living_lock:
        contents = list(_living.values())
    for content in contents:
        _let_go(content)


def let_go(tensor: Tensor) -> None:
    """The same for one of them, or a view of it; any other tensor stays as it is."""
    with _living_lock:
        content = _living.get(tensor.untyped_storage().data_ptr())
    if content is not None:
        _let_go(content)


def read_in_place(path: Path, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
    """The values of a file, which are not read but looked at. Not to be changed inside; changes do not reach the file.

    Raises: OSError, or ValueError if the file is too short.
    """
    size = torch.Size(shape)
    if not size.numel():
        return torch.empty(size, dtype=dtype)
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), size.numel() * dtype.itemsize, access=mmap.ACCESS_COPY)
    return _tensor(content, size, dtype)


def move_to_file(model: nn.Module, folder: Path | None) -> None:
    """All weights of a model that is not trained go to a file in `folder`; they are in memory while it computes.

    Then each layer has its own there, until it has computed.
    """
    with FileTensors(folder) as files:
        for parameter in model.parameters():
            parameter.data = files.copy(parameter.data)
    for module in model.modules():
        module.register_forward_hook(_let_go_of_weights)


def _let_go_of_weights(module: nn.Module, inputs: object, output: object) -> None:
    for parameter in module.parameters(recurse=False):
        let_go(parameter.data)


def _tensor(content: mmap.mmap, shape: torch.Size, dtype: torch.dtype) -> Tensor:
    """What lies in a mapped file; from now on it is among those that are let go of."""
    tensor = torch.frombuffer(content, dtype=dtype, count=shape.numel()).view(shape)
    with _living_lock:
        _living[tensor.untyped_storage().data_ptr()] = content
    return tensor


def _let_go(content: mmap.mmap) -> None:
    if hasattr(content, "madvise"):  # not everywhere
        content.madvise(mmap.MADV_DONTNEED)


class FileTensors:
    """Copies of tensors in one file in `folder`, which is gone with the last of them. Not to be changed inside.

    Where there is no folder, or the disk refuses, they are in memory.

    >>> x = torch.rand(3, 100, 100)
    >>> with FileTensors(Path(tempfile.gettempdir())) as files:
    ...     copy = files.copy(x)
    >>> torch.equal(copy, x)
    True
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder, self._end = folder, 0
        self._file: BinaryIO | None = None
        self._contents: list[mmap.mmap] = []

    def __enter__(self) -> Self:
        try:
            self._file = tempfile.TemporaryFile(dir=self._folder) if self._folder else None
        except OSError:
            self._file = None
        return self

    def let_go(self) -> None:
        """Nothing of the file stays in memory; what is looked at is read again."""
        for content in self._contents:
            _let_go(content)

    def __exit__(self, *error: object) -> None:
        self.let_go()
        self._contents.clear()
        if self._file is not None:
            self._file.close()

    def copy(self, tensor: Tensor) -> Tensor:
        """The same values; changing them does not change the file."""
        if self._file is None or tensor.nbytes < LEAST_BYTES or tensor.device.type != "cpu":
            return tensor.clone()
        try:
            content = self._mapped(self._file, tensor)
        except OSError:
            return tensor.clone()
        self._contents.append(content)
        return _tensor(content, tensor.shape, tensor.dtype)

    def _mapped(self, file: BinaryIO, tensor: Tensor) -> mmap.mmap:
        start = -self._end % mmap.ALLOCATIONGRANULARITY + self._end
        file.seek(start)
        file.write(tensor.contiguous().numpy().tobytes())
        file.flush()
        self._end = start + tensor.nbytes
        return mmap.mmap(file.fileno(), tensor.nbytes, access=mmap.ACCESS_COPY, offset=start)
