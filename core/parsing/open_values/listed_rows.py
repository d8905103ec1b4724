"""Lists of settings in rows, such as `for width, kernel in stages`: the use of each place of a row says its value."""

from __future__ import annotations

import ast

from core.parsing.clean.syntax import all_nodes
from core.parsing.open_values.argument_usage import NOTHING_DEFINED, Definitions, usage
from core.parsing.open_values.assumptions import usual_value
from core.parsing.open_values.listed_numbers import place_of

WIDTHS = (32, 64)  # row by row
ROW = range(2, 6)  # how many places a row may have
SHORT = {"k": "3", "s": "1", "p": "1", "d": "1", "n": "2", "t": "1"}  # of convolutions and of MobileNet's stages
SMALL = 16  # a usual number below is no width


def rows_of(name: str, function: ast.AST, definitions: Definitions = NOTHING_DEFINED) -> str:
    """The expression for an argument whose rows hold more than widths, "" for any other.

    >>> rows_of("stages", ast.parse("for width, kernel_size in stages: nn.Conv2d(3, width, kernel_size)"))
    '[(32, 3), (64, 3)]'
    >>> rows_of("stages", ast.parse("for width, act in stages: layers += [nn.Linear(3, width), act()]"))
    '[(32, nn.ReLU), (64, nn.ReLU)]'
    >>> rows_of("stages", ast.parse("for before, after in stages: nn.Linear(before, after)"))
    ''
    >>> rows_of("stages", ast.parse("for one in stages: nn.Linear(3, one['units']), act(one['activation'])"))
    "[{'units': 32, 'activation': 'relu'}, {'units': 64, 'activation': 'relu'}]"
    """
    for part in all_nodes(function):
        row = _row_of(part, (name, f"self.{name}"))
        if keys := _keys(row, part) if row else []:
            return _dictionaries(row, keys, part, definitions)
        match part:
            case ast.For(target=ast.Tuple(elts=targets), iter=owner) if place_of(owner) in (name, f"self.{name}"):
                names = [one.id for one in targets if isinstance(one, ast.Name)]
                if len(names) == len(targets) and len(names) in ROW:
                    return _rows([_value(one, part, definitions) for one in names])
    return ""


def _row_of(loop: ast.AST, places: tuple[str, str]) -> str:
    """The name of each item of a loop over these places, also counted; "" for another loop."""
    match loop:
        case ast.For(target=ast.Name(id=row), iter=owner) if place_of(owner) in places:
            return row
        case ast.For(
            target=ast.Tuple(elts=[_, ast.Name(id=row)]),
            iter=ast.Call(func=ast.Name(id="enumerate"), args=[owner, *_]),
        ) if place_of(owner) in places:
            return row
    return ""


def _keys(row: str, loop: ast.AST) -> list[str]:
    """The words by which the parts of a row are read, in order."""
    keys: dict[str, None] = {}
    for part in ast.walk(loop):
        match part:
            case ast.Subscript(value=ast.Name(id=owner), slice=ast.Constant(value=str() as key)) if owner == row:
                keys[key] = None
    return list(keys)


def _dictionaries(row: str, keys: list[str], loop: ast.AST, definitions: Definitions) -> str:
    values = {key: _value(key, loop, definitions, f"{row}[{key!r}]") for key in keys}
    rows = (", ".join(f"{key!r}: {value or width}" for key, value in values.items()) for width in WIDTHS)
    return f"[{', '.join(f'{{{one}}}' for one in rows)}]"


def _rows(values: list[str]) -> str:
    if all(values) or not any(values):
        return ""
    rows = (", ".join(value or str(width) for value in values) for width in WIDTHS)
    return f"[{', '.join(f'({row})' for row in rows)}]"


def _value(name: str, loop: ast.AST, definitions: Definitions, place: str = "") -> str:
    """What stands in one place of a row, "" for a width."""
    if name in SHORT:
        return SHORT[name]
    use = usage(place or name, loop, (), definitions)
    if use.words:
        return repr(use.words[0])
    if place and "activation" in name:
        return repr("relu")
    if "function" in use.kinds:
        return "nn.ReLU"
    usual = usual_value(name)
    return repr(usual) if type(usual) in (int, float, bool) and usual < SMALL else ""
