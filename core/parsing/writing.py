"""A network as text: PyTorch lines that give the same module, where all of its layers are PyTorch's or ours."""

from __future__ import annotations

from collections.abc import Mapping

from torch import fx, nn

from core.layers.blocks import Parallel, Residual
from core.parsing.plan import LayerCall, looks, write_lines

PLAIN_NAMES = (
    "torch",
    "device",
    "inf",
    "nan",
    "NoneType",
    "fx_pytree",
    "pytree",
)  # of which `forward` uses torch alone


def as_calls(module: nn.Module, calls: Mapping[nn.Module, LayerCall]) -> LayerCall | None:
    """The constructor calls that build a module, None where it holds anything but layers in a row and our blocks."""
    return _Writer(calls).call(module)


class _Writer:
    """Walks a module once; a layer that stands in it twice is one call."""

    def __init__(self, calls: Mapping[nn.Module, LayerCall]):
        self.calls = calls
        self.done: dict[nn.Module, LayerCall | None] = {}

    def call(self, module: nn.Module) -> LayerCall | None:
        if module not in self.done:
            self.done[module] = self._call(module)
        return self.done[module]

    def _call(self, module: nn.Module) -> LayerCall | None:
        if module in self.calls:
            call = self.calls[module]
            return call if call.made in ("", looks(module)) else None
        if type(module) is nn.Sequential and not _has_more(module):
            names = tuple(module._modules)
            plain = names == tuple(map(str, range(len(names))))
            return self._container("Sequential", list(module), () if plain else names)
        if type(module) is Parallel:
            return self._container(
                "Parallel", list(module.branches), (), {} if module.dim == 1 else {"dim": module.dim}
            )
        if type(module) is Residual:
            body = (
                list(module.body)
                if type(module.body) is nn.Sequential and module.body not in self.calls
                else [module.body]
            )
            shortcut = None if type(module.shortcut) is nn.Identity else self.call(module.shortcut)
            if shortcut is None and type(module.shortcut) is not nn.Identity:
                return None
            return self._container("Residual", body, (), {} if shortcut is None else {"shortcut": shortcut})
        return None

    def _container(
        self, kind: str, layers: list[nn.Module], names: tuple[str, ...], kwargs: Mapping[str, object] | None = None
    ) -> LayerCall | None:
        parts = [self.call(layer) for layer in layers]
        if any(part is None for part in parts):
            return None
        return LayerCall(kind, tuple(parts), dict(kwargs or {}), names=names)


def written(module: nn.Module, calls: Mapping[nn.Module, LayerCall]) -> str:
    """PyTorch lines whose last one is the network; "" where there are none.

    Raises: ParseError where containers are nested too deeply.
    """
    plan = as_calls(module, calls) if not _shares_weights(module) else None
    if plan is not None:
        return write_lines(plan)
    return _class_of(module, calls) if isinstance(module, fx.GraphModule) else ""


def _has_more(module: nn.Sequential) -> bool:
    """Whether weights or hooks hang on a Sequential itself, which its constructor does not say."""
    return any((module._parameters, module._buffers, module._forward_hooks, module._forward_pre_hooks))


def _shares_weights(module: nn.Module) -> bool:
    """Whether two layers have one and the same parameter, which no constructor says."""
    weights = [id(one) for part in module.modules() for one in part._parameters.values() if one is not None]
    return len(weights) > len(set(weights))


def _class_of(module: fx.GraphModule, calls: Mapping[nn.Module, LayerCall]) -> str:
    """A graph as the class that a person would write; "" where it has weights beside its layers."""
    if module._parameters or module._buffers:
        return ""
    layers = {}
    for name, layer in module.named_children():
        plan = as_calls(layer, calls)
        if plan is None:
            return ""
        layers[name] = write_lines(plan).replace("\n", "\n        ")
    code = module.graph.python_code("self")
    if any(name.split(".")[0] not in PLAIN_NAMES for name in code.globals):
        return ""
    forward = code.src.strip().replace("\n", "\n    ")
    built = "".join(f"        self.{name} = {text}\n" for name, text in layers.items())
    head = "class Network(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    return f"{head}{built}\n    {_plain(forward)}\n\n\nNetwork()"


def _plain(code: str) -> str:
    """Without what `torch.fx` adds for itself: comments, and names set to None as soon as they are used up."""
    import re

    code = re.sub(r";(?:  \w+ = )+None|;(?:  )?(?:\w+ = )+None", "", code)
    lines = [line.rstrip() for line in code.split("\n") if line.strip() and not line.strip().startswith("#")]
    return "\n".join(lines)
