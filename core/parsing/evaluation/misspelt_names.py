"""Names without a value that are almost those of networks: what is done to them would be lost without a word."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.evaluation.values import Instance, Scope, Special, Unknown

CHANGING = {  # methods by which layers come and go
    "append",
    "add",
    "add_module",
    "register_module",
    "set_submodule",
    "add_sublayer",
    "insert",
    "extend",
    "pop",
    "update",
    "remove",
    "clear",
    "popitem",
    "setdefault",
    "reverse",
}
MOST_LOOKED_AT = 50  # items of a list


class LostChangeError(ParseError):
    """A text changes what has no value, so that the change would be lost."""


class MisspeltNameError(LostChangeError):
    """A text changes or makes a network by a name that has no value, and is almost one that has."""

    def __init__(self, name: str, near: str, line: int, is_method: bool = False):
        what = f"there is no method {name[:60]}" if is_method else f"the name {name[:60]} has no value"
        super().__init__(f"Line {line}: {what}: the nearest is {near[:60]}.")


def nearest(name: str, names: Iterable[str], is_meant: Callable[[str], bool]) -> str:
    """The name that another is but for one slip of the pen, among those that may be meant; nothing if there is none.

    >>> nearest("netz", ["x", "nets", "net"], lambda name: name != "nets")
    'net'
    """
    return next((one for one in names if is_slip(name, one) and is_meant(one)), "")


def is_slip(name: str, meant: str) -> bool:
    """Whether one letter too many, too few or wrong, or two in wrong order, make one name of the other.

    Not where people tell names apart by that: in a number, a word of one letter, a class, a plural, the first letter.

    >>> is_slip("partz", "parts"), is_slip("net_d", "net_g"), is_slip("layer", "layers"), is_slip("model2", "model")
    (True, False, False, False)
    """
    if name[:1] != meant[:1] or abs(len(name) - len(meant)) > 1 or name == meant or max(len(name), len(meant)) < 4:
        return False
    longer, shorter = (name, meant) if len(name) > len(meant) else (meant, name)
    same = next((n for n, letter in enumerate(shorter) if letter != longer[n]), len(shorter))
    if len(name) != len(meant):
        letter = longer[same]
        is_plural = letter == "s" and same == len(shorter)
        return longer[same + 1 :] == shorter[same:] and letter.isalpha() and letter.islower() and not is_plural
    if name[same : same + 2] == meant[same : same + 2][::-1] and name[same + 2 :] == meant[same + 2 :]:
        return name[same : same + 2].isalpha()
    is_word = name[same - 1] == "_" and name[same + 1 : same + 2] in ("", "_")
    return (
        name[same + 1 :] == meant[same + 1 :]
        and name[same].isalpha()
        and name.islower()
        and meant.islower()
        and not is_word
    )


def refuse_misspelt(changed: ast.Name, scope: Scope, needs_layers: bool) -> None:
    """Refuses a change of what has no value, and is almost a network, an object, a tensor or a list.

    Args: `needs_layers`: only of a network or a list of layers, as outside of functions, where other things may have
    been made before the text.
    Raises: MisspeltNameError.
    """
    near = nearest(changed.id, scope.names, lambda name: _is_changeable(scope.names[name], needs_layers))
    if near:
        raise MisspeltNameError(changed.id, near, changed.lineno)


def _is_changeable(value: Any, needs_layers: bool) -> bool:
    if isinstance(value, (nn.Module, Special)) or not needs_layers:
        return isinstance(value, (nn.Module, Special, list, dict, Tensor, Instance))
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(isinstance(item, (nn.Module, Special)) for item in list(items)[:MOST_LOOKED_AT])


def root_of(node: ast.expr) -> ast.Name | None:
    """`net` of `net.layers[0].weight`."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node if isinstance(node, ast.Name) else None


def without_value(name: str, line: int, local: list[str], stars: Sequence[tuple[int, str]] = ()) -> Unknown:
    """A name that the text never gives a value; it may be a `local` one, misspelt, or come by an import of everything.

    Args: `stars` are such imports of files that are not known, with their lines.
    """
    near = difflib.get_close_matches(name, local, n=1, cutoff=0.85)
    if stars and not near:
        star_line, said = stars[-1]
        what = f"{name} is not in this text; line {star_line} may bring it ({said}): paste the definition of {name} too"
        return Unknown(what, line, name, is_imported=True, path=name)
    what = f"the nearest is {near[0]}" if near else "write the number itself"
    return Unknown(f"the name {name} has no value: {what}", line, name, path=name, is_misspelt=bool(near))
