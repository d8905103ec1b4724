"""Modules add up to what their rows are, at every depth, and blocks of one design become one line."""

from __future__ import annotations

import csv
import html.parser
import io
import json

import pytest
from torch import nn

from core.models import MODELS
from core.profiler import profile
from core.profiler.figures import FIGURES
from core.profiler.setting import Setting
from core.profiler.subtotals import kinds_of, levels, lines, subtotals
from core.profiler.table import COLUMNS, FORMATS, Table


class Shared(nn.Module):
    """One activation called between all layers, one block called twice, one module that is only a list."""

    def __init__(self) -> None:
        super().__init__()
        self.act = nn.ReLU()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.block = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8))
        self.heads = nn.ModuleList([nn.Conv2d(8, 2, 1), nn.Conv2d(8, 2, 1)])

    def forward(self, x):
        x = self.act(self.stem(x))
        x = self.act(self.block(x))
        x = self.block(x) + x
        return self.heads[0](x) + self.heads[1](x)


def tree_of(model, shape, collapse=True):
    rows = profile(model, shape).rows
    return rows, subtotals(rows, kinds_of(model), collapse)


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "googlenet", "mobilenet_v2", "unet", "lenet5"])
@pytest.mark.parametrize("collapse", [True, False])
def test_every_level_sums_all_rows_once(name, collapse):
    rows, tree = tree_of(MODELS[name].on_meta(), MODELS[name].input_shape, collapse)
    for figure in FIGURES:
        total = sum(getattr(row, figure) for row in rows)
        assert getattr(tree, figure) == total
        assert sum(getattr(child, figure) for child in tree.children) == total
    assert sorted(index for child in tree.children for index in child.rows) == list(range(len(rows)))


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "googlenet", "mobilenet_v2", "unet", "lenet5"])
@pytest.mark.parametrize("collapse", [True, False])
def test_the_levels_are_those_of_the_tree(name, collapse):
    rows, tree = tree_of(MODELS[name].on_meta(), MODELS[name].input_shape, collapse)
    assert levels(rows) == max(line.depth for line in lines(tree))


def test_a_function_stands_below_the_module_that_calls_it():
    for model, shape in ((Shared(), (3, 8, 8)), (nn.ReLU(), (4,)), (nn.Sequential(Shared()), (3, 8, 8))):
        rows, tree = tree_of(model, shape, collapse=False)
        assert levels(rows) == max(line.depth for line in lines(tree))


def test_all_modules_add_up_to_their_children_where_nothing_is_collapsed():
    _, tree = tree_of(MODELS["resnet50"].on_meta(), (3, 64, 64), collapse=False)
    inner = [line for line in lines(tree) if line.children]
    assert len(inner) > 16
    for line in inner:
        assert line.params == sum(child.params for child in line.children)
        assert line.rows == tuple(index for child in line.children for index in child.rows)


def test_the_stages_of_a_resnet_are_counted_by_their_designs():
    _, tree = tree_of(MODELS["resnet50"].on_meta(), (3, 64, 64))
    repeats = [(line.name, line.last_name, line.repeats) for line in tree.children if line.repeats > 1]
    assert [count for _, _, count in repeats] == [2, 3, 5, 2]  # 3, 4, 6, 3 blocks, the first of each stage is another
    one = next(line for line in tree.children if line.repeats == 5)
    assert one.params == 5 * sum(child.params for child in one.children)
    assert "(x 5)" in one.label


def test_blocks_that_differ_in_one_number_are_not_collapsed():
    blocks = [nn.Sequential(nn.Conv2d(4, 4, size, padding=size // 2), nn.ReLU()) for size in (3, 3, 5, 3)]
    _, tree = tree_of(nn.Sequential(*blocks), (4, 8, 8))
    assert [line.label for line in tree.children] == ["0 … 1 (x 2)", "2", "3"]


def test_shared_layers_stand_where_they_are_called_and_shared_blocks_are_summed():
    rows, tree = tree_of(Shared(), (3, 8, 8))
    names = [line.label for line in tree.children]
    assert names == ["stem", "act", "block", "act", "add", "heads", "add"]
    block = next(line for line in tree.children if line.name == "block")
    assert [rows[index].kind for index in block.rows] == ["Conv2d", "BatchNorm2d"] * 2
    assert block.kind == "Sequential"
    assert next(line for line in tree.children if line.name == "heads").kind == "ModuleList"


def test_a_depth_shows_that_many_levels():
    _, tree = tree_of(MODELS["resnet18"].on_meta(), (3, 64, 64), collapse=False)
    assert {line.depth for line in lines(tree, 1)} == {1}
    assert {line.depth for line in lines(tree, 2)} == {1, 2}
    assert len(list(lines(tree, 1))) < len(list(lines(tree, 2))) < len(list(lines(tree)))


class Cells(html.parser.HTMLParser):
    """The text of every cell of a page, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()


@pytest.fixture(params=[None, 1, 2], ids=["rows", "depth 1", "depth 2"])
def table(request):
    model, shape = MODELS["resnet18"].on_meta(), (3, 64, 64)
    rows, tree = tree_of(model, shape)
    shown = rows if request.param is None else tuple(lines(tree, request.param))
    return Table(rows, shown, shape, Setting(batch_size=2))


def test_all_formats_tell_the_same_figures(table):
    by_csv = list(csv.DictReader(io.StringIO(FORMATS["csv"](table))))
    cells = Cells()
    cells.feed(FORMATS["html"](table))
    markdown = [line.strip("| ").split(" | ") for line in FORMATS["markdown"](table).splitlines()]
    whole = json.loads(FORMATS["json"](table))
    assert len(by_csv) == len(cells.rows) - 1 == len(markdown) - 2 == len(table.lines) + 1
    for place, line in enumerate(table.lines):
        assert int(by_csv[place]["params"]) == line.params
        assert cells.rows[place + 1][4] == markdown[place + 2][4] == f"{line.params:,}"
        assert cells.rows[place + 1][5] == f"{line.macs:,}"
    assert int(by_csv[-1]["macs"]) == whole["total_macs"] == sum(row.macs for row in table.rows)
    assert cells.rows[-1][0] == "total"
    assert cells.rows[0] == list(COLUMNS.values())


def test_a_hostile_name_stays_text():
    model = nn.Sequential()
    model.add_module("<script>|x", nn.Conv2d(3, 4, 1))
    rows = profile(model, (3, 4, 4)).rows
    table = Table(rows, rows, (3, 4, 4), Setting())
    assert "<script>" not in FORMATS["html"](table)
    assert "<script>\\|x" in FORMATS["markdown"](table)
