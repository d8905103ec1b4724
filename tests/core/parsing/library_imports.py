"""What texts about Python's library import, in the tests of what their words mean."""

from __future__ import annotations

IMPORTS = """import collections, contextlib, copy, functools, importlib, inspect, itertools, operator, types
from collections import ChainMap, Counter, OrderedDict, UserDict, defaultdict, deque, namedtuple
from dataclasses import asdict, dataclass, field, replace
from enum import Enum, Flag, IntEnum, IntFlag, auto
from functools import cmp_to_key, partial, reduce, singledispatch, wraps
from typing import *
"""
