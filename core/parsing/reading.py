"""From a pasted text to the network that it means, and what is worth saying about it."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import fx, nn

from core.errors import MissingShapeError, ParseError
from core.parsing import dialects
from core.parsing.clean import LEFT_OUT, read_tree
from core.parsing.dialect_evaluators import evaluator_for
from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.dialects.keras.subclasses import instance_network
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Instance, MissingDefinitionError, Unknown
from core.parsing.inputs.input_sizes import find_sizes, give_typed_sizes, typed_names
from core.parsing.inputs.stated_inputs import stated_input
from core.parsing.inputs.trial import settle_lazy, try_forward
from core.parsing.inputs.typed_inputs import with_typed_input
from core.parsing.inputs.unstated_inputs import lazy_input, unstated_input
from core.parsing.limits import check_size
from core.parsing.materialize import MAX_REAL_PARAMETERS
from core.parsing.network_values import constructor, holds_layers
from core.parsing.networks.offered_networks import Network, is_untouched
from core.parsing.networks.unread_parts import refuse_unread, unread_notes
from core.parsing.networks.versions import earlier_version, has_line, labelled
from core.parsing.notes import (
    assumed_notes,
    choice_notes,
    input_notes,
    owner_notes,
    skipped_note,
    statistics_notes,
    undecided_notes,
)
from core.parsing.open_values.assumptions import IMAGE, SIDE
from core.parsing.parsed import Parsed, ReadingOptions, Shape
from core.parsing.shapes_only import ShapesOnly
from core.parsing.source_text import source_text
from core.parsing.statements.missing_definitions import first_cause, imports_elsewhere, nothing_found, whole_unknown
from core.parsing.statements.order_of_statements import refuse_early_use
from core.parsing.statements.program import Program


def parse(
    text: str,
    device: str = "meta",
    input_shape: Shape | None = None,
    values: Mapping[str, Any] | None = None,
    network: str = "",
) -> Parsed:
    """Reads pasted PyTorch, Keras or Paddle into a network, without executing a word of it.

    Args:
        device: where the weights lie; on "meta" there are none.
        input_shape: (C, H, W), for Keras text that does not name one: its layers take their channels from it.
        values: for names that the text leaves open, such as `num_classes`.
        network: the name of one of several networks; the last one that the text builds if empty.

    Raises: ParseError whose sentence names the line and the way out.

    >>> print(parse("Sequential([Input((9, 9, 1)), Conv2D(4, 3, strides=2, padding='same')])").lines)
    nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2, padding=1),
    )
    """
    return read(text, ReadingOptions(device, input_shape, values or {}, network))


def parse_model(text: str, device: str = "meta") -> nn.Module:
    """The network that a text describes; nothing of the text is executed.

    Its weights lie on the meta device, so that even a huge network costs nothing: it has names, shapes and counts, and
    `profile` takes it as it is. To run it, give it weights by `materialize(module, seed)`, or ask for `device="cpu"`.

    Raises: ParseError whose sentence names the line and the way out.

    >>> parse_model("Linear(150 * 150, 1_000_000)")[0].weight.shape
    torch.Size([1000000, 22500])
    """
    return parse(text, device).module


def read(text: str, request: ReadingOptions) -> Parsed:
    """The same for a request."""
    return evaluate(read_tree(text), request)


def evaluate(source: tuple[ast.Module, str, tuple[str, ...]], request: ReadingOptions) -> Parsed:
    """The same for a text that `read_tree` has read."""
    tree, cleaned, notes = source
    if title := dialects.foreign(tree):
        raise ParseError(f"This is code for {title}, which is not read here: paste PyTorch, Keras or Paddle code.")
    if has_line(request.network):
        return _of_version(source, request)
    try:
        with ShapesOnly():
            parsed, request = with_typed_input(request, tree, partial(_roomy_enough, tree, cleaned, notes=notes))
        if request.device == "meta":
            return parsed
        total = sum(p.numel() for p in parsed.module.parameters())
        if total > MAX_REAL_PARAMETERS:
            raise ParseError(f"The network has {total:,} parameters; at most {MAX_REAL_PARAMETERS:,} are accepted.")
        real = Reading(tree, cleaned, request, request.device, parsed.has_room).evaluated().result(parsed.notes)
        if isinstance(real.module, EvaluatedModule) and isinstance(parsed.module, EvaluatedModule):
            real.module.__dict__["named_inputs"] = parsed.module.named_inputs
            real.module.__dict__["part_sizes"] = parsed.module.part_sizes
        return real
    except MissingShapeError as error:
        raise _missing_definition(source, request) or error from None
    except RecursionError:
        raise ParseError("The network is nested too deeply to be evaluated: nest fewer layers in each other.") from None


def _of_version(source: tuple[ast.Module, str, tuple[str, ...]], request: ReadingOptions) -> Parsed:
    """The network that a text makes before another one takes its name."""
    tree, cleaned, notes = source
    with ShapesOnly():
        networks = Reading(tree, cleaned, request).evaluated().program.networks()
    above, name = earlier_version(networks, tree, request.network)
    parsed = evaluate((above, cleaned, notes), replace(request, network=name))
    return replace(parsed, network=request.network, networks=tuple(filter(None, labelled(networks))))


def _roomy_enough(tree: ast.Module, cleaned: str, request: ReadingOptions, notes: tuple[str, ...]) -> Parsed:
    """The network with usual values for what is open; with longer sequences and larger images if it needs those."""
    reading = Reading(tree, cleaned, request)
    try:
        reading.evaluated()
        if not request.is_lenient and LEFT_OUT not in notes:  # between sentences may stand what is not meant to be run
            refuse_early_use(reading.program, tree)
        return reading.result(notes)
    except ParseError as error:
        assumed = reading.evaluator.assumed if reading.is_evaluated else {}
        length = reading.evaluator.table_length
        if length and request.input_shape is None:
            note = f"The code leaves the length open; {length}, of which it has a table, is assumed."
            return _roomy_enough(tree, cleaned, replace(request, input_shape=(length,)), (*notes, note))
        is_open = SIDE in assumed.values() or reading.evaluator.has_open_steps
        is_small = "this one does not fit" in str(error) or is_open
        if "does not fit" not in str(error) or not is_small:
            raise
        with contextlib.suppress(ParseError):
            return Reading(tree, cleaned, request, "meta", True).evaluated().result(notes)
        raise


def _missing_definition(source: tuple[ast.Module, str, tuple[str, ...]], request: ReadingOptions) -> ParseError | None:
    """The definition that a text without an input shape lacks besides, so that nobody types a shape in vain."""
    if request.input_shape is not None or not imports_elsewhere(source[0]):
        return None
    try:
        evaluate(source, replace(request, input_shape=IMAGE, device="meta"))
    except ParseError as error:
        return error if isinstance(error, MissingDefinitionError) else None
    return None


class Reading:
    """One evaluation of a text."""

    def __init__(
        self, tree: ast.Module, text: str, request: ReadingOptions, device: str = "meta", with_room: bool = False
    ):
        self.tree, self.text, self.request, self.device, self.with_room = tree, text, request, device, with_room
        self.dialect = dialects.detect(tree)
        self.evaluator = evaluator_for(tree, self.dialect, request, device, with_room)
        self.program = Program(self.evaluator)
        self.failed: tuple[int, ParseError] | None = None  # in the text itself
        self.is_evaluated = False

    def evaluated(self) -> Reading:
        """Itself, once all lines of the text have been evaluated."""
        with torch.no_grad():
            self.program.run(self.tree)
        failures = self.program.failures
        self.failed = (self.program.failed_line, failures[-1]) if failures else None
        self.is_evaluated = True
        return self

    @torch.no_grad()  # as a text may say around what it does to its weights
    def result(self, notes: tuple[str, ...]) -> Parsed:
        """The network that is meant, tried out, with all that is worth saying."""
        networks = self.program.networks()
        chosen = self._chosen(networks)
        self.evaluator.run.new_budget()
        module = self._module(chosen)
        named = self._settle(module, stated_input(chosen.value, self.evaluator, self.tree, self.text))
        self.evaluator.assumed |= typed_names(module)
        names = labelled(networks)
        self.evaluator.run.is_reading = False
        return Parsed(
            module,
            source_text(module, chosen, self.evaluator, self.text, self.program.used, self.tree),
            self.dialect.name,
            named,
            tuple(dict.fromkeys((*notes, *self.evaluator.notes, *self._notes(module, names, chosen)))),
            tuple(filter(None, names)),
            chosen.name,
            dict(self.evaluator.assumed),
            frozenset(self.evaluator.stated),
            self.evaluator.run.stopped_at or "",
            self.evaluator.run.spent + self.evaluator.run.budget.spent,
            self.with_room,
        )

    def _settle(self, module: nn.Module, named: Shape | None) -> Shape | None:
        """Makes a network ready to be called, once an input has shown that it can be; the input that it needs."""
        shapes = [shape for shape in (self.request.input_shape, named) if shape]
        if not shapes and (guessed := lazy_input(module, self.evaluator.notes)):
            named, shapes = guessed, [guessed]
        give_typed_sizes(module, self.evaluator.given)
        settle_lazy(module, shapes, torch.device(self.device), self.evaluator.calls)
        check_size(module)
        if self.device == "meta":
            tried = try_forward(module, shapes)
            if tried is None and shapes and isinstance(module, EvaluatedModule) and find_sizes(module, shapes):
                return named
            refuse_unread(module, tried is not None)
            if not shapes and not self.request.is_lenient:
                return unstated_input(module, tried, self.evaluator.notes)
        return named

    def _notes(self, module: nn.Module, names: Sequence[str], chosen: Network) -> list[str]:
        lines = [one for one in self.program.skipped if chosen.owner is None or one != chosen.owner.line]
        skipped = [skipped_note(lines)] if lines else []
        function = None if chosen.text else constructor(self.evaluator.globals.names.get(chosen.name))
        sources = self.evaluator.assumed_sources.get(function.node, {}) if function is not None else {}
        assumed = assumed_notes(self.evaluator.assumed | sources, self.request.values, self.evaluator.stated)
        return [
            *choice_notes(names, chosen.name),
            *owner_notes(chosen),
            *skipped,
            *undecided_notes(self.program.undecided_lines()),
            *assumed,
            *input_notes(module),
            *statistics_notes(module, self.dialect.name),
            *unread_notes(module),
        ]

    def _chosen(self, networks: list[Network]) -> Network:
        program = self.program
        if not networks:
            reasons = (*program.broken_classes, *reversed(program.failures), *reversed(program.reasons))
            raise first_cause((*reasons, nothing_found(program, self.tree))[0], self.tree, self.evaluator.globals.names)
        missing = self._incomplete(networks[-1])
        if missing is not None and not self.request.is_lenient:
            raise missing
        called = [one for one in networks if one.name and one.name == self.request.network]
        asked = next((one for one in called if not one.renamed_at), called[-1] if called else None)
        if asked is None and program.missing and all(is_untouched(self.evaluator, one.value) for one in networks):
            raise program.missing[0]  # ready-made ones are only beside those of another package that an input goes into
        if asked is None and self.failed and self.failed[0] > networks[-1].line and not self.request.is_lenient:
            raise self.failed[1]
        return asked or networks[-1]

    def _incomplete(self, network: Network) -> ParseError | None:
        """Why it is no whole: it becomes a part of something unknown, or a list after it has that among its layers."""
        for value in self.evaluator.globals.names.values():
            if isinstance(value, list) and holds_layers(value):
                unknown = next((item for item in value if isinstance(item, Unknown)), None)
                if unknown is not None and unknown.line > network.line:
                    return unknown.refusal()
        return whole_unknown(self.evaluator, network.value)

    def _module(self, chosen: Network) -> nn.Module:
        if chosen.build is not None:
            chosen.value = chosen.build()
        value = chosen.value
        if isinstance(value, Instance):
            value = chosen.value = instance_network(self.evaluator, value)
        module = value.whole_module(self.evaluator) if isinstance(value, KerasNetwork) else value
        is_whole = isinstance(module, (EvaluatedModule, fx.GraphModule)) or any(module.children())
        if type(module) is not nn.Sequential and not is_whole:
            module, is_whole = nn.Sequential(module), True
        if not is_whole:
            raise ParseError(f"Line {chosen.line}: {type(module).__name__} is empty; put at least one layer inside.")
        if isinstance(module, EvaluatedModule):
            module.is_root, module.is_cut = True, self.request.is_lenient
        return module
