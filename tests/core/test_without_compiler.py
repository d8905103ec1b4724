"""Optimizers, lessons, profiles and receptive fields work as ever; PyTorch's compiler, and sympy, are imported only to
compile."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LESSONS = """
from core.lessons import activations
from core.lessons.experiments import digits
from core.optim import OPTIMIZERS

weight = torch.ones(3, 2, requires_grad=True)
for entry in OPTIMIZERS.values():
    optimizer = entry.build([weight], 0.1)
    optimizer.zero_grad()
    weight.square().sum().backward()
    optimizer.step()
    optimizer.load_state_dict(optimizer.state_dict())
next(activations.fit("PReLU", "Absolute value", 0.05, 0))
digits()
assert "sklearn" not in sys.modules
"""
PROFILE = """
from core.models import MODELS
from core.profiler import Setting, profile_in

profile_in(MODELS["lenet5"].on_meta(), MODELS["lenet5"].input_shape, Setting(2, "adam"))
"""
FIELDS = """
from core.models import MODELS
from core.receptive_field import receptive_fields
from core.training.recipe.networks import on_meta

for name in ("lenet5", "googlenet"):
    assert receptive_fields(MODELS[name].on_meta(), MODELS[name].input_shape)
on_meta("Small ResNet", 2, 32)
assert "sympy" not in sys.modules
"""
READ = """
from core.parsing import parse

TEXT = '''
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 4)
        self.row = nn.Parameter(torch.ones(4))
    def forward(self, x):
        return torch.nn.functional.gelu(self.a(x) * self.row) @ self.row
'''
assert parse(TEXT, input_shape=(8,)).module(torch.zeros(1, 8, device="meta")).shape == (1,)
"""
COMPILED_WITHIN = """
from core.profiler.fake_tensor.uncompiled import uncompiled

def refuse(graph, inputs):
    raise AssertionError("it was compiled")

before = torch.compile
with uncompiled(), uncompiled():
    assert "torch._dynamo" not in sys.modules
    doubled = torch.compile(lambda x: 2 * x, backend=refuse)
    assert doubled(torch.ones(())) == 2
assert torch.compile is before
del sys.modules["torch._dynamo"]
"""
COMPILED = """
from core.without_compiler import admit_compiler, spare_compiler

spare_compiler()
admit_compiler()
doubled = torch.compile(lambda x: 2 * x, backend="eager", dynamic=True)
assert [doubled(torch.ones(size)).numel() for size in (3, 4)] == [3, 4]
assert "sympy" in sys.modules
weight = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([weight], 1.0)
doubled(weight).sum().backward()
optimizer.step()
assert weight.tolist() == [-1, -1]
del sys.modules["torch._dynamo"]
"""


NOT_IMPORTED = "assert 'torch._dynamo' not in sys.modules\n"


@pytest.mark.parametrize("parts", [(READ,), (LESSONS, PROFILE, FIELDS, COMPILED_WITHIN), (COMPILED,)])
def test_it_is_imported_only_to_compile(parts):
    program = "import sys\nimport torch\n" + "".join(part + NOT_IMPORTED for part in parts)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
