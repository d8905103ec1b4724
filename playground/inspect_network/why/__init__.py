"""The tab "Why": methods of explanation side by side, whether they can be trusted, and a step that deceives."""

from __future__ import annotations

from core.lessons.inspect_network import Subject
from playground import lesson
from playground.inspect_network.why import adversarial_step, maps, measured, randomized_weights, settings

PARTS = {
    "Maps": maps.show,
    "Randomized weights": randomized_weights.show,
    "Measured": measured.show,
    "Adversarial step": adversarial_step.show,
}


def show(subject: Subject) -> None:
    """The prediction and what is to be explained; then the parts, of which only the open one is computed."""
    chosen = settings.choose(subject)
    for draw in lesson.open_tab(PARTS, "why"):
        draw(subject, chosen)
