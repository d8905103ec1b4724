"""What the calculator says follows from one profile, and the lines it prints give the same figures anywhere."""

import functools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.model_spec import ModelSpec
from core.models import MODELS
from core.optim import OPTIMIZERS, PRECISIONS
from core.profiler import profile_in
from core.profiler.fitting import DEVICES, PEAK_ERROR, Edit, budget_bytes, device, suggest, verdict
from core.profiler.memory.categories import CATEGORIES
from core.profiler.setting import Setting
from core.profiler.table import FORMATS
from playground import units
from playground.calculator import code_sample, diagram, results, summary, text
from playground.calculator.results import Request
from playground.calculator.tabs import table
from tests.pages.helpers import open_page
from tests.truth import isolated

SHOWS = {
    "verdict, its range and what the device offers": "test_a_verdict_follows_from_the_printed_range_and_usable_memory",
    "usable memory of each device": "test_usable_memory_is_below_the_name_plate_and_says_how_that_is_known",
    "what is counted and what is modelled": "test_the_stated_error_covers_every_documented_measurement",
    "cards: parameters, MACs, peak": "test_cards_table_files_and_drawing_are_the_same_rows",
    "table of layers, its totals and files": "test_cards_table_files_and_drawing_are_the_same_rows",
    "comparison with a second network": "tests/core/profiler/test_comparison.py::"
    "test_totals_stages_and_layers_are_those_of_both_profiles",
    "modules and their sums": "tests/core/profiler/test_subtotals.py::test_every_level_sums_all_rows_once",
    "skip connections and the drawing's files": "tests/core/test_network_drawing.py::"
    "test_a_resnet_has_an_arc_for_each_block_and_a_chain_has_none",
    "drawing": "test_cards_table_files_and_drawing_are_the_same_rows",
    "how a row's numbers are computed": "tests/core/test_derivation.py::test_formulas_come_to_what_pytorch_does",
    "timeline and composition of the peak": "test_the_composition_adds_up_to_the_peak",
    "time of a step and an epoch": "tests/truth/test_calculator_time.py::"
    "test_the_time_of_an_epoch_is_that_of_its_steps",
    "time by kernels that really run": "tests/core/profiler/test_timing.py::"
    "test_the_recorded_kernels_are_those_that_really_run",
    "time on devices by their data sheets": "tests/core/profiler/test_timing.py::"
    "test_published_throughput_lies_in_the_range",
    "the stated error of a time": "tests/truth/test_calculator_time.py::"
    "test_the_stated_error_of_a_time_is_that_of_the_documented_runs",
    "what each layer waits for, in the chart and in the drawing": "tests/truth/test_calculator_time.py::"
    "test_layers_and_sentence_wait_for_the_same",
    "largest batch size": "tests/core/profiler/test_fitting.py::test_the_largest_batch_fits_and_the_next_does_not",
    "suggestions and what they cost": "test_batch_norm_is_named_where_there_is_one_and_its_batches_are_right",
    "inference": "tests/core/profiler/test_memory.py::test_inference_peak_is_that_of_a_real_prediction",
    "receptive fields": "tests/core/test_receptive_field.py::test_a_nan_reaches_exactly_the_cells_that_see_it",
    "layer solver": "tests/playground/calculator/test_layer_solver.py::test_each_printed_line_does_it_in_pytorch",
    "deep stacks": "tests/playground/calculator/test_stack.py::test_sizes_and_the_end_are_pytorchs",
    "torchinfo summary": "test_torchinfo_differs_as_the_caption_says",
    "PyTorch lines": "test_the_lines_print_the_figures_of_the_page",
    "headline on the page": "test_the_page_shows_the_verdict_of_its_own_cards",
}
PLAIN = "nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(392, 4))"
NORMED = "nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.2), nn.Flatten())"
KERAS = """model = Sequential([
    Conv2D(8, 3, activation="relu", input_shape=(16, 16, 3)), MaxPooling2D(), Flatten(), Dense(10)])"""
TEXTS = {PLAIN: (3, 16, 16), NORMED: (3, 16, 16)}
MIB = 2**20


T4, DEFAULT = DEVICES["t4"], Setting()


def analysis_of(spec, shape=None, setting=DEFAULT):
    return results.analyze(Request(spec, shape or results.default_input(spec), setting, T4))


@functools.cache
def analyzed(net, setting):
    return analysis_of(ModelSpec(text=net), TEXTS[net], setting)


@st.composite
def settings_of_the_page(draw):
    passes, devices = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    return Setting(
        passes * devices * draw(st.integers(2, 5)) + draw(st.integers(0, 1)),
        draw(st.sampled_from(sorted(OPTIMIZERS))),
        draw(st.sampled_from(sorted(PRECISIONS))),
        inplace=draw(st.sampled_from((None, True, False))),
        channels_last=draw(st.booleans()),
        accumulate=passes,
        replicas=devices,
        device=draw(st.sampled_from(("cpu", "cuda"))),
    )


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.integers(0, 200 * 2**30), st.sampled_from(sorted(DEVICES)), st.integers(1, 2**20))
def test_a_verdict_follows_from_the_printed_range_and_usable_memory(peak, name, batch_size):
    judged = verdict(peak, DEVICES[name])
    said = text.verdict_sentence(judged, batch_size)
    assert said.startswith(f"**{judged.word.capitalize()}: training with batch size {batch_size:,} on ")
    assert judged.least_bytes <= peak + 300 * MIB < judged.most_bytes
    usable = DEVICES[name].memory_bytes
    expected = ("fits", "barely fits", "does not fit")[(judged.most_bytes > usable) + (judged.least_bytes > usable)]
    assert judged.word == expected
    for shown in (peak, judged.least_bytes, judged.most_bytes, usable):
        assert units.memory(shown) in said


@pytest.mark.parametrize("one", DEVICES.values(), ids=DEVICES)
def test_usable_memory_is_below_the_name_plate_and_says_how_that_is_known(one):
    lacks = 1 - one.memory_bytes / one.nominal_bytes
    assert 0 < lacks <= (0.25 if "shared" in one.title else 0.1)
    assert one.url.startswith("https://github.com/") if "as PyTorch" in one.source else "are set aside" in one.source
    assert one.source in text.memory_sentence(one)
    assert verdict(one.memory_bytes, one).word != "fits"


def test_what_is_set_aside_is_as_much_as_other_cards_of_its_kind_lack():
    lacking = {key: 1 - one.memory_bytes / one.nominal_bytes for key, one in DEVICES.items() if one.url}
    geforce = [share for key, share in lacking.items() if key.startswith(("gtx", "rtx"))]
    assert 0.005 < min(geforce) < max(geforce) < 0.05
    assert 0.08 < lacking["l4"] < lacking["t4"] < 0.091
    assert max(lacking[key] for key in ("a100-40", "a100-80", "v100")) < 0.015
    assert "The device has 8.00 GiB." in text.memory_sentence(device("8 GiB"))


def test_the_stated_error_covers_every_documented_measurement():
    measured = Path("docs/memory.md").read_text(encoding="utf-8")
    errors = [float(error) / 100 for error in re.findall(r"\(([+-]\d+\.\d+) %\)", measured)]
    assert len(errors) >= 400
    assert max(map(abs, errors)) <= PEAK_ERROR
    assert all(1 - PEAK_ERROR <= 1 / (1 + error) <= 1 + PEAK_ERROR for error in errors)


@settings(deadline=None, max_examples=100, derandomize=True)
@given(st.sampled_from((PLAIN, NORMED)), settings_of_the_page())
def test_cards_table_files_and_drawing_are_the_same_rows(net, setting):
    analysis = analyzed(net, setting)
    totals = table.of(analysis).totals
    assert (
        totals["params"] == analysis.profile.total_params == sum(p.numel() for p in analysis.model.module.parameters())
    )
    assert totals["macs"] == analysis.profile.total_macs
    assert totals["saved_bytes"] == analysis.profile.saved_bytes
    assert f"{totals['params']},{totals['macs']}," in FORMATS["csv"](table.of(analysis)).splitlines()[-1]
    assert f"{totals['params']:,} | {totals['macs']:,}" in FORMATS["markdown"](table.of(analysis)).splitlines()[-1]
    drawn = [block for block in diagram.blocks(analysis) if block.row >= 0]
    assert sum(block.params for block in drawn) == totals["params"]
    assert sum(block.macs for block in drawn) == totals["macs"]
    assert summary.count(totals["params"]) == f"{totals['params']:,}"


@settings(deadline=None, max_examples=100, derandomize=True)
@given(st.sampled_from((PLAIN, NORMED)), settings_of_the_page())
def test_the_composition_adds_up_to_the_peak(net, setting):
    profile = analyzed(net, setting).profile
    peak = profile.training.peak
    assert len(peak.at_peak) == len(CATEGORIES)
    assert sum(peak.at_peak) == peak.peak_bytes == profile.training_peak_bytes
    assert profile.training_peak_bytes == max(span.peak_bytes for span in profile.timeline)
    assert all(part <= most for part, most in zip(peak.at_peak, profile.training.sizes, strict=True))


@settings(deadline=None, max_examples=20, derandomize=True)
@given(st.booleans(), st.integers(4, 40), st.integers(1, 2), st.integers(1, 2))
def test_batch_norm_is_named_where_there_is_one_and_its_batches_are_right(normed, batch_size, passes, devices):
    norm = [nn.BatchNorm2d(8)] if normed else [nn.GroupNorm(2, 8)]
    model = nn.Sequential(nn.Conv2d(3, 8, 3), *norm, nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 4))
    setting = Setting(batch_size, accumulate=passes, replicas=devices)
    peak = profile_in(model, (3, 8, 8), setting).training_peak_bytes
    for suggestion in suggest(model, (3, 8, 8), setting, int(peak * 0.7)):
        assert ("batch norm" in suggestion.cost) == (normed and suggestion.kind in ("accumulation", "parallel"))
        assert suggestion.saves_bytes > 0
        if "batch norm" in suggestion.cost:
            parts = suggestion.setting.accumulate * suggestion.setting.replicas
            sizes = {-(-batch_size // parts), batch_size // parts}
            said = f"batches of {'at most ' if len(sizes) > 1 else ''}{max(sizes)}"
            assert suggestion.cost.endswith(said)
            assert max(sizes) == suggestion.setting.pass_size


STATES = {
    "a preset": (ModelSpec(preset="lenet5"), None, Setting(3)),
    "dropout on a GPU": (ModelSpec(preset="alexnet"), None, Setting(4, device="cuda")),
    "dropout on a CPU": (ModelSpec(preset="alexnet"), None, Setting(4, device="cpu")),
    "classes of its own": (ModelSpec(preset="resnet18"), (3, 64, 64), Setting(8, device="cuda", channels_last=True)),
    "called with arguments": (ModelSpec(preset="vgg11_bn"), (3, 224, 224), Setting(2, precision="pure-bf16")),
    "a text": (ModelSpec(text=PLAIN), (3, 16, 16), Setting(12, accumulate=2, replicas=2)),
    "Keras": (ModelSpec(text=KERAS), None, Setting(5, inplace=True)),
    "changed": (
        ModelSpec(text=PLAIN, edits=(Edit("0", "stride", (2, 2)), Edit("4", "in_features", 72), Edit("1", "drop"))),
        (3, 16, 16),
        Setting(2, frozen=("0",), device="cuda"),
    ),
    "autocast": (ModelSpec(text=NORMED), (3, 16, 16), Setting(2, precision="bf16")),
    "checkpointed": (ModelSpec(preset="mobilenet_v2"), (3, 32, 32), Setting(2, checkpointed=("3",))),
    "our own layers": (ModelSpec(preset="convnext_tiny"), (3, 64, 64), Setting(1, device="cuda")),
}


def figures(analysis):
    """The lines that a program has to print."""
    totals = table.of(analysis).totals
    shape = next(row.output_shape for row in reversed(analysis.rows) if row.called)
    whole = (analysis.setting.pass_size, *shape[1:])
    printed = [f"parameters: {totals['params']:,}", f"MACs per image: {totals['macs']:,}", f"output: {whole}"]
    return printed + [f"saved activations: {totals['saved_bytes']:,} B"] * code_sample.saves_alike(analysis)


def test_the_lines_print_the_figures_of_the_page(tmp_path):
    analyses = [analysis_of(spec, shape, setting) for spec, shape, setting in STATES.values()]
    programs = [code_sample.lines(analysis) for analysis in analyses]
    wrong = analysis_of(ModelSpec(text=PLAIN), (3, 20, 20))
    *outputs, failing = isolated.outputs([*programs, code_sample.lines(wrong)], tmp_path)
    for name, analysis, printed in zip(STATES, analyses, outputs, strict=True):
        assert printed.splitlines() == figures(analysis), name
    assert wrong.profile is None
    assert failing.startswith("PyTorch fails: ")


@pytest.mark.parametrize("key", MODELS)
def test_every_named_network_is_written_without_this_project(key):
    text = code_sample.lines(analysis_of(ModelSpec(preset=key)))
    compile(text, key, "exec")
    assert not re.search(r"^\s*(from|import) (core|playground)", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({}, "Fits"),
        ({"ca_net": "LeNet-5", "ca_batch": "300"}, "Fits"),
        ({"ca_net": "VGG-16", "ca_batch": "256", "ca_tab": "Memory"}, "Does not fit"),
        ({"ca_net": "ResNet-50", "ca_batch": "64", "ca_dev": "L4 · 24 GiB"}, "Fits"),
        ({"ca_net": "AlexNet", "ca_batch": "2000", "ca_prec": "bf16 autocast", "ca_dev": "8 GiB"}, None),
    ],
)
def test_the_page_shows_the_verdict_of_its_own_cards(query, word):
    page = open_page("calculator", **query)
    assert not page.exception
    said = (page.success or page.warning or page.error)[0].value
    peak = next(metric.value for metric in page.metric if metric.label == "Peak training memory")
    assert f"Tensors take about {peak}; a process" in said
    assert word is None or said.startswith(f"**{word}")
    assert "core" not in page.code[0].value
    captions = " ".join(caption.value for caption in page.caption)
    assert "exact" not in said.lower() + captions.lower()


def test_the_largest_batch_leaves_room_for_the_stated_range():
    for name in ("t4", "l4", "l40s"):
        judged = verdict(budget_bytes(DEVICES[name]), DEVICES[name])
        assert judged.word == "fits"
        assert verdict(budget_bytes(DEVICES[name]) + MIB, DEVICES[name]).word != "fits"


def test_torchinfo_differs_as_the_caption_says():
    """Its mult-adds hold bias and batch, by the output if transposed; forward/backward size counts outputs twice."""
    analysis, batch = analysis_of(ModelSpec(text=PLAIN), (3, 16, 16)), 500
    text = results.torchinfo(analysis.spec, (3, 16, 16), batch)
    outputs = 8 * 14 * 14 + 4  # of the two layers with parameters, each with a bias
    assert f"Total params: {analysis.profile.total_params:,}\n" in text
    assert f"(Units.MEGABYTES): {batch * (analysis.profile.total_macs + outputs) / 1e6:.2f}\n" in text
    assert f"Forward/backward pass size (MB): {batch * outputs * 4 * 2 / 1e6:.2f}\n" in text
    transposed = analysis_of(ModelSpec(text="nn.Sequential(nn.ConvTranspose2d(3, 8, 3, stride=2))"), (3, 16, 16))
    text = results.torchinfo(transposed.spec, (3, 16, 16), batch)
    assert transposed.profile.total_macs == 16 * 16 * 3 * 9 * 8
    assert f"(Units.MEGABYTES): {batch * 33 * 33 * (3 * 9 * 8 + 8) / 1e6:.2f}\n" in text
