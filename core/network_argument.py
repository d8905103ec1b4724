"""The network that a command is given, and its input: a preset's name, text, a file of text, or somebody's own code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import PlaygroundError

if TYPE_CHECKING:
    from torch import nn


def network_and_input(text: str, typed: Any = None, arguments: Sequence[str] = ()) -> tuple[nn.Module, Any]:
    """The network and what it is given: what was typed, one size or several, or else the size it usually takes.

    Raises: PlaygroundError where nothing is typed and nobody knows what it takes, or a network for images is given
        something else.
    """
    from core.model_spec import require_image

    model, usual_input = find_model(text, typed if isinstance(typed, tuple) else None, arguments)
    given = typed or usual_input
    if given is None:
        raise PlaygroundError("the input size is missing: add --input 3x224x224, or whatever the network takes")
    if isinstance(given, tuple):
        require_image(model, given)
    return model, given


def find_model(
    text: str, input_shape: tuple[int, ...] | None = None, arguments: Sequence[str] = ()
) -> tuple[nn.Module, tuple[int, ...] | None]:
    """The network that a preset's name, a file's name, text or a reference means, and the input it is usually given.

    Only a reference (`package.module:Net`) runs somebody's code; `arguments` are what its class is called with.
    `input_shape` is the one typed: Keras text may need it.
    """
    from core import own_network
    from core.parsing import parse

    if own_network.is_reference(text):
        return own_network.build(text, arguments), None
    if arguments:
        raise PlaygroundError("--args are for your own code, written package.module:Net or path/file.py:Net")
    if _is_file(text):
        text = Path(text).read_text(encoding="utf-8", errors="replace")
    if "(" in text:
        parsed = parse(text, input_shape=input_shape)
        return parsed.module, parsed.input_shape

    from core.models import MODELS
    from core.models.find import find

    architecture = MODELS[find(text)]
    return architecture.on_meta(), architecture.input_shape


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # a long text is no legal file name
        return False
