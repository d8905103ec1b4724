"""Text of a network -> a module of PyTorch, without running a word of it.

>>> parse_model("nn.Sequential(nn.Conv2d(3, 200, 5, padding=2), nn.ReLU())")
Sequential(
  (0): Conv2d(3, 200, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
  (1): ReLU()
)
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from core.errors import ParseError
from core.parsing.classes import unclassed
from core.parsing.dialects import detect
from core.parsing.layers import build
from core.parsing.materialize import materialize
from core.parsing.plan import write_lines
from core.parsing.sanitize import read_tree
from core.parsing.script import Script

__all__ = ["ParseError", "Parsed", "materialize", "parse", "parse_model"]


@dataclass(frozen=True)
class Parsed:
    """A network read from text.

    `module` lies on the device asked for; `lines` is PyTorch text that gives the same module when parsed again;
    `dialect` is "pytorch", "keras" or "paddle"; `input_shape` is (C, H, W) where the text says it; `notes` are
    sentences on what was left out or changed.
    """

    module: nn.Module
    lines: str
    dialect: str
    input_shape: tuple[int, ...] | None = None
    notes: tuple[str, ...] = ()


def parse(text: str, device: str = "meta", input_shape: tuple[int, ...] | None = None) -> Parsed:
    """Reads pasted PyTorch, Keras or Paddle into a network and the PyTorch lines that mean the same.

    `input_shape` (C, H, W) helps where Keras text does not name one: its layers take their channels from it.

    Raises: ParseError whose sentence names the line and the way out.

    >>> print(parse("Sequential([Input((9, 9, 1)), Conv2D(4, 3, strides=2, padding='same')])").lines)
    nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2, padding=1),
    )
    """
    tree = unclassed(read_tree(text))
    dialect = detect(tree)
    script = Script(dialect).run(tree.body)
    plan, shape, notes = dialect.translate(script.layers(), input_shape)
    return Parsed(build(plan, device), write_lines(plan), dialect.name, shape, (*notes, *script.notes()))


def parse_model(text: str, device: str = "meta") -> nn.Module:
    """The module that `nn.Sequential(...)` text describes; nothing of the text is executed.

    Its weights lie on the meta device, so that even a huge network costs nothing: it has names, shapes and counts, and
    `profile` takes it as it is. To run it, give it weights by `materialize(module, seed)`, or ask for `device="cpu"`.

    Raises: ParseError whose sentence names the line and the way out.

    >>> parse_model("Linear(150 * 150, 1_000_000)")[0].weight.shape
    torch.Size([1000000, 22500])
    """
    return parse(text, device).module
