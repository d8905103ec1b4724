"""From a pasted text to the network that it means, and what is worth saying about it."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from core.errors import ParseError
from core.parsing import dialects
from core.parsing.candidates import Network
from core.parsing.clean import read_tree
from core.parsing.dialects.keras.namespaces import call_instance, instance_network
from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.dialects.pytorch import library, modules, namespaces
from core.parsing.evaluation.budget import Budget
from core.parsing.evaluation.builtins import BUILTINS
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.modules import EvaluatedModule, needed_inputs
from core.parsing.evaluation.values import Function, Instance
from core.parsing.guesses import guess
from core.parsing.inputs import candidate_inputs
from core.parsing.materialize import MAX_REAL_PARAMETERS
from core.parsing.plan import MAX_HEIGHT, MAX_LAYERS
from core.parsing.program import Program
from core.parsing.writing import written

Shape = tuple[int, ...]
MAX_PARAMETERS = 100_000_000_000
MOST_TRIED = 6  # inputs on which `forward` is tried where the text names none
SHAPE_ERRORS = (RuntimeError, ValueError, IndexError, TypeError, AssertionError, ZeroDivisionError, KeyError)


@dataclass(frozen=True)
class Parsed:
    """A network read from text.

    Attributes:
        module: on the device asked for, with the author's names.
        lines: text that gives the same module when parsed again; PyTorch where the network can be written in it.
        dialect: "pytorch", "keras" or "paddle".
        input_shape: (C, H, W) where the text says it.
        notes: sentences on what was left out, changed or assumed.
        networks: names of all networks in the text, in order; one of them may be asked for.
        network: the name of the one that this is.
        assumed: values taken for names that the text leaves open; others may be given.
        stopped_at: the name of the first layer that could not be evaluated, where less than all was asked for.
    """

    module: nn.Module
    lines: str
    dialect: str
    input_shape: Shape | None = None
    notes: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    network: str = ""
    assumed: Mapping[str, Any] = field(default_factory=dict)
    stopped_at: str = ""


@dataclass(frozen=True)
class ReadingOptions:
    """What is asked of a text besides its words: see `parse`."""

    device: str = "meta"
    input_shape: Shape | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    network: str = ""
    is_lenient: bool = False


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
    title = dialects.foreign(tree)
    if title:
        raise ParseError(f"This is code for {title}, which is not read here: paste PyTorch, Keras or Paddle code.")
    try:
        parsed = Reading(tree, cleaned, request).result(notes)
        if request.device == "meta":
            return parsed
        total = sum(p.numel() for p in parsed.module.parameters())
        if total > MAX_REAL_PARAMETERS:
            raise ParseError(f"The network has {total:,} parameters; at most {MAX_REAL_PARAMETERS:,} are accepted.")
        return Reading(tree, cleaned, request, request.device).result(notes)
    except RecursionError:
        raise ParseError("The network is nested too deeply to be evaluated: nest fewer layers in each other.") from None


class Reading:
    """One evaluation of a text."""

    def __init__(self, tree: ast.Module, text: str, request: ReadingOptions, device: str = "meta"):
        self.tree, self.text, self.request, self.device = tree, text, request, device
        self.dialect = dialects.detect(tree)
        self.evaluator = self._evaluator()
        self.program = Program(self.evaluator)
        with torch.no_grad():
            self.program.run(tree)

    def _evaluator(self) -> Evaluator:
        evaluator = Evaluator(self.dialect.names, BUILTINS, dialects.ROOTS, modules.METHODS, self.request.values)
        evaluator.tensor_methods = list(self.dialect.tensor_methods)
        evaluator.layer_names = [name.lower() for name in self.dialect.layers]
        evaluator.layer_sentence = self.dialect.sentence
        evaluator.on_instance, evaluator.guess = call_instance, guess
        evaluator.input_shape = self.request.input_shape
        evaluator.library = library.tree(), namespaces.NAMES
        evaluator.relatives = self.dialect.relatives
        evaluator.channels_first = _channels_first(self.tree)
        evaluator.run.device = torch.device(self.device)
        evaluator.run.is_lenient = self.request.is_lenient
        return evaluator

    def result(self, notes: tuple[str, ...]) -> Parsed:
        """The network that is meant, tried out, with all that is worth saying."""
        networks = self.program.networks()
        chosen = self._chosen(networks)
        self.evaluator.run.budget = Budget()
        module = self._module(chosen)
        check_size(module)
        named = self._named_input(chosen)
        if isinstance(module, EvaluatedModule):
            module.is_root = True
            module.is_cut = self.request.is_lenient
        if self.device == "meta":
            self._try(module, named)
        return Parsed(
            module,
            self._lines(module, chosen),
            self.dialect.name,
            named,
            tuple(dict.fromkeys((*notes, *self.evaluator.notes, *self._notes(module, networks, chosen)))),
            tuple(network.name for network in networks if network.name),
            chosen.name,
            dict(self.evaluator.assumed),
            self.evaluator.run.stopped_at or "",
        )

    def _chosen(self, networks: list[Network]) -> Network:
        reasons = self.program.reasons
        if not networks:
            raise reasons[-1] if reasons else self._nothing_found()
        asked = next((network for network in networks if network.name == self.request.network), None)
        if asked is None and self.program.failed_line > networks[-1].line and not self.request.is_lenient:
            raise reasons[-1]
        return asked or networks[-1]

    def _nothing_found(self) -> ParseError:
        empty = next((v for v in self.evaluator.globals.names.values() if self.evaluator.is_network(v)), None)
        if empty is not None:
            return ParseError(
                f"Line {empty.line} begins the class {empty.name}, which makes no layer: paste all of it."
            )
        found = "No layer was found in this text: paste a network, for example nn.Sequential(nn.Conv2d(3, 16, 3))."
        return ParseError(f"{found} {_skipped_lines(self.program.skipped)}" if self.program.skipped else found)

    def _module(self, chosen: Network) -> nn.Module:
        if chosen.build is not None:
            chosen.value = chosen.build()
        value = chosen.value
        if isinstance(value, Instance):
            value = chosen.value = instance_network(self.evaluator, value)
        module = value.to_module(self.evaluator) if isinstance(value, KerasNetwork) else value
        if type(module) is not nn.Sequential and not isinstance(module, EvaluatedModule) and not any(module.children()):
            module = nn.Sequential(module)
        if not isinstance(module, EvaluatedModule) and not any(module.children()):
            raise ParseError(f"Line {chosen.line}: {type(module).__name__} is empty; put at least one layer inside.")
        return module

    def _named_input(self, chosen: Network) -> Shape | None:
        """The input that the text names: in Keras's Input, in a call of the network, in a summary."""
        value = chosen.value
        if isinstance(value, KerasNetwork):
            return value.inputs[0].shape
        seen = [shape[1:] for module, shape in self.evaluator.seen_inputs if module is value and len(shape) > 1]
        preset = self.evaluator.preset_inputs.get(id(value))
        return seen[-1] if seen else self.evaluator.sizes[-1] if self.evaluator.sizes else preset[1] if preset else None

    def _try(self, module: nn.Module, named: Shape | None) -> None:
        """Evaluates `forward` on likely inputs, so that what cannot be evaluated is refused here.

        Raises: ParseError. An input that does not fit is no reason to refuse: another one may.
        """
        if not any(isinstance(part, EvaluatedModule) for part in module.modules()):
            return
        shapes = [shape for shape in (self.request.input_shape, named) if shape]
        was_training = module.training
        module.eval()
        try:
            for shape in [*shapes, *candidate_inputs(module)][:MOST_TRIED]:
                try:
                    with torch.no_grad():
                        module(torch.empty(2, *shape, device="meta"))
                    return
                except ParseError:
                    raise
                except SHAPE_ERRORS:
                    continue
        finally:
            module.train(was_training)

    def _lines(self, module: nn.Module, chosen: Network) -> str:
        lines = written(module, self.evaluator.calls)
        if lines:
            return lines
        end = chosen.name or self._expression_at(chosen.line)
        definition = self.evaluator.globals.names.get(end)
        if chosen.name and not isinstance(definition, (nn.Module, KerasNetwork, Instance)):
            end = f"{end}({self._arguments(definition)})"
        used = "\n".join(_source(node, self.text) for node in self.program.used)
        return f"{used}\n\n{end}" if end else used

    def _expression_at(self, line: int) -> str:
        """The expression that stands in a line of its own, for a network that has no name."""
        found = (node for node in self.tree.body if isinstance(node, ast.Expr) and node.lineno == line)
        return "\n".join(_source(node, self.text) for node in found)

    def _arguments(self, definition: Any) -> str:
        """What a class is called with whose text does not build it: the values that were assumed or given."""
        init = definition.find("__init__") if hasattr(definition, "find") else None
        names = [parameter.arg for parameter in init.node.args.args[1:]] if isinstance(init, Function) else []
        assumed = self.evaluator.assumed
        return ", ".join(f"{name}={assumed[name]!r}" for name in names if name in assumed)

    def _notes(self, module: nn.Module, networks: list[Network], chosen: Network) -> list[str]:
        notes = []
        others = [network.name for network in networks if network.name and network is not chosen]
        if others and chosen.name:
            notes.append(f"The text has {len(others) + 1} networks; {chosen.name} was used.")
        if self.program.skipped:
            notes.append(_skipped_lines(self.program.skipped))
        for name, value in self.evaluator.assumed.items():
            if name not in self.request.values:
                notes.append(f"{name} has no value in the text; {value} is assumed.")
        if isinstance(module, EvaluatedModule):
            forward = module.definition.find("forward")
            inputs = needed_inputs(forward) if isinstance(forward, Function) else []
            if len(inputs) > 1:
                notes.append(
                    f"forward() takes {len(inputs)} inputs, {', '.join(inputs)}: each is given the same one here."
                )
        return notes


def _source(node: ast.stmt, text: str) -> str:
    """A statement as it is written, its decorators too, at the left margin."""
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    lines = textwrap.dedent("\n".join(text.split("\n")[first - 1 : node.end_lineno]))
    return f"\n{lines}\n" if isinstance(node, (ast.ClassDef, ast.FunctionDef)) else lines


def _channels_first(tree: ast.Module) -> bool:
    """Whether a Keras text sets channels before height and width; comparing with that order sets nothing."""
    compared = {
        part for node in ast.walk(tree) if isinstance(node, (ast.Compare, ast.Raise)) for part in ast.walk(node)
    }
    words = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value == "channels_first")
    return any(node not in compared for node in words)


def _skipped_lines(numbers: list[int]) -> str:
    numbers = sorted(set(numbers))
    lines = ", ".join(map(str, numbers[:12])) + (" and more" if len(numbers) > 12 else "")
    many = len(numbers) > 1
    verb = "were" if many else "was"
    return f"Line{'s' * many} {lines} {verb} skipped: nothing there adds a layer, and nothing is executed."


def check_size(module: nn.Module) -> None:
    """Raises ParseError for more parameters or layers than the caps allow, or deeper nesting."""
    _check_depth(module)
    total = sum(p.numel() for p in module.parameters())
    if total > MAX_PARAMETERS:
        raise ParseError(f"The network has {total:,} parameters; at most {MAX_PARAMETERS:,} are accepted.")
    _count_runs(module, {})


def _check_depth(module: nn.Module) -> None:
    inside = [module]
    for _ in range(MAX_HEIGHT):
        inside = list({part: None for outer in inside for part in outer._modules.values() if part is not None})
        if not inside:
            return
    raise ParseError(f"More than {MAX_HEIGHT} containers are nested in each other; nest fewer.")


def _count_runs(module: nn.Module, known: dict[nn.Module, int]) -> int:
    """How many layers run, a reused one counted each time: names make doubling cheap to write."""
    if module not in known:
        known[module] = sum(_count_runs(part, known) for part in module._modules.values() if part is not None) or 1
        if known[module] > MAX_LAYERS:
            raise ParseError(f"The network runs more than {MAX_LAYERS:,} layers; it must have fewer.")
    return known[module]
