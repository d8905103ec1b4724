"""From a pasted text to the network that it means, and what is worth saying about it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from core.errors import ParseError
from core.parsing import dialects
from core.parsing.dialects.keras.namespaces import call_instance
from core.parsing.dialects.pytorch import modules
from core.parsing.evaluation.budget import Budget
from core.parsing.evaluation.builtins import BUILTINS
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.guesses import guess
from core.parsing.program import Network, Program
from core.parsing.clean import read_tree

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Parsed:
    """A network read from text."""

    module: nn.Module
    lines: str
    dialect: str
    input_shape: Shape | None = None
    notes: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    assumed: Mapping[str, Any] = field(default_factory=dict)


def parse(
    text: str,
    device: str = "meta",
    input_shape: Shape | None = None,
    values: Mapping[str, Any] | None = None,
    network: str = "",
) -> Parsed:
    tree, _, _ = read_tree(text)
    title = dialects.foreign(tree)
    if title:
        raise ParseError(f"This is code for {title}, which is not read here: paste PyTorch, Keras or Paddle code.")
    evaluator, program = _run(tree, device, input_shape, values)
    chosen = _chosen(program, network)
    evaluator.run.budget = Budget()
    module = chosen.module(evaluator)
    if isinstance(module, EvaluatedModule):
        module.is_root = True
    return Parsed(module, text, "x")


def parse_model(text: str, device: str = "meta") -> nn.Module:
    return parse(text, device).module


def _run(
    tree: ast.Module, device: str, input_shape: Shape | None, values: Mapping[str, Any] | None
) -> tuple[Evaluator, Program]:
    dialect = dialects.detect(tree)
    evaluator = Evaluator(dialect.names, BUILTINS, dialects.ROOTS, modules.METHODS, values)
    evaluator.tensor_methods = list(dialect.tensor_methods)
    evaluator.on_instance, evaluator.input_shape, evaluator.guess = call_instance, input_shape, guess
    evaluator.channels_first = any(
        isinstance(node, ast.Constant) and node.value == "channels_first" for node in ast.walk(tree)
    )
    evaluator.run.device = torch.device(device)
    program = Program(evaluator)
    program.run(tree)
    return evaluator, program


def _chosen(program: Program, name: str) -> Network:
    networks = program.networks()
    if not networks:
        raise program.reasons[-1] if program.reasons else ParseError("No layer was found: paste a network.")
    return next((network for network in networks if network.name == name), networks[-1])
