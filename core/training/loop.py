"""The training loop: plain PyTorch, as a stream of events.

    for event in train(TrainConfig(epochs=3), load("sketches", size=64)):
        print(event)

Shapes: B images of a batch, C channels, H rows, W columns, K classes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.datasets import ImageDataset
from core.errors import DataError
from core.optim.schedules import factor_of
from core.training import seeding
from core.training.batches import (
    ImageNormalization,
    batches_per_epoch,
    digest_of_images,
    digest_of_split,
    fewest_in_a_pass,
    shuffled,
    split_of,
)
from core.training.confusion import ConfusionMatrix
from core.training.events import Began, Done, Epoch, Event, LayerUpdate, Snapshot, TrainingStep
from core.training.mechanics import determinism, weight_statistics
from core.training.mechanics.devices import usable_device
from core.training.mechanics.distributed import WorkerGroup
from core.training.mechanics.ema import BestWeights
from core.training.mechanics.learner import Learner
from core.training.preparing.input_pipeline import DatasetPart, FeatureBatches, ImageBatches
from core.training.preparing.validate_config import check_batch_norm, validate_config
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import network_of

WATCHED = 12  # validation images whose predictions are followed
MOST_SNAPSHOTS = 4  # per epoch
STEPS_PER_SNAPSHOT = 10  # at least: a snapshot costs as much as a tenth of a step
VALIDATION_BATCH = 64  # images: no more than a usual step has, which holds more of each


def train(
    config: TrainConfig, data: ImageDataset, device: str = "cpu", workers: WorkerGroup | None = None
) -> Iterator[Event]:
    """A whole run from its first step. Closing the generator ends it."""
    yield from Trainer(config, data, device, workers).run()


class Trainer:
    """One run: its network, its optimizer and how far it is.

    `learning_rate` may be changed and `stop()` called between two events; `state()` may be taken at any of them, and a
    trainer of the same config and images that loads it goes on to the same weights, bit for bit.
    """

    def __init__(
        self, config: TrainConfig, data: ImageDataset, device: str = "cpu", workers: WorkerGroup | None = None
    ) -> None:
        self.config, self.classes, self.size = config, data.classes, data.images.shape[-1]
        self.device, self.workers = usable_device(device), workers or WorkerGroup()
        parts = self.train_index, self.val_index, self.test_index = split_of(config, data)
        _check_split(config, parts)
        self.data_digest, self.split_digest = digest_of_images(data), digest_of_split(parts)
        entry = network_of(config.network)
        validate_config(config, len(data.classes), self.size, self.device)
        self.steps_per_epoch = batches_per_epoch(len(self.train_index), config.batch_size)
        if not entry.body:
            fewest = fewest_in_a_pass(len(self.train_index), config, self.workers.size)
            check_batch_norm(config, len(data.classes), self.size, fewest)
        self.normalize = (
            ImageNormalization(*entry.normalization)
            if entry.normalization
            else ImageNormalization.of(data.images, self.train_index)
        )
        self._watched_rows = weight_statistics.balanced_sample(self.val_index, data.labels, WATCHED)
        self.watched = self.val_index[self._watched_rows]
        self._learner = Learner(config, entry, len(self.classes), self.size, self.device, self.workers)
        self.train_part, self.val_part = (DatasetPart(data, i, self.device) for i in (self.train_index, self.val_index))
        self._images = self._image_batches()
        self._batches: ImageBatches | FeatureBatches = self._images
        if entry.body:
            self._batches = FeatureBatches(config, self._images, self._learner.features)
        self.learning_rate = config.learning_rate
        self.step, self.seconds, self.seen, self.stopping = 0, 0.0, 0, False
        self.prepares_ahead = self.device.type == "cuda"  # a device that works on while we do
        self._ahead: dict[int, tuple[Tensor, Tensor]] = {}  # the next step's batch, by step
        self._sums, self._best = (0.0, 0, 0), BestWeights()  # of the current epoch: loss, correct predictions, images

    def _image_batches(self) -> ImageBatches:
        parts, memory_format = (self.train_part, self.val_part), self._learner.memory_format
        return ImageBatches(self.config, parts, len(self.classes), self.normalize, self.steps, memory_format)

    @property
    def model(self) -> nn.Module:
        return self._learner.model

    @property
    def predictor(self) -> nn.Module:
        """The network that predicts: the one with averaged weights if there is one, else the one that is trained."""
        return self._learner.predictor

    @property
    def val_images(self) -> Tensor:
        """The validation images, uint8 (N, C, H, W)."""
        return self.val_part.images_at(torch.arange(len(self.val_index)))

    @property
    def steps(self) -> int:
        return self.config.epochs * self.steps_per_epoch

    @property
    def epoch(self) -> int:
        """Whole epochs done."""
        return self.step // self.steps_per_epoch

    @property
    def images_per_second(self) -> float:
        """Training images over the time spent in training steps."""
        return self.seen / self.seconds if self.seconds else 0.0

    def stop(self) -> None:
        """End the run after the current step, with the validation figures of the weights as they are then."""
        self.stopping = True

    def run(self) -> Iterator[Event]:
        """The events from here to the end."""
        yield self._began()
        reason = "early" if self._is_patience_over else "finished"
        while self.step < self.steps and reason == "finished":
            reason = yield from self._train_epoch()
            if reason == "finished":
                yield self._end_of_epoch()
                reason = "early" if self._is_patience_over else reason
        if reason in ("early", "finished") and self._best.weights:
            self.predictor.load_state_dict(self._best.weights)
        loss, confusion = self.validate()
        accuracy, reason = confusion.accuracy, reason if math.isfinite(loss) else "diverged"
        yield Done(reason, self.epoch, self.step, loss, accuracy, self.images_per_second, self.seconds)

    def _began(self) -> Began:
        counts = len(self.train_index), len(self.val_index)
        parameters = sum(p.numel() for p in self.model.parameters())
        setting = determinism.describe(self.config, self.device, self._learner.memory_format)
        plan = self.step, self.steps, self.steps_per_epoch
        return Began(*plan, *counts, parameters, str(self.device), len(self.test_index), setting)

    @property
    def _is_patience_over(self) -> bool:
        return self._best.is_patience_over(self.epoch, self.config.patience)

    def _train_epoch(self) -> Generator[Event, None, str]:
        """The rest of the current epoch. Returns why it ended."""
        batches = shuffled(len(self.train_index), self.config.batch_size, self.config.seed, self.epoch)
        parts = max(1, min(MOST_SNAPSHOTS, len(batches) // STEPS_PER_SNAPSHOT))
        snapshots = {len(batches) * part // parts for part in range(1, parts + 1)}
        for number in range(self.step % len(batches), len(batches)):
            if self.stopping:
                return "stopped"
            measures = number + 1 in snapshots
            following = batches[number + 1] if number + 1 < len(batches) else None
            event, layers = self._train_step(batches[number], self._rate, measures, following)
            yield event
            if not math.isfinite(event.loss):
                return "diverged"
            if measures:
                yield Snapshot(self.step, tuple(self.watched.tolist()), self._watched_probabilities(), layers)
        return "finished"

    @property
    def _rate(self) -> float:
        """The learning rate of the next step, by schedule and by hand."""
        return self.learning_rate * factor_of(self.config.schedule)(self.step / self.steps)

    def step_at(self, rate: float) -> float:
        """Take the next step at any learning rate, outside of `run`. Returns the loss before it."""
        batches = shuffled(len(self.train_index), self.config.batch_size, self.config.seed, self.epoch)
        event, _ = self._train_step(batches[self.step % len(batches)], rate, measures=False)
        return event.loss

    def _train_step(
        self, index: Tensor, rate: float, measures: bool, following: Tensor | None = None
    ) -> tuple[TrainingStep, tuple[LayerUpdate, ...]]:
        """Forward, backward, update. If it `measures`, also the update of each weight tensor.

        A device that works asynchronously gets the `following` batch to prepare before its result is waited for.
        """
        began = time.perf_counter()
        epoch, count = self.epoch + 1, len(index)
        with determinism.deterministic(self.device), seeding.seeded_globally(*self._layer_seed):
            ahead = self._ahead.pop(self.step, None)
            sums = self._learner.gradients(*(ahead or self._batches.batch(index, self.step)))
            before = weight_statistics.copy_weights(self.model) if measures else {}
            self._learner.update(rate)
            if following is not None and self.prepares_ahead:
                self._ahead = {self.step + 1: self._batches.batch(following, self.step + 1)}
        loss, correct = self.workers.sum(sums).tolist()
        loss, correct = loss / count, round(correct)
        self.step, self.seen = self.step + 1, self.seen + count
        self.seconds += time.perf_counter() - began
        losses, all_correct, images = self._sums
        self._sums = losses + loss * count, all_correct + correct, images + count
        return TrainingStep(epoch, self.step, loss, correct / count, rate, self.seen), weight_statistics.layer_updates(
            self.model, before
        )

    @property
    def _layer_seed(self) -> tuple[int, seeding.Purpose, int]:
        """What the random numbers of layers such as Dropout depend on; processes that train together differ."""
        return self.config.seed, seeding.Purpose.LAYERS, self.step * self.workers.size + self.workers.rank

    def _end_of_epoch(self) -> Epoch:
        loss, correct, count = self._sums
        self._sums = (0.0, 0, 0)
        val_loss, confusion = self.validate()
        if self.config.patience:
            self._best.update(self.epoch, val_loss, self.predictor)
        figures = loss / count, correct / count, val_loss, confusion.accuracy
        return Epoch(self.epoch, self.step, *figures, confusion, self.images_per_second)

    def probabilities(self, images: Tensor) -> Tensor:  # uint8 (N, C, H, W) -> float (N, K)
        """Predictions of the network as it is now; nothing is changed."""
        inputs = (self._images.network_input(batch) for batch in images.split(VALIDATION_BATCH))
        return self._learner.predict_images(inputs).exp()

    def _predict_val(self, index: Tensor) -> Tensor:
        """Log-probabilities of the validation images at `index`."""
        return self._learner.predict_inputs(self._batches.val(batch) for batch in index.split(VALIDATION_BATCH))

    def val_predictions(self) -> tuple[Tensor, Tensor]:  # float32 (N,), int64 (N,), both on the CPU
        """The highest probability and its class for each validation image, by the network as it is now."""
        highest = self._predict_val(torch.arange(len(self.val_index))).max(1)
        return highest.values.float().exp().cpu(), highest.indices.cpu()

    def validate(self) -> tuple[float, ConfusionMatrix]:
        """Cross-entropy over the validation images, and the confusion matrix (true, predicted)."""
        own = torch.arange(self.workers.rank, len(self.val_index), self.workers.size)
        classes = len(self.classes)
        labels, predicted = self.val_part.labels_at(own), self._predict_val(own)
        loss = F.nll_loss(predicted, labels, reduction="sum")
        pairs = torch.bincount(labels * classes + predicted.argmax(1), minlength=classes * classes)
        total, *counts = self.workers.sum(torch.cat((loss[None], pairs.float()))).tolist()
        confusion = ConfusionMatrix.of(torch.tensor(counts).long().view(classes, classes))
        return total / len(self.val_index), confusion

    def _watched_probabilities(self) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(row) for row in self._predict_val(self._watched_rows).exp().tolist())

    def state(self) -> dict[str, Any]:
        """All that the rest of the run depends on."""
        own = {name: getattr(self, name) for name in _STATE}
        return own | {"learner": self._learner.state(), "best": dict(vars(self._best))}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from a `state()` of a trainer with the same config and images."""
        self._learner.load_state(state["learner"])
        self._best = BestWeights(**state["best"])
        for name in _STATE:
            setattr(self, name, state[name])


def _check_split(config: TrainConfig, parts: tuple[Tensor, ...]) -> None:
    """Raises: DataError if there is too little to train on, or nothing to validate with."""
    train, val, test = map(len, parts)
    if not val and not config.val_share:
        raise DataError(
            "With val_share 0 no image is left to validate with, and nobody would know what the network has learnt: "
            "choose a share above 0."
        )
    if train < 2 or val < 1:
        raise DataError(f"{train + val + test} images are too few to train on: provide at least 5 per class.")


_STATE = ("step", "seconds", "seen", "learning_rate", "_sums")
