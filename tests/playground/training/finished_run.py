"""Finished runs without the processes behind them: really trained, really saved, handed out by a stand-in."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch

from core.datasets import load
from core.jobs.job_spec import Source
from core.jobs.run_state import ENDED, RunView
from core.jobs.storage.decoded_images import save_decoded
from core.jobs.storage.run_folder import RunFolder
from core.jobs.tracked_runs import DamagedRun
from core.training import Began, Done, Epoch, Snapshot, TrainConfig, Trainer, TrainingStep, save
from core.training.weight_snapshots import keep_snapshot

HEAD = "nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)"
NETWORK = f"nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), {HEAD})"
QUICK = TrainConfig(network=NETWORK, epochs=2, batch_size=32, learning_rate=0.1)


class FinishedRuns:
    """Knows the finished runs of one visitor."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.views: dict[str, RunView] = {}
        self.damaged: list[DamagedRun] = []

    def decoded_file(self, source: Source, size: int) -> Path:
        return self.folder / f"{source.name}-{size}.pt"

    def train(self, run_id: str, config: TrainConfig = QUICK, size: int = 16, limit: int = 80) -> RunView:
        """Run `config` on sketches here and now, and keep what a run keeps."""
        source = Source("Sketched cats and dogs", "sketches")
        data = load("sketches", size, limit=limit)
        save_decoded(data, self.decoded_file(source, size))
        trainer, events = Trainer(config, data), []
        (self.folder / run_id).mkdir()
        for event in trainer.run():
            events.append(event)
            if isinstance(event, Epoch):
                keep_snapshot(RunFolder(self.folder / run_id).weight_snapshots, trainer.predictor, event, config.epochs)
        save(trainer, self.folder / run_id / "run.pt")
        kept = {"index": trainer.val_index, "probabilities": trainer.probabilities(trainer.val_images)}
        torch.save(kept, self.folder / run_id / "predictions.pt")

        def of(kind: type) -> tuple:
            return tuple(event for event in events if isinstance(event, kind))

        view = RunView(run_id, source, size, config, state=ENDED, began=of(Began)[0], done=of(Done)[0])
        lists = {"steps": of(TrainingStep), "epochs": of(Epoch), "snapshots": of(Snapshot)}
        self.views[run_id] = dataclasses.replace(view, **lists)
        return self.views[run_id]

    def watch(self, owner: str, run_id: str) -> RunView | None:
        return self.views.get(run_id)

    look = watch

    def runs(self, owner: str) -> list[RunView]:
        return list(self.views.values())[::-1]

    def damaged_runs(self, owner: str) -> list[DamagedRun]:
        return self.damaged

    def delete(self, owner: str, run_id: str) -> None:
        self.views.pop(run_id, None)
        self.damaged = [run for run in self.damaged if run.run_id != run_id]

    def checkpoint(self, owner: str, run_id: str) -> Path | None:
        return self._file(run_id, "run.pt")

    def predictions(self, owner: str, run_id: str) -> Path | None:
        return self._file(run_id, "predictions.pt")

    def _file(self, run_id: str, name: str) -> Path | None:
        path = self.folder / run_id / name
        return path if path.exists() else None


def stand_in(monkeypatch, runs: FinishedRuns) -> None:
    """Let the parts of the page that show a run take it from this stand-in."""
    import sys

    import playground.training.evaluation
    import playground.training.history
    import playground.training.live  # noqa: F401

    parts = ("evaluation", "history", "live", "memory")
    for name, module in list(sys.modules.items()):
        if name.startswith(tuple(f"playground.training.{part}" for part in parts)):
            if hasattr(module, "job_manager"):
                monkeypatch.setattr(module, "job_manager", lambda: runs)
            if hasattr(module, "owner"):
                monkeypatch.setattr(module, "owner", lambda: "somebody")
