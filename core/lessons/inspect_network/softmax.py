"""From logits to a loss, every step of it: exponentials, probabilities, targets, cross-entropy and its gradient.

All of it in float64, so that no digit on the screen is a rounding error; float32 is where its limits are the subject.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.knobs import knob

LARGEST_FLOAT32 = torch.finfo(torch.float32).max


@dataclass(frozen=True)
class LossSettings:
    """What a person changes: one logit by `change`, the temperature, and how far the targets are smoothed."""

    change: float = knob(0.0, -20.0, 20.0, step=0.1, fine=5.0, label="Change of this logit")
    temperature: float = knob(1.0, 0.1, 10.0, log=True, help="All logits are divided by it before the softmax.")
    smoothing: float = knob(
        0.0, 0.0, 0.5, step=0.05, label="Label smoothing", help="This share of the target is divided among all classes."
    )


@dataclass(frozen=True, eq=False)
class LossBreakdown:
    """One image's way from logits to loss, a value for each of K classes (K,), float64.

    `exponents` are z/T minus their maximum, `exps` their exponentials, `terms` what each class adds to the loss, and
    `gradient` how fast the loss changes with each logit.
    """

    logits: Tensor
    exponents: Tensor
    exps: Tensor
    probabilities: Tensor
    targets: Tensor
    terms: Tensor
    gradient: Tensor

    @property
    def loss(self) -> float:
        """Cross-entropy in nats."""
        return float(self.terms.sum())

    @property
    def predicted(self) -> int:
        """The class of the highest probability."""
        return int(self.logits.argmax())


def loss_breakdown(logits_K: Tensor, label: int, temperature: float = 1.0, smoothing: float = 0.0) -> LossBreakdown:
    """Every quantity between the logits (K,) of one image and its loss; `label` is the true class.

    >>> one = loss_breakdown(torch.tensor([2.0, 0.0]), 0)
    >>> [round(p, 3) for p in one.probabilities.tolist()], round(one.loss, 3)
    ([0.881, 0.119], 0.127)
    """
    logits = logits_K.detach().double()
    scaled = logits / temperature
    exponents = scaled - scaled.max()
    exps = exponents.exp()
    probabilities = softmax(logits, temperature)
    targets = smoothed_targets(len(logits), label, smoothing)
    log_probabilities = exponents - exps.sum().log()
    terms = torch.where(targets > 0, -targets * log_probabilities, 0.0)
    gradient = loss_gradient(probabilities, targets, temperature)
    return LossBreakdown(logits, exponents, exps, probabilities, targets, terms, gradient)


def changed_logits(logits_K: Tensor, index: int, change: float) -> Tensor:
    """The logits (K,) with `change` added to one of them, float64."""
    logits = logits_K.detach().double().clone()
    logits[index] += change
    return logits


def softmax(logits_K: Tensor, temperature: float = 1.0) -> Tensor:
    r"""Probabilities (K,) of the classes: positive, and they add up to 1.

    $$p_k = \frac{e^{z_k / T}}{\sum_j e^{z_j / T}}$$

    The maximum is subtracted from all exponents first, which cancels and keeps every exponential at 1 or below.
    Source: Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs".
    """
    scaled = logits_K / temperature
    exps = (scaled - scaled.max()).exp()
    return exps / exps.sum()


def cross_entropy(targets_K: Tensor, probabilities_K: Tensor) -> float:
    r"""The loss of one image, in nats; for a target of 0 and 1 it is minus the logarithm of one probability.

    $$L = -\sum_k y_k\, \ln\, p_k$$

    A class whose target is 0 adds nothing, however small its probability.
    """
    return float(-torch.xlogy(targets_K, probabilities_K).sum())


def loss_gradient(probabilities_K: Tensor, targets_K: Tensor, temperature: float = 1.0) -> Tensor:
    r"""How fast the loss changes with each logit (K,): too much probability pulls a logit down, too little lifts it.

    $$\frac{\partial L}{\partial z_k} = \frac{p_k - y_k}{T}$$
    """
    return (probabilities_K - targets_K) / temperature


def smoothed_targets(classes: int, label: int, smoothing: float = 0.0) -> Tensor:
    r"""The target of each class (K,), as `nn.CrossEntropyLoss(label_smoothing=...)` has it; they add up to 1.

    $$y_k = (1 - \varepsilon)\,[k = t] + \frac{\varepsilon}{K}$$

    Source: Szegedy et al. 2016, arXiv:1512.00567, section 7.
    """
    targets = torch.full((classes,), smoothing / classes, dtype=torch.float64)
    targets[label] += 1 - smoothing
    return targets


def two_class_probability(first: float, second: float, temperature: float = 1.0) -> float:
    r"""Softmax over two logits is the sigmoid of their difference.

    $$p_1 = \sigma\left(\frac{z_1 - z_2}{T}\right) = \frac{1}{1 + e^{-(z_1 - z_2) / T}}$$
    """
    return float(torch.sigmoid(torch.tensor((first - second) / temperature, dtype=torch.float64)))


@dataclass(frozen=True, eq=False)
class Float32Softmax:
    """Softmax in float32 without and with the maximum subtracted: exponentials, their sums, probabilities (K,)."""

    logits: Tensor
    naive_exps: Tensor
    naive_probabilities: Tensor
    exps: Tensor
    probabilities: Tensor

    @property
    def naive_sum(self) -> float:
        return float(self.naive_exps.sum())

    @property
    def overflows(self) -> bool:
        """Whether an exponential, or their sum, is larger than the largest float32."""
        return not bool(torch.isfinite(self.naive_exps.sum()))

    @property
    def underflows(self) -> bool:
        """Whether all exponentials are rounded to 0, so that nothing is left to divide by."""
        return self.naive_sum == 0


def float32_softmax(logits_K: Tensor, offset: float) -> Float32Softmax:
    """Both ways to compute the softmax in float32, with the same `offset` added to every logit (K,)."""
    logits = (logits_K.detach().double() + offset).float()
    naive, exps = logits.exp(), (logits - logits.max()).exp()
    return Float32Softmax(logits, naive, naive / naive.sum(), exps, exps / exps.sum())


def smallest_halving_change(probability: float, temperature: float = 1.0) -> float:
    r"""By how much the true class's logit must rise until the loss is half of what it is.

    $$\Delta z = T \left(\ln\frac{\sqrt p}{1 - \sqrt p} - \ln\frac{p}{1 - p}\right) = T \ln\frac{1 + \sqrt p}{\sqrt p}$$

    >>> round(smallest_halving_change(0.25), 4)
    1.0986
    """
    root = torch.tensor(probability, dtype=torch.float64).sqrt()
    return temperature * float(torch.log((1 + root) / root))


def listed_classes(logits_K: Tensor, always: tuple[int, ...], most: int = 8) -> tuple[int, ...]:
    """Classes to list, the highest logit first: `always` among them, and `most` in all where there are more.

    >>> listed_classes(torch.tensor([0.0, 3.0, 1.0, 2.0]), (0,), most=2)
    (1, 0)
    """
    order = logits_K.argsort(descending=True, stable=True).tolist()
    wanted = set(always)
    for one in order:
        if len(wanted) >= most:
            break
        wanted.add(one)
    return tuple(one for one in order if one in wanted)
