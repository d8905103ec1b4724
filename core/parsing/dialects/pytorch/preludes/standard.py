"""What stands for Python's own library: what is shorter said in its own language."""

from __future__ import annotations

SOURCE = """
class UserDict:
    def __init__(self, values=None, /, **more):
        self.data = {}
        self.update({} if values is None else values, **more)

    def __getitem__(self, key):
        if key not in self.data and hasattr(self, "__missing__"):
            return self.__missing__(key)
        return self.data[key]

    def __setitem__(self, key, value):
        self.data[key] = value

    def __delitem__(self, key):
        del self.data[key]

    def __contains__(self, key):
        return key in self.data

    def __iter__(self):
        return iter(self.data)

    def __len__(self):
        return len(self.data)

    def keys(self):
        return list(self)

    def values(self):
        return [self[key] for key in self]

    def items(self):
        return [(key, self[key]) for key in self]

    def get(self, key, default=None):
        return self[key] if key in self else default

    def pop(self, key, *default):
        if key not in self and default:
            return default[0]
        value = self[key]
        del self[key]
        return value

    def setdefault(self, key, default=None):
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, values=(), /, **more):
        for key, value in {**dict(values), **more}.items():
            self[key] = value

    def copy(self):
        return self.__class__(self.data)

class ChainMap(UserDict):
    def __init__(self, *maps):
        self.maps = list(maps) or [{}]

    def __getitem__(self, key):
        for one in self.maps:
            if key in one:
                return one[key]
        raise KeyError(key)

    def __setitem__(self, key, value):
        self.maps[0][key] = value

    def __delitem__(self, key):
        del self.maps[0][key]

    def __contains__(self, key):
        return any(key in one for one in self.maps)

    def __iter__(self):
        names = {}
        for one in reversed(self.maps):
            names.update(dict.fromkeys(one))
        return iter(names)

    def __len__(self):
        return len(list(self))

    def new_child(self, m=None, **more):
        return ChainMap({**({} if m is None else m), **more} if more or m is None else m, *self.maps)

    @property
    def parents(self):
        return ChainMap(*self.maps[1:])

class UserList:
    def __init__(self, values=()):
        self.data = list(values)

    def __getitem__(self, index):
        return self.__class__(self.data[index]) if isinstance(index, slice) else self.data[index]

    def __setitem__(self, index, value):
        self.data[index] = value

    def __delitem__(self, index):
        del self.data[index]

    def __contains__(self, value):
        return value in self.data

    def __iter__(self):
        return iter(self.data)

    def __len__(self):
        return len(self.data)

    def append(self, value):
        self.data.append(value)

    def extend(self, values):
        self.data.extend(values)

    def insert(self, index, value):
        self.data.insert(index, value)

    def pop(self, index=-1):
        return self.data.pop(index)

class AbstractContextManager:
    def __enter__(self):
        return self

    def __exit__(self, *details):
        return None

class ContextDecorator:
    def __call__(self, function):
        def inside(*args, **kwargs):
            with self:
                return function(*args, **kwargs)
        return inside

def total_ordering(cls):
    if hasattr(cls, "__lt__"):
        rules = {
            "__gt__": lambda self, other: not (self < other) and self != other,
            "__le__": lambda self, other: self < other or self == other,
            "__ge__": lambda self, other: not (self < other),
        }
    elif hasattr(cls, "__gt__"):
        rules = {
            "__lt__": lambda self, other: not (self > other) and self != other,
            "__ge__": lambda self, other: self > other or self == other,
            "__le__": lambda self, other: not (self > other),
        }
    elif hasattr(cls, "__le__"):
        rules = {
            "__ge__": lambda self, other: not (self <= other) or self == other,
            "__lt__": lambda self, other: self <= other and self != other,
            "__gt__": lambda self, other: not (self <= other),
        }
    else:
        rules = {
            "__le__": lambda self, other: not (self >= other) or self == other,
            "__gt__": lambda self, other: self >= other and self != other,
            "__lt__": lambda self, other: not (self >= other),
        }
    for name, rule in rules.items():
        if not hasattr(cls, name):
            setattr(cls, name, rule)
    return cls
"""
