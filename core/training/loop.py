"""The training loop: plain PyTorch, told as a stream of events.

    for event in train(TrainConfig(epochs=3), load("sketches", size=64)):
        print(event)

Shapes: B pictures of a batch, C channels, H rows, W columns, K classes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.errors import DataError
from core.training import luck
from core.training.batches import Augmentation, Normalization, batches_per_epoch, shuffled
from core.training.events import Began, Done, Epoch, Event, Layer, Snapshot, Step
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import build_network
from core.training.recipe.optimizers import OPTIMIZERS, SCHEDULES

WATCHED = 12  # validation pictures whose predictions are followed
SNAPSHOTS_PER_EPOCH = 4
VALIDATION_BATCH = 256


class Labelled(Protocol):
    """Pictures with labels, as `core.datasets.load` gives them."""

    images: Tensor  # uint8 (N, 3, H, W)
    labels: Tensor  # int64 (N,)
    classes: tuple[str, ...]

    def split(self, val_share: float, seed: int) -> tuple[Tensor, Tensor]: ...


def train(config: TrainConfig, data: Labelled, device: str = "cpu") -> Iterator[Event]:
    """A whole run from its first step. Closing the generator ends it."""
    yield from Trainer(config, data, device).run()


class Trainer:
    """One run: its network, its optimizer and how far it is.

    `learning_rate` may be changed and `stop()` called between two events; `state()` may be taken at any of them, and a
    trainer of the same config and pictures that loads it goes on to the same weights, bit for bit.
    """

    def __init__(self, config: TrainConfig, data: Labelled, device: str = "cpu") -> None:
        self.config, self.classes, self.device = config, data.classes, torch.device(device)
        train_index, self.val_index = (torch.as_tensor(i) for i in data.split(config.val_share, config.split_seed))
        if len(train_index) < 2 or len(self.val_index) < 1:
            raise DataError(f"{len(data.labels)} pictures are too few to train on: give at least 5 of each class.")
        self.watched = _spread(self.val_index, data.labels, WATCHED)
        self.train_images, self.train_labels = self._take(data, train_index)
        self.val_images, self.val_labels = self._take(data, self.val_index)
        self._watched_images = data.images[self.watched].to(self.device)
        self.normalize = Normalization.of(data.images[train_index])
        self.augment = Augmentation(config)
        with luck.global_luck(config.seed, luck.Purpose.INITIALIZATION):
            model = build_network(config.network, len(data.classes), data.images.shape[-1])
        self.model: nn.Module = model.to(self.device, memory_format=torch.channels_last)
        self.optimizer = OPTIMIZERS[config.optimizer].build(
            self.model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.learning_rate = config.learning_rate
        self.steps_per_epoch = batches_per_epoch(len(train_index), config.batch_size)
        self.step, self.seconds, self.seen, self.stopping = 0, 0.0, 0, False
        self._sums = (0.0, 0, 0)  # of the running epoch: loss, right answers, pictures

    def _take(self, data: Labelled, index: Tensor) -> tuple[Tensor, Tensor]:
        images = data.images[index].to(self.device, memory_format=torch.channels_last)
        return images, data.labels[index].to(self.device)

    @property
    def steps(self) -> int:
        """Steps of the whole run."""
        return self.config.epochs * self.steps_per_epoch

    @property
    def epoch(self) -> int:
        """Whole epochs done."""
        return self.step // self.steps_per_epoch

    @property
    def images_per_second(self) -> float:
        """Training pictures over the time spent in training steps."""
        return self.seen / self.seconds if self.seconds else 0.0

    def stop(self) -> None:
        """End the run after the current step, with the validation figures of the weights as they are then."""
        self.stopping = True

    def run(self) -> Iterator[Event]:
        """The events from here to the end."""
        parameters = sum(p.numel() for p in self.model.parameters())
        counts = len(self.train_images), len(self.val_images)
        yield Began(self.step, self.steps, self.steps_per_epoch, *counts, parameters, str(self.device))
        reason = "finished"
        while self.step < self.steps and reason == "finished":
            reason = yield from self._train_epoch()
            if reason == "finished":
                yield self._end_of_epoch()
        loss, confusion = self.validate()
        accuracy = _share_right(confusion)
        yield Done(reason, self.epoch, self.step, loss, accuracy, self.images_per_second, self.seconds)

    def _train_epoch(self) -> Iterator[Event]:
        """The rest of the running epoch. Returns why it ended."""
        batches = shuffled(len(self.train_images), self.config.batch_size, self.config.seed, self.epoch)
        snapshots = {len(batches) * part // SNAPSHOTS_PER_EPOCH for part in range(1, SNAPSHOTS_PER_EPOCH + 1)}
        for place in range(self.step % len(batches), len(batches)):
            if self.stopping:
                return "stopped"
            looking = place + 1 in snapshots
            event, layers = self._train_step(batches[place], looking)
            yield event
            if not math.isfinite(event.loss):
                return "diverged"
            if looking:
                yield Snapshot(self.step, tuple(self.watched.tolist()), self._watched_probabilities(), layers)
        return "finished"

    def _train_step(self, index: Tensor, looking: bool) -> tuple[Step, tuple[Layer, ...]]:
        """Forward, backward, update. While `looking`, also how each weight tensor moved."""
        began = time.perf_counter()
        epoch, rate = self.epoch + 1, self._set_learning_rate()
        self.model.train()
        with luck.global_luck(self.config.seed, luck.Purpose.LAYERS, self.step):
            x_BCHW = self.normalize(self.augment(self.train_images, index, self.step))
            targets_B = self.train_labels[index.to(self.device)]
            logits_BK = self.model(x_BCHW.contiguous(memory_format=torch.channels_last))
            loss = F.cross_entropy(logits_BK, targets_B, label_smoothing=self.config.label_smoothing)
        self.optimizer.zero_grad()
        loss.backward()
        before = _weights(self.model) if looking else {}
        self.optimizer.step()
        loss_value, right = loss.item(), int((logits_BK.argmax(1) == targets_B).sum())
        self.step, self.seen = self.step + 1, self.seen + len(index)
        self.seconds += time.perf_counter() - began
        self._sums = tuple(a + b for a, b in zip(self._sums, (loss_value * len(index), right, len(index)), strict=True))
        return Step(epoch, self.step, loss_value, right / len(index), rate, self.seen), _layers(self.model, before)

    def _set_learning_rate(self) -> float:
        rate = self.learning_rate * SCHEDULES[self.config.schedule].factor(self.step / self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        return rate

    def _end_of_epoch(self) -> Epoch:
        loss, right, count = self._sums
        self._sums = (0.0, 0, 0)
        val_loss, confusion = self.validate()
        figures = loss / count, right / count, val_loss, _share_right(confusion)
        return Epoch(self.epoch, self.step, *figures, confusion, self.images_per_second)

    def probabilities(self, images: Tensor) -> Tensor:  # uint8 (N, C, H, W) -> float (N, K)
        """What the network takes pictures for, as it stands; nothing is changed."""
        return self._logits(images).softmax(1)

    def _logits(self, images: Tensor) -> Tensor:
        self.model.eval()
        with torch.no_grad():
            batches = (self.normalize(batch) for batch in images.split(VALIDATION_BATCH))
            return torch.cat([self.model(x.contiguous(memory_format=torch.channels_last)) for x in batches])

    def validate(self) -> tuple[float, tuple[tuple[int, ...], ...]]:
        """Cross-entropy over the validation pictures, and the confusion matrix (true, predicted)."""
        logits_NK, kinds = self._logits(self.val_images), len(self.classes)
        loss = F.cross_entropy(logits_NK, self.val_labels).item()
        pairs = torch.bincount(self.val_labels * kinds + logits_NK.argmax(1), minlength=kinds * kinds)
        return loss, tuple(tuple(row) for row in pairs.view(kinds, kinds).tolist())

    def _watched_probabilities(self) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(row) for row in self.probabilities(self._watched_images).tolist())

    def state(self) -> dict:
        """All that the rest of the run depends on."""
        kept = {name: getattr(self, name) for name in _KEPT}
        return kept | {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state(self, state: dict) -> None:
        """Go on from a `state()` of a trainer with the same config and pictures."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        for name in _KEPT:
            setattr(self, name, state[name])


_KEPT = ("step", "seconds", "seen", "learning_rate", "_sums")


def _share_right(confusion: tuple[tuple[int, ...], ...]) -> float:
    right = sum(row[i] for i, row in enumerate(confusion))
    return right / sum(map(sum, confusion))


def _spread(index: Tensor, labels: Tensor, count: int) -> Tensor:
    """Up to `count` of the places in `index`, the classes taking turns, in an order that does not depend on chance."""
    kinds = labels[index]
    turn = torch.zeros_like(kinds)
    for kind in kinds.unique():
        turn[kinds == kind] = torch.arange(int((kinds == kind).sum()))
    return index[torch.argsort(turn * (int(kinds.max()) + 1) + kinds)[:count]]


def _weights(model: nn.Module) -> dict[str, Tensor]:
    """Copies of all kernels and matrices; biases and scales are left out."""
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.dim() > 1}


def _layers(model: nn.Module, before: dict[str, Tensor]) -> tuple[Layer, ...]:
    """How each weight tensor stands and moved since `before`."""
    if not before:
        return ()
    now = dict(model.named_parameters())
    return tuple(
        Layer(
            name.removesuffix(".weight"),
            (size := old.norm().item()),
            now[name].grad.norm().item() if now[name].grad is not None else 0.0,
            (now[name].detach() - old).norm().item() / size if size else 0.0,
        )
        for name, old in before.items()
    )
