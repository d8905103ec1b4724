"""What the gradient page shows: presets, table, factors, sentences, code, and what training does."""

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.lessons import experiments, gradients
from core.lessons.activations import SATURATION_SLOPE
from core.lessons.gradients import PRESETS, DeepConfig
from core.lessons.gradients.layer_statistics import clip_factor
from core.percent import percent
from playground import units
from playground.gradients import code_samples, layers, settings, text
from tests.pages.helpers import components, formulas, open_page
from tests.truth.isolated import outputs
from tests.truth.knob_states import STATES, configs

SHOWS = {
    "Presets: what each sentence claims, for every seed": "test_what_presets_claim_holds_for_every_seed",
    "Preset Gradient clipping": "test_the_exploding_run_ends_after_its_first_step_and_the_clipped_one_goes_on",
    "Preset Dying ReLU": "test_relu_units_die_for_good_and_leaky_ones_learn",
    "Badge: in which settings the networks differ": "test_the_badge_counts_the_differences",
    "Charts per layer": "tests/core/lessons/test_gradients.py::test_figures_are_those_of_a_plain_pass",
    "Chart: what the activations alone leave": "test_shown_factors_multiply_to_the_shown_product",
    "Formula: factors and product": "test_shown_factors_multiply_to_the_shown_product",
    "Violin plots and their caption": "test_the_caption_says_which_images_are_seen",
    "Table of both networks": "test_the_table_is_that_of_the_layers",
    "The same in PyTorch": "test_blocks_print_the_figures_of_the_table",
    "Challenge: a tenth of the gradient": "tests/pages/test_gradients.py::test_challenge_is_solved_by_batch_norm",
    "Training: losses, dead units, gradient norms": "tests/core/lessons/test_gradients.py::"
    "test_training_is_plain_sgd_with_torchs_clipping",
    "All of it together": "test_the_page_shows_what_its_functions_say",
}
SEEDS = range(21)
CONFIGS = configs(DeepConfig)
SMALL = CONFIGS.map(lambda config: replace(config, kind="dense", depth=1 + config.depth % 8, width=8))


def pair(name: str, seed: int):
    return gradients.inspect(PRESETS[name].a, seed), gradients.inspect(PRESETS[name].b, seed)


def passed_on(one) -> float:
    """The factor of a layer on the gradient of its input, on average."""
    return (one.output_gradient[0] / one.output_gradient[-1]) ** (1 / (len(one.output_gradient) - 1))


def test_what_presets_claim_holds_for_every_seed():
    for seed in SEEDS:
        sigmoid, relu = (one.weight_gradient for one in pair("Sigmoid vs. ReLU", seed))
        assert sigmoid[0] < 1e-8 * sigmoid[-1]
        assert relu[0] > 0.5 * relu[-1]
        fading, alive = (one.std for one in pair("Weight scale", seed))
        assert fading[-1] < 1e-10
        assert 0.05 < alive[-1] < alive[0]
        small, xavier = pair("Sigmoid with Xavier", seed)
        assert 1 / 14.9 < passed_on(small) < 1 / 13.5, "about a fourteenth"
        assert 0.22 < passed_on(xavier) < 0.25, "nearly a quarter"
        more = (passed_on(xavier) / passed_on(small)) ** 19
        assert more > 1e9
        assert xavier.weight_gradient[0] < 1e-10 * xavier.weight_gradient[-1], "still too little"
        wild, clipped = pair("Gradient clipping", seed)
        assert wild.weight_gradient.max() > 100_000
        assert clipped.clipped
        assert clipped.update.max() < 0.001 < 10 < wild.update.min()
        kept, lost = pair("SELU with LeCun", seed)
        assert abs(kept.mean[-1]) < 0.2
        assert 0.8 < kept.std[-1] < 1.3
        assert lost.std[-1] > 3
        assert abs(lost.mean[-1]) > 0.8
        for name in ("Batch normalization", "Residual connections") if seed < 3 else ():
            without, with_it = (one.weight_gradient for one in pair(name, seed))
            assert without[0] < 1e-10 * without[-1]
            assert with_it[0] > 0.1 * with_it[-1]


@pytest.mark.parametrize("seed", [0, 7, 11])
def test_the_exploding_run_ends_after_its_first_step_and_the_clipped_one_goes_on(seed):
    preset = PRESETS["Gradient clipping"]
    first, second = gradients.train(preset.a, seed, 30)
    assert math.isfinite(first.loss)
    assert not math.isfinite(second.loss)
    clipped = list(gradients.train(preset.b, seed, 12))
    assert len(clipped) == 12
    assert clipped[-1].loss < clipped[0].loss


def trained(config: DeepConfig, seed: int, steps: int = 200):
    """The network after training, and the units that were dead for all digits after 100 steps."""
    network, (x, _) = gradients.build(config, seed), experiments.digits()
    dead = torch.empty(0)
    for number, (images, labels) in zip(range(steps), gradients.batches(seed), strict=False):
        network.zero_grad()
        gradients.loss_of(config, network(images), labels).backward()
        experiments.descend(network, config.learning_rate * clip_factor(config, network))
        if number == steps // 2:
            dead = dead_units(network, x)
    return network, dead


@torch.no_grad()
def dead_units(network, x) -> torch.Tensor:
    return (network.layers[0].linear(x.flatten(1)) <= 0).all(0)


def test_relu_units_die_for_good_and_leaky_ones_learn():
    preset, (x, labels) = PRESETS["Dying ReLU"], experiments.digits()
    assert (preset.a.clip * preset.a.learning_rate, preset.a.width) == (5, 32)
    for seed in SEEDS:
        network, early = trained(preset.a, seed)
        late = dead_units(network, x)
        assert not (early & ~late).any(), "none comes back"
        assert late.sum() >= 31
        loss = gradients.loss_of(preset.a, network(x), labels).item()
        assert loss > (1.9 if late.sum() == 31 else 2.29), "next to nothing is learned"
        assert experiments.accuracy(network(x), labels) < 0.3
        last = network.layers[0].linear.weight.grad[late]
        assert not last.any(), "no gradient"
    for seed in (0, 9, 20):
        network, _ = trained(preset.b, seed)
        assert experiments.accuracy(network(x), labels) > 0.8


@STATES
@given(CONFIGS, CONFIGS)
def test_the_badge_counts_the_differences(a, b):
    names = gradients.differences(a, b)
    said = text.badge({"A": a, "B": b})
    assert (f"differ in {len(names)} settings" in said) == (len(names) > 1)
    one = replace(a, activation=b.activation)
    badge = text.badge({"A": a, "B": one})
    if a.activation == b.activation:
        assert "the same network" in badge
    else:
        assert f"differ in one setting: Activation ({a.activation} vs. {b.activation})" in badge


@STATES
@given(CONFIGS, CONFIGS)
def test_shown_factors_multiply_to_the_shown_product(a, b):
    networks = {"A": a, "B": b}
    blocks = dict(text.factors(networks))
    for name, config in networks.items():
        latex = next((latex for title, latex in blocks.items() if title.startswith(f"What {name}'s")), None)
        factor = gradients.activation_factor(config)
        assert (latex is None) == (factor is None)
        if latex is None:
            continue
        slope, power, digits, exponent = (
            float(one) for one in re.search(r"= (.*)\^\{(.*)\} \\approx (.*) \\cdot 10\^\{(.*)\}", latex).groups()
        )
        assert slope < 1
        assert power == config.depth - 1
        assert f"{slope**power:.2e}" == f"{float(f'{digits}e{exponent:.0f}'):.2e}"
    for config in (replace(a, activation="Softplus"), replace(a, activation="Tanh")):
        assert gradients.activation_factor(config) is None, "the supremum is 1, though no slope of a window may be"


def test_what_the_activations_leave_is_the_last_gradient_times_these_factors():
    config = DeepConfig(depth=7, activation="Hardsigmoid")
    statistics = gradients.inspect(config, 2)
    bound = gradients.activation_bound(config, statistics)
    np.testing.assert_allclose(bound[-1], statistics.output_gradient[-1])
    np.testing.assert_allclose(bound[1:] / bound[:-1], 6, rtol=1e-6)


@STATES
@given(CONFIGS, CONFIGS)
def test_the_caption_says_which_images_are_seen(a, b):
    said = text.violins({"A": a, "B": b})
    sizes = {name: len(next(gradients.batches(3, one.kind))[0]) for name, one in {"A": a, "B": b}.items()}
    if a.kind == b.kind:
        assert f"the same batch of {sizes['A']} handwritten digits" in said
    else:
        assert f"{'A' if sizes['A'] > sizes['B'] else 'B'} sees a batch of {max(sizes.values())} " in said
        assert f"the first {min(sizes.values())} of them" in said
    (many, _), (few, _) = next(gradients.batches(3, "dense")), next(gradients.batches(3, "conv"))
    assert torch.equal(many[: len(few)], few)


@STATES
@given(SMALL, st.sampled_from(SEEDS))
def test_the_table_is_that_of_the_layers(config, seed):
    one = gradients.inspect(config, seed)
    rows = dict(line.strip("| ").split(" | ", 1) for line in text.figures({"A": one}).splitlines()[2:])
    assert rows["‖∂L/∂W‖, largest"] == units.significant(max(one.weight_gradient), 3)
    assert rows["‖∂L/∂W‖, first layer"] == units.significant(one.weight_gradient[0], 3)
    assert rows["‖∂L/∂W‖, last layer"] == units.significant(one.weight_gradient[-1], 3)
    assert rows["Std of the last layer's outputs"] == units.significant(one.std[-1], 3)
    assert rows["Dead units"] == percent(one.dead.mean())
    assert rows["Flat values"] == percent(one.saturated.mean())
    assert (one.dead <= one.saturated + 1e-9).all()
    flat = layers.panels({"A": config}, {"A": one}, "saturation", config.depth)[1]
    assert np.array_equal(flat.lines[0].y, one.saturated)
    assert str(SATURATION_SLOPE) in text.VIEWS["saturation"]


BLOCKS = [
    (DeepConfig(), 0),
    (DeepConfig(kind="conv", depth=7, norm="batch"), 2),
    (DeepConfig(kind="conv", depth=5, width=8, initialization="Identity", residual=True, activation="Maxout"), 1),
    (DeepConfig(depth=9, activation="SiLU (Swish)", initialization="LSUV", norm="group", gain=1.3), 4),
    (DeepConfig(depth=6, activation="PReLU", initialization="Sparse", loss="squared error"), 20),
    (DeepConfig(kind="conv", depth=4, width=12, norm="layer", initialization="Orthogonal", activation="GELU"), 5),
    (DeepConfig(depth=3, activation="ELU", initialization="Constant", norm="batch", residual=True), 6),
    (DeepConfig(kind="conv", depth=3, width=8, initialization="LSUV", activation="ReLU6"), 3),
    (PRESETS["Gradient clipping"].a, 11),
    (PRESETS["Dying ReLU"].b, 7),
    (PRESETS["SELU with LeCun"].a, 8),
]


def test_blocks_print_the_figures_of_the_table(tmp_path: Path):
    blocks = [code_samples.network(*state) for state in BLOCKS]
    for printed, (config, seed) in zip(outputs(blocks, tmp_path), BLOCKS, strict=True):
        one = gradients.inspect(config, seed)
        norms = one.weight_gradient
        shown = [one.loss, norms[0], norms[-1], norms.max()]
        numbers = [float(word.strip(",")) for word in printed.split() if re.fullmatch(r"-?\d[\d.e+-]*,?", word)]
        assert numbers == pytest.approx(shown, rel=6e-3), (config, printed)
    assert not any("core" in block or "playground" in block for block in blocks)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"ga_activation": "Hardsigmoid", "gb_activation": "Softplus", "g_seed": "3"},
        {"ga_kind": "conv", "ga_depth": "3", "gb_depth": "3", "g_what": "Dead and flat"},
        {"ga_depth": "1", "gb_residual": "true", "gb_activation": "Sigmoid"},
        {"ga_activation": "Maxout", "ga_initialization": "LSUV", "ga_depth": "4", "g_what": "updates"},
    ],
)
def test_the_page_shows_what_its_functions_say(query):
    page = open_page("gradients", **query)
    assert not page.exception
    said = "\n".join(one.value for one in (*page.markdown, *page.caption))
    page_state = {}
    for name in "ab":
        values = {field: page.get_by_key(f"g{name}_{field}").value for field in settings.KNOBS["A"]}
        page_state[name.upper()] = DeepConfig(**values)
    seed = page.get_by_key("g_seed").value
    statistics = {name: gradients.inspect(config, seed) for name, config in page_state.items()}
    assert text.figures(statistics) in said
    assert text.badge(page_state) in said
    assert text.VIEWS[page.get_by_key("g_what").value] in said
    shown = formulas(page)
    assert all(any(latex in one for one in shown) for _, latex in text.factors(page_state))
    assert page.code[0].value == code_samples.network(page_state["A"], seed)
    assert any(text.violins(page_state) in drawing for drawing in components(page, "inline_svg"))
