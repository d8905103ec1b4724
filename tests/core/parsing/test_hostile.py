"""Whatever is pasted gets a module within the caps or one sentence; nothing is run, nothing else is raised."""

import ast
import sys
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.errors import ParseError
from core.parsing import parse
from core.parsing.arguments import RULES
from core.parsing.dialects.keras.layers import KERAS
from core.parsing.dialects.paddle.layers import PADDLE
from core.parsing.dialects.pytorch.layers import LEAVES
from core.parsing.limits import MAX_PARAMETERS
from core.parsing.plan import MAX_LAYERS


def survives(text):
    """Parses; returns the sentence, or None where it is a network within the caps."""
    try:
        module = parse(text).module
    except ParseError as error:
        sentence = str(error)
        assert 10 < len(sentence) < 600
        assert "\n" not in sentence
        return sentence
    assert all(p.is_meta for p in module.parameters())
    assert sum(p.numel() for p in module.parameters()) <= MAX_PARAMETERS
    assert len(list(module.modules())) <= 2 * MAX_LAYERS
    return None


OWN = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)

    def forward(self, x):
        {}
Net()
"""
ATTACKS = {
    "a megabyte": "nn.ReLU()\n" * 100_000,
    "a megabyte of one name": "a" * 1_000_000,
    "a megabyte of brackets": "(" * 1_000_000,
    "brackets under the cap": "(" * 79 + ")" * 79,
    "brackets in strings": "nn.Sequential(" + "'('" * 2000,
    "norms on and off": "net = nn.Sequential(nn.Conv2d(3, 4, 1))\nfor i in range(9000):\n"
    "    nn.utils.weight_norm(net[0])\n    nn.utils.remove_weight_norm(net[0])",
    "calls within print": "def f(n):\n    print(f(n + 1), f(n + 1))\n    return nn.ReLU()\nnn.Sequential(f(0))",
    "a sample of millions": "import random\nrandom.seed(1)\nnn.Sequential(*random.sample(range(10**9), 10**8))",
    "words of a command": "import argparse\np = argparse.ArgumentParser()\np.add_argument('--a', nargs='+')\n"
    "nn.Linear(len(p.parse_args(['--a'] + ['x'] * 19000).a), 'x')",
    "a try of thousands": "import machines\ntry:\n"
    + "".join(f"    a{i} = machines.start({i})\n    b{i} = {i}\n" for i in range(1500))
    + "except Exception:\n    pass\nnn.Linear(b9, 'x')",
    "handlers by the thousand": "import machines\ntry:\n    machines.start()\n"
    + "".join(f"except E{i}:\n    w = {i}\n" for i in range(3000))
    + "nn.Linear(w, 'x')",
    "deep call": "nn.Sequential(" * 45 + "nn.ReLU()" + ")" * 45,
    "deeper call": "nn.Sequential(" * 3000 + ")" * 3000,
    "deep list": "[" * 3000 + "]" * 3000,
    "minus signs": "nn.Linear(" + "-" * 20_000 + "1, 2)",
    "not": "not " * 10_000 + "x",
    "attributes": "nn" + ".nn" * 10_000,
    "indices": "a" + "[0]" * 10_000,
    "calls of calls": "f" + "()" * 10_000,
    "long sum": "nn.Linear(" + "1+" * 10_000 + "1, 2)",
    "powers": "nn.Linear(" + "9**" * 5000 + "9, 2)",
    "power tower": "nn.Linear(10**10**10, 2)",
    "negative power": "nn.Linear((-8) ** 0.5, 2)",
    "shift": "nn.Linear(1 << 10**9, 2)",
    "product": "nn.Linear(" + "*".join(["999999999999"] * 50) + ", 2)",
    "long digits": "nn.Linear(" + "9" * 40_000 + ", 2)",
    "hex digits": "nn.Linear(0x" + "f" * 40_000 + ", 2)",
    "float beyond": "nn.Dropout(1e999)",
    "complex": "nn.Linear(1j, 2)",
    "bytes": "nn.Linear(b'1', 2)",
    "text times": "nn.Linear('a' * 10**9, 2)",
    "list times": "nn.Sequential([nn.ReLU()] * 10**9)",
    "null byte": "nn.ReLU()\0",
    "escape": "nn.ReLU()\x1b[2J",
    "lone surrogate": "nn.ReLU('\ud800')",
    "right to left": "nn.ReLU(\u202e)",
    "unicode digits": "nn.Linear(١٢, 2)",
    "fullwidth name": "ｎｎ.ＲｅＬＵ()",
    "form feed": "\f" * 1000,
    "backslashes": "\\\n" * 1000,
    "lambda": "(lambda: nn.ReLU())()",
    "nested lambdas": "lambda: " * 5000 + "1",
    "comprehension": "nn.Sequential(*[nn.ReLU() for _ in iter(int, 1)])",
    "f-string": 'nn.ReLU(f\'{__import__("os").system("true")}\')',
    "walrus": "(x := nn.ReLU())",
    "star": "nn.Sequential(*nn)",
    "double star": "nn.Linear(**{'in_features': 1})",
    "dunder call": "__import__('os').system('true')",
    "dunder walk": "().__class__.__base__.__subclasses__()",
    "dunder name": "nn.__class__()",
    "dunder keys": "nn.Sequential(OrderedDict([('__class__', nn.ReLU())]))",
    "forward key": "nn.Sequential(OrderedDict([('forward', nn.ReLU())]))",
    "builtin": "nn.Sequential(eval('1'))",
    "getattr": "getattr(nn, 'ReLU')()",
    "open": "open('/etc/passwd').read()",
    "private": "nn.Module()",
    "functional": "nn.functional.relu(1)",
    "decorator": "@nn.ReLU\ndef f(): pass",
    "recursive function": "def f():\n    f()\nf()",
    "function with a loop": "def f():\n    while True: pass\nf()",
    "nested functions": "".join(f"{' ' * i}def f{i}():\n" for i in range(80)) + " " * 80 + "pass",
    "class": "class A(nn.Module):\n    x = nn.ReLU()",
    "match": "match nn.ReLU():\n    case _: pass",
    "yield": "x = yield nn.ReLU()",
    "await": "await nn.ReLU()",
    "global": "global nn",
    "shared doubling": "b = nn.ReLU()\n" + "b = nn.Sequential(b, b)\n" * 60,
    "nesting by name": "b = nn.ReLU()\n" + "b = nn.Sequential(b)\n" * 900,
    "keras nesting by name": "b = Sequential([Dense(1)])\n" + "b = Sequential([b])\n" * 900,
    "keras doubling": "b = Sequential([Dense(1)])\n" + "b = Sequential([b, b])\n" * 60,
    "list doubling": "a = [1, 1]\n" + "a = [*a, *a]\n" * 60,
    "nested doubling": "a = 1\n" + "a = [a, a]\n" * 60 + "nn.Linear(a, 2)",
    "wide nesting": "a = [" + "1," * 900 + "]\nb = [" + "a," * 900 + "]\nnn.Linear([" + "b," * 900 + "], 2)",
    "tuple sum doubling": "a = [1]\n" + "a = a + a\n" * 60,
    "keras chain": "x = Input((3,))\n" + "x = Dense(3)(x)\n" * 990,
    "keras upsampling": "model = Sequential([Input((9, 9, 1))])\n" + "model.add(UpSampling2D(64))\n" * 60,
    "keras transposed": "m = Sequential([Input((9, 9, 1))])\n" + "m.add(Conv2DTranspose(9, 3, 4000))\n" * 60,
    "keras padding": "m = Sequential([Input((9, 9, 1))])\n" + "m.add(ZeroPadding2D(4000))\n" * 60,
    "huge tensor": "nn.Conv3d(10**7, 10**7, (4096, 4096, 4096))",
    "huge norm": "nn.LayerNorm([10**7, 10**7, 10**7, 10**7])",
    "huge scale": "Scale(10**7)",
    "infinite pad": "nn.ConstantPad2d(10**6, 1.0)",
    "nan": "nn.Threshold(float('nan'), 1)",
    "printed": "Sequential(\n" + "  (0): Sequential(\n" * 2000,
    "forward without end": OWN.format("while True:\n            x = x + 1\n        return x"),
    "tensor doubling": OWN.format("for i in range(60):\n            x = torch.cat([x, x])\n        return x"),
    "tensor repeated": OWN.format("return x.repeat(10**6, 10**6, 10**6)"),
    "tensor in pieces": OWN.format("return torch.arange(10**9).unbind(0)[0]"),
    "tensor as a loop": OWN.format("for i in torch.arange(10**9):\n            x = x + i\n        return x"),
    "tensor in many parts": OWN.format("return torch.zeros(10**9).tensor_split(10**9)[0]"),
    "axes repeated": "from einops import repeat\n" + OWN.format("return repeat(x, 'b c -> b c h', h=10**15)"),
    "subclasses": OWN.format("return self.a.__class__.__bases__[0].__subclasses__()"),
    "globals of a method": OWN.format("return self.forward.__globals__"),
    "a list that holds itself": "m = nn.ModuleList()\nm.append(m)\nnn.Sequential(m)",
    "copies of copies": "a = nn.Sequential(nn.ReLU())\n"
    + "a = nn.Sequential(copy.deepcopy(a), copy.deepcopy(a))\n" * 40,
    "blank lines above a slip": "\n" * 20_000 + "nn.ReLU( 3 4\n",
    "a word a line above a slip": "a\n" * 16_000 + "nn.ReLU( 3 4\n",
    "printed nonsense": "Net(\n  (a): B()\n)",
}


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS)
def test_every_attack_gets_a_sentence_or_a_small_network(text):
    survives(text)


@pytest.mark.parametrize("line", ["\n", "a\n", "1.\n", "@a\n"])
def test_many_short_lines_above_a_slip_take_no_longer_than_others(line):
    start = time.process_time()
    survives(line * 16_000 + "nn.ReLU( 3 4\nsome words here\n")
    assert time.process_time() - start < 3


HARMLESS = {"deep call", "fullwidth name", "keras chain", "huge scale", "lambda", "walrus", "getattr"}


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - HARMLESS))
def test_attacks_are_refused(name):
    assert survives(ATTACKS[name])


def test_a_small_stack_is_no_traceback(monkeypatch):
    """In a server the text is read deep inside other calls."""

    def deep(n):
        return survives("nn.Sequential(" * 30 + "nn.ReLU()" + ")" * 30) if n == 0 else deep(n - 1)

    assert deep(sys.getrecursionlimit() - 700) is None


def test_nothing_of_the_text_runs():
    events = []

    def watch(event, args):
        if event in ("exec", "os.system", "subprocess.Popen", "open", "import", "socket.connect"):
            events.append((event, args))

    survives("nn.Sequential(nn.Conv2d(1, 1, 1))")  # whatever is imported lazily is imported now
    sys.addaudithook(watch)
    watching = list(events)
    for text in ATTACKS.values():
        if len(text) < 2000:
            survives(text)
    assert [e for e in events[len(watching) :] if e[0] in ("os.system", "subprocess.Popen", "socket.connect")] == []
    assert not any(e[0] == "open" and "passwd" in str(e[1]) for e in events)


WORDS = """nn torch Sequential ( ) [ ] { } , . : = * ** + - / // lambda for in if else def class return import as from
    Conv2d Linear ReLU Conv2D Dense Input model add 1 3 -1 0 1e9 10**9 None True 'same' "a" f'{x}' __class__ _ x y \n
    \t # @ -> := \\ ; padding= kernel_size= input_shape= ( ) ( ) ( ) , ,"""
PIECES = st.sampled_from(WORDS.split(" "))


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map(" ".join))
@example("")
def test_rubble_of_code(text):
    survives(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all(text):
    survives(text)


VALUES = st.recursive(
    st.sampled_from(
        [0, 1, 2, 3, -1, 7, 4096, 10**7, 10**11, 0.5, -2.5, 1e9, True, None, "same", "valid", "relu", "x" * 50]
    ),
    lambda inner: st.lists(inner, max_size=4).map(tuple),
    max_leaves=6,
)
NAMES = st.sampled_from(
    sorted({*RULES, "filters", "strides", "pool_size", "activation", "units", "rate", "momentum", "size"})
)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(
        [*(f"nn.{k}" for k in LEAVES), *(f"paddle.nn.{k}" for k in PADDLE), *(f"keras.layers.{k}" for k in KERAS)]
    ),
    st.lists(VALUES, max_size=5),
    st.dictionaries(NAMES, VALUES, max_size=3),
)
def test_any_layer_with_any_arguments(layer, args, kwargs):
    given = ", ".join([*map(repr, args), *(f"{k}={v!r}" for k, v in kwargs.items())])
    survives(f"{layer}({given})")


def test_the_examples_are_read_by_python_where_they_claim_to_be():
    """A guard against examples that only fail for a slip of ours: these must be legal Python."""
    for name in ("lambda", "f-string", "walrus", "double star", "shared doubling", "recursive function", "match"):
        ast.parse(ATTACKS[name])


@pytest.mark.parametrize("question", ["5 in a", "a == b", "','.join(w)", "set().union(a)"])
def test_long_lists_are_paid_for_each_time(question):
    text = "a, b = list(range(19000)), list(range(19000))\nw = ['abcdefgh'] * 19000\n"
    began = time.process_time()
    survives(f"{text}for i in range(19000):\n    v = {question}\nnet = nn.Linear(3, 4)")
    assert time.process_time() - began < 3
