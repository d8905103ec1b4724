"""Decoded pictures on disk, so that they are decoded once and read by whoever needs them without a copy."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import torch

from core.datasets import Pictures, Refusal


def save_pictures(pictures: Pictures, path: Path) -> None:
    """Write a set whole or not at all."""
    values = {field.name: getattr(pictures, field.name) for field in dataclasses.fields(pictures)}
    values["refused"] = [dataclasses.asdict(refusal) for refusal in pictures.refused]
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}.half")
    torch.save(values, half)
    os.replace(half, path)


def open_pictures(path: Path) -> Pictures:
    """A set as it was saved; its pictures stay on disk until they are looked at."""
    values = torch.load(path, mmap=True, weights_only=True)
    values["refused"] = tuple(Refusal(**refusal) for refusal in values["refused"])
    return Pictures(**values)
