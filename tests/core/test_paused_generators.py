"""A generator that a page has paused leaves PyTorch as it was: what is computed meanwhile must not feel it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from core.lessons import activations, gradients
from core.lessons.dropout import comparison
from core.lessons.kernels import hidden_kernel
from core.lessons.normalization.effects import batch_size, placement
from core.lessons.optimizers import training

CORE = Path(__file__).parents[2] / "core"
STATE = {"no_grad", "enable_grad", "inference_mode", "set_grad_enabled", "autocast", "fork_rng", "device"}
STATE |= {"deterministic", "seeded_globally"}  # ours
PAUSED = {
    "activations": lambda: activations.fit("PReLU", "Absolute value", 0.05, 0),
    "gradients": lambda: gradients.train(gradients.DeepConfig(depth=2), 0),
    "dropout": lambda: comparison.train(comparison.DropoutTraining(40, epochs=5)),
    "hidden kernel": lambda: hidden_kernel.descend(hidden_kernel.Puzzle(), hidden_kernel.Descent()),
    "order in a block": lambda: placement.train(placement.BlockNet(depth=2), 0, 0.1),
    "batch size": lambda: batch_size.train(batch_size.RUNS[0], 0, 0.1),
    "optimizers": lambda: training.train(training.LessonRun(), 0),
    "range test": lambda: training.range_test("SGD", 0),
}


def paused_inside(tree: ast.AST) -> Iterator[str]:
    """What is called by each `with` that a generator is paused in; a context manager's own `yield` is meant to be."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        if not any("contextmanager" in ast.unparse(one) for one in function.decorator_list):
            for block in (node for node in own_nodes(function) if isinstance(node, ast.With)):
                if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(block)):
                    calls = (item.context_expr for item in block.items)
                    yield from (ast.unparse(one.func).rpartition(".")[2] for one in calls if isinstance(one, ast.Call))


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes inside, without those of functions that are defined inside."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            yield child
            yield from own_nodes(child)


def test_no_generator_of_core_is_paused_where_torchs_state_is_another():
    paused = {
        str(file.relative_to(CORE)): set(paused_inside(ast.parse(file.read_text(encoding="utf-8")))) & STATE
        for file in CORE.rglob("*.py")
    }
    assert {file: names for file, names in paused.items() if names} == {}


@pytest.mark.parametrize(
    "source", ["with torch.no_grad():\n  yield 1", "with a(), torch.inference_mode() as x:\n  yield"]
)
def test_the_search_sees_such_a_pause(source):
    body = "\n".join(f"  {line}" for line in source.splitlines())
    assert STATE & set(paused_inside(ast.parse(f"def steps():\n{body}")))
    assert not STATE & set(paused_inside(ast.parse(f"@contextmanager\ndef steps():\n{body}")))


@pytest.mark.parametrize("lesson", PAUSED)
def test_gradients_are_on_while_a_lesson_waits(lesson):
    steps = PAUSED[lesson]()
    for _ in range(2):
        next(steps)
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
    steps.close()
