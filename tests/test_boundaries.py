"""Imports go one way, core <- playground <- pages, and what opens first stays light."""

import ast
import functools
import graphlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import core
from core.jobs.job_manager import JobManager
from playground import catalog

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "pages").glob("*.py"))
BROWSER_SIDE = ("streamlit", "plotly", "altair", "playground", "pages")
# the parts of core, each built on those before it alone
UPWARDS = (
    *("errors", "storage_errors", "old_names", "knobs", "percent", "cpu_count", "main_memory", "limits", "heap"),
    *("file_tensors", "without_symbolic_shapes", "without_compiler"),
    *("shapes", "receptive_field", "layers", "optim"),
    *(
        "models",
        "parsing",
        "profiler",
        "derivation",
        "torchinfo_summary",
        "network_drawing",
        "model_spec",
        "spec_analysis",
        "images",
        "datasets",
        "calibrations",
    ),
    *("augmentation", "training", "explain", "lessons", "jobs", "own_network", "network_argument", "cli", "__main__"),
)
# the packages of core.parsing, from a text's first cleaning to the choice of its network, each built on those before it
PACKAGES_OF_PARSING = ("clean", "evaluation", "dialects", "open_values", "inputs", "networks", "statements")


def module_name(script: Path) -> str:
    parts = script.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


OURS = {module_name(script): script for top in ("core", "playground") for script in (ROOT / top).rglob("*.py")}


def part_of(module: str) -> str:
    """The folder or file directly under core or playground that a module belongs to."""
    return ".".join(module.split(".")[:2])


PARTS = sorted({part_of(module) for module in OURS})


@functools.cache
def import_nodes(script: Path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """The import statements of a file: at its top, inside functions, and for type checkers alone."""
    nodes = ast.walk(ast.parse(script.read_text(encoding="utf-8")))
    return tuple(node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


@functools.cache
def imported_by(module: str) -> frozenset[str]:
    """Our own modules that one imports, wherever in it."""
    names: set[str] = set()
    for node in import_nodes(OURS[module]):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name in OURS}
        else:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= (inner & set(OURS)) | ({str(node.module)} if inner - set(OURS) else set())
    return frozenset(names & set(OURS))


def way_back(module: str) -> list[str]:
    """A chain of imports from a module to itself; empty if there is none."""
    chains = {name: [module, name] for name in imported_by(module)}
    pending = list(chains)
    while pending:
        name = pending.pop()
        if name == module:
            return chains[name]
        for further in imported_by(name) - set(chains):
            chains[further] = [*chains[name], further]
            pending.append(further)
    return []


def loaded_after(code: str, names: tuple[str, ...]) -> set[str]:
    """Which of `names` a fresh Python has loaded once it has run `code`."""
    probe = f"{code}\nimport sys\nprint(*(name for name in {names} if name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def imports_at_the_top(*scripts: Path) -> str:
    """The import lines of scripts, as code."""
    nodes = [node for script in scripts for node in ast.parse(script.read_text(encoding="utf-8")).body]
    return "\n".join(ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


def imports_of(script: Path) -> set[str]:
    """The dotted names that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in import_nodes(script):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        else:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return names


def python_files(*folders: str) -> list[Path]:
    files = [script for folder in folders for script in sorted((ROOT / folder).rglob("*.py"))]
    assert len(files) > 10, folders
    return files


def importing(packages: set[str], scripts: Iterable[Path]) -> dict[str, set[str]]:
    """Which files import one of `packages`, anywhere in them, and which; one test looks at hundreds in a second."""
    roots = {script: {name.split(".")[0] for name in imports_of(script)} for script in scripts}
    return {str(script.relative_to(ROOT)): names & packages for script, names in roots.items() if names & packages}


def test_core_and_all_its_parts_know_nothing_of_the_browser():
    parts = [part.name for part in pkgutil.walk_packages(core.__path__, "core.") if not part.name.endswith("__main__")]
    assert len(parts) > 10
    assert loaded_after("\n".join(f"import {part}" for part in ["core", *parts]), BROWSER_SIDE) == set()


def test_core_alone_is_light():
    assert loaded_after("import core", ("torch", "numpy", "skimage", "sklearn")) == set()


def test_the_door_home_and_the_first_line_of_every_page_do_not_pay_for_torch():
    heavy = ("torch", "plotly", "skimage", "sklearn", "kornia", "distributed", "pandas")
    imports = imports_at_the_top(ROOT / "streamlit_app.py", *SCRIPTS)  # not those under `with lesson.idea(...):`
    assert loaded_after(imports, heavy) <= loaded_after("import streamlit", heavy)


def test_a_network_is_inspected_without_what_trains_one():
    assert loaded_after("import playground.inspect_network.choice", ("distributed", "sklearn", "captum")) == set()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_page_says_its_point_before_anything_else(script):
    first = next(
        node
        for node in ast.parse(script.read_text(encoding="utf-8")).body[1:]
        if not isinstance(node, ast.Import | ast.ImportFrom)
    )
    said = ast.unparse(first)
    assert said.startswith("with lesson.idea(") or script.stem == "home"


def test_core_never_imports_upwards():
    assert importing(set(BROWSER_SIDE), python_files("core")) == {}


@pytest.mark.parametrize("part", PARTS)
def test_no_import_leads_back_to_where_it_began(part):
    assert [chain for module in OURS if part_of(module) == part and (chain := way_back(module))] == []


@pytest.mark.parametrize("part", [part.removeprefix("core.") for part in PARTS if part.startswith("core.")])
def test_each_part_of_core_is_built_on_those_before_it(part):
    modules = [module for module in OURS if part_of(module) == f"core.{part}"]
    used = {part_of(name).removeprefix("core.") for module in modules for name in imported_by(module)}
    assert used <= set(UPWARDS[: UPWARDS.index(part) + 1])


@pytest.mark.parametrize("package", PACKAGES_OF_PARSING)
def test_each_package_of_parsing_is_built_on_those_before_it(package):
    modules = [module for module in OURS if module.startswith(f"core.parsing.{package}.")]
    used = {
        name.split(".")[2] for module in modules for name in imported_by(module) if name.startswith("core.parsing.")
    }
    above = set(PACKAGES_OF_PARSING[PACKAGES_OF_PARSING.index(package) + 1 :])
    assert modules
    assert not used & (above | {"reading", "dialect_evaluators", "partial"})


def test_every_package_of_parsing_has_its_place():
    assert {path.parent.name for path in (ROOT / "core/parsing").glob("*/__init__.py")} == set(PACKAGES_OF_PARSING)


def test_pages_leave_arithmetic_to_core_and_drawing_to_charts():
    assert importing({"torch", "plotly", "altair", "pages", "kornia", "captum"}, SCRIPTS) == {}


def test_playground_never_imports_pages():
    assert importing({"pages"}, python_files("playground")) == {}


def test_charts_never_touch_the_page():
    assert importing({"streamlit"}, python_files("playground/charts")) == {}


def test_every_file_in_pages_is_in_the_catalogue_and_the_other_way_round():
    assert {script.stem for script in SCRIPTS} == {page.file for page in (catalog.HOME, *catalog.LESSONS)}


ABOVE_JOBS = python_files("playground", "pages")
BESIDE_JOBS = [script for script in python_files("core") if not script.is_relative_to(ROOT / "core/jobs")]


def test_only_jobs_know_dask():
    assert importing({"dask", "distributed"}, ABOVE_JOBS + BESIDE_JOBS) == {}


def attributes(script: Path) -> list[ast.Attribute]:
    nodes = ast.walk(ast.parse(script.read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, ast.Attribute)]


def test_pages_ask_the_job_manager_and_never_the_cluster():
    used = set()
    for script in ABOVE_JOBS:
        read = attributes(script)
        assert not {node.attr for node in read} & {"cluster", "client", "submit", "subscribe_topic"}, script
        of_calls = [node for node in read if isinstance(node.value, ast.Call)]
        used |= {node.attr for node in of_calls if ast.unparse(node.value) == "job_manager()"}
    assert "watch" in used
    assert [name for name in used if not hasattr(JobManager, name) or name.startswith("_")] == []


def test_jobs_import_each_other_without_circles():
    """Those inside functions and under TYPE_CHECKING are counted."""
    files = {".".join(script.relative_to(ROOT).with_suffix("").parts): script for script in python_files("core/jobs")}
    graph = {name: (imports_of(script) & files.keys()) - {name} for name, script in files.items()}
    assert set(graphlib.TopologicalSorter(graph).static_order()) == set(files)
    imported = set().union(*graph.values())
    assert {"core.jobs.run_state", "core.jobs.worker.train", "core.jobs.supervisor"} <= imported
