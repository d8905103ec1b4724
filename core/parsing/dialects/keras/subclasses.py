"""Classes of a text that inherit from keras.Model or keras.layers.Layer: their `build`, their `call`, their weights."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from core.parsing.dialects.keras.ancestry import ancestors
from core.parsing.dialects.keras.class_inputs import as_inputs, beside, leaves, like, names_read, shapes_of, taken_apart
from core.parsing.dialects.keras.datasets import sizes_of
from core.parsing.dialects.keras.functional import model, sequential
from core.parsing.dialects.keras.input_symbols import given_input, input_symbol, symbol_of
from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.dialects.keras.of_training import METHODS, result_of_data
from core.parsing.dialects.keras.sequential import KerasSequential
from core.parsing.dialects.keras.shaped_data import ShapedData
from core.parsing.dialects.keras.stated_by_layers import stated_by_layers
from core.parsing.dialects.keras.symbols import KerasTensor, KerasWeight, Record, applied, ending, symbols_in
from core.parsing.dialects.keras.trained import OF_PARTS, freeze, parts_of, set_trained, weights_between
from core.parsing.dialects.keras.unbuilt import SHAPES, KerasBase, KerasLayer
from core.parsing.dialects.pytorch.functions import checked_size
from core.parsing.evaluation.arrays import Array
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.text_classes.class_attributes import ANY_OTHER
from core.parsing.evaluation.values import MISSING, Builtin, Class, Function, Instance, Type, Unknown

OF_BASE = "layer of the base class"  # under which an object keeps the layer of Keras that its class inherits from
OF_THE_CALL = {"training": False, "mask": None}  # arguments of `call` that Keras gives a value, outside of training


def call_instance(
    evaluator: Any, value: Instance, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None
) -> Any:
    """A layer or network of a class of the text: its `build`, once, and its `call`."""
    call = BuiltinCall(evaluator, node, value.cls.name)
    values = as_inputs(call, args, kwargs)
    first = values[0] if values else next((one for one in kwargs.values() if symbols_in([one])), None)
    if first is None:
        raise call.fail("it is called without an input.")
    if isinstance(first, Unknown):  # data, or what has no value: the typed input, or none that is known
        first = values[0] = symbol_of(call, first)
    _refuse_unprepared(call, value.cls)
    build = value.cls.find("build")
    if isinstance(build, Function) and not value.names.get("built"):
        value.names["built"] = True
        given = [shapes_of(call, first)] if len(build.node.args.args) > 1 else []
        evaluator.call(build, [value, *given], {}, node)
        if value.names.get(OF_PARTS) is False:
            set_trained(value, False)
    method = call_method(value.cls)
    whole = value.names.get("functional")
    if isinstance(whole, KerasNetwork) and not isinstance(method, Function):
        return ending(whole.invoke(call, *values), values, value)
    if not isinstance(method, Function):
        inherited = value.names.get(OF_BASE)
        if not isinstance(inherited, KerasLayer):
            raise call.fail("its class has no call(self, inputs).")
        return ending(inherited.invoke(call, *values, **kwargs), values, value)
    value.names["seen"], value.names["seen beside"] = first, [one for one in values[1:] if isinstance(one, KerasTensor)]
    result = evaluator.call(method, [value, *values], _taken(method, values, kwargs), node)
    if isinstance(result, KerasTensor) and (others := _only_seen(result, symbols_in(values))):
        result = applied(_passed_on, result, *others, name=value.cls.name)
    ended = ending(result, (*values, *kwargs.values()), value)
    if isinstance(ended, KerasTensor):
        ended.mask = _mask_after(evaluator, value, first, node)
    return ended


def _refuse_unprepared(call: BuiltinCall, cls: Class) -> None:
    """Keras calls no layer whose `__init__` leaves out that of the class above. Raises: ParseError."""
    init = cls.find("__init__")
    node = init.node if isinstance(init, Function) else None
    if node is None or any(isinstance(part, ast.Attribute) and part.attr == "__init__" for part in ast.walk(node)):
        return
    raise call.fail("its class never calls super().__init__(): write that first in its __init__.")


def _only_seen(result: KerasTensor, given: Sequence[KerasTensor]) -> list[KerasTensor]:
    """What layers gave that a layer is called on and only makes a loss of, as in a VAE: it is a part of the network."""
    if len(given) < 2 or isinstance(result, KerasWeight):
        return []
    used = {id(one) for one in ancestors(result)} | {id(result)}
    return [one for one in given if one.record is not None and id(one) not in used]


def _passed_on(x: Tensor, *others: Tensor) -> Tensor:
    return x


def _mask_after(evaluator: Any, value: Instance, first: Any, node: ast.AST | None) -> Any:
    """The mask of what a layer gives: that of its `compute_mask`, or that of its input."""
    given = getattr(first, "mask", None)
    method = value.cls.find("compute_mask")
    if isinstance(method, Function):
        return evaluator.call(method, [value, first, given][: len(method.node.args.args)], {}, node)
    return given if value.names.get("supports_masking") is True else None


def call_method(cls: Class) -> Any:
    """What runs when an object of a class of Keras is called: its `call`, or else a `__call__` of its own."""
    found = cls.find("call")
    return found if isinstance(found, Function) else cls.find("__call__")


def _taken(method: Function, args: Sequence[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Keras keeps `training` and `mask` to itself where `call` has no such argument, and gives them where it has."""
    spec = method.node.args
    names = {one.arg for one in (*spec.args, *spec.kwonlyargs)}
    kept = () if spec.kwarg else ("training",)
    behind = {one.arg for one in (*spec.args[len(args) + 1 :], *spec.kwonlyargs)}
    own = {name: value for name, value in OF_THE_CALL.items() if name in behind and name not in method.defaults}
    mask = getattr(args[0], "mask", None) if args else None
    if "mask" in behind and mask is not None:
        own["mask"] = mask
    return own | {k: v for k, v in kwargs.items() if k != "mask" and (k in names or k not in kept)}


def _inputs_of_parts(value: Instance) -> list[KerasTensor]:
    """The inputs of the first network that an object was given, such as the encoder of an autoencoder."""
    parts = [
        part for name, part in value.names.items() if isinstance(part, KerasNetwork) and getattr(part, "inputs", None)
    ]
    first = parts[0].inputs if parts else []
    return [KerasTensor(one.shape, None, f"x{number or ''}", one.channels_first) for number, one in enumerate(first)]


def _given_inputs(evaluator: Any, value: Instance) -> list[KerasTensor] | dict[str, KerasTensor]:
    """The input that is typed beside the text, for each that `call(self, inputs)` takes out of its `inputs`."""
    method = call_method(value.cls)
    spec = method.node.args.args if isinstance(method, Function) else []
    name = spec[1].arg if len(spec) > 1 else ""
    first = given_input(evaluator, value.cls.line)
    keys = names_read(name, method.node) if name else []
    count = len(keys) or (taken_apart(name, method.node) if name else 1)
    parts = [like(first, number) for number in range(count)]
    return dict(zip(keys, parts, strict=True)) if keys else parts


def instance_network(evaluator: Any, value: Instance) -> KerasNetwork:
    """The network of an object of a class that inherits from keras.Model: its `call`, on the input that is known."""
    whole = value.names.get("functional")
    if isinstance(whole, KerasNetwork) and not isinstance(call_method(value.cls), Function):
        return whole
    missing = next((part for part in value.names.values() if isinstance(part, Unknown) and part.is_imported), None)
    if missing is not None:
        raise missing.refusal()
    seen = value.names.get("seen")
    shape = value.names.get("built_shape")
    place = BuiltinCall(evaluator, ast.Constant(0, lineno=value.cls.line), value.cls.name)
    starts: Any = seen if isinstance(seen, dict) else [seen] if isinstance(seen, KerasTensor) else list(seen or [])
    if isinstance(starts, dict):
        starts = {name: like(one, number) for number, (name, one) in enumerate(starts.items())}
    elif starts:
        starts = [like(one, number) for number, one in enumerate(starts)]
    elif shape is not None:
        starts = [input_symbol(place, tuple(shape)[1:])]
    else:
        named = stated_by_layers(place, value, call_method(value.cls))
        starts = [like(named, 0)] if named is not None else _inputs_of_parts(value) or _given_inputs(evaluator, value)
    evaluator.run.new_budget()
    inputs = list(starts.values()) if isinstance(starts, dict) else starts
    is_one = len(inputs) == 1 and not isinstance(starts, dict)
    method = call_method(value.cls)
    more = [like(one, number) for number, one in enumerate(value.names.get("seen beside") or (), len(inputs))]
    if not more and isinstance(method, Function):
        more = beside(inputs[0], method, value.names, tuple(OF_THE_CALL))
    output = call_instance(evaluator, value, [inputs[0] if is_one else starts, *more], {}, place.node)
    if isinstance(output, KerasNetwork):  # which `call` itself makes of its input
        return output
    outputs = [symbol_of(place, one) for one in leaves(output)]
    network = KerasNetwork([*inputs, *more], outputs, value.cls.name, value.cls.line)
    network.is_trained = value.names.get("trainable") is not False
    return network


def _init(call: BuiltinCall, value: Instance, *args: Any, **kwargs: Any) -> None:
    """`super().__init__(...)`: a model may be given its inputs and outputs here, a layer the shape of its input."""
    value.names.update({name: one for name, one in kwargs.items() if name in (*SHAPES, "name", "trainable")})
    given = [one for one in args if one is not value]  # `super().__init__(self)`, as Keras 2 allowed
    if given or "outputs" in kwargs:
        value.names["functional"] = model(call, *given, **kwargs)


def _init_sequential(call: BuiltinCall, value: Instance, *args: Any, **kwargs: Any) -> None:
    """`super().__init__([layers])` of a class that inherits from Sequential."""
    value.names.update({name: one for name, one in kwargs.items() if name == "name"})
    value.names["functional"] = sequential(call, *args, **kwargs)


def _of_whole(evaluator: Any, value: Instance, name: str, node: ast.AST | None) -> Any:
    """`self.add`, `self.layers`, `self.output`: what the network has that the object stands for, or its own layers."""
    whole = value.names.get("functional")
    if isinstance(whole, KerasNetwork):
        return whole.attribute(evaluator, name, node)
    if name == "layers":
        return [one for part in list(value.names.values()) for one in _layers_in(part)]
    return True if name == "trainable" else MISSING


def _layers_in(part: Any) -> list[Any]:
    """The layers and networks in what an object keeps, also in lists and dictionaries."""
    is_own = isinstance(part, Instance) and any(
        isinstance(base, Type) and issubclass(base.cls[0], KerasBase)
        for one in part.cls.lineage()
        for base in one.bases
    )
    if is_own or isinstance(part, (KerasLayer, KerasNetwork)):
        return [part]
    return [] if isinstance(part, Instance) else [one for inner in parts_of(part) for one in _layers_in(inner)]


def _build(call: BuiltinCall, value: Instance, input_shape: Any = None, **kwargs: Any) -> None:
    value.names["built_shape"] = call.evaluator.resolve_all(input_shape, call.node)


def _own_build(value: Instance, method: Any, call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
    """`net.build(shape)` where the class has a `build` of its own, which Keras runs once."""
    _build(call, value, *args, **kwargs)
    value.names["built"] = True
    return call.call(method, *args, **kwargs)


def _fit(call: BuiltinCall, value: Instance, x: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`model.fit(x, y)`, which builds a network that says no input."""
    sizes = sizes_of(x)
    if sizes is not None:
        value.names.setdefault("built_shape", (None, *sizes))
    return result_of_data(call)


def _add_weight(call: BuiltinCall, value: Instance, *args: Any, **kwargs: Any) -> KerasWeight:
    """`self.add_weight(shape=(8, 4), initializer="zeros")`."""
    named = {"name" if isinstance(one, str) else "shape": one for one in args[:2]} | kwargs
    rule = named.get("initializer") or "glorot_uniform"
    made = weight(call, named.get("shape", ()), named.get("name"), str(getattr(rule, "name", rule)), named)
    if value.names.get("trainable") is False:
        freeze(weights_between(made, ()))
    return made


def weight(call: BuiltinCall, shape: Any, name: Any, initializer: str, settings: dict[str, Any]) -> KerasWeight:
    """A weight that belongs to no layer of Keras, in its own axes. One that is not trained is no parameter.

    Raises: ParseError where its shape is none, or too large.
    """
    sizes = call.evaluator.resolve_all(list(shape) if isinstance(shape, (list, tuple)) else [shape], call.node)
    if not all(type(size) is int and size > 0 for size in sizes):
        raise call.fail(f"the shape of a weight must be integers from 1, not {str(tuple(sizes))[:60]}.")
    checked_size(call, math.prod(sizes))
    tensor = torch.empty(tuple(sizes), device=call.evaluator.run.device)
    is_trained = settings.get("trainable") is not False
    if not is_trained:
        call.evaluator.notes.append(
            "Keras counts weights with trainable=False as non-trainable parameters; PyTorch does not."
        )
    kept = nn.Parameter(tensor) if is_trained else tensor
    label = name if isinstance(name, str) and name.isidentifier() else "weight"
    return KerasWeight(tuple(sizes), Record(kept, (), {}, label), label, False, initializer.lower())


def variable(call: BuiltinCall, initial_value: Any = None, *args: Any, **kwargs: Any) -> KerasWeight:
    """`tf.Variable(initial_value)`, whose value is made by an initializer or a random function."""
    if isinstance(initial_value, ShapedData):
        return weight(call, initial_value.sizes, kwargs.get("name"), "", kwargs)
    if isinstance(initial_value, (Tensor, Array)):
        shape = tuple(initial_value.shape) if isinstance(initial_value, Tensor) else (len(initial_value),)
        return weight(call, shape, kwargs.get("name"), "", kwargs)
    if isinstance(initial_value, (int, float)):
        return weight(call, (), kwargs.get("name"), "ones" if initial_value == 1 else "zeros", kwargs)
    raise call.fail("it takes a value of known shape, for example tf.random.normal((8, 4)).")


def _set_trained(call: BuiltinCall, value: Instance, new: Any) -> None:
    """`self.encoder.trainable = False` of an object of the text: all that it keeps."""
    if isinstance(new, (bool, int)):
        set_trained(value, bool(new))


_METHODS = METHODS | {
    **{name: Builtin(name, _fit, needs_call=True) for name in ("fit", "evaluate", "predict")},
    "__init__": Builtin("super().__init__", _init, needs_call=True),
    "build": Builtin("build", _build, needs_call=True),
    "after trainable": Builtin("trainable", _set_trained, needs_call=True),
    "before build": Builtin("build", _own_build),
    **{name: Builtin(name, _add_weight, needs_call=True) for name in ("add_weight", "add_variable")},
}
_WHOLE = {ANY_OTHER: Builtin("whole", _of_whole)}
MODEL = Type("Model", (KerasBase, KerasNetwork), model, members=_METHODS | _WHOLE)
SEQUENTIAL = Type(
    "Sequential",
    (KerasSequential,),
    sequential,
    members={"__init__": Builtin("super().__init__", _init_sequential, needs_call=True), **_WHOLE},
)
LAYER = Type("Layer", (KerasBase, KerasLayer), None, members=_METHODS)
