"""Definitions that a text imports from files of its own, where they are the first cause that it cannot be read."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from typing import Any

from core.errors import ParseError
from core.parsing import dialects
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.misspelt_names import MisspeltNameError
from core.parsing.evaluation.text_classes.class_definitions import PLAIN_BASES
from core.parsing.evaluation.values import Class, Function, MissingDefinitionError, Unknown
from core.parsing.network_values import names_in
from core.parsing.notes import skipped_note
from core.parsing.statements.program import Program

OTHER_NETWORKS = re.compile(r"\.models\.(segmentation|detection|video|optical_flow|quantization)\.")
NETWORK_NAME = re.compile(r"(?i)(?:^|_)(?:model|net|network|backbone|encoder|decoder|generator|discriminator)\d?$")


def imports_elsewhere(tree: ast.Module) -> bool:
    """Whether a text imports from a module that is neither Python's nor of a framework that is known here.

    >>> imports_elsewhere(ast.parse("import os, torch")), imports_elsewhere(ast.parse("from .blocks import Block"))
    (False, True)
    """
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=module, level=level):
                paths = ["." if level else module or ""]
            case ast.Import(names=names):
                paths = [alias.name for alias in names]
            case _:
                continue
        if any(path.split(".")[0] not in (*dialects.ROOTS, *sys.stdlib_module_names) for path in paths):
            return True
    return False


def first_cause(error: ParseError, tree: ast.Module, names: Mapping[str, Any]) -> ParseError:
    """The error itself, or that a class is missing from which the class inherits in which reading stopped.

    Args: `names` are those of the text, with their values.
    """
    named = re.match(r"Line (\d+)", str(error))
    if isinstance(error, MissingDefinitionError) or named is None:
        return error
    line = int(named[1])
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.lineno <= line <= (node.end_lineno or line):
            value = names.get(node.name)
            lineage = value.lineage() if isinstance(value, Class) else ()
            bases = (base for one in lineage for base in one.bases if isinstance(base, Unknown) and base.is_imported)
            missing = [base for base in bases if base.name not in PLAIN_BASES]
            return missing[0].refusal() if missing else error
    return error


def whole_unknown(evaluator: Evaluator, network: Any = None) -> ParseError | None:
    """That a network, or any layer if none is given, only becomes a part of one that cannot be read."""
    for part, owner in evaluator.put_into_unknown:
        if network is None or part is network:
            refusal = owner.refusal()
            said = f"{str(refusal).removesuffix('.')}, and the head of this text only becomes a part of it."
            return type(refusal)(said) if owner.error is None else refusal
    return None


def unread_network(tree: ast.Module) -> str:
    """The ready-made network of torchvision that a text calls and that is for something else than whole images.

    >>> unread_network(ast.parse("net = torchvision.models.detection.fasterrcnn_resnet50_fpn()"))
    'torchvision.models.detection.fasterrcnn_resnet50_fpn'
    """
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str() as module, names=[first, *_]) if OTHER_NETWORKS.search(f".{module}."):
                return f"{module}.{first.name}"
            case ast.Call(func=ast.Attribute() as function):
                called = dialects.dotted(function)
                if OTHER_NETWORKS.search(f".{called}."):
                    return called
    return ""


def nothing_found(program: Program, tree: ast.Module) -> ParseError:
    """Why a text without a network has none: what it lacks, as far as that can be told."""
    values = program.evaluator.globals.names.values()
    used = {name for one in values if isinstance(one, Function) for name in names_in(one.node)}
    layers = (one for one in values if isinstance(one, Unknown) and one.is_imported and one.name[:1].isupper())
    bases = (base for one in values if isinstance(one, Class) for base in one.bases)
    inherited = (b for b in bases if isinstance(b, Unknown) and b.is_elsewhere() and b.name not in PLAIN_BASES)
    elsewhere = next(inherited, None) or next((one for one in layers if one.path in used), None)
    if elsewhere is not None:
        return elsewhere.refusal()
    if program.missing:  # such as a network of another package, which a tensor goes into
        return program.missing[0]
    if (whole := whole_unknown(program.evaluator)) is not None:
        return whole
    names = program.evaluator.globals.names.items()
    unknown = (value for name, value in names if isinstance(value, Unknown) and NETWORK_NAME.search(name))
    if (network := next((value for value in unknown if value.is_elsewhere()), None)) is not None:
        return network.refusal()
    classes = (one for one in program.evaluator.globals.names.values() if isinstance(one, Class))
    lacking = ((one, base) for one in classes if (base := one.unknown_base()) is not None and not base.is_imported)
    for one, base in lacking:
        said = f"inherits from {base.name}, which is not in this text: paste its definition too."
        return ParseError(f"Line {one.line}: the class {one.name} {said}")
    empty = next((v for v in program.evaluator.globals.names.values() if program.evaluator.is_network(v)), None)
    if empty is not None:
        return ParseError(f"Line {empty.line} begins the class {empty.name}, which makes no layer: paste all of it.")
    if unread := unread_network(tree):
        return ParseError(
            f"{unread} is not read here: paste the classes that it is made of, or take a network that tells images "
            "apart, such as torchvision.models.resnet50()."
        )
    if (slip := _other_case(tree, program)) is not None:
        return slip
    found = "No layer was found in this text: paste a network, for example nn.Sequential(nn.Conv2d(3, 16, 3))."
    absent = _undefined_calls(tree, program)
    found = f"{found} {' and '.join(absent)} {'is' if len(absent) == 1 else 'are'} not in it." if absent else found
    return ParseError(f"{found} {skipped_note(program.skipped)}" if program.skipped else found)


def _undefined_calls(tree: ast.Module, program: Program) -> list[str]:
    """The first functions that statements of a text call by names that it nowhere gives a value."""
    names = (*program.evaluator.globals.names, *program.evaluator.builtins.names)
    called = (call.func.id for call in ast.walk(tree) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name))
    return [one[:60] for one in dict.fromkeys(called) if one not in names][:3]


def _other_case(tree: ast.Module, program: Program) -> MisspeltNameError | None:
    """That a text calls a name that it imports in other letters: `sequential()` below `import Sequential`."""
    names = program.evaluator.globals.names
    lower = {name.lower(): name for name in names if name[:1].isupper()}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name not in names and name.lower() in lower:
                return MisspeltNameError(name, lower[name.lower()], node.lineno)
    return None
