"""Optimizers work as ever, and PyTorch's compiler is imported only to compile."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
STEPS = """
import sys
import torch
from core.lessons import activations
from core.lessons.experiments import digits
from core.optim import OPTIMIZERS

def compiler() -> bool:
    return "torch._dynamo" in sys.modules or "sympy" in sys.modules

weight = torch.ones(3, 2, requires_grad=True)
for entry in OPTIMIZERS.values():
    optimizer = entry.build([weight], 0.1)
    optimizer.zero_grad()
    weight.square().sum().backward()
    optimizer.step()
    optimizer.load_state_dict(optimizer.state_dict())
next(activations.fit("PReLU", "Absolute value", 0.05, 0))
digits()
print(compiler(), "sklearn" in sys.modules, weight.grad is not None)
torch.compile(lambda x: 2 * x, backend="eager")(weight)
print(compiler())
"""


def test_no_optimizer_of_ours_and_no_lesson_imports_it():
    done = subprocess.run([sys.executable, "-c", STEPS], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True", "True"]
