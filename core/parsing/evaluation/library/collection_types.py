"""`collections` of Python's library: dictionaries that make what is missing, counters, named tuples, queues."""

from __future__ import annotations

from collections import Counter
from typing import Any

from core.parsing.evaluation.builtins import dictionary
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.library.deques import Deque
from core.parsing.evaluation.library.named_tuples import NAMEDTUPLE
from core.parsing.evaluation.library.typing_names import TYPING
from core.parsing.evaluation.values import FromPrelude, Namespace, Type


class DefaultDict(dict[Any, Any]):
    """`defaultdict(list)`: what is missing is made."""

    def __init__(self, call: BuiltinCall, make: Any, *args: Any, **kwargs: Any):
        super().__init__(dictionary(call, *args, **kwargs))
        self.call, self.make = call, make

    def __missing__(self, key: Any) -> Any:
        if self.make is None:
            raise KeyError(key)
        self.call.evaluator.budget.size(len(self) + 1, self.call.node)
        self[key] = self.call.call(self.make)
        return self[key]


def _counted(call: BuiltinCall, values: Any = (), **named: int) -> Counter[Any]:
    return Counter(values if isinstance(values, dict) else call.iterate(values), **named)


ORDERED = Type("OrderedDict", (dict,), dictionary)
COLLECTIONS = Namespace(
    "collections",
    {
        "OrderedDict": ORDERED,
        "namedtuple": NAMEDTUPLE,
        "defaultdict": Type(
            "defaultdict",
            (DefaultDict,),
            lambda call, make=None, *args, **kwargs: DefaultDict(call, make, *args, **kwargs),
        ),
        "Counter": Type("Counter", (Counter,), _counted),
        "deque": Type(
            "deque", (Deque,), lambda call, values=(), *size, **most: Deque(call.iterate(values), *size, **most)
        ),
        **{name: FromPrelude(name) for name in ("ChainMap", "UserDict", "UserList")},
        "abc": TYPING,
    },
)
