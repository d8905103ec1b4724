"""The lines that give a network's loss and gradients."""

from __future__ import annotations

from core.knobs import knobs_of
from core.lessons.gradients import DeepConfig

TEMPLATE = """\
from core.lessons.gradients import DeepConfig, batches, build, loss_of

config = {config}
network = build(config, seed={seed})
x, labels = next(batches({seed}, config.kind))
loss = loss_of(config, network(x), labels)
loss.backward()
gradients = [layer.linear.weight.grad.double().norm().item() for layer in network.layers]"""


def gradients(config: DeepConfig, seed: int) -> str:
    """A program that computes the loss of one batch and the gradient norm of each layer's weights."""
    return TEMPLATE.format(config=constructor(config), seed=seed)


def constructor(config: DeepConfig) -> str:
    """The Python that makes a config: what differs from the defaults.

    >>> constructor(DeepConfig(depth=7, residual=True))
    'DeepConfig(depth=7, residual=True)'
    """
    plain = DeepConfig()
    values = {name: getattr(config, name) for name in knobs_of(DeepConfig)}
    changed = {name: value for name, value in values.items() if value != getattr(plain, name)}
    return f"DeepConfig({', '.join(f'{name}={value!r}' for name, value in changed.items())})"
