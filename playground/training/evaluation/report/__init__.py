"""A finished run as one HTML page that needs nothing else: no link leads out of it, and its pictures are in it."""

from __future__ import annotations

from markupsafe import Markup

from playground.markup import element, joined, style_sheet
from playground.training.evaluation.report import sections
from playground.training.evaluation.run_artifacts import RunArtifacts
from playground.training.history.config_diff import dataset_title, network_title

STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.7rem;margin:0 0 .5rem}
h2{font-size:1.2rem;margin:2rem 0 .5rem}
table{border-collapse:collapse}
th,td{border:1px solid rgba(128,140,170,.4);padding:.25rem .6rem;text-align:left}
td.number{text-align:right;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}
.row{display:flex;flex-wrap:wrap;gap:1rem}
.samples{display:grid;grid-template-columns:repeat(auto-fill,minmax(16rem,1fr));gap:1rem}
figure{margin:0}
figure img{width:calc(50% - 2px);image-rendering:pixelated;border-radius:.3rem}
figcaption{font-size:.85rem}
small,.note{opacity:.8}
"""
SECTIONS = {
    "Result": sections.result,
    "Curves": sections.curves,
    "Confusion matrix": sections.confusion,
    "Calibration": sections.calibrated,
    "Predictions and their explanations": sections.samples,
    "Configuration": sections.configuration,
}


def report_html(run: RunArtifacts) -> str:
    """The page; a section is one entry in `SECTIONS`, and one that has nothing to show is left out."""
    view = run.view
    title = f"{network_title(view.config.network)} on {dataset_title(view.source)}"
    parts = [(name, draw(run)) for name, draw in SECTIONS.items()]
    body = [element("h1", title)]
    body += [element("section", element("h2", name), content) for name, content in parts if content]
    head = joined(
        (
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("title", f"{title}: report of a training run"),
            style_sheet(STYLE),
        )
    )
    page = element("html", element("head", head), element("body", body), lang="en")
    return str(Markup("<!doctype html>\n") + page)
