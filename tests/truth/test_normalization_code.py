"""The normalization page's programs, run where this repository is not, print the numbers on the screen."""

import re

import pytest
import torch

from core.layers.normalization import NORMALIZATIONS
from core.lessons import normalization as lab
from core.lessons.normalization.effects import (
    batch_size,
    before_after,
    code_samples,
    folding,
    placement,
    running_statistics,
    train_vs_eval,
)
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.network import BlockNet
from playground.normalization import folding as folding_tab
from tests.truth.isolated import outputs


def compared(selection, affine):
    x = before_after.convolved(selection.layer, selection.trained, selection.seed)[: selection.batch]
    return x, before_after.compare(selection.norm, selection.activation, x, affine)


SETTINGS = [
    (before_after.LayerSelection(), before_after.ChannelAffine()),
    (before_after.LayerSelection("RMS", 1, False, 16, "LeakyReLU", 1), before_after.ChannelAffine("2", 1.5, -0.5)),
    (
        before_after.LayerSelection("Batch-instance", 3, True, 7, "SiLU (Swish)"),
        before_after.ChannelAffine("All", -1.0),
    ),
    (
        before_after.LayerSelection("Layer, channels only", 2, True, 64, "Maxout"),
        before_after.ChannelAffine("0", 2.0, 1.0),
    ),
    (before_after.LayerSelection("Group", 3, True, 32, "Hardswish", 3), before_after.ChannelAffine("7", 0.5, 4.0)),
]
NETS = [
    (BlockNet(), 0),
    (BlockNet("conv, norm, pool, activation", "Sigmoid", "Layer", 8), 1),
    (BlockNet("norm, activation, conv, pool", "Maxout", "Batch-instance", 3), 2),
    (BlockNet("conv, activation, pool, norm", "SiLU (Swish)", "RMS", 5), 3),
    (BlockNet("conv, activation, norm, pool", "Tanh", "Layer, channels only", 10), 4),
]
TRAININGS = [
    (running_statistics.BatchNormTraining(), 60, "PyTorch", 0.1, 9, 0),
    (running_statistics.BatchNormTraining(2), 30, "Keras", 0.95, 4, 3),
    (running_statistics.BatchNormTraining(8, False, 2), 5, "None", 0.0, 359, 7),
    (running_statistics.BatchNormTraining(seed=5), 0, "PyTorch", 0.5, 0, 20),
    (running_statistics.BatchNormTraining(32, True, 9), 120, "PyTorch", 0.01, 100, 1),
]
CHANNELS = [(batch_size.ChannelSelection(1 + k % 3, k, k % 2 == 0, k), batch_size.SIZES[k]) for k in range(1, 6)]
FOLDS = [
    (BlockNet(order, depth=depth), seed, steps)
    for order in nets.ORDERS
    if nets.ORDERS[order].folds
    for depth, seed, steps in ((2, 0, 0), (3, 4, 20), (4, 0, 40))
]
CUBES = [lab.NormalizationCube(name, groups=3, affine=lab.AffineParameters(1.5, -0.5, 0.01)) for name in NORMALIZATIONS]
CUBES += [
    lab.NormalizationCube("Group", lab.TensorSize(6, 2, 3, 5), number, 4, " ".join(map(str, range(180))), 2)
    for number in lab.NUMBERS
]
CUBES.append(lab.NormalizationCube("Instance", lab.TensorSize(2, 3, 1, 1)))


def numbers(printed):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", printed)]


def test_code_prints_the_numbers_on_the_screen(tmp_path):
    sides = {1: 8, 2: 8, 3: 4}
    programs = [lab.lines(cube) for cube in CUBES]
    programs += [code_samples.before_after_code(*one, sides[one[0].layer]) for one in SETTINGS]
    programs += [code_samples.order_code(*one) for one in NETS]
    programs += [code_samples.train_vs_eval_code(*one) for one in TRAININGS]
    programs += [code_samples.batch_size_code(*one) for one in CHANNELS]
    programs += [code_samples.folding_code(*one, 2, 3) for one in FOLDS]
    printed = iter(outputs(programs, tmp_path))
    for cube in CUBES:
        lines = next(printed).splitlines()
        assert lines[0].endswith(f"= {lab.first_cell(cube).rpartition(' ')[2]}")
        assert len(lines) == 1 if lab.is_degenerate(cube) else numbers(lines[1])[-1] < 1e-9
    for selection, affine in SETTINGS:
        check_channels(next(printed), compared(selection, affine)[1])
    for net, seed in NETS:
        check_blocks(next(printed), placement.at_initialization(net, seed))
    for one in TRAININGS:
        check_modes(next(printed), *one)
    for selection, size in CHANNELS:
        result, row = batch_size.errors(selection), batch_size.SIZES.index(size)
        wanted = [result.mean_rmse[row], result.theory[row], *100 * result.variance[row]]
        assert numbers(next(printed)) == pytest.approx(wanted, abs=0.051)
    for one in FOLDS:
        check_folding(next(printed), *one)


def check_channels(printed, histograms):
    before, flat_before, after, flat_after = (numbers(line) for line in printed.splitlines())
    for shown, side in ((before, 0), (after, 1)):
        assert shown == pytest.approx([*histograms.mean[side], *histograms.std[side]], abs=6e-4)
    assert [*flat_before, *flat_after] == pytest.approx([100 * s.mean() for s in histograms.saturated_share], abs=0.051)


def check_blocks(printed, result):
    loss, *blocks = printed.splitlines()
    assert loss == f"loss {result.loss:.4g}"
    for number, line in enumerate(blocks):
        wanted = [number + 1, result.gradient[number], 100 * result.dead[number], 100 * result.saturated[number]]
        assert numbers(line) == pytest.approx(wanted, abs=0.051, rel=5.1e-3)


def check_modes(printed, training, batches, convention, momentum, image, seed):
    network = running_statistics.network_after(
        running_statistics.record_training(training), batches, convention, momentum
    )
    images, labels = nets.split()["validation"]
    evaluation, *rest = printed.splitlines()
    share = train_vs_eval.probabilities_in_eval(network, images[image : image + 1])[0, labels[image]].item()
    assert numbers(evaluation) == pytest.approx([share, 100 * train_vs_eval.accuracy_in_eval(network)], abs=0.051)
    for size, line in zip(train_vs_eval.SIZES, rest, strict=True):
        shares = train_vs_eval.in_random_batches(network, image, size, seed).probabilities[:, labels[image]]
        right = 100 * train_vs_eval.accuracy_in_batches(network, size)
        assert numbers(line)[:3] == pytest.approx([size, shares.min(), shares.max()], abs=1e-3)
        assert numbers(line)[3] == pytest.approx(right, abs=0.051)


def check_folding(printed, net, seed, steps):
    network = nets.trained(net, seed, steps)
    block = folding_tab.folded_block(network[1], folding.folded(network)[1])
    singles, doubles, last = printed.splitlines()
    for line, dtype in ((singles, torch.float32), (doubles, torch.float64)):
        result = folding.compare(network, dtype)
        difference, largest, same = numbers(line.partition(": ")[2])
        assert same == result.same_predictions
        assert largest == pytest.approx(result.largest, rel=1e-3)
        assert difference == pytest.approx(result.difference, rel=0.01)
    assert numbers(last)[2:] == pytest.approx([block.values[3]["factor"], block.values[3]["folded"]], abs=6e-5)
