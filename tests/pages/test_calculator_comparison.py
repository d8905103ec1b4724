"""The calculator with a second network beside the first: a link holds both."""

from core.models import MODELS
from core.profiler import profile
from playground.calculator import links
from tests.pages.helpers import open_page


def frames(page):
    return [frame.value for frame in page.dataframe]


def test_a_link_with_two_presets_shows_the_totals_of_both():
    page = open_page("calculator", **links.of_preset("ResNet-18"), ca_tab="Compare", ca_net2="MobileNetV2")
    totals = next(frame for frame in frames(page) if "Parameters" in list(frame[""]))
    first, second = (profile(MODELS[name].on_meta(), (3, 224, 224)) for name in ("resnet18", "mobilenet_v2"))
    figures = totals.set_index("")
    assert list(figures.loc["Parameters", ["first", "second"]]) == [first.total_params, second.total_params]
    assert figures.loc["MACs per image", "Difference"] == second.total_macs - first.total_macs
    assert any("MobileNetV2 has" in text.value for text in page.markdown)


def test_own_code_as_the_second_network_with_an_input_of_its_own():
    text = "nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU())"
    page = open_page(
        "calculator", **links.of_preset("LeNet-5"), ca_tab="Compare", ca_net2=links.OWN, ca_text2=text, ca_in2="1x9x9"
    )
    totals = next(frame for frame in frames(page) if "Parameters" in list(frame[""])).set_index("")
    assert totals.loc["Parameters", "second"] == 40
    assert totals.loc["Outputs (B)", "second"] == 2 * 4 * 7 * 7 * 4


def test_a_second_network_that_fails_is_one_sentence():
    text = "nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(5, 4, 3))"
    page = open_page("calculator", **links.of_preset("ResNet-18"), ca_tab="Compare", ca_net2=links.OWN, ca_text2=text)
    assert any("second network fails" in error.value for error in page.error)
    assert not page.exception
