"""The training loop: plain PyTorch, told as a stream of events.

    for event in train(TrainConfig(epochs=3), load("sketches", size=64)):
        print(event)

Shapes: B pictures of a batch, C channels, H rows, W columns, K classes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.errors import DataError
from core.optim.schedules import factor_of
from core.training import seeding
from core.training.batches import Labelled, Normalization, batches_per_epoch, shuffled, split_of
from core.training.events import Began, Done, Epoch, Event, Layer, Snapshot, Step
from core.training.mechanics import determinism, weight_statistics
from core.training.mechanics.distributed import Crew
from core.training.mechanics.ema import Best
from core.training.mechanics.learner import Learner
from core.training.preparing.input_pipeline import Features, Feed, Part, Pixels
from core.training.preparing.validate_config import check
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import Network, network_of

WATCHED = 12  # validation pictures whose predictions are followed
MOST_SNAPSHOTS = 4  # an epoch
STEPS_A_SNAPSHOT = 10  # at least: looking costs as much as a tenth of a step
VALIDATION_BATCH = 256


def train(config: TrainConfig, data: Labelled, device: str = "cpu", crew: Crew | None = None) -> Iterator[Event]:
    """A whole run from its first step. Closing the generator ends it."""
    yield from Trainer(config, data, device, crew).run()


class Trainer:
    """One run: its network, its optimizer and how far it is.

    `learning_rate` may be changed and `stop()` called between two events; `state()` may be taken at any of them, and a
    trainer of the same config and pictures that loads it goes on to the same weights, bit for bit.
    """

    def __init__(self, config: TrainConfig, data: Labelled, device: str = "cpu", crew: Crew | None = None) -> None:
        self.config, self.classes, self.size = config, data.classes, data.images.shape[-1]
        self.device, self.crew = torch.device(device), crew or Crew()
        self.train_index, self.val_index, self.test_index = split_of(config, data)
        if len(self.train_index) < 2 or len(self.val_index) < 1:
            raise DataError(f"{len(data.labels)} pictures are too few to train on: give at least 5 of each class.")
        entry = network_of(config.network)
        check(config, len(data.classes), self.size, self.device)
        self.steps_per_epoch = batches_per_epoch(len(self.train_index), config.batch_size)
        self.normalize = (
            Normalization(*entry.normalization)
            if entry.normalization
            else Normalization.of(data.images, self.train_index)
        )
        self._watched_places = weight_statistics.spread(self.val_index, data.labels, WATCHED)
        self.watched = self.val_index[self._watched_places]
        self._learner = Learner(config, entry, len(self.classes), self.size, self.device, self.crew)
        self._feed = self._fed(entry, data)
        self.learning_rate = config.learning_rate
        self.step, self.seconds, self.seen, self.stopping = 0, 0.0, 0, False
        self.prepares_ahead = self.device.type == "cuda"  # a device that works on while we do
        self._ahead: dict[int, tuple[Tensor, Tensor]] = {}  # the next step's batch, by step
        self._sums, self._best = (0.0, 0, 0), Best()  # of the running epoch: loss, right answers, pictures

    def _fed(self, entry: Network, data: Labelled) -> Feed:
        self.train_part, self.val_part = (Part(data, i, self.device) for i in (self.train_index, self.val_index))
        parts = self.train_part, self.val_part
        what = (self.config, parts, len(self.classes), self.normalize, self.steps, self._learner.layout)
        self._pixels = Pixels(*what)
        return Features(self.config, self._pixels, self._learner.features) if entry.body else self._pixels

    @property
    def model(self) -> nn.Module:
        """The network that learns."""
        return self._learner.model

    @property
    def predictor(self) -> nn.Module:
        """The network that predicts: the average of the weights where there is one, else the one that learns."""
        return self._learner.predictor

    @property
    def val_images(self) -> Tensor:
        """The validation pictures, uint8 (N, C, H, W)."""
        return self.val_part.images[self.val_part.places(torch.arange(len(self.val_index)))]

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
        yield self._began()
        reason = "early" if self._waited_enough else "finished"
        while self.step < self.steps and reason == "finished":
            reason = yield from self._train_epoch()
            if reason == "finished":
                yield self._end_of_epoch()
                reason = "early" if self._waited_enough else reason
        if reason in ("early", "finished") and self._best.weights:
            self.predictor.load_state_dict(self._best.weights)
        loss, confusion = self.validate()
        accuracy = _share_right(confusion)
        yield Done(reason, self.epoch, self.step, loss, accuracy, self.images_per_second, self.seconds)

    def _began(self) -> Began:
        counts = len(self.train_index), len(self.val_index)
        parameters = sum(p.numel() for p in self.model.parameters())
        words = determinism.words(self.config, self.device, self._learner.layout)
        plan = self.step, self.steps, self.steps_per_epoch
        return Began(*plan, *counts, parameters, str(self.device), len(self.test_index), words)

    @property
    def _waited_enough(self) -> bool:
        return self._best.is_long_ago(self.epoch, self.config.patience)

    def _train_epoch(self) -> Iterator[Event]:
        """The rest of the running epoch. Returns why it ended."""
        batches = shuffled(len(self.train_index), self.config.batch_size, self.config.seed, self.epoch)
        parts = max(1, min(MOST_SNAPSHOTS, len(batches) // STEPS_A_SNAPSHOT))
        snapshots = {len(batches) * part // parts for part in range(1, parts + 1)}
        for place in range(self.step % len(batches), len(batches)):
            if self.stopping:
                return "stopped"
            looks = place + 1 in snapshots
            following = batches[place + 1] if place + 1 < len(batches) else None
            event, layers = self._train_step(batches[place], self._rate, looks, following)
            yield event
            if not math.isfinite(event.loss):
                return "diverged"
            if looks:
                yield Snapshot(self.step, tuple(self.watched.tolist()), self._watched_probabilities(), layers)
        return "finished"

    @property
    def _rate(self) -> float:
        """The learning rate of the next step, by schedule and by hand."""
        return self.learning_rate * factor_of(self.config.schedule)(self.step / self.steps)

    def step_at(self, rate: float) -> float:
        """Take the next step at any learning rate, outside of `run`. Returns the loss before it."""
        batches = shuffled(len(self.train_index), self.config.batch_size, self.config.seed, self.epoch)
        event, _ = self._train_step(batches[self.step % len(batches)], rate, looks=False)
        return event.loss

    def _train_step(
        self, index: Tensor, rate: float, looks: bool, following: Tensor | None = None
    ) -> tuple[Step, tuple[Layer, ...]]:
        """Forward, backward, update. While it `looks`, also how each weight tensor moved.

        A device that works on by itself gets the `following` batch to prepare before its answer is waited for.
        """
        began = time.perf_counter()
        epoch, count = self.epoch + 1, len(index)
        with determinism.repeatable(self.device), seeding.global_luck(*self._place):
            ahead = self._ahead.pop(self.step, None)
            sums = self._learner.gradients(*(ahead or self._feed.batch(index, self.step)))
            before = weight_statistics.weights(self.model) if looks else {}
            self._learner.update(rate)
            if following is not None and self.prepares_ahead:
                self._ahead = {self.step + 1: self._feed.batch(following, self.step + 1)}
        loss, right = self.crew.total(sums).tolist()
        loss, right = loss / count, round(right)
        self.step, self.seen = self.step + 1, self.seen + count
        self.seconds += time.perf_counter() - began
        self._sums = tuple(a + b for a, b in zip(self._sums, (loss * count, right, count), strict=True))
        return Step(epoch, self.step, loss, right / count, rate, self.seen), weight_statistics.layers(
            self.model, before
        )

    @property
    def _place(self) -> tuple[int, seeding.Purpose, int]:
        """What the chance of layers such as Dropout depends on; processes that train together differ."""
        return self.config.seed, seeding.Purpose.LAYERS, self.step * self.crew.size + self.crew.rank

    def _end_of_epoch(self) -> Epoch:
        loss, right, count = self._sums
        self._sums = (0.0, 0, 0)
        val_loss, confusion = self.validate()
        if self.config.patience:
            self._best.see(self.epoch, val_loss, self.predictor)
        figures = loss / count, right / count, val_loss, _share_right(confusion)
        return Epoch(self.epoch, self.step, *figures, confusion, self.images_per_second)

    def probabilities(self, images: Tensor) -> Tensor:  # uint8 (N, C, H, W) -> float (N, K)
        """What the network takes pictures for, as it stands; nothing is changed."""
        shown = (self._pixels.shown(batch) for batch in images.split(VALIDATION_BATCH))
        return self._learner.looks_at(shown).exp()

    def _val(self, places: Tensor) -> Tensor:
        """Log-probabilities of the validation pictures at `places`."""
        return self._learner.answers(self._feed.val(batch) for batch in places.split(VALIDATION_BATCH))

    def validate(self) -> tuple[float, tuple[tuple[int, ...], ...]]:
        """Cross-entropy over the validation pictures, and the confusion matrix (true, predicted)."""
        own = torch.arange(self.crew.rank, len(self.val_index), self.crew.size)
        kinds = len(self.classes)
        labels, found = self.val_part.labels_at(own), self._val(own)
        loss = F.nll_loss(found, labels, reduction="sum")
        pairs = torch.bincount(labels * kinds + found.argmax(1), minlength=kinds * kinds)
        loss, *pairs = self.crew.total(torch.cat((loss[None], pairs.float()))).tolist()
        rows = [pairs[kinds * row : kinds * (row + 1)] for row in range(kinds)]
        return loss / len(self.val_index), tuple(tuple(map(int, row)) for row in rows)

    def _watched_probabilities(self) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(row) for row in self._val(self._watched_places).exp().tolist())

    def state(self) -> dict:
        """All that the rest of the run depends on."""
        kept = {name: getattr(self, name) for name in _KEPT}
        return kept | {"learner": self._learner.state(), "best": dict(vars(self._best))}

    def load_state(self, state: dict) -> None:
        """Go on from a `state()` of a trainer with the same config and pictures."""
        self._learner.load_state(state["learner"])
        self._best = Best(**state["best"])
        for name in _KEPT:
            setattr(self, name, state[name])


_KEPT = ("step", "seconds", "seen", "learning_rate", "_sums")


def _share_right(confusion: tuple[tuple[int, ...], ...]) -> float:
    right = sum(row[i] for i, row in enumerate(confusion))
    return right / sum(map(sum, confusion))
