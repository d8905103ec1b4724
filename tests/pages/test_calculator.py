"""The calculator page: the worked case, links into it, and whatever a stranger pastes."""

from __future__ import annotations

import contextlib
import io
import re
import time

import pytest

from core.models import MODELS
from core.optim.profiled import PROFILED
from core.parsing.clean import MAX_CHARACTERS
from core.profiler import profile
from core.profiler.fitting import budget_bytes, device, largest_batch, verdict
from core.profiler.memory.iteration import Iteration
from core.profiler.setting import Setting
from playground import units
from playground.calculator import links, settings
from playground.calculator.tabs.suggestions import SEARCHES, SHOWN
from tests.pages.helpers import open_page

PATIENCE_S = 120
TABS = ("Memory", "Layers", "Receptive field", "Layer solver", "Deep stacks", "torchinfo summary")


def words(page) -> str:
    return "\n".join(
        str(element.value) for kind in ("markdown", "caption", "latex", "error") for element in page.get(kind)
    )


def cards(page) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_it_opens_on_a_network_worth_looking_at():
    page = open_page("calculator")
    assert not page.exception
    assert page.selectbox(key=links.NET).value == "ResNet-18"
    assert page.text_input(key=links.INPUT).value == "3x224x224"
    assert "11,689,512 parameters" in words(page)


@pytest.mark.parametrize("link", [{"ca_net": "One 5×5 convolution"}, {"ca_batch": "1"}, {"cs_from": "112"}])
def test_every_link_without_another_network_opens_the_worked_case(link):
    assert cards(open_page("calculator", **link))["Parameters"] == "15,200"


def test_the_worked_case_is_one_click_away_with_its_numbers():
    page = open_page("calculator")
    page.button(key="ca-worked").click().run()
    assert not page.exception
    said = words(page)
    assert cards(page)["Parameters"] == "15,200"
    assert "225,000,000 MACs" in said
    assert "450,000,000 FLOPs" in said
    assert "12,000,000 B = 12.00 MB = 11.44 MiB" in said
    assert r"\left(5 \cdot 5 \cdot 3 + 1\right) \cdot 200" in said
    assert r"150 \cdot 100 \cdot 5 \cdot 5 \cdot 3 \cdot 200" in said
    assert "225{,}000{,}000" in said


@pytest.mark.parametrize("name", ["lenet5", "resnet18"])
def test_a_preset_opens_by_its_title_with_its_own_input(name):
    page = open_page("calculator", **links.of_preset(MODELS[name].title, 4))
    assert not page.exception
    assert page.number_input(key=links.BATCH).value == 4
    shape = "x".join(map(str, MODELS[name].input_shape))
    assert page.text_input(key=links.INPUT).value == shape
    assert f"{MODELS[name].params:,}" in cards(page)["Parameters"] + words(page)


def test_text_from_another_page_opens_with_the_input_it_needs():
    text = "nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))"
    page = open_page("calculator", **links.of_text(text))
    assert page.text_area(key=links.TEXT).value == text
    assert page.text_input(key=links.INPUT).value == "1x28x28"
    assert cards(page)["Parameters"] == f"{40 + (4 * 26 * 26 + 1) * 10:,}"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({links.INPUT: "elephant"}, "is not an input shape"),
        ({links.INPUT: "3x0x5"}, "is not an input shape"),
        ({links.INPUT: "3x99999999x9"}, "is not an input shape"),
        (links.of_text("import os; os.system('x')"), ""),
        (links.of_text("{" * 300), ""),
        (links.of_text("nn.Conf2d(3, 4, 5)"), "Conv2d"),
    ],
)
def test_nonsense_gets_one_sentence(changes, sentence):
    page = open_page("calculator", **changes)
    assert not page.exception
    assert len(page.error) == 1
    assert sentence in page.error[0].value


def test_a_text_far_too_long_is_cut_and_answered_by_a_sentence():
    page = open_page("calculator", **{links.NET: links.OWN})
    page.text_area(key=links.TEXT).set_value("nn.ReLU()," * 10_000).run()
    assert not page.exception
    assert len(page.error) == 1
    assert len(page.session_state[links.TEXT]) <= MAX_CHARACTERS
    page.text_area(key=links.TEXT).set_value("nn.Sequential(nn.Conv2d(3, 4, 3))").run()
    assert not page.error


def test_where_a_network_stops_the_rows_before_stay_and_the_number_to_change_is_named():
    text = "nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(100, 10))"
    page = open_page("calculator", **links.of_text(text, (3, 32, 32)))
    assert not page.exception
    assert "7200" in page.error[0].value.replace(",", "")
    assert "in_features" in words(page)
    assert cards(page)["Parameters"] == "224"


def test_an_input_that_nobody_stated_and_nothing_fits_is_called_a_guess():
    text = "nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.Flatten(), nn.Linear({}, 10))"
    own = {"ca_net": links.OWN, "ca_text": text.format(8 * 37 * 37 + 1)}  # which no image gives
    assert "3x224x224 is a guess" in words(open_page("calculator", **own))
    assert "is a guess" not in words(open_page("calculator", ca_in="3x36x36", **own))
    page = open_page("calculator", ca_net=links.OWN, ca_text=text.format(8 * 37 * 37))
    assert "is a guess" not in words(page)
    assert page.text_input(key=links.INPUT).value == "3x37x37"


def test_choosing_another_network_brings_its_input():
    page = open_page("calculator")
    page.selectbox(key=links.NET).set_value("LeNet-5").run()
    assert page.text_input(key=links.INPUT).value == "1x32x32"
    assert cards(page)["Parameters"] == "61,706"


def test_one_click_changes_the_one_number():
    text = "nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(100, 10))"
    page = open_page("calculator", **links.of_text(text, (3, 32, 32)))
    next(button for button in page.button if button.label == "Set in_features to 7200").click().run()
    assert not page.exception
    assert not page.error
    assert page.text_area(key=links.TEXT).value == text.replace("100", "7200")
    assert page.text_input(key=links.INPUT).value == "3x32x32"


def test_the_verdict_peak_and_largest_batch_are_the_profilers():
    architecture = MODELS["alexnet"]
    page = open_page("calculator", **links.of_preset("AlexNet", 8), ca_opt="Adam", ca_dev="4GiB")
    assert not page.exception
    setting = Setting(8, "adam", device="cuda")
    usage = Iteration(architecture.on_meta(), architecture.input_shape, setting).train()
    budget = budget_bytes(device("4GiB"))
    best = largest_batch(architecture.on_meta(), architecture.input_shape, budget, setting)
    assert f"{usage.peak_bytes:,} B" in words(page)
    assert cards(page)["Largest batch size"] == f"{best.batch_size:,}"
    said = page.success or page.warning or page.error
    assert verdict(usage.peak_bytes, device("4GiB")).word.capitalize() in said[0].value


def test_the_composition_adds_up_to_the_peak():
    page = open_page("calculator", **links.of_preset("LeNet-5", 64), ca_tab="Memory")
    frame = page.dataframe[0].value
    assert f"Total {frame['Bytes at the peak'].sum():,} B" in words(page)


def test_a_suggestion_is_applied_by_one_click_and_does_what_it_says():
    page = open_page(
        "calculator", **links.of_preset("AlexNet", 4096), ca_dev="GeForce GTX 1650 · 4 GiB", ca_tab="Memory"
    )
    assert "Does not fit" in page.error[0].value
    until_all_is_tried(page)
    title = next(text.value for text in page.markdown if "bf16 autocast" in text.value)
    peak = re.search(r"peak (.+?),", title).group(1)
    page.button(key="ca_way_Mixed precision (bf16 autocast)").click().run()
    assert not page.exception
    assert cards(page)["Peak training memory"] == peak
    assert page.selectbox(key="ca_prec").value.startswith("bf16 autocast")


def until_all_is_tried(page) -> None:
    """What the browser does by itself: tick after tick until nothing is left to try."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if not any("Searching" in caption.value for caption in page.caption):
            return
        page.run()
    raise AssertionError("the search for suggestions did not end")


def test_suggestions_come_one_by_one_and_are_not_sought_again():
    page = open_page(
        "calculator", **links.of_preset("AlexNet", 4096), ca_dev="GeForce GTX 1650 · 4 GiB", ca_tab="Memory"
    )
    assert any("Searching" in caption.value for caption in page.caption)
    assert not any(":small[peak" in text.value for text in page.markdown)
    until_all_is_tried(page)
    found = [text.value for text in page.markdown if ":small[peak" in text.value]
    search = next(iter(page.session_state[SEARCHES].values()))
    assert len(found) == min(SHOWN, sum(way is not None for way in search.history)) > 3
    page.number_input(key=links.BATCH).set_value(2048).run()
    assert any("Searching" in caption.value for caption in page.caption)
    page.number_input(key=links.BATCH).set_value(4096).run()
    assert [text.value for text in page.markdown if ":small[peak" in text.value] == found


def test_a_change_of_the_network_is_in_the_link_and_can_be_undone():
    page = open_page("calculator", **links.of_preset("LeNet-5"), ca_edits="0:stride=2x2;7:in_features=64;nonsense")
    assert not page.exception
    assert "set stride=(2, 2) in 0" in words(page)
    page.button(key="ca_undo").click().run()
    assert cards(page)["Parameters"] == "61,706"
    assert "Changed" not in words(page)


@pytest.mark.parametrize(
    "query",
    [{"ca_dev": "cheese"}, {"ca_opt": "cheese"}, {"ca_acc": "60"}, {"ca_ckpt": "cheese"}, {"ca_edits": "9.9:drop"}],
)
def test_a_bad_setting_in_a_link_falls_back_or_says_why(query):
    page = open_page("calculator", **links.of_preset("LeNet-5"), **query)
    assert not page.exception
    assert len(page.error) <= 1


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("net", ["LeNet-5", links.OWN])
def test_every_tab_opens(tab, net):
    page = open_page("calculator", ca_net=net, ca_tab=tab)
    assert not page.exception
    assert not page.error


def test_the_printed_lines_give_the_network_on_the_page():
    text = "Sequential(Conv2d(3, 8, 3, padding=1), Residual(Conv2d(8, 8, 3, padding=1), ReLU()))"
    page = open_page("calculator", **links.of_text(text, (3, 32, 32)))
    scope: dict = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(page.code[0].value, scope)
    assert sum(p.numel() for p in scope["model"].parameters()) == int(cards(page)["Parameters"].replace(",", ""))


@pytest.mark.parametrize("optimizer", ["Adafactor", "Lion", "Muon (AdamW for what is no matrix)", "8-bit Adam"])
def test_optimizers_that_no_lesson_trains_with_have_their_memory_too(optimizer):
    page = open_page("calculator", **links.of_preset("LeNet-5", 4), ca_opt=optimizer, ca_tab="Memory")
    assert not page.exception
    assert page.selectbox(key="ca_opt").value == optimizer
    kinds = page.dataframe[0].value.set_index("Kind")
    key = next(entry.key for entry in PROFILED.values() if entry.name == optimizer)
    expected = profile(MODELS["lenet5"].on_meta(), (1, 32, 32), 4, key, device="cuda")
    assert "Optimizer state" in kinds.index
    assert kinds.loc["Optimizer state", "Maximum"] == units.memory(expected.optimizer_bytes)


def test_sharded_weights_leave_each_device_less():
    query = links.of_preset("AlexNet", 8) | {"ca_rep": "4", "ca_opt": "Adam"}
    peaks = []
    for shards in settings.SHARDINGS:
        page = open_page("calculator", **query, ca_shard=shards)
        assert not page.exception
        peaks.append(cards(page)["Peak training memory"])
    assert len(set(peaks)) == 4


def test_frozen_parts_are_counted_apart():
    page = open_page("calculator", **links.of_preset("LeNet-5", 4), ca_frz="0", ca_tab="Layers")
    assert "156 are frozen" in words(page)
    assert "61,550 parameters are trained" in words(page)
