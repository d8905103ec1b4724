"""The loss of a profile: one that fits the output, or a person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor

from core.errors import PlaygroundError
from core.profiler.inputs import takes_target
from core.profiler.memory import categories as books
from core.profiler.memory.given import faked
from core.profiler.row_builder import tensors_in
from core.profiler.setting import loss_of, target_of

if TYPE_CHECKING:
    from core.profiler.memory.iteration import Iteration


def loss_value(iteration: Iteration, output: Any) -> Tensor | None:
    """The loss of an output; None where it holds no floats, so that there is nothing to train.

    Raises: PlaygroundError where loss, output and target do not belong together.
    """
    try:
        own = iteration.own_loss
        return _default(iteration, output) if own is None else _scalar(_own(iteration, own, output))
    except PlaygroundError:
        raise
    except Exception as error:  # whatever a stranger's loss raises
        raise PlaygroundError(f"the loss cannot be computed from the output: {error}") from error


def _default(iteration: Iteration, output: Any) -> Tensor | None:
    floats = [tensor for tensor in tensors_in(output) if tensor.is_floating_point()]
    if not floats:
        return None
    if iteration.inputs.target is None and len(floats) > 1:
        return cast(Tensor, sum(tensor.float().mean() for tensor in floats))
    loss = loss_of(iteration.setting, floats[0])
    return loss.function(floats[0], _target(iteration, floats[0]))


def _own(iteration: Iteration, own: Any, output: Any) -> Any:
    """A person's loss gets the whole output as the network returns it."""
    if iteration.inputs.target is None and not takes_target(own):
        return own(output)
    if iteration.inputs.target is None and not isinstance(output, Tensor):
        raise PlaygroundError("the loss takes a target, and the network gives no single tensor: give target=")
    return own(output, _target(iteration, output))


def _target(iteration: Iteration, output: Any) -> Any:
    """What the output is compared with: the given target, or one of the size that the loss wants."""
    given = iteration.inputs.target
    with iteration.ledger.from_the_start(books.INPUT), torch.utils._python_dispatch._disable_current_modes():
        if given is None:
            size, dtype = target_of(iteration.setting, output)
            iteration.target = iteration.mode.empty(size, None, dtype)
        else:
            iteration.target = _faked(iteration, given)
    return iteration.target  # it lives on, as the data of a training does


def _faked(iteration: Iteration, given: Any) -> Any:
    if isinstance(given, Tensor):
        return faked(iteration.mode, given)
    if isinstance(given, dict):
        return {name: _faked(iteration, part) for name, part in given.items()}
    if isinstance(given, (list, tuple)) and not hasattr(given, "_fields"):
        return type(given)([_faked(iteration, part) for part in given])
    return given


def _scalar(loss: Any) -> Tensor:
    if isinstance(loss, Tensor) and loss.numel() == 1:
        return loss.reshape(())
    kind = f"a tensor of {tuple(loss.shape)}" if isinstance(loss, Tensor) else f"a {type(loss).__name__}"
    raise PlaygroundError(f"the loss gives {kind}, not one number: average it, with .mean() for example")
