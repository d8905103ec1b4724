"""What is changed by training: a network, its optimizer, and the average of its weights.

Shapes: B images of a batch, K classes; x is what the part that learns takes, images or features.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.optim import get_optimizer, get_precision
from core.training import seeding
from core.training.mechanics import determinism
from core.training.mechanics.distributed import WorkerGroup
from core.training.mechanics.ema import ModelEma
from core.training.mechanics.memory_format import memory_format_of
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import TrainableNetwork, build_network
from core.without_compiler import admit_compiler

COMPILER = "inductor"


class Learner:
    """A network on its device with all that a step needs. `model` is whole; `trained_part` is what is trained.

    `memory_format` is that of weights and images.
    """

    def __init__(
        self,
        config: TrainConfig,
        entry: TrainableNetwork,
        classes: int,
        size: int,
        device: torch.device,
        workers: WorkerGroup,
    ) -> None:
        self.config, self.device, self.workers, self._body = config, device, workers, entry.body
        self._head: Callable[[nn.Module], nn.Module] = entry.head or (lambda whole: whole)
        with seeding.seeded_globally(config.seed, seeding.Purpose.INITIALIZATION):
            model = build_network(config.network, classes, size, config)
        self.memory_format = memory_format_of(config, model, device)
        self.model: nn.Module = workers.sync_batch_norm(model, device).to(device)
        self.model.to(memory_format=self.memory_format)  # type: ignore[call-overload]  # not in torch's stub
        self.trained_part = self._head(self.model)
        self.model.requires_grad_(self.trained_part is self.model)
        self.trained_part.requires_grad_(True)
        self.optimizer = get_optimizer(config.optimizer).build(
            groups(self.trained_part, entry.fresh, entry.gently), config.learning_rate, weight_decay=config.weight_decay
        )
        self._precision = get_precision(config.precision)
        self._scaler = self._precision.scaler(device)
        self._parallel = workers.data_parallel(self.trained_part, device)
        if config.compile:
            admit_compiler()
        self._forward = torch.compile(self._parallel, backend=COMPILER) if config.compile else self._parallel
        self._average = ModelEma(self.model, config.ema) if config.ema else None

    @property
    def predictor(self) -> nn.Module:
        """The network that predicts: the one with averaged weights if there is one, else the one that is trained."""
        return self._average.model if self._average else self.model

    def gradients(self, x: Tensor, targets: Tensor) -> Tensor:
        """Those of the mean loss over the whole batch; `targets` are labels (B,) or shares (B, K).

        Returns: this process' sum of losses and number of correct predictions, (2,).
        """
        self.trained_part.train()
        self.optimizer.zero_grad()
        parts = [part for part in self.workers.batch_slices(len(x), self.config.accumulate) if part.start < part.stop]
        if not parts:  # the others wait for this process' gradients: those of one image with weight 0
            return self._pass(x[:1], targets[:1], 0.0, is_last=True)
        weight = self.workers.size / len(x)
        sums = [self._pass(x[part], targets[part], weight, part is parts[-1]) for part in parts]
        return torch.stack(sums).sum(0)

    def _pass(self, x: Tensor, targets: Tensor, weight: float, is_last: bool) -> Tensor:
        """Forward and backward of a part of the batch."""
        with self.workers.no_sync(self._parallel, is_last):
            with self._precision.autocasting(self.device):
                logits_BK = self._forward(x).float()
            loss = F.cross_entropy(logits_BK, targets, label_smoothing=self.config.label_smoothing, reduction="sum")
            self._scaler.scale(loss * weight).backward()
        labels_B = targets if targets.dim() == 1 else targets.argmax(1)
        correct = (logits_BK.detach().argmax(1) == labels_B).sum()
        return torch.stack((loss.detach(), correct.float())) * bool(weight)

    def update(self, rate: float) -> None:
        """One step of the optimizer, with clipped gradients; then of the average."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group.get("share", 1.0)  # a checkpoint from before there were shares has none
        self._scaler.unscale_(self.optimizer)
        if self.config.clip:
            nn.utils.clip_grad_norm_(self.trained_part.parameters(), self.config.clip)
        self._scaler.step(self.optimizer)
        self._scaler.update()
        if self._average:
            self._average.update(self.model)

    @torch.no_grad()
    def features(self, x_BCHW: Tensor) -> Tensor:
        """The output of the frozen part for images: fp32 (B, F). Only for a network that has one."""
        assert self._body is not None
        self.model.eval()
        with determinism.deterministic(self.device), self._precision.autocasting(self.device):
            return self._body(self.model, x_BCHW).float()

    def predict_inputs(self, batches: Iterator[Tensor]) -> Tensor:
        """Log-probabilities (N, K) for batches of what the trained part takes."""
        return self._predict(self._head(self.predictor), batches, self.config.test_flip and self._body is None)

    def predict_images(self, batches: Iterator[Tensor]) -> Tensor:
        """Log-probabilities (N, K) for batches of normalized images."""
        return self._predict(self.predictor, batches, self.config.test_flip)

    @torch.no_grad()
    def _predict(self, network: nn.Module, batches: Iterator[Tensor], mirrored: bool) -> Tensor:
        network.eval()
        with determinism.deterministic(self.device), self._precision.autocasting(self.device):
            return torch.cat([log_probabilities(network, x, mirrored) for x in batches])

    def state(self) -> dict[str, Any]:
        """All that further steps depend on."""
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self._scaler.state_dict(),
        }
        return state | ({"average": self._average.state_dict()} if self._average else {})

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from a `state()`."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self._scaler.load_state_dict(state["scaler"])
        if self._average:
            self._average.load_state_dict(state["average"])


def groups(learning: nn.Module, fresh: str, gently: float) -> list[dict]:
    """The parameters that learn, and each group's `share` of the learning rate.

    Where a part is new, by the name `fresh`, all others came trained and have the share `gently`; "" is none.
    """
    if not fresh:
        return [{"params": list(learning.parameters()), "share": 1.0}]
    new = list(learning.get_submodule(fresh).parameters())
    rest = [p for p in learning.parameters() if all(p is not one for one in new)]
    return [{"params": new, "share": 1.0}, {"params": rest, "share": gently}]


def log_probabilities(model: nn.Module, x: Tensor, mirrored: bool = False) -> Tensor:
    """Logarithms of the probabilities of each class: (B, ...) -> float32 (B, K).

    `mirrored` takes the mean of the probabilities of an image (B, C, H, W) and of its mirror image.
    """
    own = model(x).float().log_softmax(1)
    if not mirrored:
        return own
    return torch.logaddexp(own, model(x.flip(3)).float().log_softmax(1)) - math.log(2)
