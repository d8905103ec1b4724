"""The runs of this visitor: what came of each, any of them over each other, and each as a start for the next."""

from playground.training.history.view import show

__all__ = ["show"]
