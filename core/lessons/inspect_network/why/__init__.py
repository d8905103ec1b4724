"""Why a network gives an image its class: maps of every method, how far to trust them, and an adversarial step."""

from core.lessons.inspect_network.why.explanations import Explanation, explain, layers_of, probabilities_of
from core.lessons.inspect_network.why.gradient_step import (
    MOST,
    AdversarialStep,
    as_pixels,
    gradient_step,
    probability_along,
    stepped,
)
from core.lessons.inspect_network.why.measures import IN_RANDOM_ORDER, MeasuredMethod, measured_method
