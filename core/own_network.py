"""A network of the caller's own, `package.module:Net` or `path/file.py:Net`: the one place that runs somebody's code.

Text is parsed and never run (see `core.parsing`); this form asks for it by its colon, on the caller's own machine.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from core.errors import PlaygroundError

_REFERENCE = re.compile(r"(?P<file>.+\.py|(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*):(?P<name>[A-Za-z_]\w*(?:\.\w+)*)")

_FOLDERS: dict[str, str] = {}  # a module imported for a network's file -> the folder of that file


def is_reference(text: str) -> bool:
    """Whether a text has the form that asks for an import.

    >>> is_reference("nets/unet.py:UNet"), is_reference("timm.models:resnet18"), is_reference("nn.ReLU()")
    (True, True, False)
    """
    return _REFERENCE.fullmatch(text.strip()) is not None


def build(reference: str, arguments: Sequence[str] = ()) -> nn.Module:
    """Imports the module and makes the network: a class or function is called, an `nn.Module` is taken as it is.

    Args:
        reference: "package.module:Net", found as Python finds it from the current folder, or "path/file.py:Net".
        arguments: what it is called with, as words: "10", "width=2", "act=relu".
    Raises: PlaygroundError where it cannot be imported, is not there, cannot be made or is no network.
    """
    match = _REFERENCE.fullmatch(reference.strip())
    if match is None:
        raise PlaygroundError(f"{reference[:60]!r} is not package.module:Name or path/file.py:Name")
    found: Any = _imported(match["file"])
    for part in match["name"].split("."):
        if not hasattr(found, part):
            raise PlaygroundError(f"{match['file']} has no {match['name']!r}{_networks_in(found)}")
        found = getattr(found, part)
    if isinstance(found, nn.Module):
        return found
    args, kwargs = read_arguments(arguments)
    try:
        network = found(*args, **kwargs)
    except (Exception, SystemExit) as error:
        raise PlaygroundError(
            f"{match['name']}({', '.join(arguments)}) fails with {type(error).__name__}: {error}; say what it is "
            "called with by --args, for example --args 10 width=2"
        ) from error
    if not isinstance(network, nn.Module):
        raise PlaygroundError(f"{match['name']} gives {type(network).__name__}, not a torch.nn.Module")
    return network


def read_arguments(words: Sequence[str]) -> tuple[list[Any], Mapping[str, Any]]:
    """Words as arguments of a call; what is no Python value is a string.

    >>> read_arguments(["10", "width=0.5", "sizes=(1, 2)", "act=relu"])
    ([10], {'width': 0.5, 'sizes': (1, 2), 'act': 'relu'})
    """
    args, kwargs = [], {}
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name.isidentifier():
            kwargs[name] = _value(value)
        elif kwargs:
            raise PlaygroundError(f"{word!r} comes after a named argument: put it before, or name it")
        else:
            args.append(_value(word))
    return args, kwargs


def _value(word: str) -> Any:
    try:
        return ast.literal_eval(word)
    except (ValueError, SyntaxError):
        return word


def _imported(place: str) -> ModuleType:
    try:
        if place.endswith(".py"):
            return _from_file(Path(place))
        with_here = str(Path.cwd())
        if with_here not in sys.path:
            sys.path.insert(0, with_here)
        return importlib.import_module(place)
    except PlaygroundError:
        raise
    except (Exception, SystemExit) as error:
        raise PlaygroundError(f"{place} cannot be imported: {type(error).__name__}: {error}") from error


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise PlaygroundError(f"there is no file {path}")
    folder = str(path.resolve().parent)
    _look_in(folder)  # it may import its neighbours
    name = path.stem if path.stem not in sys.modules else f"own_{path.stem}"  # core.py or json.py replaces nobody
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = set(sys.modules)
    sys.modules[name] = module  # dataclasses and pickles look themselves up there
    spec.loader.exec_module(module)
    _FOLDERS.update({new: folder for new in sys.modules.keys() - before if _is_neighbour(new, folder)})
    return module


def _is_neighbour(name: str, folder: str) -> bool:
    """Whether a module is a file or package of this folder; one installed below it (in .venv) or our own is not."""
    file, (top, *below) = getattr(sys.modules[name], "__file__", None), name.split(".")
    expected = Path(folder, top, *below)
    return top != "core" and file in (f"{expected}.py", str(expected / "__init__.py"))


def _look_in(folder: str) -> None:
    """Imports look in this folder first, and modules of the same names out of other networks' folders are let go."""
    if folder in sys.path:
        sys.path.remove(folder)
    sys.path.insert(0, folder)
    for name in [name for name, other in _FOLDERS.items() if other != folder]:
        del _FOLDERS[name]
        sys.modules.pop(name, None)


def _networks_in(module: Any) -> str:
    """What it might have been."""
    own = getattr(module, "__name__", None)
    names = [
        name
        for name, value in vars(module).items()
        if isinstance(value, nn.Module)
        or (isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == own)
    ]
    return f": its networks are {', '.join(names[:12])}" if names else ""
