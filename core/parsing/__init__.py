"""Text of a network -> a module of PyTorch, without running a word of it.

    clean         takes off what stands around code on a page
    evaluation    evaluates the Python that defines networks
    dialects      names and layers of PyTorch, Keras and Paddle
    open_values   values for what a text leaves open
    inputs        the input that a network takes
    networks      which networks a text offers
    statements    which statements concern them, in what order
    reading       all of it, from the text to the network

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
