"""The heat map shows every layer's true figures at their place in the run; machine curves keep their last value."""

import math

import pytest

from core.training import LayerUpdate, Snapshot, TrainingStep
from playground.charts import run_metrics
from playground.charts.run_metrics import COLUMNS, MEASURES, USUAL

NAMES = ("stem", "block.0", "head")


def snapshots(count):
    def layer(name, step):
        return LayerUpdate(name, 1.0, 0.5 / step, USUAL * step if name != "head" else 0.0)

    return [Snapshot(3 * i, (0,), ((0.5, 0.5),), tuple(layer(name, 3 * i) for name in NAMES)) for i in range(1, count)]


@pytest.mark.parametrize("measure", MEASURES.values())
def test_each_cell_is_a_layer_between_two_looks(measure):
    looks = snapshots(5)
    drawn = run_metrics.layer_heat_map(looks, 100, measure)
    assert drawn.spec["encoding"]["y"]["sort"] == list(NAMES)
    assert drawn.spec["encoding"]["x"]["scale"]["domain"] == [0, 100]
    for _, row in drawn.data.iterrows():
        look = next(look for look in looks if look.step == row["to"])
        assert row["from"] == row["to"] - 3
        assert row["value"] == next(getattr(layer, measure) for layer in look.layers if layer.name == row["layer"])
    moving = {"update_ratio": 2, "gradient_norm": 3}[measure]
    assert len(drawn.data) == moving * len(looks), "what does not move has no colour"


def test_white_is_the_usual_update():
    drawn = run_metrics.layer_heat_map(snapshots(3), 10, "update_ratio")
    scale = drawn.spec["encoding"]["color"]["scale"]
    assert scale["range"][scale["domain"].index(0)] == "#ffffff"
    assert list(drawn.data["decades"]) == pytest.approx([math.log10(v / USUAL) for v in drawn.data["value"]])


def test_a_long_run_keeps_its_last_look_and_no_more_columns_than_fit():
    drawn = run_metrics.layer_heat_map(snapshots(1000), 5000, "gradient_norm")
    assert drawn.data["to"].nunique() <= COLUMNS
    assert drawn.data["to"].max() == 3 * 999


def test_nothing_to_show_is_an_empty_chart():
    assert run_metrics.layer_heat_map([], 10, "update_ratio").data.empty


def test_learning_rates_are_those_of_the_steps():
    steps = [TrainingStep(1, i, 0.5, 0.5, i / 1000, i) for i in range(1, 1001)]
    drawn = run_metrics.learning_rates(steps, 1000)
    assert len(drawn.data) <= 240
    assert (drawn.data["value"] == drawn.data["step"] / 1000).all()
    assert drawn.data["step"].max() == 1000


def test_the_prediction_is_a_line_in_the_same_unit():
    drawn = run_metrics.memory([1, 2], [40_000_000, 50_000_000], 10, 45_000_000)
    assert list(drawn.data["value"]) == [40, 50]
    assert drawn.spec["layer"][0]["encoding"]["y"]["datum"] == 45
    assert "layer" not in run_metrics.memory([1], [1], 10, None).spec
