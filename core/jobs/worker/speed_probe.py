"""In the worker: the speed of a run that has not started, kept in a file."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from core.jobs.worker.niceness import in_nice_thread


def probe(path: str, config: dict[str, Any], classes: int, size: int, device: str, threads: int) -> None:
    """Measure a few steps of a run of `config` and keep seconds at `path`; a network that cannot be built has none."""
    in_nice_thread(_probe, path, config, classes, size, device, threads)


def _probe(path: str, config: dict[str, Any], classes: int, size: int, device: str, threads: int) -> None:
    import torch

    from core.datasets.cachedir import replacing
    from core.errors import PlaygroundError
    from core.training.recipe.config import TrainConfig
    from core.training.speed_probe import measure_speed

    torch.set_num_threads(threads or torch.get_num_threads())
    try:
        speed = measure_speed(TrainConfig(**config), classes, size, device)
        values = dataclasses.asdict(speed)
    except PlaygroundError:
        values = {}
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with replacing(Path(path)) as file:
        file.write(json.dumps(values).encode())
