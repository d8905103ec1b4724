"""The controls of the tab: the target, the logit that is changed, and the class whose logit is taken apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.knobs import Knob, knobs_of
from core.lessons.inspect_network.loss_range import loss_range
from core.lessons.inspect_network.softmax import LossSettings, changed_logits, listed_classes
from core.lessons.inspect_network.subject import Subject
from playground import controls
from playground.escaping import literal

OWN = "own"  # in a link: the image's label, or the predicted class where it has none; it outlives a change of the image
SMALL_LOSS = 0.01  # nats; half of it is no challenge
CHOICES = 40  # classes to choose from at most
OFFSET = Knob(
    100, -200, 200, step=10, label="Added to every logit", help="The probabilities do not depend on it, in theory."
)


@dataclass(frozen=True)
class LossState:
    """What is on the screen: indices of the target and of the changed logit, and the settings."""

    target: int
    logit: int
    settings: LossSettings

    def logits(self, logits_K: Tensor) -> Tensor:
        """The subject's logits (K,) with the change, float64."""
        return changed_logits(logits_K, self.logit, self.settings.change)

    @property
    def changed(self) -> int | None:
        """The class whose logit is not the network's own."""
        return self.logit if self.settings.change else None


def target_of(subject: Subject, logits_K: Tensor) -> int:
    """The image's class, or the predicted one where it is not known."""
    return int(logits_K.argmax()) if subject.label is None else subject.label


def choose(subject: Subject, logits_K: Tensor) -> LossState:
    """The controls of the loss."""
    own = target_of(subject, logits_K)
    why = "predicted" if subject.label is None else "label"
    target = _pick_class("Target class", subject, logits_K, own, why, "sm_target")
    explained = "Choose one to change; the network's own value is at 0."
    logit = _pick_class("Logit of", subject, logits_K, target, "target", "sm_logit", explained)
    return LossState(target, logit, controls.edit(LossSettings, "sm_"))


def choose_class(subject: Subject, logits_K: Tensor) -> int:
    """The class whose logit is taken apart; the predicted one at first."""
    return _pick_class("Logit of class", subject, logits_K, int(logits_K.argmax()), "predicted", "sm_class")


def _pick_class(
    label: str, subject: Subject, logits_K: Tensor, own: int, why: str, key: str, help: str | None = None
) -> int:
    """A select box of the class `own`, which is the default, and the others with the highest logits; an index."""
    others = [k for k in listed_classes(logits_K, (own,), CHOICES) if k != own]
    options = {OWN: f"{literal(subject.classes[own])} ({why})"} | {str(k): literal(subject.classes[k]) for k in others}
    choice = controls.pick(label, options, key, help=help, room=0)
    return own if choice == OWN else int(choice)


def unchanged(state: LossState) -> LossState:
    """The same with the network's own logits."""
    return replace(state, settings=replace(state.settings, change=0.0))


@dataclass(frozen=True)
class LossGoal:
    """The loss to reach by changing one logit: at least `loss` if that `raises` it, else at most.

    `lowest` is the least that any change gives, where that is more than half of the loss.
    """

    loss: float
    raises: bool = False
    lowest: float = 0.0

    def is_reached(self, state: LossState, now: float) -> bool:
        return state.settings.change != 0 and (now >= self.loss if self.raises else now <= self.loss)


def goal(logits_K: Tensor, state: LossState, own: float) -> LossGoal | None:
    """Half of the network's own loss, or one nat where that is small; where no change of one logit gives half, most of
    the way to the lowest loss. None where it hardly changes."""
    one, steps = state.settings, controls.uneven_steps(knobs_of(LossSettings)["change"])
    changes_S = torch.tensor(steps, dtype=torch.float64)
    lowest, highest = loss_range(logits_K, state.target, one.temperature, one.smoothing, changes_S)
    if own < SMALL_LOSS:
        return LossGoal(1.0, raises=True) if highest >= 1 else None
    if lowest <= own / 2:
        return LossGoal(own / 2)
    return LossGoal(lowest + (own - lowest) / 5, lowest=lowest) if own - lowest >= SMALL_LOSS else None
