"""Texts on the calculator page: the way to one's own code, several networks, open values, Keras without a shape."""

from __future__ import annotations

from playground.calculator import links
from tests.pages.helpers import open_page
from tests.pages.test_calculator import cards

TWO = """
class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        return self.conv(x).relu()


first = Small()
second = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
"""
OPEN = """
class Net(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.fc = nn.Linear(48, num_classes)

    def forward(self, x):
        return self.fc(x.flatten(1))
"""


def test_the_way_to_ones_own_code_comes_first_and_opens_a_class():
    page = open_page("calculator")
    page.button(key="ca-own").click().run()
    assert not page.exception
    assert not page.error
    assert page.text_area(key=links.TEXT).value.startswith("class Net(nn.Module):")
    assert cards(page)["Parameters"] == "25,578"
    assert "ca-own" not in [button.key for button in page.button]


def test_of_several_networks_the_last_is_shown_and_each_can_be():
    page = open_page("calculator", **links.of_text(TWO, (3, 16, 16)))
    assert cards(page)["Parameters"] == "224"
    other = open_page("calculator", **links.of_text(TWO, (3, 16, 16)), ca_pick="first")
    assert not other.exception
    assert cards(other)["Parameters"] == "112"
    wrong = open_page("calculator", **links.of_text(TWO, (3, 16, 16)), ca_pick="third")
    assert cards(wrong)["Parameters"] == "224"


def test_what_a_text_leaves_open_has_a_usual_value_that_can_be_changed():
    page = open_page("calculator", **links.of_text(OPEN, (3, 4, 4)))
    assert cards(page)["Parameters"] == "490"
    page.number_input(key="ca_v_num_classes").set_value(3).run()
    assert not page.exception
    assert cards(page)["Parameters"] == "147"


SHAPED = """
class Net(nn.Module):
    def __init__(self, input_shape):
        super().__init__()
        self.fc = nn.Linear(192, input_shape[0])

    def forward(self, x):
        return self.fc(x.flatten(1))
"""


def test_several_numbers_that_a_text_leaves_open_are_typed_with_commas():
    page = open_page("calculator", **links.of_text(SHAPED, (3, 64, 1)))
    assert cards(page)["Parameters"] == "579"
    page.text_input(key="ca_v_input_shape").set_value("5, 4, 1").run()
    assert not page.exception
    assert cards(page)["Parameters"] == "965"
    page.text_input(key="ca_v_input_shape").set_value("five").run()
    assert not page.exception
    assert cards(page)["Parameters"] == "579"


def test_the_line_at_which_reading_stops_is_quoted():
    page = open_page("calculator", **links.of_text(OPEN.replace("self.fc(x", "self.fcc(x"), (3, 4, 4)))
    assert not page.exception
    assert "self.fcc is never made; the nearest is self.fc" in page.error[0].value
    assert any(block.value == "return self.fcc(x.flatten(1))" for block in page.code)


def test_keras_text_that_names_no_input_takes_the_typed_one():
    text = "Sequential([Conv2D(4, 3), Flatten(), Dense(5)])"
    page = open_page("calculator", **links.of_text(text, (3, 16, 16)))
    assert not page.exception
    assert not page.error
    assert cards(page)["Parameters"] == "4,037"


def test_an_expression_without_a_value_has_a_box_under_its_own_words():
    text = "net = nn.Linear(env.observation_space.shape[0], config.wide)"
    page = open_page("calculator", **links.of_text(text, (4,)))
    assert cards(page)["Parameters"] == "320"
    assert {"env.observation_space.shape[0]", "config.wide"} <= {box.label for box in page.number_input}
    page.number_input(key="ca_v_config.wide").set_value(8).run()
    assert not page.exception
    assert cards(page)["Parameters"] == "40"


def test_where_reading_stops_stands_beside_the_text_and_why_is_said_once():
    page = open_page("calculator", **links.of_text(OPEN.replace("x.flatten", "self.fcc(x).flatten"), (3, 4, 4)))
    captions = [caption.value for caption in page.caption]
    assert "Reading stops at line 8:" in captions
    said = [*captions, *(error.value for error in page.error)]
    assert sum("self.fcc is never made; the nearest is self.fc." in one for one in said) == 1
    assert "return self.fc(self.fcc(x).flatten(1))" in [code.value for code in page.code]


def test_inputs_of_several_sizes_are_shown_and_typed():
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(48, 4)
        self.b = nn.LazyLinear(4)

    def forward(self, batch):
        return self.a(batch["image"].flatten(1)) + self.b(batch["row"])
"""
    page = open_page("calculator", **links.of_text(text.replace("LazyLinear(4", "Linear(10, 4"), (3, 4, 4)))
    assert cards(page)["Parameters"] == "240"
    box = page.text_input(key="ca_v_size of row")
    assert (box.label, box.value) == ("size of row", "10")
    other = open_page("calculator", **links.of_text(text, (3, 4, 4)), **{"ca_v_size of row": "7"})
    assert not other.exception
    keras = open_page("calculator", **links.of_text("Sequential([Dense(3)])", (5,)))
    assert any("no input shape: type it as Input" in caption.value for caption in keras.caption)
    assert cards(keras)["Parameters"] == "18"
