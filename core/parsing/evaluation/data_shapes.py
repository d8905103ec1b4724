"""Shapes that a text gives data whose values are not known: `images.view(-1, 28 * 28).to(device)` are rows of 784.

Axes are one size each, None where nothing tells it; a last `...` stands for any further ones. () says nothing at all.
"""

from __future__ import annotations

import ast
import math
from dataclasses import replace
from typing import Any

from core.parsing.evaluation.values import Axes, Unknown

RESHAPING = ("view", "reshape")
FLATTENING = ("flatten", "ravel")
_KEEPING = """
    to cuda cpu float double half long clone detach contiguous requires_grad_ astype copy to_numpy numpy fillna
    interpolate ffill bfill round clip sort_index sort_values rename replace convert cache shuffle prefetch
"""
KEEPING = frozenset(_KEEPING.split())  # methods
LOSING_ROWS = ("dropna", "drop_duplicates", "head", "tail", "sample", "query")
OF_FIRST = ("img_to_array", "asarray", "array", "asanyarray", "float32", "float64", "preprocess_input")  # functions
READING_TABLES = ("read_csv", "read_excel", "read_table", "loadtxt", "genfromtxt")
CHANGING_COLUMNS = ("pop", "insert")  # methods of tables, and any other that is told `inplace=True`
MOST_AXES, MOST_COMPARED = 5, 200  # of lists within lists, and items of all of them
MOST_RANK = 32  # axes that are followed
COLOURS: dict[str, Axes] = {  # ends of OpenCV's `COLOR_BGR2GRAY` and its kind -> channels that there are then
    "GRAY": (),
    **dict.fromkeys(("RGB", "BGR", "HSV", "HLS", "LAB", "Lab", "LUV", "Luv", "YUV", "XYZ", "YCrCb", "YCR_CB"), (3,)),
    **dict.fromkeys(("RGBA", "BGRA"), (4,)),
}
AS_GREY = ("as_gray", "as_grey", "flatten")  # arguments of `imread` of scikit-image and SciPy


def axes_of(value: Any) -> Axes:
    """The axes of an item of a list: those of data, none of a number or word, its length and more of a list.

    >>> axes_of([[0, 1, 2], [3, 4, 5]])
    (2, 3, Ellipsis)
    """
    return _axes(value, MOST_AXES, [MOST_COMPARED])


def alike(values: list[Any] | tuple[Any, ...]) -> Axes:
    """The axes that all items have; () where they differ or are not known, or are too many to compare."""
    return _alike(values, MOST_AXES, [MOST_COMPARED])


def _axes(value: Any, deepest: int, left: list[int]) -> Axes:
    if isinstance(value, Unknown):
        return value.axes
    if isinstance(value, (list, tuple)) and value and deepest:
        return (len(value), *(_alike(value, deepest - 1, left) or (...,)))
    return ()


def _alike(values: list[Any] | tuple[Any, ...], deepest: int, left: list[int]) -> Axes:
    """`left` holds how many items may still be compared, of all lists together."""
    left[0] -= len(values)
    if left[0] < 0 or not deepest:
        return ()
    found = {_axes(one, deepest, left) for one in values}
    return found.pop() if len(found) == 1 else ()


def axes_of_item(axes: Axes, index: Any) -> Axes:
    """The axes of `data[index]`.

    >>> axes_of_item((None, None), (slice(None), slice(0, 8)))
    (None, 8)
    >>> axes_of_item((None, 28, 28), (slice(None), slice(None), slice(None), None))
    (None, 28, 28, 1)
    >>> axes_of_item((), (slice(5, 10), 0))
    (5, Ellipsis)
    """
    picks = list(index) if isinstance(index, tuple) else [index]
    if any(one is ... for one in picks) or not any(isinstance(one, (slice, list)) or one is None for one in picks):
        return axes[1:] if axes and type(index) is int else ()
    if _are_columns(index):
        return (*axes[:1], len(index)) if len(axes) == 2 else ()
    left: list[Any] = list(axes or (...,))
    made: list[int | None] = []
    for pick in picks:
        if pick is None:
            made.append(1)
            continue
        size = left[0] if left and left[0] is ... else left.pop(0) if left else None
        if isinstance(pick, slice):
            made.append(_length(None if size is ... else size, pick))
        elif isinstance(pick, list):
            made.append(len(pick))
        elif type(pick) is not int:
            return ()
    return (*made, *left) if len(made) + len(left) <= MOST_RANK else ()


def _are_columns(index: Any) -> bool:
    """Whether an index is the names of columns of a table: `table[["age", "weight"]]`."""
    return isinstance(index, list) and bool(index) and all(isinstance(one, str) for one in index)


def by_label(index: Any) -> Any:
    """An index of `table.loc`, whose slices go from label to label: nobody knows how many those are.

    >>> axes_of_item((None, 9), by_label((slice(None), slice(1, 4)))), axes_of_item((None, 9), by_label(slice(None)))
    ((None, None), (None, 9))
    """
    picks = index if isinstance(index, tuple) else (index,)
    labelled = tuple(slice("label") if isinstance(one, slice) and one != slice(None) else one for one in picks)
    return labelled if isinstance(index, tuple) else labelled[0]


def _length(size: int | None, pick: slice) -> int | None:
    """How many items a slice takes of so many; None where that is not known."""
    bounds = (pick.start, pick.stop, pick.step)
    if not all(one is None or type(one) is int for one in bounds) or pick.step == 0:
        return None
    if size is not None:
        return len(range(*pick.indices(size)))
    start, stop, step = pick.start or 0, pick.stop, pick.step or 1
    if start < 0 and stop is None:  # the last ones
        return len(range(start, 0, step))
    if stop is None or (start < 0) != (stop < 0) or step < 0:
        return None
    return len(range(start, stop, step))


def axes_of_result(sign: ast.operator, left: Any, right: Any) -> Axes:
    """The axes of `data / 255`: those of the data, whose other operand is a number or has as many at most."""
    if isinstance(sign, (ast.MatMult, ast.Mod)):  # `%` also fills in words
        return ()
    first, second = ((one.axes if isinstance(one, Unknown) else ()) for one in (left, right))
    if len(first) != len(second):
        return max(first, second, key=len)
    return tuple(other if one == 1 else one for one, other in zip(first, second, strict=True))


def reshaped(args: list[Any]) -> Axes:
    """The axes of what is brought into a shape: `reshape(-1, 28, 28)`, `reshape((n, 784))`."""
    is_listed = len(args) == 1 and isinstance(args[0], (list, tuple))
    sizes: list[Any] = list(args[0]) if is_listed else args
    if len(sizes) == 1 and isinstance(sizes[0], Unknown):  # a shape, or a number
        return ()
    return tuple(one if type(one) is int and one > 0 else None for one in sizes)


def with_axis(axes: Axes, place: Any) -> Axes:
    """The axes of data with one more, of size 1.

    >>> with_axis((None, 28, 28), -1)
    (None, 28, 28, 1)
    """
    if not 0 < len(axes) < MOST_RANK or type(place) is not int or (axes[-1] is ... and not 0 <= place < len(axes)):
        return ()
    place = place if place >= 0 else place + len(axes) + 1
    return (*axes[:place], 1, *axes[place:])


def axes_of_function(name: str, args: list[Any], kwargs: dict[str, Any]) -> Axes:
    """The axes of what a function makes of data that it is handed first; () where the text does not tell them."""
    first = axes_of(args[0]) if args else ()
    match name:
        case "reshape" if len(args) == 2:
            return reshaped(args[1:])
        case "expand_dims":
            return with_axis(first, kwargs.get("axis", args[1] if len(args) > 1 else 0))
        case "cvtColor" if len(args) > 1 and isinstance(args[1], Unknown):
            return _recoloured(first, args[1].name)
        case "rgb2gray":
            return first[:2]
        case "load_img" | "imresize":
            return _resized(kwargs.get("target_size", args[1] if len(args) > 1 else None), _colours(kwargs))
        case "flow_from_directory" | "flow_from_dataframe":
            is_placed = name == "flow_from_directory" and len(args) > 1
            return _loaded(kwargs.get("target_size", args[1] if is_placed else (256, 256)), kwargs)
        case "image_dataset_from_directory":
            return _loaded(kwargs.get("image_size", (256, 256)), kwargs)
        case "resize" if len(args) > 1:
            is_batch = len(first) == 4 and first[-1] is not ...
            sides = _resized(args[1], first[3:] if is_batch else first[2:])
            return (*first[:1], *sides) if is_batch and sides else sides
    if name in READING_TABLES:
        columns = kwargs.get("usecols")
        is_listed = isinstance(columns, (list, tuple)) and not {"index_col", "unpack", "squeeze"} & set(kwargs)
        return (None, len(columns) if is_listed and columns else None)
    return first if name in OF_FIRST else ()


def _image(function: Unknown, flags: list[Any], kwargs: dict[str, Any]) -> Axes:
    """`cv2.imread(path, cv2.IMREAD_GRAYSCALE)`: height and width, and three channels where there are some.

    Only OpenCV's always gives three; those of Matplotlib and others give as many as the file has.
    """
    flag = kwargs.get("flags", flags[0] if flags else 1)
    name = flag.name if isinstance(flag, Unknown) else ""
    if flag == 0 or "GRAYSCALE" in name or any(kwargs.get(one) for one in AS_GREY):
        return (None, None)
    is_of_opencv = (function.module or function.path).split(".")[0] == "cv2"
    return (None, None, 3) if is_of_opencv and (flag == 1 or name == "IMREAD_COLOR") else (None, None, ...)


def _recoloured(image: Axes, code: str) -> Axes:
    """An image in other colours: `cv2.COLOR_BGR2GRAY` leaves no channels, `cv2.COLOR_GRAY2RGB` makes three."""
    channels = COLOURS.get(code.rpartition("2")[2])
    return () if channels is None else (*(image[:2] or (None, None)), *channels)


def _loaded(size: Any, kwargs: dict[str, Any]) -> Axes:
    """A batch of images that Keras loads from folders in one size."""
    is_size = isinstance(size, (list, tuple)) and len(size) == 2 and all(type(side) is int for side in size)
    return (None, *size, *_colours(kwargs)) if is_size else ()


def _colours(kwargs: dict[str, Any]) -> Axes:
    mode = "grayscale" if kwargs.get("grayscale") else kwargs.get("color_mode", "rgb")
    known = {"rgb": (3,), "grayscale": (1,), "rgba": (4,)}
    return known.get(mode, (...,)) if isinstance(mode, str) else (...,)


def _resized(size: Any, channels: Axes) -> Axes:
    """An image in another size; which side comes first is not the same everywhere, so both have to be alike."""
    if not isinstance(size, (list, tuple)) or len(size) < 2 or size[0] != size[1] or type(size[0]) is not int:
        return ()
    return (*size, *(channels if len(size) == 2 else ()))


def axes_of_call(function: Unknown, args: list[Any], kwargs: dict[str, Any]) -> Axes:
    """The axes of what an unknown function, or a method of data, returns; () where the text does not tell them.

    >>> axes_of_call(Unknown("data", 1, "view"), [-1, 1, 28, 28], {})
    (None, 1, 28, 28)
    """
    name, axes = function.name, function.owner_axes
    if name == "imread":
        return _image(function, args[1:], kwargs)
    if name in RESHAPING and not (len(args) == 2 and isinstance(args[1], (list, tuple))):
        return reshaped(args)
    if name == "unsqueeze" and len(args) == 1:
        return with_axis(axes, args[0])
    if name in FLATTENING and axes:
        return (math.prod(axes) if all(type(one) is int for one in axes) else None,)
    if name == "filter" and len(axes) == 2 and args and isinstance(args[0], list):
        return (None, len(args[0]))
    if name in LOSING_ROWS and axes:
        return (None, *axes[1:]) if kwargs.get("axis", 0) in (0, "index") else ()
    if name == "reset_index":  # which becomes a column, unless it is dropped
        return axes if kwargs.get("drop") is True else (*axes[:1], None) if axes else ()
    if name == "repeat":  # of a set of data; that of a tensor has a number for each axis
        return axes if len(args) < 2 else ()
    return axes if name in KEEPING else axes_of_function(name, args, kwargs)


def lose_columns(table: Unknown) -> None:
    """A table gets or loses columns: nobody knows how many it has from then on."""
    if len(table.axes) == 2 and table.axes[-1] is not ...:
        table.axes = (table.axes[0], None)


def changes_columns(method: Unknown, result: Axes, kwargs: dict[str, Any]) -> bool:
    """Whether a method changes the table itself: `table.pop("y")`, `table.drop("y", axis=1, inplace=True)`.

    `result` are the axes that it would otherwise return.
    """
    is_other = result[1:] != method.owner_axes[1:]
    return method.name in CHANGING_COLUMNS or (kwargs.get("inplace") is True and is_other)


def shape_of(value: Unknown) -> Any:
    """`data.shape`: a number for each axis that is known."""
    shape = value.part(".shape", "shape")
    is_whole = bool(value.axes) and value.axes[-1] is not ...
    if not isinstance(shape, Unknown) or not any(type(one) is int for one in value.axes):
        return shape
    sizes = [shape.part(f"[{place}]", "") if size is None else size for place, size in enumerate(value.axes)]
    return tuple(sizes) if is_whole else replace(shape, parts=dict(enumerate(sizes[:-1])))
