"""What is changed by training: a network, its optimizer, and what follows the weights.

Shapes: B pictures of a batch, K classes; x is what the part that learns takes, pictures or features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.optim import get_optimizer, get_precision
from core.training import seeding
from core.training.mechanics import determinism
from core.training.mechanics.distributed import Crew
from core.training.mechanics.ema import Average
from core.training.mechanics.inference import log_probabilities
from core.training.mechanics.memory_format import layout_of
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import Network, build_network
from core.training.recipe.parameter_groups import groups

COMPILER = "inductor"


class Learner:
    """A network on its device with all that a step needs. `model` is whole; `learning` is the part that is trained.

    `layout` is how weights, and pictures that it is given, lie in memory.
    """

    def __init__(
        self, config: TrainConfig, entry: Network, classes: int, size: int, device: torch.device, crew: Crew
    ) -> None:
        self.config, self.device, self.crew, self._body = config, device, crew, entry.body
        self._head: Callable[[nn.Module], nn.Module] = entry.head or (lambda whole: whole)
        with seeding.global_luck(config.seed, seeding.Purpose.INITIALIZATION):
            model = build_network(config.network, classes, size, config)
        self.layout = layout_of(config, model, device)
        self.model: nn.Module = crew.synchronized(model, device).to(device, memory_format=self.layout)
        self.learning = self._head(self.model)
        self.model.requires_grad_(self.learning is self.model)
        self.learning.requires_grad_(True)
        self.optimizer = get_optimizer(config.optimizer).build(
            groups(self.learning, entry.fresh, entry.gently), config.learning_rate, weight_decay=config.weight_decay
        )
        self._precision = get_precision(config.precision)
        self._scaler = self._precision.scaler(device)
        self._joined = crew.joined(self.learning, device)
        self._forward = torch.compile(self._joined, backend=COMPILER) if config.compile else self._joined
        self._average = Average(self.model, config.ema) if config.ema else None

    @property
    def predictor(self) -> nn.Module:
        """The network that predicts: the average of the weights where there is one, else the one that learns."""
        return self._average.model if self._average else self.model

    def gradients(self, x: Tensor, targets: Tensor) -> Tensor:
        """Those of the mean loss over the whole batch; `targets` are labels (B,) or shares (B, K).

        Returns: this process' sums of losses and of right answers, (2,).
        """
        self.learning.train()
        self.optimizer.zero_grad()
        parts = [part for part in self.crew.share(len(x), self.config.accumulate) if part.start < part.stop]
        if not parts:  # the others wait for this process' gradients: those of one picture that counts for nothing
            return self._pass(x[:1], targets[:1], 0.0, False)
        weight = self.crew.size / len(x)
        sums = [self._pass(x[part], targets[part], weight, part is not parts[-1]) for part in parts]
        return torch.stack(sums).sum(0)

    def _pass(self, x: Tensor, targets: Tensor, weight: float, until_later: bool) -> Tensor:
        """Forward and backward of a part of the batch."""
        with self.crew.quiet(self._joined, until_later):
            with self._precision.autocasting(self.device):
                logits_BK = self._forward(x).float()
            loss = F.cross_entropy(logits_BK, targets, label_smoothing=self.config.label_smoothing, reduction="sum")
            self._scaler.scale(loss * weight).backward()
        labels_B = targets if targets.dim() == 1 else targets.argmax(1)
        right = (logits_BK.detach().argmax(1) == labels_B).sum()
        return torch.stack((loss.detach(), right.float())) * bool(weight)

    def update(self, rate: float) -> None:
        """One step of the optimizer, with gradients shortened where they are too long; then of the average."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group.get("share", 1.0)  # a checkpoint from before there were shares has none
        self._scaler.unscale_(self.optimizer)
        if self.config.clip:
            nn.utils.clip_grad_norm_(self.learning.parameters(), self.config.clip)
        self._scaler.step(self.optimizer)
        self._scaler.update()
        if self._average:
            self._average.update(self.model)

    @torch.no_grad()
    def features(self, x_BCHW: Tensor) -> Tensor:
        """What the part that is not trained makes of pictures: fp32 (B, F)."""
        self.model.eval()
        with determinism.repeatable(self.device), self._precision.autocasting(self.device):
            return self._body(self.model, x_BCHW).float()

    def answers(self, batches: Iterator[Tensor]) -> Tensor:
        """Log-probabilities (N, K) of batches of what the part that learns takes."""
        return self._answers(self._head(self.predictor), batches, self.config.test_flip and self._body is None)

    def looks_at(self, batches: Iterator[Tensor]) -> Tensor:
        """Log-probabilities (N, K) of batches of normalized pictures."""
        return self._answers(self.predictor, batches, self.config.test_flip)

    @torch.no_grad()
    def _answers(self, network: nn.Module, batches: Iterator[Tensor], twice: bool) -> Tensor:
        network.eval()
        with determinism.repeatable(self.device), self._precision.autocasting(self.device):
            return torch.cat([log_probabilities(network, x, twice) for x in batches])

    def state(self) -> dict:
        """All that further steps depend on."""
        found = {"model": self.model, "optimizer": self.optimizer, "scaler": self._scaler, "average": self._average}
        return {name: part.state_dict() for name, part in found.items() if part}

    def load_state(self, state: dict) -> None:
        """Go on from a `state()`."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self._scaler.load_state_dict(state["scaler"])
        if self._average:
            self._average.load_state_dict(state["average"])
