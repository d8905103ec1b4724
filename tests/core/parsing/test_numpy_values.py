"""Arrays of numpy whose numbers are known have the values that numpy gives for real."""

from __future__ import annotations

import time

import numpy as np
import pytest

from core.parsing import ParseError, parse

TEXT = """
import numpy as np
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.found = {}
        self.fc = nn.Linear(2, 3)
    def forward(self, x):
        return self.fc(x)
net = Net()
"""
EXPRESSIONS = """
np.linspace(0, 1, num=4, endpoint=False).tolist()
np.linspace(8, 64, 4, dtype=int).tolist()
np.logspace(3, 5, num=3, base=2, dtype=int).tolist()
np.array([1.7, 2.2], dtype=np.int64).tolist()
np.zeros(3, dtype=int).tolist()
np.arange(3, dtype=float).tolist()
np.int32(7.9)
np.float32(3) / 2
isinstance(np.array([1]), np.ndarray)
np.iinfo(np.int32).max
np.array([[1, 2], [3, 4]]).T.tolist()
np.array([3, 1, 2]).argsort().tolist()
np.array([3, 1, 2]).cumsum().tolist()
np.array([3, 1, 2]).std()
(np.array([1, 2, 3]) > 1).tolist()
np.array([5, 6, 7])[np.array([5, 6, 7]) > 5].tolist()
(-np.array([1, 2])).tolist()
np.where(np.array([1, 2]) > 1, 5, 6).tolist()
np.append([1], [2, 3]).tolist()
np.repeat([1, 2], [2, 1]).tolist()
np.tile([1, 2], 2).tolist()
np.sort([3, 1, 2]).tolist()
[a.tolist() for a in np.array_split(np.arange(5), 2)]
[i for i in np.ndindex(2, 2)]
[(i, int(one)) for i, one in np.ndenumerate([5, 6])]
np.vectorize(lambda n: n * 2)([1, 2]).tolist()
np.meshgrid([1, 2], [3, 4, 5])[0].tolist()
np.pad([1, 2], 1).tolist()
np.triu(np.ones((2, 2)), k=1).tolist()
np.transpose(np.array([[1, 2, 3]])).tolist()
np.linalg.norm([3, 4])
np.percentile([1, 2, 3, 4], 50)
[1, 2, 3, 4][np.s_[1:3]]
np.clip([1, 9], 0, 3).tolist()
[(one * 2).tolist() for one in np.ogrid[:2, 1:7:3]]
np.mgrid[:2, 3:5].tolist()
np.mgrid[1:4].tolist()
np.rint(2.6)
np.gcd(12, 18)
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().split("\n"))
def test_the_value_is_numpys(expression):
    want = eval(expression, {"np": np})
    have = parse(TEXT.format(expression)).module.values["found"]
    assert type(have) is (type(want.item()) if isinstance(want, np.generic) else type(want))
    assert have == (pytest.approx(want) if isinstance(want, float) else want)


CHANGED = """
a = np.zeros(4, dtype=int)
a[0] = 5
a[1:3] += 2
m = np.zeros((2, 3))
m[0] = [1, 2, 3]
m[:, 2] = 9
net = nn.Sequential(nn.Linear(2, a.sum()), nn.Linear(9, int(m.sum())))
"""


TABLES = """
import numpy as np
sizes = np.array([[4, 5], [5, 7]])
net = nn.Sequential(*[nn.Linear(wide, out) for wide, out in sizes], nn.Linear(sizes[1, 1], sizes[0][1] + 1))
steps = torch.tensor([1, 2, 3])
net.append(nn.Linear(6, steps[steps != 2].sum().item()))
net.append(nn.Linear(4, sum(steps.repeat(2).tolist())))
net.append(nn.Linear(12, 3 + len(list(net.parameters(False)))))
"""


def test_numbers_of_tables_size_layers():
    net = parse(TABLES).module
    assert [layer.out_features for layer in net] == [5, 7, 6, 4, 12, 3]


def test_items_that_are_set_stay_known():
    scope: dict = {}
    exec("import numpy as np\n" + CHANGED.rsplit("net =", 1)[0], scope)
    net = parse("import numpy as np\n" + CHANGED).module
    assert [layer.out_features for layer in net] == [scope["a"].sum(), int(scope["m"].sum())]


GROWING = """
tile([1, 2], 10**9)
tile(reps=10**9, A=[1])
repeat(3, 10**8)
array([1]).repeat([10**8])
pad([1], 10**8)
logspace(num=10**9, start=0, stop=1)
full_like([1], 2, shape=(10**9,))
diag([1, 2], k=30000)
histogram([1, 2], bins=10**9)
einsum("i,j,k->ijk", np.arange(900), np.arange(900), np.arange(900))
tensordot(np.arange(9000), np.arange(9000), axes=0)
array_split([1], 10**8)
split(np.random.rand(4, 4), 10**8)
add(np.ones((4096, 1)), np.ones((1, 4096)))
linalg.svd([[1.0]] * 9000)
stack([np.ones((64, 64))] * 9000)
"""


@pytest.mark.parametrize("call", GROWING.strip().split("\n"))
def test_arrays_do_not_grow_without_bounds(call):
    began = time.process_time()
    with pytest.raises(ParseError):
        parse(f"import numpy as np\nnet = nn.Linear(2, len(np.{call}))")
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("call", "widths"),
    [
        ("np.split(np.random.rand(6, 2), 3)[0].shape[0]", 2),
        ("np.meshgrid(np.random.rand(3), np.random.rand(4))[0].shape[0]", 4),
        ("linalg.qr(np.ones((5, 3)))[0].shape[1]", 5),
        ("linalg.qr(np.random.rand(5, 3))[0].shape[1]", 5),
        ("linalg.qr(np.ones((5, 3)), mode='economic')[0].shape[1]", 3),
        ("np.linalg.qr(np.random.rand(5, 3))[0].shape[1]", 3),
    ],
)
def test_functions_that_pytorch_has_in_another_meaning(call, widths):
    net = parse(f"import numpy as np\nfrom scipy import linalg\nnet = nn.Sequential(nn.Linear(2, {call}))").module
    assert net[0].out_features == widths


DATA = """
import os, numpy as np
from loader import load
labels = np.sort(load(os.path.dirname(__file__)))
low, kinds = np.percentile(labels, 5), torch.unique(labels)
net = nn.Linear(2, 3)
"""


def test_functions_of_data_that_is_not_known_stand_in_no_networks_way():
    assert parse(DATA).module[0].out_features == 3


TIDIED = """
import numpy as np
from keras.layers import Dense, Input
from keras.models import Model
rows = np.nan_to_num(np.load("rows.npy"))
columns = rows.shape[1]
inputs = Input(shape=(columns,))
net = Model(inputs, Dense(3)(inputs))
"""


def test_data_that_is_only_tidied_has_the_typed_sizes():
    assert sum(p.numel() for p in parse(TIDIED, input_shape=(7,)).module.parameters()) == 7 * 3 + 3
