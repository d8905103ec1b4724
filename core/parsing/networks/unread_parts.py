"""Parts of a network that are made by something which is not in the text, and whose layers nobody can count."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from torch import nn

from core.errors import ParseError
from core.parsing.definitions import mentioned
from core.parsing.evaluation.calls import NOT_KNOWN
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Class, Function, MissingDefinitionError, Unknown
from core.parsing.network_values import is_unnamed_output

WITHOUT_LAYERS = re.compile(
    r"loss|criteri|metric|accura|auroc|tokeniz|vocab|logg|config|cfg|dataset|transforms|sampler|schedul|optim|writer"
    r"|callback|distribution|utils\.data",
    re.IGNORECASE,
)


def refuse_unread(module: nn.Module, went_through: bool) -> None:
    """Refuses a network no input of which has reached such a part: what the part does was never looked at.

    Raises: ParseError that names what is missing.
    """
    unread = None if went_through else next(_unread(module), None)
    if unread is not None:
        raise unread[1].refusal()


def unread_notes(module: nn.Module) -> list[str]:
    """That such parts, which `forward` did not use, are not counted."""
    named = [(path, _maker(value)) for path, value in _unread(module)]
    return [
        f"{path} is made by {maker}, which is not in this text: what it holds is not counted."
        for path, maker in named
        if maker[:1].isupper()
    ]


def lacks_parts(value: Any) -> bool:
    """Whether a network has a part that is made by something which is not in the text."""
    return isinstance(value, nn.Module) and next(_unread(value), None) is not None


def unread_whole(
    values: Iterable[Any], networks: Mapping[str, Any], builds_layers: Callable[[Function], bool]
) -> ParseError | None:
    """What a class inherits from that nobody knows, where those networks are only parts of that class.

    Args: `networks` are their values by name; what a function of Keras's layers gives back is no whole network, where
    a class has methods that build layers.
    """
    names, outputs = set(networks), bool(networks) and all(map(is_unnamed_output, networks.values()))
    classes = [one for one in values if isinstance(one, Class) and one.base is None]
    for cls in classes:
        base = cls.unknown_base()
        methods = [one for one in cls.names.values() if isinstance(one, Function)]
        is_whole = isinstance(cls.find("forward"), Function) and names and names <= mentioned(cls)
        if base is not None and (is_whole or (outputs and any(map(builds_layers, methods)))):
            if base.is_imported:
                return base.refusal()
            said = f"Line {cls.line}: the class {cls.name} inherits from {base.name}, which is not in this text"
            return MissingDefinitionError(f"{said}: paste the definition of {base.name} too.")
    return None


def _unread(module: nn.Module) -> Iterator[tuple[str, Unknown]]:
    for owner, part in module.named_modules():
        if not isinstance(part, EvaluatedModule):
            continue
        for name, value in part.values.items():
            for one in value if isinstance(value, (list, tuple)) else (value,):
                if _is_made_elsewhere(one) and not WITHOUT_LAYERS.search(f"{name} {one.what}"):
                    yield f"{owner}.{name}".lstrip("."), one
                    break


def _is_made_elsewhere(value: Any) -> bool:
    """Whether a value is what a call of an imported or undefined name gives."""
    if not isinstance(value, Unknown) or value.error is not None or value.name or value.is_data:
        return False
    return value.is_imported or value.what.endswith(NOT_KNOWN)


def _maker(value: Unknown) -> str:
    return value.what.split(" ")[0].rpartition(".")[2]
