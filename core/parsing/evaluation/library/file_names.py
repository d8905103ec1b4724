"""`os` of a text: names of files, which nobody opens, and an environment in which nothing is set."""

from __future__ import annotations

import ast
import posixpath
from typing import Any

from core.parsing.clean.per_node import OncePerNode
from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace, Unknown

LONGEST_NAME, MOST_PARTS = 500, 16
PARTS = ("basename", "dirname", "split", "splitext", "normpath")
WHOLE = ("abspath", "realpath", "expanduser", "normcase")
QUESTIONS = ("exists", "isfile", "isdir")
CHANGES = ("makedirs", "mkdir", "remove", "chdir")  # of folders and files, none of which is made


def _joined(call: BuiltinCall, *parts: Any) -> Any:
    """`os.path.join("data", name)`."""
    unknown = next((one for one in parts if isinstance(one, Unknown)), None)
    if unknown is not None:
        return unknown
    if len(parts) > MOST_PARTS or not all(isinstance(one, str) and len(one) <= LONGEST_NAME for one in parts):
        raise call.fail("it takes names of folders and of a file.")
    return "/".join(parts)


def _missing(call: BuiltinCall, *path: Any) -> bool:
    """`os.path.exists(name)`, whatever the name."""
    return False


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """`os.makedirs(name)`: no folder is made."""


def _part(name: str) -> Any:
    """`os.path.basename(name)` and its kind, of a name that is known."""
    function = getattr(posixpath, name)
    return lambda call, path: function(path) if isinstance(path, str) else path


@OncePerNode  # a loop comes by the same one again and again
def only_refuses_files(node: ast.If) -> bool:
    """Whether a branch does no more than to refuse a file that is missing, as `load` does: nothing is loaded here.

    >>> only_refuses_files(ast.parse("if not os.path.exists(path): raise FileNotFoundError(path)").body[0])
    True
    """
    asked = any(isinstance(part, ast.Attribute) and part.attr in QUESTIONS for part in all_nodes(node.test))
    return asked and all(isinstance(one, ast.Raise) for one in node.body)


OS = Namespace(
    "os",
    {
        "environ": {},
        "sep": "/",
        "linesep": "\n",
        "getcwd": Builtin("getcwd", lambda: "/"),
        **{name: Builtin(name, _nothing, needs_call=True) for name in CHANGES},
        "getenv": Builtin("getenv", lambda name, default=None: default),
        "path": Namespace(
            "os.path",
            {
                **{name: Builtin(name, _missing, needs_call=True) for name in QUESTIONS},
                **{name: Builtin(name, _part(name), needs_call=True) for name in PARTS},
                **{name: Builtin(name, lambda path: path) for name in WHOLE},
                "sep": "/",
                "join": Builtin("join", _joined, needs_call=True),
            },
        ),
    },
)
