"""The checks of plain numbers are PyTorch's own, and anything else is its module's."""

import importlib
import inspect
import itertools
import subprocess
import sys

import pytest
import torch

from core import without_symbolic_shapes as spared


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.delitem(sys.modules, spared.NAME, raising=False)
    spared.spare_symbolic_shapes()
    return sys.modules[spared.NAME]


def result(function, values):
    try:
        return function(*values)
    except (TypeError, AssertionError) as error:
        return type(error)


@pytest.mark.filterwarnings("ignore:guard_size_oblivious will be removed:FutureWarning")
@pytest.mark.parametrize("name", spared.PLAIN)
def test_what_a_plain_number_gives_is_what_pytorch_gives(stand_in, name):
    check = getattr(stand_in, name)
    whole = getattr(spared._whole(), name)
    count = len([one for one in inspect.signature(whole).parameters.values() if one.default is one.empty])
    for values in itertools.product((True, False, 1, 2), repeat=count):
        assert result(check, values) == result(whole, values), values


def test_sizes_are_compared_as_a_whole(stand_in):
    for other, is_equal in (((2, 3), True), ((2, 4), False), ((2,), False)):
        assert stand_in.sym_eq(torch.Size((2, 3)), other) is is_equal
    assert sys.modules[spared.NAME] is stand_in


def test_anything_else_is_the_modules_own(stand_in):
    assert "__file__" not in dir(stand_in)
    with pytest.raises(AttributeError):
        stand_in.__file__  # noqa: B018
    assert sys.modules[spared.NAME] is stand_in, "who looks at all modules imports nothing"
    environment = stand_in.ShapeEnv()
    whole = sys.modules[spared.NAME]
    assert whole is not stand_in
    assert isinstance(environment, whole.ShapeEnv)
    assert importlib.import_module(spared.NAME) is whole
    spared.spare_symbolic_shapes()
    assert sys.modules[spared.NAME] is whole, "what has been imported stays"


def test_a_symbol_is_checked_by_pytorch(stand_in):
    from torch._subclasses.fake_tensor import FakeTensorMode

    environment = spared._whole().ShapeEnv()
    with FakeTensorMode(shape_env=environment) as mode:
        size = mode.from_tensor(torch.ones(5, 5)).shape[0]
    assert stand_in.guard_or_false(size == 5) is True
    assert stand_in.sym_eq(size, 5) == (size == 5)


def test_a_text_with_a_pool_is_read_without_the_module():
    text = "class Net(nn.Module):\n    def forward(self, x): return F.max_pool2d(x, 2)\nnet = Net()"
    code = f"import sys; from core.parsing import parse; parse({text!r}, input_shape=(3, 8, 8))"
    code += "; print('sympy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
