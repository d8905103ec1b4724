"""The network that a command is given, and its input: a preset's name, text, a file of text, or somebody's own code."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from core.errors import PlaygroundError

if TYPE_CHECKING:
    from torch import nn

    from core.profiler import Profile


class NetworkArgument(NamedTuple):
    """A network, the input of its profile, and what was assumed or left out where it was read from text."""

    network: nn.Module
    input_shape: Any
    notes: tuple[str, ...] = ()

    def noted(self, result: Profile) -> Profile:
        """The profile of this network, which says these notes too."""
        return dataclasses.replace(result, remarks=(*self.notes, *result.remarks))


def network_and_input(text: str, typed: Any = None, arguments: Sequence[str] = ()) -> NetworkArgument:
    """The network and what it is given: what was typed, one size or several, or else the size it usually takes.

    Raises: PlaygroundError where nothing is typed and nobody knows what it takes, or a network for images is given
        something else.
    """
    from core.model_spec import require_image

    model, usual_input, notes = find_model(text, typed, arguments)
    given = usual_input if typed is None else typed
    if given is None:
        raise PlaygroundError("the input size is missing: add --input 3x224x224, or whatever the network takes")
    if isinstance(given, tuple) and given != usual_input:
        require_image(model, given)
    return NetworkArgument(model, given, notes)


def find_model(text: str, typed: Any = None, arguments: Sequence[str] = ()) -> NetworkArgument:
    """The network that a preset's name, a file's name, text or a reference means, and the input it is usually given.

    Only a reference (`package.module:Net`) runs somebody's code; `arguments` are what its class is called with, or
    values by name for what a text leaves open. `typed` is the input: Keras text may need it.
    """
    from core import own_network

    if own_network.is_reference(text):
        return NetworkArgument(own_network.build(text, arguments), None)
    if _is_file(text):
        text = Path(text).read_text(encoding="utf-8", errors="replace")
    if "(" in text:
        return _read(text, typed, arguments)
    if arguments:
        raise PlaygroundError("--args are for your own code (package.module:Net, path/file.py:Net) and for text")

    from core.models import MODELS
    from core.models.find import find

    architecture = MODELS[find(text)]
    return NetworkArgument(architecture.on_meta(), architecture.input_shape)


def _read(text: str, typed: Any, arguments: Sequence[str]) -> NetworkArgument:
    """The network of a text, with values for the names that it leaves open."""
    from core.own_network import read_arguments
    from core.parsing import parse
    from core.parsing.inputs.input_sizes import SIZE_OF

    unnamed, values = read_arguments(arguments)
    sizes = {f"{SIZE_OF}{name}": size for name, size in getattr(typed, "shapes", ()) if name and size}
    parsed = parse(text, input_shape=typed if isinstance(typed, tuple) else None, values={**sizes, **values})
    if unnamed or not values.keys() <= parsed.assumed.keys():
        open_names = ", ".join(parsed.assumed) or "none"
        raise PlaygroundError(f"--args give a text values for what it leaves open, as name=10; here: {open_names}")
    return NetworkArgument(parsed.module, parsed.input_shape, parsed.notes)


def takes_arguments(text: str) -> bool:
    """Whether `arguments` can mean something for it: own code and text take some, a preset none."""
    from core.own_network import is_reference

    return is_reference(text) or "(" in text or _is_file(text)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # a long text is no legal file name
        return False
