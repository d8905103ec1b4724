"""Text of a network -> a module of PyTorch, without running a word of it.

>>> parse_model("nn.Sequential(nn.Conv2d(3, 200, 5, padding=2), nn.ReLU())")
Sequential(
  (0): Conv2d(3, 200, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
  (1): ReLU()
)
"""

from __future__ import annotations

from core.errors import ParseError
from core.parsing.materialize import materialize
from core.parsing.reading import Parsed, parse, parse_model
from core.without_compiler import spare_compiler
from core.without_symbolic_shapes import spare_symbolic_shapes

spare_compiler()  # a product of two shapes asks for it
spare_symbolic_shapes()  # a pool asks for a shape rule

__all__ = ["ParseError", "Parsed", "materialize", "parse", "parse_model"]
