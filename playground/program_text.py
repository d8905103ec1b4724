"""Python programs that the pages print: their imports in order, then their parts."""

from __future__ import annotations

from collections.abc import Iterable


def program(imports: Iterable[str], *parts: str) -> str:
    """The text of a program: imports once each, `import` before `from`, then the parts that are not empty.

    >>> print(program(("from torch import nn", "import torch", "import torch"), "x = torch.ones(3)", ""))
    import torch
    from torch import nn
    <BLANKLINE>
    x = torch.ones(3)
    """
    unique = sorted(set(imports), key=lambda line: (line.startswith("from"), line))
    return "\n\n".join(("\n".join(unique), *(part.strip("\n") for part in parts if part)))
