"""Each option of the loop against the few lines of PyTorch that define it."""

import copy
import dataclasses

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.augmentation import Augment
from core.errors import PlaygroundError
from core.training import Began, Epoch, Snapshot, TrainConfig, Trainer, TrainingStep, range_test, split_of, suggestion
from core.training.batches import shuffled
from core.training.mechanics import learner
from core.training.mechanics.ema import ModelEma
from core.training.preparing import input_pipeline
from core.training.preparing.input_pipeline import image_size_at
from tests.core.squares import SMALL, TEXT, cut_at, make, played, same, weights

PLAIN = dataclasses.replace(SMALL, network=TEXT.replace("nn.Dropout(0.3), ", ""), epochs=1)


@pytest.fixture(scope="module")
def squares():
    return make()


def close(one, other, **tolerance):
    for name in one:
        torch.testing.assert_close(one[name], other[name], **(tolerance or {"rtol": 1e-4, "atol": 1e-6}))


def test_the_average_is_the_mean_that_its_formula_says():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    average, expected = ModelEma(model, 0.7), copy.deepcopy(model.state_dict())
    for t in range(1, 9):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter += torch.randn_like(parameter)
        model(torch.randn(4, 1, 5, 5))
        average.update(model)
        decay = min(0.7, (1 + t) / (10 + t))
        for name, value in model.state_dict().items():
            mean = decay * expected[name] + (1 - decay) * value if value.is_floating_point() else value
            expected[name] = mean.clone()
    close(average.model.state_dict(), expected)
    assert average.model[1].num_batches_tracked == 8


def test_the_average_predicts_and_the_weights_learn_as_without(squares):
    trainer = Trainer(dataclasses.replace(SMALL, ema=0.98), squares)
    done = list(trainer.run())[-1]
    _, without = played(SMALL, squares)
    assert same(weights(trainer), without)
    assert not same(trainer.predictor.state_dict(), without)
    right = trainer.probabilities(squares.images[trainer.val_index]).argmax(1) == squares.labels[trainer.val_index]
    assert done.val_accuracy == right.double().mean().item()


def test_a_long_gradient_is_shortened(squares):
    trainer = Trainer(dataclasses.replace(PLAIN, clip=0.5, optimizer="SGD", schedule="constant"), squares)
    before = weights(trainer)
    cut_at(trainer, 1)
    moved = torch.cat([(before[name] - value).flatten() for name, value in weights(trainer).items()]).norm()
    assert moved == pytest.approx(0.5 * PLAIN.learning_rate, rel=1e-3)
    free = Trainer(dataclasses.replace(PLAIN, optimizer="SGD", schedule="constant"), squares)
    cut_at(free, 1)
    assert torch.cat([(before[n] - v).flatten() for n, v in weights(free).items()]).norm() > 1.01 * moved


@pytest.mark.parametrize("passes", [3, 16])
def test_a_batch_in_several_passes_is_the_same_step(squares, passes):
    events, whole = played(PLAIN, squares)
    parts, split = played(dataclasses.replace(PLAIN, accumulate=passes), squares)
    close(split, whole)
    for one, other in zip(events, parts, strict=True):
        if isinstance(one, TrainingStep):
            assert other.loss == pytest.approx(one.loss, rel=1e-4)
            assert other.accuracy == one.accuracy


def test_the_loss_of_mixed_pictures_is_that_of_their_shares(squares):
    config = dataclasses.replace(PLAIN, mixup=0.5, label_smoothing=0.1)
    trainer = Trainer(config, squares)
    model = copy.deepcopy(trainer.model)
    events = []
    for event in trainer.run():
        if isinstance(event, TrainingStep):
            break
    events.append(event)
    index, _, _ = split_of(config, squares)
    batch = index[shuffled(len(index), 16, config.seed, 0)[0]]
    pictures, shares = Augment(config, 2)(squares.images, batch, squares.labels, config.seed, 0)
    logits = model(trainer.normalize(pictures))
    assert shares.shape == (16, 2)
    assert event.loss == pytest.approx(F.cross_entropy(logits, shares, label_smoothing=0.1).item(), rel=1e-4)
    assert event.accuracy == (logits.argmax(1) == shares.argmax(1)).double().mean().item()


@pytest.mark.parametrize(("precision", "dtype"), [("bf16", torch.bfloat16), ("fp16", torch.float16)])
def test_layers_compute_in_16_bits_and_weights_stay(squares, precision, dtype):
    trainer = Trainer(dataclasses.replace(PLAIN, precision=precision), squares)
    seen = set()
    trainer.model[0].register_forward_hook(lambda module, inputs, output: seen.add(output.dtype))
    cut_at(trainer, 3)
    assert seen == {dtype}
    assert {value.dtype for value in trainer.model.state_dict().values()} == {torch.float32}
    exact = Trainer(PLAIN, squares)
    cut_at(exact, 3)
    close(weights(trainer), weights(exact), rtol=0.02, atol=0.01)
    assert not same(weights(trainer), weights(exact))


def test_fp16_gradients_are_seen_at_their_true_length(squares):
    norms = {}
    for precision in ("fp32", "fp16"):
        for event in Trainer(dataclasses.replace(PLAIN, precision=precision), squares).run():
            if isinstance(event, Snapshot):
                norms[precision] = [layer.gradient_norm for layer in event.layers]
    assert norms["fp16"] == pytest.approx(norms["fp32"], rel=0.1)


def test_how_maps_lie_in_memory_changes_nothing_but_rounding(squares):
    config = dataclasses.replace(PLAIN, network="Small ResNet", width=8)
    _, last = played(config, squares)
    _, first = played(dataclasses.replace(config, channels_last=False), squares)
    close(first, last, rtol=1e-2, atol=1e-2)


def test_a_compiled_run_is_the_same_run(squares, monkeypatch):
    compiled = []

    def backend(graph, inputs):
        compiled.append(graph)
        return graph.forward

    monkeypatch.setattr(learner, "COMPILER", backend)
    _, ours = played(dataclasses.replace(PLAIN, compile=True), squares)
    _, plain = played(PLAIN, squares)
    assert compiled
    close(ours, plain)


def test_a_run_without_progress_stops_early(squares):
    trainer = Trainer(dataclasses.replace(SMALL, epochs=9, learning_rate=0.0, patience=2), squares)
    done = list(trainer.run())[-1]
    assert (done.reason, done.epochs) == ("early", 3)


def test_patience_ends_with_the_weights_of_the_best_epoch(squares):
    by_chance = torch.randint(0, 2, (90,), generator=torch.Generator().manual_seed(1))
    config = dataclasses.replace(SMALL, epochs=5, learning_rate=0.1, schedule="constant", patience=6)
    events = list(Trainer(config, dataclasses.replace(squares, labels=by_chance)).run())
    losses = [event.val_loss for event in events if isinstance(event, Epoch)]
    assert min(losses) < losses[-1]
    assert events[-1].val_loss == min(losses)


def test_test_pictures_are_never_touched(squares):
    config = dataclasses.replace(SMALL, epochs=1, test_share=0.2)
    train, val, test = split_of(config, squares)
    assert sorted(torch.cat((train, val, test)).tolist()) == list(range(90))
    spoiled = squares.images.clone()
    spoiled[test] = 255 - spoiled[test]
    events, ours = played(config, squares)
    others, theirs = played(config, dataclasses.replace(squares, images=spoiled))
    assert same(ours, theirs)
    assert events[-1].val_loss == others[-1].val_loss
    assert events[0].test_images == len(test) == 18


def test_pictures_grow(squares):
    trainer = Trainer(dataclasses.replace(SMALL, network="Small ResNet", width=8, first_size=0.5), squares)
    sides = []
    trainer.model[0].register_forward_pre_hook(
        lambda module, inputs: sides.append(inputs[0].shape[-1]) if module.training else None
    )
    list(trainer.run())
    assert sides == [image_size_at(step / 15, 0.5, 16) for step in range(15)]
    assert (sides[0], sides[-1]) == (8, 16)


def test_pictures_cannot_grow_for_a_network_of_one_size(squares):
    with pytest.raises(PlaygroundError, match=r"set the initial size \(first_size\) to 1"):
        Trainer(dataclasses.replace(SMALL, first_size=0.5), squares)


def test_16_bits_that_would_go_wrong_are_refused(squares):
    tiny = dataclasses.replace(squares, images=squares.images[:, :, ::2, ::2].contiguous())
    config = TrainConfig(batch_size=16, epochs=1, width=8)
    *_, done = Trainer(config, tiny).run()
    assert done.reason == "finished"
    with pytest.raises(PlaygroundError, match="maps of a single cell"):
        Trainer(dataclasses.replace(config, precision="bf16"), tiny)


def test_looking_twice_is_the_mean_over_both_mirror_images(squares):
    trainer = Trainer(dataclasses.replace(SMALL, test_flip=True, epochs=1), squares)
    cut_at(trainer, 4)
    x = trainer.normalize(squares.images[:6])
    trainer.model.eval()
    expected = (trainer.model(x).softmax(1) + trainer.model(x.flip(3)).softmax(1)) / 2
    torch.testing.assert_close(trainer.probabilities(squares.images[:6]), expected.detach())


def test_a_set_larger_than_memory_is_read_where_it_lies(squares, monkeypatch):
    _, held = played(SMALL, squares)
    monkeypatch.setattr(input_pipeline, "IN_MEMORY", 0)
    trainer = Trainer(SMALL, squares)
    assert trainer.train_part.images is squares.images
    list(trainer.run())
    assert same(weights(trainer), held)


def test_a_run_says_in_which_setting_it_runs(squares):
    config = TrainConfig(network=TEXT, precision="bf16", channels_last=False, compile=True)
    began = next(iter(Trainer(config, squares).run()))
    assert isinstance(began, Began)
    count = torch.get_num_threads()
    assert began.setting == (f"{count} thread{'s' * (count != 1)}", "bf16 autocast", "channels first", "compiled")


def test_the_range_test_is_a_bare_one(squares):
    """Rising rates over the run's own batches, in lines of plain PyTorch."""
    config = dataclasses.replace(PLAIN, optimizer="SGD", flip=False, shift=0.0, weight_decay=0.0)
    found = list(range_test(config, squares, steps=40))
    trainer = Trainer(config, squares)
    model, optimizer = trainer.model.train(), torch.optim.SGD(trainer.model.parameters())
    for number, step in enumerate(found):
        assert step.rate == pytest.approx(1e-5 * 1e6 ** (number / 39))
        batch = trainer.train_index[shuffled(72, 16, config.seed, number // 5)[number % 5]]
        optimizer.param_groups[0]["lr"] = step.rate
        optimizer.zero_grad()
        loss = F.cross_entropy(model(trainer.normalize(squares.images[batch])), squares.labels[batch])
        assert step.loss == pytest.approx(loss.item(), rel=1e-3)
        loss.backward()
        optimizer.step()
    assert len(found) == 40


def test_the_suggested_rate_learns(squares):
    config = dataclasses.replace(PLAIN, network="Small ResNet", width=8)
    rate = suggestion(list(range_test(config, squares)))
    *_, done = Trainer(dataclasses.replace(config, epochs=8, learning_rate=rate), squares).run()
    assert done.val_accuracy >= 0.9
