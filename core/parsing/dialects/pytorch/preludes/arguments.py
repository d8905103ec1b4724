"""The prelude's `argparse`: what a command line without arguments gives, and one that a text writes out."""

from __future__ import annotations

SOURCE = """
class ArgumentParser:
    def __init__(self, *args, **kwargs):
        self.namespace, self.options, self.places, self.taken = ParsedArguments(), {}, [], {}

    def add_argument(self, *names, dest=None, default=None, type=None, action=None, const=None, nargs=None, **kwargs):
        longest = [name for name in names if name.startswith("--")] or names
        name = dest or longest[0].lstrip("-").replace("-", "_")
        if action == "store_true" or action == "store_false":
            const = action == "store_true"
            default = not const if default is None else default
        if isinstance(default, str) and type is not None:
            default = type(default)
        setattr(self.namespace, name, open_value(name) if default is None else default)
        option = [name, type, action, const, nargs, default]
        self.options.update({key: option for key in names})
        if not longest[0].startswith("-"):
            self.places.append(option)

    def add_argument_group(self, *args, **kwargs):
        return self

    def add_mutually_exclusive_group(self, *args, **kwargs):
        return self

    def set_defaults(self, **values):
        for name, value in values.items():
            setattr(self.namespace, name, value)

    def take(self, option, words):
        name, kind, action, const, nargs, default = option
        kind = kind or str
        if action == "count":
            self.taken[name] = self.taken.get(name, default or 0) + 1
            return setattr(self.namespace, name, self.taken[name])
        if action == "append" and nargs is None:
            self.taken[name] = [*self.taken.get(name, default or []), kind(words.pop(0))]
            return setattr(self.namespace, name, self.taken[name])
        is_alone = not words or words[0].startswith("--")
        if action is not None and action.startswith("store_") or nargs == "?" and is_alone:
            return setattr(self.namespace, name, const)
        if nargs is None or nargs == "?":
            return setattr(self.namespace, name, kind(words.pop(0)))
        values = []
        while words and not words[0].startswith("--") and (not isinstance(nargs, int) or len(values) < nargs):
            values.append(kind(words.pop(0)))
        setattr(self.namespace, name, values)

    def parse_args(self, args=None, *more, **kwargs):
        return self.parse_known_args(args)[0]

    def parse_known_args(self, args=None, *more, **kwargs):
        words = list(args) if isinstance(args, (list, tuple)) else []
        others, places = [], list(self.places)
        while words:
            name, sign, value = words[0].partition("=") if words[0].startswith("--") else (words[0], "", "")
            if name in self.options and name.startswith("-"):
                words[:1] = [value] if sign else []
                self.take(self.options[name], words)
            elif places:
                self.take(places.pop(0), words)
            else:
                others.append(words.pop(0))
        return self.namespace, others

class ParsedArguments:
    pass
"""
