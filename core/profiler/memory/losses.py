"""The loss of a profile: one that fits the output, or a person's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import Tensor

from core.errors import PlaygroundError
from core.profiler.fake_tensor.mode import FakeTensorMode
from core.profiler.inputs import takes_target
from core.profiler.memory import categories as books
from core.profiler.memory.input_tensors import faked
from core.profiler.memory.usage import Ledger
from core.profiler.row_builder import tensors_in
from core.profiler.setting import Setting, loss_of, target_of


@dataclass
class TrainingLoss:
    """What a training minimizes.

    Attributes:
        own: a person's function of output, or of output and target; None for the one that fits the output.
        given: the target that a person gives, of real tensors; None for one of the size that the loss wants.
        target: what the output was compared with; it lives on, as the data of a training does.
    """

    setting: Setting
    ledger: Ledger
    mode: FakeTensorMode
    own: Any = None
    given: Any = None
    target: Any = field(default=None, init=False)

    def of(self, output: Any) -> Tensor | None:
        """The loss of an output; None where it holds no floats, so that there is nothing to train.

        Raises: PlaygroundError where loss, output and target do not belong together.
        """
        try:
            return self._fitting(output) if self.own is None else _scalar(self._own(output))
        except PlaygroundError:
            raise
        except Exception as error:  # whatever a stranger's loss raises
            raise PlaygroundError(f"the loss cannot be computed from the output: {error}") from error

    def _fitting(self, output: Any) -> Tensor | None:
        floats = [tensor for tensor in tensors_in(output) if tensor.is_floating_point()]
        if not floats:
            return None
        if self.given is None and len(floats) > 1:
            return cast(Tensor, sum(tensor.float().mean() for tensor in floats))
        return loss_of(self.setting, floats[0]).function(floats[0], self._target(floats[0]))

    def _own(self, output: Any) -> Any:
        """A person's loss gets the whole output as the network returns it."""
        if self.given is None and not takes_target(self.own):
            return self.own(output)
        if self.given is None and not isinstance(output, Tensor):
            raise PlaygroundError("the loss takes a target, and the network gives no single tensor: give target=")
        return self.own(output, self._target(output))

    def _target(self, output: Any) -> Any:
        """What the output is compared with; it was there before the iteration began."""
        with self.ledger.from_the_start(books.INPUT), torch.utils._python_dispatch._disable_current_modes():
            if self.given is None:
                size, dtype = target_of(self.setting, output)
                self.target = self.mode.empty(size, None, dtype)
            else:
                self.target = self._faked(self.given)
        return self.target

    def _faked(self, given: Any) -> Any:
        if isinstance(given, Tensor):
            return faked(self.mode, given)
        if isinstance(given, dict):
            return {name: self._faked(part) for name, part in given.items()}
        if isinstance(given, (list, tuple)) and not hasattr(given, "_fields"):
            return type(given)([self._faked(part) for part in given])
        return given


def _scalar(loss: Any) -> Tensor:
    if isinstance(loss, Tensor) and loss.numel() == 1:
        return loss.reshape(())
    kind = f"a tensor of {tuple(loss.shape)}" if isinstance(loss, Tensor) else f"a {type(loss).__name__}"
    raise PlaygroundError(f"the loss gives {kind}, not one number: average it, with .mean() for example")
