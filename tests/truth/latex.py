"""Lines of arithmetic in LaTeX, evaluated."""

import math
import re


def evaluated(latex):
    """A line of numbers, fractions, roots and products, as a number: `\\frac{3}{\\sqrt{4 + 0}} \\cdot 2`."""
    line = re.sub(r"\\sqrt\{(.+?)\}", r"math.sqrt(\1)", latex)
    line = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1) / (\2))", line)
    for tex, python in ((r"\cdot", "*"), (r"\left(", "("), (r"\right)", ")")):
        line = line.replace(tex, python)
    return eval(line, {"math": math})
