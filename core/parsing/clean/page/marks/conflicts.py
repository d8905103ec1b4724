"""Lines that two versions of a file disagree about, as git leaves them: the upper side is read."""

from __future__ import annotations

import re

_MARK = re.compile(r"(<{7}|\|{7}|={7}|>{7})(?: .*)?$")
_KEPT = {"<": True, "|": False, "=": False, ">": True}  # what follows below a mark
_MAY_FOLLOW = {"": "<", "<": "|=", "|": "=", "=": ">", ">": "<"}


def without_other_side(lines: list[str]) -> list[str]:
    """Without the marks of a conflict, and without what stands between `=======` and `>>>>>>>`.

    >>> without_other_side(["<<<<<<< HEAD", "a = 1", "=======", "a = 2", ">>>>>>> b", "c = 3"])
    ['', 'a = 1', '', '', '', 'c = 3']
    """
    result, before = [], ""
    for line in lines:
        mark = _MARK.match(line)
        if mark is None:
            result.append(line if _KEPT.get(before, True) else "")
            continue
        if mark[1][0] not in _MAY_FOLLOW[before]:
            return lines
        before = mark[1][0]
        result.append("")
    return result if before in ("", ">") else lines
