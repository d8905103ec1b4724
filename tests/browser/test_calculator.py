"""The network drawing, the field on the picture and the mending of a network, as a visitor meets them in Chromium."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from core.models import MODELS
from core.network_drawing import BOUND_LEGEND
from core.profiler import profile
from core.profiler.fitting import DEVICES
from core.profiler.setting import Setting
from core.profiler.timing import record, step_time
from core.profiler.timing.published import published_rates
from core.profiler.timing.report import spoken
from core.receptive_field import receptive_fields
from playground.calculator import links
from playground.calculator.tabs.receptive_field import distinct

pytestmark = pytest.mark.browser
VGG = MODELS["vgg16"]
STOPS = "nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(100, 10))"


def path(**query: str) -> str:
    return "/calculator?" + urlencode(query)


def test_memory_over_time_is_in_view_when_the_page_opens(visit):
    found = visit("/calculator", width=1366, height=768)
    chart = found.page.locator("[data-testid=stPlotlyChart]").first
    expect(chart.locator(".main-svg").first).to_be_visible()
    box = chart.bounding_box()
    assert box["y"] + box["height"] <= 768
    assert found.problems() == []


def test_every_block_reads_as_its_row(visit):
    found = visit(path(**links.of_preset("AlexNet", 2)))
    stage = found.page.locator(".network .stage")
    readout = found.page.locator(".network .readout")
    rows = profile(MODELS["alexnet"].on_meta(), MODELS["alexnet"].input_shape, 2).rows
    expect(found.page.locator(".network .block")).to_have_count(len(rows) + 1)
    stage.focus()
    stage.press("Home")
    for row in rows:
        stage.press("ArrowRight")
        said = readout.inner_text()
        assert row.kind in said
        assert "×".join(map(str, row.output_shape[1:])) in said
        assert f"{row.params:,} parameters" in said
        assert f"{row.macs:,} MACs" in said
    assert found.problems() == []


def test_the_colour_follows_the_chosen_figure_and_its_heaviest_row_is_named(visit):
    found = visit(path(**links.of_preset("VGG-16")))
    rows = profile(VGG.on_meta(), VGG.input_shape).rows
    readout = found.page.locator(".network .readout")
    for button, measure in (("MACs", "macs"), ("Parameters", "params")):
        found.page.locator(".measures button", has_text=button).click()
        heaviest = max(rows, key=lambda row: getattr(row, measure))
        assert f"{getattr(heaviest, measure):,}" in readout.inner_text()
        fills = found.page.eval_on_selector_all(".network .block", "all => all.map(g => g.children[0].style.fill)")
        light = [sum(map(int, fill[4:-1].split(","))) for fill in fills[1:]]
        assert light.index(min(light)) == rows.index(heaviest)


def test_the_drawing_shows_what_each_layer_waits_for(visit):
    found = visit(path(**links.of_preset("LeNet-5", 64), ca_dev="rtx3060", ca_tab="Layers"))
    setting = Setting(64, device="cuda")
    model, shape = MODELS["lenet5"].on_meta(), MODELS["lenet5"].input_shape
    step = step_time(record(model, shape, setting), published_rates(DEVICES["rtx3060"]))
    rows = profile(model, shape, 64).rows
    found.page.locator(".measures button", has_text="Waits for").click()
    slowest = max(range(len(rows)), key=lambda index: step.rows[index].seconds)
    readout = found.page.locator(".network .readout")
    expect(readout).to_contain_text(f"about {spoken(step.rows[slowest].seconds)} on GeForce RTX 3060")
    assert f"{rows[slowest].name} {rows[slowest].kind}" in readout.inner_text()
    expect(found.page.locator(".network .legend")).to_be_visible()
    expect(found.page.locator(".network .scale")).to_be_hidden()
    fills = found.page.eval_on_selector_all(".network .block", "all => all.map(g => g.children[0].style.fill)")
    for row, fill in zip(step.rows, fills[1:], strict=True):
        colour = BOUND_LEGEND[row.bound].colour if row.seconds else "#dfe3ea"
        assert fill == f"rgb{tuple(bytes.fromhex(colour[1:]))}"
    found.page.wait_for_url("**ca_colour=seconds*")
    assert found.problems() == []


def test_a_click_unfolds_the_row_and_the_link_keeps_it(visit):
    found = visit(path(**links.of_preset("LeNet-5")))
    found.page.locator(".network .block .front").nth(1).click()
    found.settle()
    expect(found.page.get_by_text("Conv2d: input 1×32×32 → output 6×28×28.")).to_be_visible()
    assert "ca_row=" in found.page.url
    assert "ca_net=LeNet-5" in found.page.url
    found.page.reload()
    found.settle()
    expect(found.page.get_by_text("Conv2d: input 1×32×32 → output 6×28×28.")).to_be_visible()
    assert found.problems() == []


def test_the_frame_on_the_picture_is_the_layers_field(visit):
    found = visit(path(**links.of_preset("VGG-16"), ca_tab="Receptive field"), reduced=True)
    slider = found.page.locator(".field input[type=range]")
    slider.wait_for()
    layers = distinct(receptive_fields(VGG.on_meta(), VGG.input_shape))
    picture = found.page.locator(".field .frame").bounding_box()
    for place, (name, one) in enumerate(layers):
        slider.fill(str(place))
        said = found.page.locator(".field .words").inner_text()
        assert name in said
        assert f"receptive field {one.sides[0].size}×{one.sides[1].size}" in said
        frame = found.page.locator(".field .whole").bounding_box()
        assert frame["height"] / picture["height"] == pytest.approx(one.sides[0].size / 224, abs=0.02)
    assert found.problems() == []


def test_a_network_that_stops_is_red_and_mended_by_one_click(visit):
    found = visit(path(**links.of_text(STOPS, (3, 32, 32))))
    expect(found.page.locator(".network .block.failed")).to_have_count(1)
    expect(found.page.locator(".network .block")).to_have_count(5)
    found.page.get_by_role("button", name="Set in_features to 7200").click()
    found.page.wait_for_url("**7200**")
    expect(found.page.locator(".network .block.failed")).to_have_count(0)
    expect(found.page.get_by_text("PyTorch fails")).to_have_count(0)
    found.settle()
    assert found.problems() == []


PASTE = """(box, text) => {
    const brought = new DataTransfer();
    brought.setData("text/plain", text);
    box.select();
    return box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: brought, bubbles: true, cancelable: true }));
}"""


def test_a_paste_that_is_far_too_long_is_refused_with_a_sentence(visit):
    found = visit(path(**links.of_text(STOPS)))
    box = found.page.locator("textarea")
    before = box.input_value()
    assert box.evaluate(f"box => ({PASTE})(box, 'nn.ReLU(),'.repeat(30_000))") is False
    expect(found.page.get_by_text("That text has 300,000 characters; at most 200,000 are read")).to_be_visible()
    assert box.evaluate(f"box => ({PASTE})(box, 'nn.ReLU()')") is True
    expect(found.page.get_by_text("That text has 300,000 characters")).to_have_count(0)
    assert box.input_value() == before
    assert found.problems() == []
