"""The PyTorch lines of the initialization page; they run as they stand."""

from __future__ import annotations

from core.layers.activations import ACTIVATIONS, code_of
from core.layers.initialization import INITIALIZATIONS
from core.lessons.initialization.signal_propagation import BATCH, KnobValues, LinearStack


def variances(stack: LinearStack, name: str, knobs: KnobValues) -> str:
    """The run with seed 0."""
    activation = code_of(stack.activation, ACTIVATIONS[stack.activation].defaults)
    return (
        f"import torch\nfrom torch import nn\n{_imports(stack, name)}\n"
        f"x = torch.randn({BATCH}, {stack.width}, generator=torch.Generator().manual_seed(1000))\n"
        f"layers = [nn.Linear({stack.width}, {stack.width}, bias=False) for _ in range({stack.depth})]\n"
        f"activation = {activation}\n"
        "network = nn.Sequential(*(part for layer in layers for part in (layer, activation)))\n"
        f"{_initialization(stack, name, knobs)}"
        "variances = [x.var().item()]\n"
        "with torch.no_grad():\n"
        "    for layer in layers:\n"
        "        x = activation(layer(x))\n"
        "        variances.append(x.var().item())"
    )


def _imports(stack: LinearStack, name: str) -> str:
    own = ACTIVATIONS[stack.activation].own
    lines = f"from core.layers.activations import {own}\n" if own else ""
    return lines + ("from core.layers.initialization import initialize\n" if INITIALIZATIONS[name].own else "")


def _initialization(stack: LinearStack, name: str, knobs: KnobValues) -> str:
    if INITIALIZATIONS[name].own:
        return (
            "generator = torch.Generator().manual_seed(0)\n"
            f'initialize(layers, "{name}", generator, {stack.gain}, {dict(knobs)}, forward=lambda: network(x))\n'
        )
    line = INITIALIZATIONS[name].code.format(**(INITIALIZATIONS[name].defaults | {"identity": "eye_"} | dict(knobs)))
    return (
        "torch.manual_seed(0)\n"
        f"for layer in layers:\n    {line}\n"
        f"for layer in layers:\n    layer.weight.data *= {stack.gain}\n"
    )
