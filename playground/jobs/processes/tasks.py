"""What runs in the worker. torch and the rest are imported inside: the scheduler reads this file too and needs none."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from distributed import get_worker

from core import cpu_count
from playground.jobs.processes.niceness import be_nice

if TYPE_CHECKING:
    from playground.jobs.lasting.runfolder import RunFolder
    from playground.jobs.orders import Order
    from playground.jobs.processes.wire import Wire

TALK = 0.1  # seconds between two reports on decoding

log = logging.getLogger(__name__)


def warm_up() -> None:
    """Import what the first run would otherwise wait for."""
    import core.datasets
    import core.training  # noqa: F401


def prepare(topic: str, where: str, size: int, path: str, cache: bool) -> None:
    """Decode the pictures at `where` into the file `path` for a page that shows them, and tell the topic about it.

    With `cache` they are also kept for the next time that somebody brings the same ones.
    """
    last = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > TALK or done == total:
            last = time.monotonic()
            get_worker().log_event(topic, [{"kind": "Preparing", "done": done, "total": total}])

    be_nice()
    _decode(where, size, Path(path), cache, progress)


def decode_for(order: Order, progress: Callable[[int, int], None], waiting: Callable[[], None] = lambda: None) -> None:
    """Decode an order's pictures unless that was done before. `waiting()` is called while somebody else is at it."""
    source = order.source
    _decode(source.where, order.size, Path(order.pictures), not source.is_private, progress, waiting)


def _decode(
    where: str,
    size: int,
    path: Path,
    cache: bool,
    progress: Callable[[int, int], None],
    waiting: Callable[[], None] = lambda: None,
) -> None:
    """Decode unless it was done before; two who want the same at once do it once."""
    from core.datasets import load
    from core.datasets.cachedir import alone
    from playground.jobs.store import save_pictures

    if not path.exists():
        with alone(path, waiting):
            if not path.exists():
                save_pictures(load(where, size, progress=progress, cache=cache), path)


def train_run(path: str) -> None:
    """Train the run in the folder at `path`, from its last checkpoint if there is one, and write its diary.

    Where it is over already, because only the news of that got lost, nothing happens.
    """
    from playground.jobs.lasting.runfolder import RunFolder, over

    be_nice()
    folder = RunFolder(Path(path))
    with folder.worked_on():
        order = folder.order()
        if order is None or any(over(bundle.said) for bundle in folder.reader().new()):
            return
        folder.say({"kind": "Placed", "words": str(get_worker().name)})
        try:
            _train(folder, order)
        except Exception as error:
            folder.say({"kind": "Failed", "error": sentence(error)})


def _train(folder: RunFolder, order: Order) -> None:
    import torch

    from core.training import Began, Done, Epoch, resume, save, to_dict
    from playground.jobs.processes.wire import Parked, Wire

    wire = Wire(folder)
    decode_for(order, wire.preparing)
    trainer = _trainer(order, wire)
    if folder.checkpoint.exists():
        resume(trainer, folder.checkpoint)
    try:
        for event in trainer.run():
            if isinstance(event, Epoch | Done):
                save(trainer, folder.checkpoint)
            if isinstance(event, Done):
                probabilities = trainer.probabilities(trainer.val_images).cpu()
                torch.save({"index": trainer.val_index.cpu(), "probabilities": probabilities}, folder.predictions)
            wire.say(to_dict(event))
            within = trainer.step % trainer.steps_per_epoch  # a run that parks after an epoch's last step would lose
            if not isinstance(event, Done) and (within or isinstance(event, Began | Epoch)):  # that epoch's figures
                wire.obey(trainer)
    except Parked:
        save(trainer, folder.checkpoint)
        wire.say({"kind": "Parked"})
    finally:
        wire.flush()


def _trainer(order: Order, wire: Wire):
    """The trainer of an order, on its device, its memory watched from before it has any."""
    from core.training import Trainer
    from playground.jobs.processes.memory import Meter
    from playground.jobs.store import open_pictures

    device = device_of(order)
    trainer = Trainer(order.config, open_pictures(Path(order.pictures)), device)
    weights = sum(p.numel() * p.element_size() for p in trainer.model.parameters())
    wire.meter = Meter(device, weights)
    return trainer


def device_of(order: Order) -> str:
    """What PyTorch calls the device of an order, made ready. Raises: PlaygroundError if it is not here."""
    import torch

    from core.errors import PlaygroundError

    torch.set_num_threads(order.threads or cpu_count.allowed())
    device = {"gpu": "cuda"}.get(order.device, order.device)
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise PlaygroundError("PyTorch finds no GPU where this run was sent: choose another device.")
    return device


def sentence(error: BaseException) -> str:
    """What went wrong, for the person who started the run."""
    import torch

    from core.errors import PlaygroundError

    if isinstance(error, PlaygroundError):
        return str(error)
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return "There is not enough memory for this run: use smaller batches or pictures."
    log.error("a run failed", exc_info=error)
    return f"The run broke off with an error of ours: {type(error).__name__}."
