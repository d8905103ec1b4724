"""The runs of this visitor: the result of each, a comparison, and each as a start for the next."""

from playground.training.history.view import show

__all__ = ["show"]
