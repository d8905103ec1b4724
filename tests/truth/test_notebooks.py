"""Each page's code and its notebook, as they are at first and in every tab, where this repository is not."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import v4
from streamlit.testing.v1 import AppTest

from playground import catalog
from playground.job_manager import job_manager
from playground.notebook.document import as_bytes
from playground.training import program
from tests.pages.helpers import open_page, page_test, rerun_until

PAGES = [page.file for page in catalog.LESSONS]
TABS = {
    "kernels": "part", "normalization": "part", "augmentation": "part", "calculator": "ca_tab",
    "inspect_network": "part",
}  # fmt: skip
SHORT_RUN = {"tz": "32", "tnow_epochs": "1", "tnow_width": "8"}
OURS = {"core", "playground", "pages", "tests"}


@cache
def opened(file: str) -> dict[str, AppTest]:
    """The page as it is at first, and in every tab that its link can open."""
    first = training() if file == "training" else open_page(file)
    titles = [tab.label for tab in first.tabs] if file in TABS else []
    return {"": first} | {title: open_page(file, **{TABS[file]: title}) for title in titles[1:]}


def training() -> AppTest:
    """The training page with a short run chosen, its images decoded and its program unfolded."""
    page = page_test("training", **SHORT_RUN)
    page.session_state[program.KEY] = True
    return rerun_until(page.run(), lambda: page.code, lambda: [one.value for one in page.caption], 240)


@pytest.fixture(scope="module", autouse=True)
def _end_the_processes() -> Iterator[None]:
    yield
    job_manager().close()
    job_manager.clear()


def blocks(page: AppTest) -> list[str]:
    """All Python that a page shows."""
    return [block.value for block in page.code if block.language == "python"]


def imported(program: str) -> set[str]:
    """The packages that a program imports, anywhere in it."""
    nodes = list(ast.walk(ast.parse(program)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


def notebooks(file: str) -> dict[str, Any]:
    """What the button at the foot of the page gives, for each tab, read and checked as Jupyter does."""
    read = {
        tab: nbformat.reads(as_bytes(page.session_state["notebook"]).decode(), as_version=4)
        for tab, page in opened(file).items()
    }
    for one in read.values():
        nbformat.validate(one)
    return read


@pytest.mark.parametrize("file", PAGES)
def test_no_block_imports_this_repository(file):
    programs = [block for page in opened(file).values() for block in blocks(page)]
    assert programs
    assert [program for program in programs if imported(program) & OURS] == []


@pytest.mark.parametrize("file", PAGES)
def test_the_notebook_holds_title_idea_formulas_and_the_code_on_the_screen(file):
    for tab, read in notebooks(file).items():
        page = opened(file)[tab]
        assert not page.exception
        text = "\n\n".join(cell.source for cell in read.cells if cell.cell_type == "markdown")
        assert text.startswith(f"# {catalog.by_file(file).title}\n\n{page.markdown[0].value}")
        for latex in page.latex:
            assert latex.value.strip("$\n ") in text
        programs = [cell.source for cell in read.cells if cell.cell_type == "code"]
        framed = [block.code[0].value for block in page.expander if block.icon == ":material/code:" and block.code]
        assert [block for block in framed if block.strip("\n") not in programs] == []
        assert ":material/" not in text


@pytest.mark.parametrize("file", PAGES)
def test_no_fragment_stands_in_the_notebook_twice(file):
    for page in opened(file).values():
        names = [
            name for part in page.session_state["notebook"].parts.values() for name in part if isinstance(name, str)
        ]
        assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("file", PAGES)
def test_the_button_stands_at_the_foot_of_every_page(file):
    (button,) = [one for one in opened(file)[""].get("download_button") if one.proto.label == "Download as notebook"]
    assert button.proto.ignore_rerun
    assert not open_page("home").get("download_button")


def run(cells: list[Any], folder: Path) -> None:
    """Execute cells in a fresh kernel, in a folder, without this repository's settings; an error is an output too."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    programs = [cell for cell in cells if cell.cell_type == "code"]
    for number, cell in enumerate(programs):
        cell["id"] = f"cell-{number}"
    notebook = v4.new_notebook(cells=programs)
    patience = {"timeout": 600, "startup_timeout": 600}  # seconds: a busy machine is slow, not wrong
    client = NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(folder)}}, **patience)
    client.execute(env=environment | {"OMP_NUM_THREADS": "1"})


def forget() -> Any:
    """Forgets all names; `%reset` does too, but spends seconds on the history of the kernel."""
    return v4.new_code_cell("%reset_selective -f .")


def printed(cells: list[Any]) -> str:
    return "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", ()))


def errors(cells: list[Any]) -> list[str]:
    outputs = [output for cell in cells for output in cell.get("outputs", ()) if output.output_type == "error"]
    return [f"{output.ename}: {output.evalue}" for output in outputs]


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Page -> its notebooks with what they put out; one kernel, whose names are forgotten between two notebooks."""
    folder = tmp_path_factory.mktemp("notebooks")
    done = {file: distinct(notebooks(file).values()) for file in PAGES}
    run([cell for reads in done.values() for read in reads for cell in (forget(), *read.cells)], folder)
    assert {path.suffix for path in folder.iterdir()} <= {".png", ".jpg", ".pt", ".safetensors"}
    return done


def distinct(reads: Iterable[Any]) -> list[Any]:
    """Without those whose programs another has too: tabs of one network."""
    return list(
        {tuple(cell.source for cell in read.cells if cell.cell_type == "code"): read for read in reads}.values()
    )


@pytest.mark.parametrize("file", PAGES)
def test_the_notebook_runs_in_an_empty_folder(file, executed):
    shown = set(blocks(opened(file)[""]))
    for read in executed[file]:
        assert errors(read.cells) == []
        assert [cell.source for cell in read.cells if cell.source in shown and not printed([cell])] == []


def test_one_notebook_as_it_is_downloaded(tmp_path):
    cells = notebooks("convolution")[""].cells
    run(cells, tmp_path)
    assert printed(cells)
    assert errors(cells) == []
    assert list(tmp_path.iterdir()) == []


def test_this_repository_is_not_there(tmp_path):
    cells = [v4.new_code_cell(f"import {name}") for name in ("core", "playground")]
    run(cells, tmp_path)
    assert errors(cells) == [f"ModuleNotFoundError: No module named '{name}'" for name in ("core", "playground")]
