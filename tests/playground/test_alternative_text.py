"""Every chart, table and image has words for those who do not see it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DRAWN = {"dataframe", "data_editor", "vega_lite_chart", "plotly_chart", "image"}


def what(call: ast.Call) -> str:
    """What Streamlit draws by a call, or "img" for such an element of our HTML."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    is_image = getattr(call.func, "id", "") == "element" and ast.unparse(call.args[0]) == "'img'"
    return "img" if is_image else ""


CALLS = {
    f"{file.relative_to(ROOT)}:{call.lineno}": call
    for folder in ("playground", "pages")
    for file in sorted((ROOT / folder).rglob("*.py"))
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    if isinstance(call, ast.Call) and what(call) in {*DRAWN, "img"}
}


def test_charts_tables_and_images_are_seen():
    assert {what(call) for call in CALLS.values()} >= {"dataframe", "data_editor", "vega_lite_chart", "img"}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_it_has_alternative_text(call):
    assert "alt" in {keyword.arg for keyword in call.keywords}
