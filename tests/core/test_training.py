"""The loop against a bare one of plain PyTorch, and what a run promises: repeatable, resumable, honest figures."""

import dataclasses
import json

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.errors import PlaygroundError
from core.training import (
    NETWORKS,
    OPTIMIZERS,
    RECIPES,
    SCHEDULES,
    Began,
    Done,
    Epoch,
    Snapshot,
    Step,
    TrainConfig,
    Trainer,
    build_network,
    from_dict,
    load_trained,
    luck,
    resume,
    save,
    to_dict,
    train,
)
from core.training.batches import Augmentation, Normalization, batches_per_epoch, shuffled

TEXT = "nn.Sequential(nn.Conv2d(3, 6, 3, stride=2), nn.ReLU(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(6 * 49, 2))"
SMALL = TrainConfig(network=TEXT, epochs=3, batch_size=16, learning_rate=0.02)


@dataclasses.dataclass(frozen=True)
class Squares:
    """Noise; class 1 has a dark corner. 16x16 pictures."""

    images: torch.Tensor
    labels: torch.Tensor
    classes: tuple[str, ...] = ("plain", "corner")

    def split(self, val_share, seed):
        order = torch.randperm(len(self.labels), generator=torch.Generator().manual_seed(seed))
        held = int(val_share * len(order))
        return order[held:], order[:held]


@pytest.fixture(scope="module")
def squares():
    generator = torch.Generator().manual_seed(5)
    images = torch.randint(0, 256, (90, 3, 16, 16), dtype=torch.uint8, generator=generator)
    labels = torch.arange(90) % 2
    images[labels == 1, :, :6, :6] //= 4
    return Squares(images, labels)


def weights(trainer):
    return {name: value.clone() for name, value in trainer.model.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def played(config, data):
    trainer = Trainer(config, data)
    return list(trainer.run()), weights(trainer)


def without_times(events):
    timed = {"images_per_second": 0.0, "seconds": 0.0}
    return [
        dataclasses.replace(e, **{k: v for k, v in timed.items() if k in {f.name for f in dataclasses.fields(e)}})
        for e in events
    ]


def test_same_seed_same_run_bit_for_bit(squares):
    torch.manual_seed(1)
    events, first = played(SMALL, squares)
    torch.manual_seed(2)  # what others draw from the global generator does not matter
    again, second = played(SMALL, squares)
    assert same(first, second)
    assert without_times(events) == without_times(again)
    _, other = played(dataclasses.replace(SMALL, seed=1), squares)
    assert not same(first, other)


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
    with luck.global_luck(config.seed, luck.Purpose.INITIALIZATION):
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


@pytest.mark.parametrize("network", [TEXT, "Small residual"])
@pytest.mark.parametrize("cut", [3, 5, 9])
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(squares, tmp_path, network, cut):
    config = dataclasses.replace(SMALL, network=network, epochs=2, rotation=20)
    _, whole = played(config, squares)
    first = Trainer(config, squares)
    for event in first.run():
        if isinstance(event, Step) and event.step == cut:
            save(first, tmp_path / "run.pt")
            break
    second = Trainer(config, squares)
    resume(second, tmp_path / "run.pt")
    events = list(second.run())
    assert events[0].step == cut
    assert same(weights(second), whole)
    assert [e.epoch for e in events if isinstance(e, Epoch)] == ([1, 2] if cut < 5 else [2])


def test_a_checkpoint_of_another_run_is_refused(squares, tmp_path):
    save(Trainer(SMALL, squares), tmp_path / "run.pt")
    with pytest.raises(PlaygroundError, match="another run"):
        resume(Trainer(dataclasses.replace(SMALL, seed=9), squares), tmp_path / "run.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


def test_the_loaded_network_predicts_what_the_trainer_does(squares, tmp_path):
    trainer = Trainer(SMALL, squares)
    list(trainer.run())
    save(trainer, tmp_path / "run.pt")
    trained = load_trained(tmp_path / "run.pt")
    assert trained.classes == squares.classes
    expected = trainer.probabilities(squares.images[:7])
    torch.testing.assert_close(trained.probabilities(squares.images[:7]), expected)


def test_events_come_in_order_and_their_figures_agree(squares):
    trainer = Trainer(dataclasses.replace(SMALL, epochs=2), squares)
    events = list(trainer.run())
    began, done = events[0], events[-1]
    assert isinstance(began, Began)
    assert isinstance(done, Done)
    assert (began.train_images, began.val_images) == (72, 18)
    assert began.parameters == sum(p.numel() for p in trainer.model.parameters())
    steps = [e for e in events if isinstance(e, Step)]
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
        if isinstance(event, Step):
            before, latest = latest, weights(trainer)
    assert event.step == 5


def test_the_learning_rate_follows_schedule_and_hand(squares):
    trainer = Trainer(dataclasses.replace(SMALL, schedule="cosine"), squares)
    for event in trainer.run():
        if isinstance(event, Step):
            peak = 0.02 if event.step <= 4 else 0.5
            assert event.learning_rate == pytest.approx(peak * SCHEDULES["cosine"].factor((event.step - 1) / 15))
            if event.step == 4:
                trainer.learning_rate = 0.5


@pytest.mark.parametrize("schedule", SCHEDULES.values())
def test_every_schedule_stays_between_nothing_and_all(schedule):
    factors = [schedule.factor(i / 100) for i in range(101)]
    assert max(factors) == pytest.approx(1)
    assert min(factors) >= 0


def test_stopping_gives_the_figures_of_the_weights_as_they_are(squares):
    trainer = Trainer(SMALL, squares)
    events = []
    for event in trainer.run():
        events.append(event)
        if isinstance(event, Step) and event.step == 7:
            trainer.stop()
    assert (events[-1].reason, events[-1].step, events[-1].epochs) == ("stopped", 7, 1)
    loss, _ = trainer.validate()
    assert events[-1].val_loss == loss


def test_a_run_that_diverges_says_so(squares):
    config = TrainConfig(network=TEXT, batch_size=16, optimizer="SGD", learning_rate=1e20, schedule="constant")
    *_, done = train(config, squares)
    assert done.reason == "diverged"
    assert done.step < 20


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_learns_the_dark_corner(squares, network):
    config = TrainConfig(
        network=network, epochs=12, batch_size=16, optimizer="Adam", learning_rate=0.002, shift=0.0, flip=False
    )
    *_, done = train(config, squares)
    assert done.val_accuracy >= 0.9


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("size", [16, 33])
def test_every_network_takes_any_size_and_number_of_classes(network, size):
    assert build_network(network, 5, size)(torch.zeros(2, 3, size, size)).shape == (2, 5)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ("resnet", "no network is called 'resnet'"),
        ("nn.Sequential(nn.Flatten(), nn.Linear(768, 3))", "end it with a layer that gives 2"),
        ("nn.Sequential(nn.Flatten(), nn.Linear(10, 2))", "does not take 3x16x16 pictures"),
        ("nn.Sequential(nn.Conv2d(3, 2, 3))", "into 2x14x14 numbers"),
    ],
)
def test_a_network_that_does_not_fit_is_explained(network, message):
    with pytest.raises(PlaygroundError, match=message):
        build_network(network, 2, 16)


@pytest.mark.parametrize(
    "wrong",
    [{"epochs": 0}, {"optimizer": "Adm"}, {"schedule": "x"}, {"val_share": 1.0}, {"learning_rate": float("nan")}],
)
def test_a_config_that_cannot_be_used_is_explained(wrong):
    with pytest.raises(PlaygroundError, match=next(iter(wrong))):
        TrainConfig(**wrong)


def test_recipes_build_and_differ():
    configs = {recipe.config() for recipe in RECIPES.values()}
    assert len(configs) == len(RECIPES)


def test_events_survive_json(squares):
    for event in train(dataclasses.replace(SMALL, epochs=1), squares):
        assert from_dict(json.loads(json.dumps(to_dict(event)))) == event


def test_each_picture_is_seen_once_an_epoch_in_a_new_order():
    first, second = (torch.cat(shuffled(50, 16, 0, epoch)) for epoch in (0, 1))
    assert sorted(first.tolist()) == sorted(second.tolist()) == list(range(50))
    assert not torch.equal(first, second)
    assert [len(b) for b in shuffled(33, 16, 0, 0)] == [16, 16]  # a lone last picture is left out
    assert all(len(shuffled(n, b, 0, 0)) == batches_per_epoch(n, b) for n in range(1, 40) for b in (1, 2, 7, 16))


def test_mirror_and_shift_only_move_cells(squares):
    """Away from the border, each batch picture is its source, mirrored or not, moved by some offset."""
    augment = Augmentation(dataclasses.replace(SMALL, shift=0.125))
    index = torch.tensor([4, 8, 15, 16, 23, 42])
    batch = augment(squares.images, index, 3)
    assert batch.dtype == torch.uint8
    found = set()
    for picture, source in zip(batch, squares.images[index], strict=True):
        moves = [
            (flip, dy, dx)
            for flip in (False, True)
            for dy in (-2, -1, 0, 1, 2)
            for dx in (-2, -1, 0, 1, 2)
            if torch.equal(picture[:, 2:-2, 2:-2], moved(source, flip, dy, dx)[:, 2:-2, 2:-2])
        ]
        assert len(moves) == 1
        found.add(moves[0])
    assert len(found) > 2
    assert torch.equal(batch, augment(squares.images, index, 3))
    assert not torch.equal(batch, augment(squares.images, index, 4))


def moved(picture, flip, dy, dx):
    return (picture.flip(2) if flip else picture).roll((dy, dx), (1, 2))


def test_rotation_keeps_the_middle_and_turns_the_rest():
    images = torch.zeros(64, 3, 17, 17, dtype=torch.uint8)
    images[:, :, 8, :] = 200
    turned = Augmentation(dataclasses.replace(SMALL, flip=False, shift=0.0, rotation=45))(images, torch.arange(64), 0)
    torch.testing.assert_close(turned[:, :, 8, 8], torch.full((64, 3), 200.0), atol=1e-2, rtol=0)
    ends = turned[:, 0, 8, 0]
    assert ends.min() < 1  # turned away
    assert ends.max() > 100  # hardly turned


def test_normalization_is_exact(squares):
    normalize = Normalization.of(squares.images)
    pixels = squares.images.double()
    assert normalize.mean == pytest.approx(pixels.mean((0, 2, 3)).tolist(), rel=1e-12)
    assert normalize.std == pytest.approx(pixels.std((0, 2, 3), correction=0).tolist(), rel=1e-9)
    assert Normalization.of(torch.full((2, 3, 4, 4), 7, dtype=torch.uint8)).std == (1.0, 1.0, 1.0)


def test_too_few_pictures_are_refused(squares):
    with pytest.raises(PlaygroundError, match="too few"):
        Trainer(SMALL, Squares(squares.images[:2], squares.labels[:2]))


def test_small_residual_is_a_residual_network():
    model = build_network("Small residual", 2, 32)
    x = torch.randn(1, 24, 8, 8)
    block = model.eval()[3]
    torch.testing.assert_close(block(x), torch.relu(block.main(x) + x))
    assert isinstance(block.shortcut, nn.Identity)
