"""The data of the curves component is JSON, whatever number types a page passes."""

import json

import numpy as np

from playground.components import curves as component
from playground.components.curves import Band, Line, Panel, curves


def handed_over(monkeypatch, *panels: Panel, **rest) -> dict:
    found = {}
    monkeypatch.setattr(component, "_mount", lambda data, key: found.update(data))
    curves(np.arange(3), panels, "key", **rest)
    return json.loads(json.dumps(found))


def test_numbers_of_numpy_and_gaps_are_json(monkeypatch):
    y = np.array([1.0, np.nan, np.inf], dtype=np.float32)
    panel = Panel(
        "y", [Line("one", y, "red", marks=((0.0, 1.0),))], low=np.float64(0), high=np.int64(2), log=np.bool_(0)
    )
    found = handed_over(monkeypatch, panel, start=np.int64(2))
    (panel,) = found["panels"]
    assert panel["lines"][0]["y"] == [1, None, None]
    assert panel["lines"][0]["marks"] == [[0, 1]]
    assert (panel["low"], panel["high"], panel["log"], found["start"]) == (0, 2, False, 2)


def test_a_log_axis_has_exponents_and_gaps_in_lines_and_bands(monkeypatch):
    panel = Panel("y", [Line("one", [100, 0, -1], "red")], log=True, bands=[Band([0.1, 1, 0], [1, 10, 100], "blue")])
    (panel,) = handed_over(monkeypatch, panel)["panels"]
    assert panel["lines"][0]["y"] == [2, None, None]
    assert (panel["bands"][0]["low"], panel["bands"][0]["high"]) == ([-1, 0, None], [0, 1, 2])
