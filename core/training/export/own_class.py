"""A network of a class that somebody pasted, as part of the script that repeats a run: their text, not run here."""

from __future__ import annotations

import ast

from core.errors import PlaygroundError

IMPORTS = (
    "import math",
    "import torch",
    "import torch.nn.functional as F",
    "from collections import OrderedDict",
    "from functools import partial",
    "from torch import nn",
)


SAME_NAMED = ("numpy", "copy", "itertools", "functools", "collections", "torchvision", "einops")
MODULES = {"np": "numpy"} | {name: name for name in SAME_NAMED}
SPACES = {"nn": "torch.nn", "F": "torch.nn.functional", "torch": "torch"}


def own_class(network: str) -> str | None:
    """Definitions and a function `network()` for a text that is more than a list of layers; None for any other network.

    Raises: PlaygroundError where the text is not PyTorch, so that no script can hold it.
    """
    from core.parsing import parse
    from core.parsing.evaluation.modules import EvaluatedModule

    if "(" not in network:
        return None
    parsed = parse(network)
    if not any(isinstance(part, EvaluatedModule) for part in parsed.module.modules()):
        return None
    if parsed.dialect != "pytorch":
        raise PlaygroundError("a class of Paddle cannot be written into a PyTorch script: use its layers in PyTorch.")
    without = next(
        (p for p in parsed.module.modules() if isinstance(p, EvaluatedModule) and p.entry != "forward"), None
    )
    if without is not None:
        raise PlaygroundError(f"{type(without).__name__} has no forward(), so no script can train it: write one.")
    return _script_part(parsed.lines)


def _script_part(text: str) -> str:
    """Definitions, and what those use, at the outer level; all else in `network()`, which builds it."""
    *body, last = ast.parse(text).body
    definitions = [node for node in body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    used = {part.id for node in definitions for part in ast.walk(node) if isinstance(part, ast.Name)}
    outer: list[ast.stmt] = []
    inner: list[ast.stmt] = []
    for node in body:
        stored = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        is_outer = node in definitions or isinstance(node, (ast.Import, ast.ImportFrom)) or stored & used
        (outer if is_outer else inner).append(node)
    built = "\n".join(f"    {line}" for node in inner for line in ast.unparse(node).split("\n"))
    outer[:0] = _lacking_imports(ast.parse(text))
    head = "\n\n\n".join(ast.unparse(node) for node in outer)
    inside = '    """The network before training."""\n' + (f"{built}\n" if built else "")
    return f"{head}\n\n\ndef network():\n{inside}    return {ast.unparse(last)}\n"


def _lacking_imports(tree: ast.Module) -> list[ast.Import]:
    """Imports of modules that a text uses and does not import, also under a name of its own such as `tnn`.

    >>> [ast.unparse(one) for one in _lacking_imports(ast.parse("a = np.prod(8), tnn.Linear(8, 4)"))]
    ['import numpy as np', 'import torch.nn as tnn']
    """
    from core.parsing.dialects import PYTORCH, names_of
    from core.parsing.dialects.aliases import unbound

    names = names_of(PYTORCH, tree)
    spaces = {name: SPACES[names[name].name] for name in names.keys() - PYTORCH.names.keys()}
    modules = {name: (MODULES | spaces)[name] for name in sorted(unbound(tree) & (MODULES | spaces).keys())}
    return [ast.Import([ast.alias(module, None if module == name else name)]) for name, module in modules.items()]
