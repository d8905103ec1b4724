"""The loop against a bare one of plain PyTorch, and what a run promises: repeatable, resumable, honest figures."""

import dataclasses
import json

import pytest
import torch
from torch.nn import functional as F

from core.errors import PlaygroundError
from core.old_names import OLD_RECIPES
from core.optim import OPTIMIZERS, SCHEDULES
from core.optim.schedules import trainable_schedules
from core.training import (
    RECIPES,
    Began,
    Done,
    Epoch,
    Snapshot,
    TrainConfig,
    Trainer,
    TrainingStep,
    build_network,
    from_dict,
    seeding,
    to_dict,
    train,
)
from core.training.batches import ImageNormalization, batches_per_epoch, shuffled
from tests.core.squares import DEVICES, SMALL, TEXT, Squares, make, played, same, weights


@pytest.fixture(scope="module")
def squares():
    return make()


def without_times(events):
    timed = {"images_per_second": 0.0, "seconds": 0.0}
    return [
        dataclasses.replace(e, **{k: v for k, v in timed.items() if k in {f.name for f in dataclasses.fields(e)}})
        for e in events
    ]


@pytest.mark.parametrize("device", DEVICES)
def test_same_seed_same_run_bit_for_bit(squares, device):
    torch.manual_seed(1)
    events, first = played(SMALL, squares, device)
    torch.manual_seed(2)  # what others draw from the global generator does not matter
    again, second = played(SMALL, squares, device)
    assert same(first, second)
    assert without_times(events) == without_times(again)
    _, other = played(dataclasses.replace(SMALL, seed=1), squares, device)
    assert not same(first, other)


def test_batches_prepared_ahead_are_the_same(squares):
    config = dataclasses.replace(SMALL, rotation=20, mixup=0.4)
    _, plain = played(config, squares)
    trainer = Trainer(config, squares)
    trainer.prepares_ahead = True
    list(trainer.run())
    assert same(weights(trainer), plain)


def test_a_run_leaves_the_global_generator_as_it_was(squares):
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    list(train(dataclasses.replace(SMALL, epochs=1), squares))
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_equals_a_bare_loop(squares, optimizer):
    """The same network, batches and pictures in ten lines of PyTorch end with the same weights."""
    text = TEXT.replace("nn.Dropout(0.3), ", "")
    config = TrainConfig(
        network=text, epochs=2, batch_size=16, optimizer=optimizer, learning_rate=0.01, schedule="constant",
        flip=False, shift=0.0, label_smoothing=0.1, weight_decay=0.001,
    )  # fmt: skip
    _, ours = played(config, squares)
    with seeding.seeded_globally(config.seed, seeding.Purpose.INITIALIZATION):
        model = build_network(text, 2, 16).to(memory_format=torch.channels_last)
    step = OPTIMIZERS[optimizer].build(model.parameters(), lr=0.01, weight_decay=0.001)
    index, _ = squares.split(config.val_share, config.split_seed)
    pixels = squares.images[index].double()
    mean, std = pixels.mean((0, 2, 3), keepdim=True), pixels.std((0, 2, 3), correction=0, keepdim=True)
    for epoch in range(2):
        for batch in shuffled(len(index), 16, config.seed, epoch):
            x = (squares.images[index[batch]].float() - mean.float()) / std.float()
            step.zero_grad()
            F.cross_entropy(model(x), squares.labels[index[batch]], label_smoothing=0.1).backward()
            step.step()
    for name, value in model.state_dict().items():
        torch.testing.assert_close(ours[name], value, rtol=1e-4, atol=1e-5)


def test_events_come_in_order_and_their_figures_agree(squares):
    trainer = Trainer(dataclasses.replace(SMALL, epochs=2), squares)
    events = list(trainer.run())
    began, done = events[0], events[-1]
    assert isinstance(began, Began)
    assert isinstance(done, Done)
    assert (began.train_images, began.val_images) == (72, 18)
    assert began.parameters == sum(p.numel() for p in trainer.model.parameters())
    steps = [e for e in events if isinstance(e, TrainingStep)]
    assert [s.step for s in steps] == list(range(1, began.steps + 1))
    for epoch in (e for e in events if isinstance(e, Epoch)):
        own = [s for s in steps if s.epoch == epoch.epoch]
        sizes = [16, 16, 16, 16, 8]
        assert epoch.train_loss == pytest.approx(sum(s.loss * n for s, n in zip(own, sizes, strict=True)) / 72)
        assert epoch.train_accuracy == pytest.approx(sum(s.accuracy * n for s, n in zip(own, sizes, strict=True)) / 72)
        assert sum(map(sum, epoch.confusion)) == began.val_images
        assert epoch.val_accuracy == sum(epoch.confusion[k][k] for k in range(2)) / began.val_images
    assert done.reason == "finished"
    assert done.val_accuracy == epoch.val_accuracy
    images, labels = squares.images[squares.split(0.2, 1337)[1]], squares.labels[squares.split(0.2, 1337)[1]]
    right = trainer.probabilities(images).argmax(1) == labels
    assert done.val_accuracy == right.double().mean().item()


def test_snapshots_show_real_gradients_and_updates(squares):
    trainer = Trainer(dataclasses.replace(SMALL, epochs=1), squares)
    before = latest = weights(trainer)
    for event in trainer.run():
        if isinstance(event, Snapshot):
            now = weights(trainer)
            for layer in event.layers:
                name = f"{layer.name}.weight"
                gradient = dict(trainer.model.named_parameters())[name].grad
                assert layer.gradient_norm == pytest.approx(gradient.norm().item())
                assert layer.weight_norm == pytest.approx(before[name].norm().item())
                moved = (now[name] - before[name]).norm() / before[name].norm()
                assert layer.update_ratio == pytest.approx(moved.item(), rel=1e-4)
            assert [layer.name for layer in event.layers] == ["0", "4"]
            expected = trainer.probabilities(squares.images[list(event.watched)])
            torch.testing.assert_close(torch.tensor(event.probabilities), expected)
            kinds = squares.labels[list(event.watched)].tolist()
            assert kinds[:4] == [0, 1, 0, 1]
        if isinstance(event, TrainingStep):
            before, latest = latest, weights(trainer)
    assert event.step == 5


def test_the_learning_rate_follows_schedule_and_hand(squares):
    trainer = Trainer(dataclasses.replace(SMALL, schedule="cosine"), squares)
    for event in trainer.run():
        if isinstance(event, TrainingStep):
            peak = 0.02 if event.step <= 4 else 0.5
            assert event.learning_rate == pytest.approx(peak * SCHEDULES["Cosine"].factor((event.step - 1) / 15))
            if event.step == 4:
                trainer.learning_rate = 0.5


@pytest.mark.parametrize("schedule", [SCHEDULES[name] for name in trainable_schedules()])
def test_every_schedule_stays_between_nothing_and_all(schedule):
    factors = [schedule.factor(i / 100) for i in range(101)]
    assert max(factors) == pytest.approx(1)
    assert min(factors) >= 0


def test_stopping_gives_the_figures_of_the_weights_as_they_are(squares):
    trainer = Trainer(SMALL, squares)
    events = []
    for event in trainer.run():
        events.append(event)
        if isinstance(event, TrainingStep) and event.step == 7:
            trainer.stop()
    assert (events[-1].reason, events[-1].step, events[-1].epochs) == ("stopped", 7, 1)
    loss, _ = trainer.validate()
    assert events[-1].val_loss == loss


def test_a_run_that_diverges_says_so(squares):
    config = TrainConfig(network=TEXT, batch_size=16, optimizer="SGD", learning_rate=1e20, schedule="constant")
    *_, done = train(config, squares)
    assert done.reason == "diverged"
    assert done.step < 20


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0}, {"optimizer": "Adm"}, {"schedule": "x"}, {"val_share": 1.0}, {"learning_rate": float("nan")},
        {"precision": "int8"}, {"first_size": 0.0}, {"accumulate": 0}, {"ema": 1.0}, {"test_share": 0.9},
        {"width": 12}, {"depth": 0}, {"norm": "Layer"}, {"activation": "relu"}, {"dropout": "Drop"},
        {"dropout_rate": 1.0}, {"initialization": "LSUV"}, {"crop": 0.0},
    ],
)  # fmt: skip
def test_a_config_that_cannot_be_used_is_explained(wrong):
    with pytest.raises(PlaygroundError, match=next(iter(wrong))):
        TrainConfig(**wrong)


def test_recipes_build_and_differ():
    configs = {recipe.config() for recipe in RECIPES.values()}
    assert len(configs) == len(RECIPES)


@pytest.mark.parametrize(("old", "new"), OLD_RECIPES.items())
def test_recipes_are_found_by_names_of_before(old, new):
    assert old in RECIPES
    assert RECIPES[old] is RECIPES.get(old) is RECIPES[new]
    assert new in list(RECIPES)
    assert old not in list(RECIPES)


def test_a_recipe_that_never_was_is_not_found():
    assert "Overnight" not in RECIPES
    assert RECIPES.get("Overnight") is None
    with pytest.raises(KeyError):
        RECIPES["Overnight"]


def test_events_survive_json(squares):
    for event in train(dataclasses.replace(SMALL, epochs=1), squares):
        assert from_dict(json.loads(json.dumps(to_dict(event)))) == event


def test_each_picture_is_seen_once_an_epoch_in_a_new_order():
    first, second = (torch.cat(shuffled(50, 16, 0, epoch)) for epoch in (0, 1))
    assert sorted(first.tolist()) == sorted(second.tolist()) == list(range(50))
    assert not torch.equal(first, second)
    assert [len(b) for b in shuffled(33, 16, 0, 0)] == [16, 16]  # a lone last picture is left out
    assert all(len(shuffled(n, b, 0, 0)) == batches_per_epoch(n, b) for n in range(1, 40) for b in (1, 2, 7, 16))


def test_normalization_is_exact(squares):
    normalize = ImageNormalization.of(squares.images)
    pixels = squares.images.double()
    assert normalize.mean == pytest.approx(pixels.mean((0, 2, 3)).tolist(), rel=1e-12)
    assert normalize.std == pytest.approx(pixels.std((0, 2, 3), correction=0).tolist(), rel=1e-9)
    assert ImageNormalization.of(torch.full((2, 3, 4, 4), 7, dtype=torch.uint8)).std == (1.0, 1.0, 1.0)


def test_too_few_pictures_are_refused(squares):
    with pytest.raises(PlaygroundError, match="too few"):
        Trainer(SMALL, Squares(squares.images[:2], squares.labels[:2]))
