"""A class whose forward() passes one tensor from layer to layer, as the lines that mean the same; nothing is executed.

`self.conv = nn.Conv2d(...)` becomes a name, forward() a Sequential of names; functions (`F.relu`, `torch.flatten`,
`x.view(-1, n)`) become their layers, `a + b` a Residual, `torch.cat` a Parallel. Anything else is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from core.errors import ParseError
from core.parsing.plan import MAX_LAYERS

Chain = list[ast.expr]  # the layers that a value has passed; the same objects where two values share their way

LAYERS = {
    **{"relu": "ReLU", "relu6": "ReLU6", "leaky_relu": "LeakyReLU", "elu": "ELU", "selu": "SELU", "gelu": "GELU"},
    **{"silu": "SiLU", "mish": "Mish", "sigmoid": "Sigmoid", "tanh": "Tanh", "softplus": "Softplus", "celu": "CELU"},
    **{"hardswish": "Hardswish", "hardtanh": "Hardtanh", "softmax": "Softmax", "log_softmax": "LogSoftmax"},
    **{"logsigmoid": "LogSigmoid", "hardsigmoid": "Hardsigmoid", "softsign": "Softsign", "flatten": "Flatten"},
    **{"max_pool1d": "MaxPool1d", "max_pool2d": "MaxPool2d", "max_pool3d": "MaxPool3d"},
    **{"avg_pool1d": "AvgPool1d", "avg_pool2d": "AvgPool2d", "avg_pool3d": "AvgPool3d"},
    **{"adaptive_avg_pool2d": "AdaptiveAvgPool2d", "adaptive_max_pool2d": "AdaptiveMaxPool2d"},
    **{"dropout": "Dropout", "dropout2d": "Dropout2d", "interpolate": "Upsample", "pixel_shuffle": "PixelShuffle"},
}
MODULES = ("F", "torch", "functional", "nn.functional", "torch.nn.functional")
FIRST = {"softmax": "dim", "log_softmax": "dim"}  # what the first further argument is called, where a layer has another
LEFT_OUT = ("training", "inplace")  # arguments that say nothing about the layer


def unclassed(tree: ast.Module) -> ast.Module:
    '''The same text with each network class written out as lines; a tree without classes is left as it is.

    >>> text = """class Net(nn.Module):
    ...     def __init__(self):
    ...         self.a = nn.ReLU()
    ...     def forward(self, x):
    ...         return self.a(x)"""
    >>> print(ast.unparse(unclassed(ast.parse(text))))
    a = nn.ReLU()
    Net = a
    '''
    body = [line for statement in tree.body for line in _written_out(statement)]
    return ast.fix_missing_locations(ast.Module(body, tree.type_ignores))


def _written_out(statement: ast.stmt) -> list[ast.stmt]:
    if not isinstance(statement, ast.ClassDef):
        return [_Selfless().visit(statement)]
    methods = {part.name: part for part in statement.body if isinstance(part, ast.FunctionDef)}
    if "forward" not in methods:
        return [statement]
    own = _own_layers(methods["__init__"]) if "__init__" in methods else []
    layers = Forward({target.id for line in own if isinstance(line, ast.Assign) for target in _names(line)})
    chain = layers.read(methods["forward"])
    network = chain[0] if len(chain) == 1 else _call("nn.Sequential", chain, statement)
    return [*own, ast.copy_location(ast.Assign([ast.Name(statement.name, ast.Store())], network), statement)]


def _own_layers(init: ast.FunctionDef) -> list[ast.stmt]:
    """The constructor's assignments, `self.` taken off; its arguments get their defaults."""
    arguments = init.args.args[len(init.args.args) - len(init.args.defaults) :]
    defaults = [
        ast.copy_location(ast.Assign([ast.Name(argument.arg, ast.Store())], default), init)
        for argument, default in zip(arguments, init.args.defaults, strict=True)
    ]
    lines = [_Selfless().visit(line) for line in init.body if not _is_super(line)]
    return defaults + [line for line in lines if not _says_nothing(line)]


class _Selfless(ast.NodeTransformer):
    """`self.name` becomes `name`."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            return ast.copy_location(ast.Name(node.attr, node.ctx), node)
        self.generic_visit(node)
        return node


class Forward:
    """Reads forward() as the way of one tensor; `layers` are the names that the constructor gave."""

    def __init__(self, layers: set[str]) -> None:
        self.layers = layers
        self.values: dict[str, Chain] = {}
        self.sizes: dict[int, int] = {}  # layers inside a sum or a joint, by its id

    def read(self, forward: ast.FunctionDef) -> Chain:
        """The layers passed on the way from the first argument to what is returned."""
        if len(forward.args.args) < 2:
            raise _refusal(forward)
        self.values[forward.args.args[1].arg] = []
        for line in forward.body:
            if isinstance(line, ast.Return) and line.value is not None:
                return self.chain(line.value)
            self._statement(line)
        raise _refusal(forward)

    def _statement(self, line: ast.stmt) -> None:
        match line:
            case ast.Expr() | ast.Assert() | ast.Pass():
                pass  # a docstring, a print, a check
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if not _is_size(value):
                    self.values[name] = self.chain(value)
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
                self.values[name] = self._sum(self.chain(line.target), self.chain(value), line)
            case _:
                raise _refusal(line)

    def chain(self, node: ast.expr) -> Chain:
        """The layers that a value has passed."""
        match node:
            case ast.Name(id=name) if name in self.values:
                return list(self.values[name])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._sum(self.chain(left), self.chain(right), node)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name), args=[argument], keywords=[]):
                if name in self.layers:
                    return [*self.chain(argument), ast.copy_location(ast.Name(name, ast.Load()), node)]
            case ast.Call(func=ast.Call() as layer, args=[argument], keywords=[]):
                return [*self.chain(argument), _Selfless().visit(layer)]
            case ast.Call(func=ast.Attribute(value=inner, attr=name)):
                return self._function(node, ast.unparse(inner), inner, name)
        raise _refusal(node)

    def _function(self, node: ast.Call, module: str, inner: ast.expr, name: str) -> Chain:
        """F.relu(x), torch.cat([a, b], 1), or a method of a tensor such as x.view(-1, 10)."""
        if module in MODULES and name in ("cat", "concat", "concatenate"):
            return self._joined(node)
        if module in MODULES and name == "add" and len(node.args) == 2:
            return self._sum(self.chain(node.args[0]), self.chain(node.args[1]), node)
        argument, rest = (node.args[0], node.args[1:]) if module in MODULES and node.args else (inner, node.args)
        before = self.chain(argument)
        if name in ("view", "reshape") and len(rest) == 2:
            return [*before, _call("nn.Flatten", [], node)]
        if name in ("contiguous", "to", "float", "clone"):
            return before
        if name not in LAYERS:
            raise _refusal(node)
        keywords = [keyword for keyword in node.keywords if keyword.arg not in LEFT_OUT]
        if rest and name in FIRST:
            keywords, rest = [ast.keyword(FIRST[name], rest[0]), *keywords], []
        return [*before, _call(f"nn.{LAYERS[name]}", rest, node, keywords)]

    def _sum(self, one: Chain, other: Chain, node: ast.AST) -> Chain:
        """Two values from one: what both have passed, then a Residual of the two ways."""
        shared, (one, other) = _shared([one, other])
        body, shortcut = (one, other) if len(one) >= len(other) else (other, one)
        if not body:
            raise _refusal(node)
        around = [ast.keyword("shortcut", _call("nn.Sequential", shortcut, node))] if shortcut else []
        return [*shared, self._capped(_call("Residual", body, node, around), [body, shortcut])]

    def _joined(self, node: ast.Call) -> Chain:
        """Several values from one, side by side."""
        ways = node.args[0].elts if node.args and isinstance(node.args[0], ast.List | ast.Tuple) else []
        if len(ways) < 2:
            raise _refusal(node)
        shared, apart = _shared([self.chain(way) for way in ways])
        branches = [_call("nn.Sequential", way, node) if way else _call("nn.Identity", [], node) for way in apart]
        dims = [ast.keyword("dim", dim) for dim in node.args[1:2]] or node.keywords
        return [*shared, self._capped(_call("Parallel", branches, node, dims), apart)]

    def _capped(self, joint: ast.Call, ways: Sequence[Chain]) -> ast.Call:
        """A joint may hold joints, so that a few lines could double it without end."""
        self.sizes[id(joint)] = sum(self.sizes.get(id(layer), 1) for way in ways for layer in way)
        if self.sizes[id(joint)] > MAX_LAYERS:
            raise ParseError(f"Line {joint.lineno}: more than {MAX_LAYERS:,} layers; the network must have fewer.")
        return joint


def _shared(ways: Sequence[Chain]) -> tuple[Chain, list[Chain]]:
    """What all ways have in common from the start, and what each does then."""
    common = 0
    while all(len(way) > common and way[common] is ways[0][common] for way in ways):
        common += 1
    return ways[0][:common], [way[common:] for way in ways]


def _call(name: str, args: Sequence[ast.expr], like: ast.AST, keywords: Sequence[ast.keyword] = ()) -> ast.Call:
    function = ast.parse(name, mode="eval").body
    return ast.copy_location(ast.Call(function, list(args), list(keywords)), like)


def _names(line: ast.Assign) -> list[ast.Name]:
    return [target for target in line.targets if isinstance(target, ast.Name)]


def _is_super(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Call) and "super" in ast.unparse(line.value.func)


def _says_nothing(line: ast.stmt) -> bool:
    """`self.width = width`, once `self.` is gone."""
    return isinstance(line, ast.Assign) and any(
        ast.unparse(target) == ast.unparse(line.value) for target in line.targets
    )


def _is_size(value: ast.expr) -> bool:
    """x.size(0), x.shape[0] and what is computed from them say nothing about the way."""
    return isinstance(value, ast.Subscript | ast.Attribute | ast.Tuple) or (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "size"
    )


def _refusal(node: ast.AST) -> ParseError:
    shown = ast.unparse(node).split("\n")[0][:60]
    return ParseError(
        f"Line {getattr(node, 'lineno', 1)}: forward() can be parsed only where it passes one tensor from layer to "
        f"layer, but `{shown}` does something else: write that network as nn.Sequential(...), with "
        "Residual(...) for a sum."
    )
