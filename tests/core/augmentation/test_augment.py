"""The batch as a whole: what it depends on, what it leaves alone, what it refuses."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from core.augmentation import AUGMENTATIONS, Augment, Augmentations, BatchShape, Stage
from core.augmentation.kinds.corruption import Corruption
from core.augmentation.kinds.geometric import Geometric
from core.augmentation.kinds.mixing import Mixing
from core.augmentation.kinds.photometric import Photometric
from core.augmentation.recipe import OFF
from core.errors import PlaygroundError
from core.knobs import knobs_of
from tests.core.augmentation.strengths import for_every_augmentation

STRONG = for_every_augmentation({
    "flip": True,
    "vertical_flip": True,
    "shift": 0.2,
    "crop": 0.4,
    "rotation": 30,
    "brightness": 0.4,
    "contrast": 0.4,
    "saturation": 0.6,
    "hue": 0.2,
    "grey": 0.5,
    "blur": 1.5,
    "noise": 0.1,
    "erase": 0.5,
    "mixup": 1.0,
    "cutmix": 1.0,
})  # fmt: skip
ALL = Augmentations(**STRONG)
MOVED = Augmentations(flip=True, vertical_flip=True, shift=0.2)
INDEX = torch.tensor([3, 1, 4, 1, 5, 9, 2, 6, 0, 7])


@pytest.fixture(scope="module")
def images():
    coarse = torch.rand(12, 3, 4, 5, generator=torch.Generator().manual_seed(1))
    smooth = torch.nn.functional.interpolate(coarse, (16, 20), mode="bilinear")
    return (smooth * 255).round().to(torch.uint8)


@pytest.fixture(scope="module")
def labels():
    return torch.arange(12) % 4


def augmented(recipe, images, labels, seed=0, step=0, index=INDEX):
    return Augment(recipe, 4)(images, index, labels, seed, step)


def test_every_strength_has_an_entry_in_the_order_of_application():
    assert list(knobs_of(Augmentations)) == list(AUGMENTATIONS) == list(OFF) == list(STRONG)
    assert Augmentations().active == ()
    assert ALL.active == tuple(AUGMENTATIONS)


def test_an_augmentation_is_one_field_of_its_group():
    groups = (Geometric, Photometric, Corruption, Mixing)
    fields = [field for group in groups for field in dataclasses.fields(group)]
    assert [field.name for field in fields] == list(AUGMENTATIONS)
    for field in fields:
        assert field.metadata["augmentation"] is AUGMENTATIONS[field.name]
        assert knobs_of(Augmentations)[field.name] == field.metadata["knob"]
        assert field.default == field.metadata["knob"].default == OFF[field.name]
        assert (AUGMENTATIONS[field.name].stage is Stage.CELLS) == bool(AUGMENTATIONS[field.name].trace)


def test_nothing_on_changes_nothing(images, labels):
    pictures, targets = augmented(Augmentations(), images, labels)
    assert pictures.dtype == torch.uint8
    assert torch.equal(pictures, images[INDEX])
    assert torch.equal(targets, labels[INDEX])


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_each_changes_pictures_of_the_same_kind(name, images, labels):
    recipe = Augmentations(**{name: STRONG[name]})
    pictures, targets = augmented(recipe, images, labels)
    assert pictures.shape == (10, 3, 16, 20)
    assert pictures.dtype == (torch.uint8 if name in ("flip", "vertical_flip", "shift") else torch.float32)
    assert (pictures.float() - images[INDEX].float()).abs().max() > 5
    assert pictures.min() >= 0
    assert pictures.max() <= 255.001
    if not recipe.mixes:
        assert torch.equal(targets, labels[INDEX])


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_each_says_what_chance_decided(name):
    draw = Augment(Augmentations(**{name: STRONG[name]}), 4).draws(BatchShape(10, 3, 16, 20), 0, 0)[name]
    assert all(len(values) == 10 for values in draw.values())
    said = {AUGMENTATIONS[name].describe({key: values[i] for key, values in draw.items()}) for i in range(10)}
    assert len(said) > 1 or name == "noise"
    assert max(map(len, said)) > 3


@pytest.mark.parametrize("recipe", [ALL, MOVED], ids=["all", "moved"])
def test_seed_and_step_decide_everything(recipe, images, labels):
    before = torch.get_rng_state()
    first = augmented(recipe, images, labels, seed=5, step=9)
    assert torch.equal(torch.get_rng_state(), before)  # torch's own chance is neither used
    torch.rand(7)
    again = augmented(recipe, images, labels, seed=5, step=9)  # nor does it matter
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    for seed, step in ((5, 10), (6, 9), (9, 5)):
        assert not torch.equal(first[0], augmented(recipe, images, labels, seed, step)[0])


def test_threads_do_not_disturb_each_other(images, labels):
    alone = [augmented(ALL, images, labels, 0, step)[0] for step in range(6)]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda step: augmented(ALL, images, labels, 0, step)[0], range(6)))
    assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))


def test_one_change_does_not_move_the_draws_of_another():
    batch = BatchShape(10, 3, 16, 20)
    draws = Augment(ALL, 4).draws(batch, 0, 0)
    for name in AUGMENTATIONS:
        if name not in ("mixup", "cutmix"):  # which take turns
            alone = Augment(Augmentations(**{name: STRONG[name]}), 4).draws(batch, 0, 0)[name]
            assert all(torch.equal(draws[name][key], alone[key]) for key in alone)


def test_a_strength_scales_what_chance_decided():
    batch = BatchShape(10, 3, 16, 20)
    mild, strong = (Augment(Augmentations(rotation=r), 4).draws(batch, 0, 0)["rotation"]["degrees"] for r in (10, 90))
    torch.testing.assert_close(mild * 9, strong)


def test_a_config_that_inherits_may_have_other_defaults(images, labels):
    @dataclasses.dataclass(frozen=True)
    class Config(Augmentations):
        flip: bool = True
        epochs: int = 3

    assert Config().active == ("flip",)
    assert Config(flip=False).active == ()
    for a, b in zip(
        augmented(Config(), images, labels), augmented(Augmentations(flip=True), images, labels), strict=True
    ):
        assert torch.equal(a, b)


@pytest.mark.parametrize("channels", [1, 4])
def test_pictures_without_colour_keep_their_channels(channels, labels):
    images = torch.randint(0, 256, (12, channels, 9, 9), dtype=torch.uint8)
    coloured = dataclasses.replace(ALL, saturation=0.0) if channels == 4 else ALL
    assert augmented(coloured, images, labels)[0].shape == (10, channels, 9, 9)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("shift", -0.1), ("shift", 0.6), ("rotation", 200), ("crop", 0.0), ("crop", 1.5), ("hue", 0.7), ("flip", 3)],
        *[("blur", float("nan")), ("noise", "much"), ("mixup", -1.0), ("erase", 2), ("flip", "yes")],
    ],
)
def test_a_strength_that_cannot_be_is_refused(name, value):
    with pytest.raises(PlaygroundError, match=rf"{name} is .*: (choose a number from|it is either)"):
        Augmentations(**{name: value})


@pytest.mark.parametrize("count", [1, 2, 3])
def test_small_batches(count, images, labels):
    pictures, targets = augmented(ALL, images, labels, index=torch.arange(count))
    assert pictures.shape == (count, 3, 16, 20)
    torch.testing.assert_close(targets.sum(1), torch.ones(count))


@pytest.mark.parametrize("name", [name for name in AUGMENTATIONS if name not in ("blur", "contrast")])
def test_everything_happens_where_the_pictures_are(name):
    """On the meta device, which refuses to mix with the CPU as a GPU does; blur and contrast look at values."""
    images = torch.empty(12, 3, 16, 20, dtype=torch.uint8, device="meta")
    labels = torch.empty(12, dtype=torch.int64, device="meta")
    pictures, targets = augmented(Augmentations(**{name: STRONG[name]}), images, labels)
    assert pictures.device.type == targets.device.type == "meta"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_what_the_cpu_gives(images, labels):
    here = augmented(ALL, images, labels)
    there = augmented(ALL, images.cuda(), labels.cuda())
    torch.testing.assert_close(here[0], there[0].cpu(), atol=0.1, rtol=0)
    torch.testing.assert_close(here[1], there[1].cpu())
