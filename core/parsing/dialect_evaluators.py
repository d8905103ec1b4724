"""What evaluates a text: the names, layers and rules of its dialect, and what its reader asks for."""

from __future__ import annotations

import ast
from functools import partial

import torch

from core.parsing import dialects
from core.parsing.dialects import gymnasium
from core.parsing.dialects.keras.data_format import is_channels_first, sets_channels_first
from core.parsing.dialects.keras.input_symbols import given_input
from core.parsing.dialects.keras.networks import open_shape
from core.parsing.dialects.keras.subclasses import call_instance
from core.parsing.dialects.keras.symbols import in_keras_order
from core.parsing.dialects.keras.tensor_shapes import part_of_shape
from core.parsing.dialects.keras.variable_scopes import scopes_of
from core.parsing.dialects.paddle.steps import has_steps
from core.parsing.dialects.pytorch import modules, namespaces, packing, presets
from core.parsing.dialects.pytorch.preludes import prelude
from core.parsing.evaluation.builtins import BUILTINS
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.open_values.assumptions import roomy_value, usual_items, usual_value
from core.parsing.open_values.documented_calls import documented_calls
from core.parsing.parsed import ReadingOptions
from core.parsing.statements.bound_names import bound_anew

LONGER = 8  # times as many steps, where a sequence of open length is too short


def evaluator_for(
    tree: ast.Module, dialect: dialects.Dialect, request: ReadingOptions, device: str, with_room: bool
) -> Evaluator:
    """What evaluates a text of that dialect; `with_room` for longer sequences and larger images where they are open."""
    methods = {**modules.METHODS, **dialect.layer_methods}
    names = dialects.names_of(dialect, tree)
    evaluator = Evaluator(names, BUILTINS, dialects.ROOTS, methods, request.values)
    evaluator.tensor_methods = list(dialect.tensor_methods)
    evaluator.layer_names = [name.lower() for name in dialect.layers]
    evaluator.layer_sentence = dialect.sentence
    usual = roomy_value if with_room else usual_value
    evaluator.on_instance, evaluator.usual_value, evaluator.usual_items = call_instance, usual, usual_items
    evaluator.input_shape = request.input_shape
    evaluator.open_steps *= LONGER if with_room else 1
    evaluator.prelude = prelude.tree(), namespaces.NAMES
    evaluator.preset_members = presets.MEMBERS
    evaluator.run_packed = packing.run
    evaluator.parts_of_call = gymnasium.known_parts
    evaluator.layer_aliases = dialect.layer_aliases
    evaluator.relatives, evaluator.input_line = dialect.relatives, dialect.input_line
    if dialect.weights:
        evaluator.weight_as_seen, evaluator.weight_as_stored = dialect.weights
    evaluator.freezing |= dialect.freezing
    evaluator.channels_first = dialect.name == "paddle" or is_channels_first(tree)
    evaluator.layers_first = sets_channels_first(tree)
    evaluator.variable_scopes, evaluator.has_steps = scopes_of(tree), has_steps(tree)
    evaluator.run.device = torch.device(device)
    evaluator.apply_to_symbols = in_keras_order
    evaluator.bound_anew = partial(bound_anew, tree)
    evaluator.documented_calls = partial(documented_calls, tree)
    if dialect.name == "keras":
        evaluator.open_shape = partial(open_shape, evaluator)
        evaluator.part_of_shape = part_of_shape
    if dialect.name in ("keras", "paddle"):
        evaluator.open_tensor = partial(given_input, evaluator, 1)
    evaluator.run.is_reading = True
    evaluator.run.is_lenient = request.is_lenient
    return evaluator
