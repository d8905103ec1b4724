"""What Keras's symbolic tensors are computed from: their ancestors, in an order in which they can be worked out."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import ParseError
from core.parsing.dialects.keras.symbols import KerasTensor, parents


def steps_to(outputs: Sequence[KerasTensor], inputs: Sequence[KerasTensor]) -> list[KerasTensor]:
    """All symbols that the outputs are computed from, inputs left out, in an order in which they can be.

    Raises: ParseError where one needs an input that is not among `inputs`.
    """
    order: list[KerasTensor] = []
    done = set(map(id, inputs))
    pending: list[tuple[KerasTensor, bool]] = [(symbol, False) for symbol in reversed(outputs)]
    while pending:
        symbol, is_ready = pending.pop()
        if id(symbol) in done:
            continue
        if symbol.record is None:
            raise ParseError("an output of Model depends on an Input that is not among its inputs.")
        if is_ready:
            done.add(id(symbol))
            order.append(symbol)
            continue
        pending.append((symbol, True))
        pending += [(one, False) for one in parents(symbol)]
    return order


def ancestors(output: KerasTensor) -> list[KerasTensor]:
    """All that a symbol is computed from, itself first."""
    found: list[KerasTensor] = []
    done: set[int] = set()
    pending = [output]
    while pending:
        symbol = pending.pop()
        if id(symbol) in done:
            continue
        done.add(id(symbol))
        found.append(symbol)
        pending += parents(symbol)
    return found


def inputs_of(output: KerasTensor) -> list[KerasTensor]:
    """The inputs that a symbol is computed from."""
    return [symbol for symbol in reversed(ancestors(output)) if symbol.record is None]
