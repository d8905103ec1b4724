"""Values for arguments that stand for a layer, a network, a class of them, a word or a matrix.

Each is written as an expression of the text's language, which is evaluated like the text itself: a class of the text
that is called so, PyTorch's usual activation or norm, a ready-made network where features of images are meant.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from typing import Any

from torch import nn

from core.parsing.clean.syntax import all_nodes
from core.parsing.definitions import needs_nothing
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.values import MISSING, Class, Function, Instance, Namespace, Scope
from core.parsing.network_values import names_in
from core.parsing.open_values.argument_usage import ArgumentUsage, Callee, Definitions, kept_in
from core.parsing.open_values.assumptions import usual_value
from core.parsing.open_values.listed_numbers import place_of
from core.parsing.open_values.ready_networks import BODY, ready_layer, ready_network

LAYER_KINDS = ("function", "layer", "object")
ACTIVATION = re.compile(r"activ|nonlin|non_lin|(^|_)act(_?(layer|fn|func|fun|cls|f))?$")
NORM = re.compile(r"norm")
CONVOLUTION = re.compile(r"(^|_)conv(_?(layer|fn|block|op|\dd))?$")
ANY_NETWORK = re.compile(
    r"(\w+_)?(backbone|model|net|network|module|base|body|extractor|fn|func|layer|block)(_\w+)?\d*"
)
SETTINGS = re.compile(r"(\w+_)?(configs?|configuration|cfg|conf|settings|hparams?|hps|opts?|options|params|args)")
STATISTIC = re.compile(r"((img|image|pixel|norm|data|rgb|dataset)_?)?(mean|std|stdev)s?")
STEPS = 8  # what looking at a class costs
VECTORS = 1000, 300  # words and features of ready-made word vectors

Construct = Callable[[Class], str]


class TextDefinitions(Definitions):
    """The functions, classes and dictionaries of a text, as one of its definitions sees them."""

    def __init__(self, evaluator: Evaluator, methods: Sequence[ast.AST] = ()):
        super().__init__()
        self.evaluator, self.found = evaluator, evaluator.found_usages
        self.methods = {getattr(node, "name", ""): node for node in methods}
        inner = [one for node in methods for one in all_nodes(node) if isinstance(one, ast.FunctionDef)]
        self.inner = {one.name: one for one in inner if one not in methods}

    def callee(self, function: ast.expr) -> Callee | None:
        match function:
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if name in self.methods:
                return Callee(self.methods[name], tuple(self.methods.values()), 1)
            case ast.Name(id=name) if name in self.inner:
                return Callee(self.inner[name])
            case ast.Name(id=name):
                return _as_callee(self.evaluator.globals.names.get(name))
        return None

    def words(self, table: str) -> list[str]:
        value = self.evaluator.globals.names.get(table)
        return [key for key in value if isinstance(key, str)] if isinstance(value, dict) else []

    def table(self, name: str) -> Any:
        return self.evaluator.globals.names.get(name)


def _as_callee(value: Any) -> Callee | None:
    if isinstance(value, Class):
        init = value.find("__init__")
        others = [one.node for one in value.names.values() if isinstance(one, Function) and one is not init]
        return Callee(init.node, others, 1) if isinstance(init, Function) else None
    return Callee(value.node) if isinstance(value, Function) else None


class OpenNetworks:
    """Finds such values for the arguments of one definition of a text."""

    def __init__(self, evaluator: Evaluator, owner: str, function: Function, construct: Construct):
        self.evaluator, self.owner, self.function, self.construct = evaluator, owner, function, construct

    def same_name(self, name: str) -> str:
        """The name itself, of settings, a layer or a module, or else a class of settings; "" if there is none."""
        names = self.evaluator.globals.names
        if isinstance(names.get(name), nn.Module) or (isinstance(names.get(name), (Instance, dict)) and names[name]):
            return name
        if isinstance(self.evaluator.globals.find(name), Namespace):  # `def build(torch, width):`
            return name
        if not SETTINGS.fullmatch(name.lower()):
            return ""
        classes = [one for one in names.values() if isinstance(one, Class) and one.base is None and one.line]
        kinds = [one for one in classes if re.search(r"config|cfg|setting|hparam|option|param|args", one.name.lower())]
        return self.construct(kinds[-1]) if kinds else ""

    def source(self, name: str, use: ArgumentUsage, annotation: str = "") -> str:
        """The expression for an argument, "" where none is likely."""
        if use.kind == "settings":
            return ""
        if use.words and use.kind == "word":
            return repr(use.words[0])
        if "grown" in use.kinds and self._is_of_keras():
            return "keras.Sequential()"
        if use.kind == "matrix":
            return self._vectors(is_array="array" in use.kinds)
        named = self._annotated(annotation)
        if named is not None:
            return named.name if use.is_made_of or "ype[" in annotation else self.construct(named)
        asserted = self._asserted(name)
        if asserted is not None:
            return self.construct(asserted)
        if use.kind not in LAYER_KINDS or not use.kinds & set(LAYER_KINDS):
            return ""
        if STATISTIC.fullmatch(name.lower()) and use.kind == "object":
            return "torch.tensor([0.5, 0.5, 0.5])"
        alike = self._with_attributes(name) if "object" in use.kinds and not use.is_made_of else None
        if alike is not None:
            return self.construct(alike)
        made = "" if use.is_made_of else self._made_by_function(name)
        return made or self._own(name, use) or self._usual(name.lower(), use) or self._ready_made(name.lower(), use)

    def _is_of_keras(self) -> bool:
        """Whether the text's layers are those of Keras."""
        return "Input" in self.evaluator.builtins.names

    def proposes(self, name: str) -> bool:
        """Whether an argument proposes settings, other ones at each call, as Keras Tuner and Optuna hand it over."""
        owned = (one for one in all_nodes(self.function.node) if isinstance(one, ast.Attribute))
        used = {one.attr for one in owned if isinstance(one.value, ast.Name) and one.value.id == name}
        return bool(used & {"Int", "Float", "Choice", "Boolean"}) or any(one.startswith("suggest_") for one in used)

    def _annotated(self, annotation: str) -> Class | None:
        words = re.findall(r"\w+", annotation)
        classes = {cls.name: cls for cls in self._classes()}
        return next((classes[word] for word in words if word in classes), None)

    def _asserted(self, name: str) -> Class | None:
        """The class that `assert isinstance(net, Encoder)` wants an argument to be of."""
        for part in all_nodes(self.function.node):
            match part:
                case ast.Assert(test=ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=found), kind])):
                    classes = [one for one in self._classes() if found == name and one.name in names_in(kind)]
                    if classes:
                        return classes[0]
        return None

    def _with_attributes(self, name: str) -> Class | None:
        """The class that sets what is read of an argument, as of `encoder.width`: that of its name, or the last."""
        places = {name, *(place for part in all_nodes(self.function.node) for place in kept_in(name, part))}
        asked = {
            part.attr
            for part in all_nodes(self.function.node)
            if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load) and place_of(part.value) in places
        }
        classes = [one for one in self._classes() if asked and asked <= _attributes_of(one)]
        word = re.sub(r"[_\d]", "", name.lower())
        return max(reversed(classes), key=lambda one: _likeness(word, one.name), default=None)

    def _classes(self) -> list[Class]:
        """Networks and layers of the text that the owner may hold."""
        values = self.evaluator.globals.names.values()
        classes = [one for one in values if isinstance(one, Class) and one.line and self.evaluator.is_network(one)]
        self.evaluator.budget.step(self.function.node, STEPS * len(classes))
        return [one for one in classes if self.owner != one.name and self.owner not in self._mentioned_by(one)]

    def _mentioned_by(self, cls: Class) -> set[str]:
        """Names that a class and those above it use, looked up once."""
        known = self.evaluator.found_usages
        if (cls, "names") not in known:
            known[cls, "names"] = _mentions(cls)
        return known[cls, "names"]

    def _own(self, name: str, use: ArgumentUsage) -> str:
        """A class or function of the text by its name; the only class there is, for a name that may be any network."""
        word = re.sub(r"[_\d]", "", name.lower())
        classes = self._classes()
        functions = [one for one in self.evaluator.globals.names.values() if isinstance(one, Function)]
        makers = [one for one in functions if use.is_made_of and one.name != self.owner and _makes_layers(one)]
        ranked: list[Class | Function] = sorted(
            [*classes, *makers], key=lambda one: -_likeness(word, one.name)
        )  # stable: the first of those alike
        best = ranked[0] if ranked and _likeness(word, ranked[0].name) else None
        if best is None and len(classes) == 1 and ANY_NETWORK.fullmatch(name.lower()):
            best = classes[0]
        if best is None:
            return ""
        return best.name if use.is_made_of or isinstance(best, Function) else self.construct(best)

    def _made_by_function(self, name: str) -> str:
        """A call of the function of the text that makes what is called so, as `create_encoder()` makes an encoder."""
        named = re.compile(rf"(create|make|build|get|define)_?{re.escape(name.lower())}")
        functions = [one for one in self.evaluator.globals.names.values() if isinstance(one, Function)]
        makers = [one.name for one in functions if named.fullmatch(one.name.lower()) and needs_nothing(one)]
        return f"{makers[0]}()" if makers and makers[0] != self.owner else ""

    def _usual(self, name: str, use: ArgumentUsage) -> str:
        """PyTorch's usual activation, norm or convolution."""
        text = ast.unparse(self.function.node)
        axes = next((axes for axes in "132" if f"Conv{axes}d" in text), "")
        if ACTIVATION.search(name) and use.kind != "object":
            return "nn.ReLU" if use.is_made_of else "nn.ReLU()"
        if NORM.search(name) and use.is_made_of:
            return f"nn.BatchNorm{axes}d" if axes or "Linear" not in text else "nn.LayerNorm"
        if CONVOLUTION.search(name) and use.is_made_of:
            return f"nn.Conv{axes or 2}d"
        return ""

    def _ready_made(self, name: str, use: ArgumentUsage) -> str:
        """A network of torchvision or Keras for what gives features of images."""
        if not self._is_of_keras():
            layer = "" if use.is_made_of else ready_layer(name, self.function.node)
            if layer:
                return layer
            network = ready_network(name, self.function.node)
            return network.removesuffix("()") if use.is_made_of and network.endswith("()") else network
        if not BODY.fullmatch(name):
            return ""
        kind = "keras.applications.ResNet50"
        return kind if use.is_made_of else f"{kind}(include_top=False, input_shape=(224, 224, 3))"

    def _vectors(self, is_array: bool) -> str:
        """Word vectors of a size that the other arguments tell, or else a usual one; as an array where one is meant."""
        sizes = [value for name, value in self.function.defaults.items() if re.search("emb", name)]
        features = next((size for size in sizes if type(size) is int), None)
        names = [one.arg for one in self.function.node.args.args if re.search("emb.*(dim|size)", one.arg)]
        numbers = self.evaluator.assumed | self.evaluator.given
        assumed = next((numbers.get(one, usual_value(one)) for one in names), MISSING)
        return (
            f"torch.zeros({VECTORS[0]}, {features or (assumed if type(assumed) is int else VECTORS[1])})"
            + ".numpy()" * is_array
        )


def _likeness(word: str, name: str) -> int:
    """How well the name of a definition fits an argument, 0 if not at all.

    >>> _likeness("encoder", "EncoderRNN"), _likeness("textencoder", "Encoder"), _likeness("head", "Encoder")
    (3, 1, 0)
    """
    own = re.sub(r"[_\d]", "", name.lower())
    if own == word or own in (f"{word}block", f"{word}layer", f"{word}net"):
        return 4
    if len(word) > 2 and own.startswith(word):
        return 3
    if len(word) > 3 and own.endswith(word):
        return 2
    return 1 if len(own) > 3 and (word.endswith(own) or (len(word) > 4 and word in own)) else 0


def _makes_layers(function: Function) -> bool:
    """Whether a function of the text is short and returns a layer that it makes."""
    returned = [part.value for part in all_nodes(function.node) if isinstance(part, ast.Return)]
    return bool(returned) and all(
        isinstance(one, ast.Call) and ast.unparse(one.func).rpartition(".")[2][:1].isupper() for one in returned
    )


def _attributes_of(cls: Class) -> set[str]:
    """What the methods of a class set on `self`, and the class itself."""
    functions = [one.node for each in cls.lineage() for one in each.names.values() if isinstance(one, Function)]
    stored = {
        part.attr
        for node in functions
        for part in all_nodes(node)
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and place_of(part.value) == "self"
    }
    return stored | {name for each in cls.lineage() for name in each.names}


def _mentions(cls: Class) -> set[str]:
    """Names that a class and those above it use."""
    functions = [one for each in cls.lineage() for one in each.names.values() if isinstance(one, Function)]
    return {name for one in functions for name in names_in(one.node)} | {one.name for one in cls.lineage()}


def evaluated(evaluator: Evaluator, source: str, names: dict[str, Any]) -> Any:
    """The value of such an expression, in which some names may stand for settings."""
    return evaluator.evaluate(ast.parse(source, mode="eval").body, Scope(evaluator.globals, dict(names)))
