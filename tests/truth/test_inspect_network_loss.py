"""The tab on softmax and loss: table, sentence, formulas and printed program say the same, and it is PyTorch's."""

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from torch.nn import functional as F

from core.knobs import knobs_of
from core.lessons.inspect_network import INCLUDED, included_network
from core.lessons.inspect_network import softmax as arithmetic
from core.lessons.inspect_network.logit import last_layer
from core.lessons.inspect_network.loss_rows import loss_rows
from core.lessons.inspect_network.softmax import LossSettings
from playground.charts import last_layer as layer_charts
from playground.charts import softmax as charts
from playground.controls import uneven_steps
from playground.inspect_network.softmax import code_samples, settings, text, views
from playground.inspect_network.softmax.settings import LossState
from tests.pages.helpers import components, formulas, open_page
from tests.truth.isolated import outputs
from tests.truth.knob_states import STATES, configs

TAB = {"part": "Softmax and loss", "input": "Included image", "picture": "3"}
states = st.builds(LossState, st.integers(0, 3), st.integers(0, 3), configs(LossSettings))
LOGITS = torch.tensor([1.5, -0.25, 3.0, 0.5])
NAMES = ("ant", "bee", "cat", "dog")


def cells(table: str) -> list[list[str]]:
    """The words in each row of a table, its head included."""
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    return [[Markup(cell).striptags() for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]


def number(written: str) -> float:
    return float(written.replace("−", "-"))


def table_of(state: LossState) -> list[list[str]]:
    now = views.breakdown(LOGITS, state)
    rows, sums = loss_rows(
        now, arithmetic.listed_classes(LOGITS, (state.target, state.logit)), state.settings.temperature
    )
    return cells(charts.loss_table(rows, sums, dict(enumerate(NAMES)), state.target, state.changed))


@STATES
@given(states)
def test_table_and_sentence_are_what_pytorch_gives(state):
    one = state.settings
    z = LOGITS.double()
    z[state.logit] += one.change
    z.requires_grad_()
    loss = F.cross_entropy(z / one.temperature, torch.tensor(state.target), label_smoothing=one.smoothing)
    loss.backward()
    _, *rows, sums = table_of(state)
    probabilities = torch.softmax(z.detach() / one.temperature, 0)
    for row in rows:
        k = NAMES.index(row[0].removesuffix(" (changed)"))
        assert ("(changed)" in row[0]) == (k == state.changed)
        logit, _, _, p, _, _, gradient = map(number, row[1:])
        assert logit == pytest.approx(float(z[k].detach()), abs=0.0051)
        assert p == pytest.approx(float(probabilities[k]), abs=1e-4)
        assert gradient == pytest.approx(float(z.grad[k]), abs=2.1e-4)
    for column in range(3, 8):
        assert sum(number(row[column]) for row in rows) == pytest.approx(number(sums[column]), abs=1e-9)
    assert number(sums[6]) == pytest.approx(loss.item(), abs=0.6e-4)
    said = text.loss(views.breakdown(LOGITS, state), state, NAMES)
    assert f"The loss is **{text.nats(loss.item())}** nats" in said
    assert (": the target." in said) == (int(z.argmax()) == state.target)
    slope = float(z.grad[state.logit])
    assert ("with **less** of it" in said) == (slope >= 0.00005)
    assert ("with **more** of it" in said) == (slope <= -0.00005)


@pytest.mark.parametrize("offset", range(-200, 201, 50))
def test_table_and_sentence_of_float32_say_where_nan_begins(offset):
    one = arithmetic.float32_softmax(LOGITS, offset)
    shifted = (LOGITS.double() + offset).float()
    naive = shifted.exp() / shifted.exp().sum()
    _, *rows, _ = cells(charts.float32_table(one, (0, 1, 2, 3), dict(enumerate(NAMES))))
    for k, row in enumerate(rows):
        assert (row[3] == "nan") == bool(naive[k].isnan())
        assert number(row[5]) == pytest.approx(float(torch.softmax(shifted, 0)[k]), rel=1e-3)
    said = text.float32(one, offset)
    assert ("both ways work" in said) == (not naive.isnan().any())
    assert ("inf / inf" in said) == bool(shifted.exp().sum().isinf())


@pytest.mark.parametrize("name", INCLUDED)
def test_products_and_bias_add_up_to_the_logit_of_the_network(name):
    images, _ = INCLUDED[name].test_images()
    model, x = included_network(name), images[:1] / 255
    layer = last_layer(model, x)
    for k in range(2):
        rows = cells(layer_charts.products(layer, k, text.picture_heads(layer)))
        *parts, total = [number(row[-1]) for row in rows[1:]]
        assert sum(parts) == pytest.approx(total, abs=1e-9)
        assert total == pytest.approx(float(model(x)[0, k]), abs=1e-3)
        assert layer_charts.printed_sum(layer, k).endswith(f"= {total:.3f}")
    assert f"{len(layer.features):,} features" in text.features(layer)


def test_programs_print_the_table(tmp_path):
    state = LossState(1, 2, LossSettings(change=-1.5, temperature=2.0, smoothing=0.1))
    sure = LossState(2, 2, LossSettings())
    programs = [code_samples.loss_program(LOGITS, one) for one in (state, sure)]
    programs.append(code_samples.stability_program(LOGITS, 100))
    *printed, stability = outputs(programs, tmp_path)
    for one, lines in zip((state, sure), printed, strict=True):
        now = views.breakdown(LOGITS, one)
        ours, theirs, gradient = ([float(v) for v in re.findall(r"-?\d+\.\d+", line)] for line in lines.split("\n")[:3])
        assert ours == theirs == pytest.approx(now.probabilities.tolist(), abs=0.6e-4)
        assert gradient == pytest.approx(now.gradient.tolist(), abs=0.6e-4)
        assert f"loss: {now.loss:.4f}" in lines
    without, with_, theirs = stability.split("\n")[:3]
    assert without.count("nan") == len(LOGITS)
    assert with_.partition(":")[2].strip() == theirs.partition(":")[2].strip()


@pytest.mark.parametrize(
    ("network", "says"),
    [
        ("Digits", "**Flatten** lays the 10 maps"),
        ("Sketched cats and dogs", "**Global average pooling** takes the mean of each of the 16 maps"),
    ],
)
def test_page_shows_the_networks_own_logits(network, says):
    page = open_page("inspect_network", network=network, **TAB)
    assert not page.exception
    assert any(says in block.value for block in page.markdown)
    entry = next(one for one in INCLUDED.values() if one.title == network)
    images, labels = entry.test_images()
    logits = included_network(next(k for k, one in INCLUDED.items() if one is entry))(images[3:4] / 255)[0]
    (drawn,) = [one for one in components(page, "inline_svg") if "From logits to the loss" in one]
    first = cells(drawn)[1]
    assert first[0] == entry.classes[int(logits.argmax())]
    assert number(first[1]) == pytest.approx(float(logits.max()), abs=0.0051)
    loss = F.cross_entropy(logits[None].double(), labels[3:4]).item()
    assert any(f"The loss is **{text.nats(loss)}** nats" in block.value for block in page.markdown)


def test_challenge_is_solved_by_one_logit_and_not_before():
    def solved(**link: str) -> bool:
        page = open_page("inspect_network", network="Digits", **TAB, **link)
        assert not page.exception
        return any("Solved" in block.value for block in page.markdown)

    assert not solved()
    assert solved(sm_change="20.0")
    assert solved(sm_change="18.4"), "a link from when all steps were of one length"


@STATES
@given(states)
def test_challenge_asks_for_what_a_change_of_one_logit_can_reach(state):
    own = views.breakdown(LOGITS, settings.unchanged(state))
    changes = torch.tensor(uneven_steps(knobs_of(LossSettings)["change"]), dtype=torch.float64)
    tried = LOGITS.double() + (torch.eye(4, dtype=torch.float64)[:, None] * changes[:, None]).reshape(-1, 4)
    one, targets = state.settings, torch.full((len(tried),), state.target)
    losses = F.cross_entropy(tried / one.temperature, targets, label_smoothing=one.smoothing, reduction="none").tolist()
    goal = settings.goal(LOGITS, state, own.loss)
    if goal is None:
        assert max(losses) < 1 if own.loss < 0.01 else own.loss - min(losses) < 0.01
        return
    assert goal.raises == (own.loss < 0.01)
    assert max(losses) >= 1 if goal.raises else min(losses) <= goal.loss, "somebody who tries them all solves it"
    half = not goal.raises and min(losses) <= own.loss / 2
    assert (goal.loss == own.loss / 2) == half
    assert ("Halve the loss" in text.challenge(own, goal)) == half
    if goal.lowest:
        assert goal.lowest == pytest.approx(min(losses), abs=1e-9)
    now = views.breakdown(LOGITS, state).loss
    fits = now >= goal.loss if goal.raises else now <= goal.loss
    assert goal.is_reached(state, now) == (fits and state.settings.change != 0)


def test_formulas_have_the_numbers_of_the_table():
    page = open_page("inspect_network", network="Digits", **TAB, sm_smoothing="0.1", sm_change="-10.0")
    (drawn,) = [one for one in components(page, "inline_svg") if "From logits to the loss" in one]
    target = next(row for row in cells(drawn) if "(changed)" in row[0])
    sums = cells(drawn)[-1]
    said = " ".join(formulas(page)).replace("-", "−")
    assert rf"{{{target[4]} − {target[5]}}}" in said.replace(r"\frac", "")
    assert f"= {sums[6]}" in said
    assert f"{{{sums[3]}}} = {target[4]}" in said
