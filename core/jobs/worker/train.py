"""In the worker: a run, from its last checkpoint if there is one."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from distributed import get_worker

from core import cpu_count
from core.jobs.worker.cpu_floor import CPU_FLOOR, FirmThread
from core.jobs.worker.decode import decode_for
from core.jobs.worker.error_messages import sentence
from core.jobs.worker.niceness import in_nice_thread

if TYPE_CHECKING:
    from core.jobs.job_spec import JobSpec
    from core.jobs.storage.run_folder import RunFolder
    from core.jobs.worker.progress_reporter import ProgressReporter
    from core.training import Epoch, Trainer


def warm_up() -> None:
    """Import what the first run would otherwise wait for."""
    import core.datasets
    import core.training  # noqa: F401


def train_run(path: str) -> None:
    """Train the run in the folder at `path`, and write its event log.

    Where it is over already, because only the news of that got lost, or was removed, nothing happens.
    """
    with CPU_FLOOR.kept(), FirmThread() as firm:
        in_nice_thread(_train_folder, Path(path), firm)


def _train_folder(path: Path, firm: FirmThread) -> None:
    from core.jobs.storage.event_log import ends_run
    from core.jobs.storage.run_folder import RunFolder

    folder = RunFolder(path)
    if not folder.path.is_dir():  # a lock would make it anew
        return
    with folder.locked():
        spec = folder.read_spec()
        if spec is None or any(ends_run(batch.events) for batch in folder.event_log.reader().new()):
            return
        folder.remove_halves()
        try:
            folder.event_log.append({"kind": "Placed", "words": str(get_worker().name)})
            _train(folder, spec, firm)
        except Exception as error:
            _report_failure(folder, error)


def _report_failure(folder: RunFolder, error: Exception) -> None:
    """Write down why a run failed. Raises: StorageError where that cannot be written: then the server gets to know."""
    from core.errors import StorageError

    if not folder.path.is_dir():  # it was removed in mid-run, and nobody wants to know
        return
    message = sentence(error)
    try:
        folder.event_log.append({"kind": "Failed", "error": message})
    except OSError:
        raise StorageError(message) from error


def _train(folder: RunFolder, spec: JobSpec, firm: FirmThread) -> None:
    from core.jobs.worker.progress_reporter import Parked, ProgressReporter
    from core.training import Began, Done, Epoch, save, to_dict
    from core.training.results import save_predictions

    reporter = ProgressReporter(folder)
    decode_for(spec, reporter.decoding)
    trainer = _resumed(folder, spec, reporter)
    try:
        for event in firm.steps(trainer.run()):
            if isinstance(event, Epoch):  # before the checkpoint: a run that is killed in between comes here again
                _keep_snapshot(folder, trainer, event)
            if isinstance(event, Epoch | Done):
                save(trainer, folder.checkpoint)
            if isinstance(event, Done):
                probabilities = trainer.probabilities(trainer.val_images).cpu()
                save_predictions(folder.predictions, trainer.val_index.cpu(), probabilities)
            reporter.report(to_dict(event))
            within = trainer.step % trainer.steps_per_epoch  # a run that parks after an epoch's last step would lose
            if not isinstance(event, Done) and (within or isinstance(event, Began | Epoch)):  # that epoch's figures
                reporter.obey(trainer)
    except Parked:
        save(trainer, folder.checkpoint)
        reporter.report({"kind": "Parked"})
    finally:
        reporter.flush()


def _keep_snapshot(folder: RunFolder, trainer: Trainer, event: Epoch) -> None:
    """The weights after this epoch, if they are to be kept; a run goes on without them where there is no room."""
    from core.training.weight_snapshots import keep_snapshot

    with contextlib.suppress(OSError):
        keep_snapshot(folder.weight_snapshots, trainer.predictor, event, trainer.config.epochs)


def _resumed(folder: RunFolder, spec: JobSpec, reporter: ProgressReporter) -> Trainer:
    """The run's trainer, at its last checkpoint if there is one; a damaged one is removed, and the run begins anew."""
    from core.training import DamagedCheckpoint, resume

    if folder.checkpoint.exists():
        try:
            trainer = _trainer(spec, reporter)
            resume(trainer, folder.checkpoint)
            return trainer
        except DamagedCheckpoint:
            folder.checkpoint.unlink()
            shutil.rmtree(folder.weight_snapshots, ignore_errors=True)
            reporter.report({"kind": "CheckpointDamaged"})
    return _trainer(spec, reporter)


def _trainer(spec: JobSpec, reporter: ProgressReporter) -> Trainer:
    """The trainer of a run, on its device, its memory watched from before it has any."""
    from core.jobs.storage.decoded_images import open_decoded
    from core.jobs.worker.memory_meter import MemoryMeter
    from core.training import Trainer

    device = torch_device(spec)
    trainer = Trainer(spec.config, open_decoded(Path(spec.decoded)), device)
    weights = sum(p.numel() * p.element_size() for p in trainer.model.parameters())
    reporter.meter = MemoryMeter(device, weights)
    return trainer


def torch_device(spec: JobSpec) -> str:
    """What PyTorch calls the device of a run, made ready. Raises: PlaygroundError if it is not here."""
    import torch

    from core.errors import PlaygroundError

    torch.set_num_threads(spec.threads or cpu_count.allowed())
    device = {"gpu": "cuda"}.get(spec.device, spec.device)
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise PlaygroundError("PyTorch finds no GPU where this run was sent: choose another device.")
    return device
