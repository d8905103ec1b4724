"""What reading a pasted text costs, beside Python's own parser on the same text: python -m benchmarks.reading

What must hold: a text of a hundred layers is read in 0.1 s, and whatever is pasted is answered within a second.
"""

from __future__ import annotations

import ast
import contextlib
import statistics
import time
import warnings
from collections.abc import Callable, Mapping

from core.errors import ParseError
from core.parsing import parse

REPEATS = 5
BLOCK = """
class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.a = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(channels)
        self.b = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        return x + self.b(F.relu(self.norm(self.a(x))))

"""
BURNING = "def f():\n    t = 0\n    for i in range(20_000):\n        for j in range(20_000):\n            t += 1\nf()\n"
PROSE = "Here is what the model does to each picture before it is shown to the next layer\n"
TEXTS: Mapping[str, str] = {
    "one layer": "nn.Conv2d(3, 8, 3)",
    "100 layers in a row": "nn.Sequential(\n" + "    nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(),\n" * 50 + ")",
    "a class of 100 layers": f"{BLOCK}net = nn.Sequential(nn.Conv2d(3, 8, 1), *[Block(8) for _ in range(33)])\n",
    "1,500 lines of model.add": "m = Sequential([Input((9, 9, 1))])\n" + "m.add(Conv2D(8, 3, padding='same'))\n" * 1500,
    "a chain of 2,000 layers": "x = i = Input((9,))\n" + "x = Dense(9)(x)\n" * 2000 + "m = Model(i, x)\n",
    "49,000 blank lines": "\n" * 49_000 + "nn.ReLU()",
    "8.5 kB of prose and code": PROSE * 100 + "nn.Conv2d(3, 8, 3)\n",
    "17 kB of prose and code": PROSE * 200 + "nn.Conv2d(3, 8, 3)\n",
    "180 kB of one call": "nn.Sequential(" + "nn.ReLU(), " * 17_000 + ")",
    "loops in loops": BURNING,
    "1,000 functions that loop": "".join(BURNING.replace("f()", f"f{n}()") for n in range(1_000)),
    "lists that double": "a = [1, 1]\n" + "a = [*a, *a]\n" * 60,
    "layers that double": "b = nn.ReLU()\n" + "b = nn.Sequential(b, b)\n" * 60,
    "brackets in brackets": "nn.Sequential(" * 3000 + ")" * 3000,
}


def seconds(work: Callable[[], object]) -> float:
    """The median CPU time of some runs, what they raise left aside."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        with contextlib.suppress(ParseError, SyntaxError, RecursionError, MemoryError):
            work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def main() -> None:
    """Prints one row a text."""
    warnings.simplefilter("ignore")
    parse("nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())")  # what is imported lazily is imported now
    print(f"{'text':28} {'kB':>6} {'read':>9} {'ast.parse':>10} {'ratio':>7}")
    for name, text in TEXTS.items():
        read, parsed = seconds(lambda text=text: parse(text)), seconds(lambda text=text: ast.parse(text))
        print(f"{name:28} {len(text) / 1000:6.1f} {read * 1e3:6.0f} ms {parsed * 1e3:7.2f} ms {read / parsed:7.0f}")


if __name__ == "__main__":
    main()
