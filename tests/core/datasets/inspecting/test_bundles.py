"""Copies that would unbalance a split are not kept together, and a person is told."""

import torch

from core.datasets import ImageDataset, inspect
from core.datasets.inspecting.bundles import (
    joined,
    note_on_given_split,
    note_on_labels,
    note_on_untrained_classes,
    notes_on_groups,
    without_large_groups,
)

LABELS = torch.tensor([0] * 100 + [1] * 8 + [2] * 2)


def grouped(*groups: range) -> torch.Tensor:
    numbers = torch.arange(len(LABELS))
    for group in groups:
        numbers[list(group)] = group[0]
    return numbers


def test_a_group_may_hold_a_tenth_of_a_class_and_no_more():
    at_most, too_many = range(0, 10), range(10, 21)
    groups, large = without_large_groups(grouped(at_most, too_many), LABELS)
    assert large == (tuple(too_many),)
    assert torch.equal(groups, grouped(at_most))
    assert torch.equal(joined(groups, large), grouped(at_most, too_many))


def test_a_small_class_may_have_a_few_copies_as_long_as_half_of_it_is_left():
    groups, large = without_large_groups(grouped(range(100, 104), range(108, 110)), LABELS)
    assert large == ((108, 109),)  # all that the class has: it could not be both learned and checked
    assert groups[103] == 100
    assert without_large_groups(grouped(range(100, 105)), LABELS)[1] == ((100, 101, 102, 103, 104),)


def test_a_group_of_several_classes_may_not_empty_any_of_them():
    mixed = range(99, 105)  # one image of the large class, five of the eight of another
    assert without_large_groups(grouped(mixed), LABELS)[1] == (tuple(mixed),)
    assert without_large_groups(grouped(range(98, 102)), LABELS)[1] == ()


def test_copies_with_several_labels_are_named_by_one_of_each():
    labels, paths = torch.tensor([0, 0, 1, 1]), ["a/0", "a/1", "b/2", "b/3"]
    assert note_on_labels(torch.tensor([0, 0, 2, 2]), labels, paths) == ()
    (note,) = note_on_labels(torch.tensor([0, 1, 1, 3]), labels, paths)
    assert note.startswith("1 group of images that look the same is in several classes, such as a/1 and b/2:")


def test_of_a_group_across_classes_only_images_of_the_named_class_are_counted():
    (note,) = notes_on_groups((tuple(range(96, 104)),), LABELS, ("nut", "bolt", "nail"))
    assert note.startswith("4 of 100 images of class 'nut' look the same")


def test_the_note_names_the_class_and_the_number():
    _, large = without_large_groups(grouped(range(0, 30), range(40, 60)), LABELS)
    (note,) = notes_on_groups(large, LABELS, ("nut", "bolt", "nail"))
    assert note.startswith("30 of 100 images of class 'nut' look the same")
    assert notes_on_groups((), LABELS, ("nut", "bolt", "nail")) == ()


def test_copies_across_a_given_split_are_counted():
    given = torch.tensor([0, 0, 1, 1, -1, 2])
    assert note_on_given_split(given, torch.tensor([0, 1, 0, 3, 4, 4]))[0].startswith("2 groups of copies have")
    assert "4 images" in note_on_given_split(given, torch.tensor([0, 1, 0, 3, 4, 4]))[0]
    assert note_on_given_split(given, torch.tensor([0, 1, 2, 2, 0, 5])) == ()  # unsaid is for training
    assert note_on_given_split(None, torch.zeros(6)) == ()


def test_the_report_shows_groups_that_the_split_does_not_keep():
    images = torch.randint(0, 255, (20, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    images[:8] = images[0]
    labels = torch.tensor([0] * 10 + [1] * 10)
    groups, large = without_large_groups(torch.tensor([0] * 8 + list(range(8, 20))), labels)
    data = ImageDataset(
        name="made",
        images=images,
        labels=labels,
        classes=("a", "b"),
        paths=tuple(map(str, range(20))),
        groups=groups,
        large_groups=large,
    )
    report = inspect(data)
    assert report.scattered == report.exact == (tuple(range(8)),)
    assert (report.near, report.across) == ((), ())


def test_classes_that_a_given_split_does_not_train_are_named():
    labels, names = torch.tensor([0, 0, 1, 1, 2, 2]), ("nut", "bolt", "nail")
    (note,) = note_on_untrained_classes(torch.tensor([0, 1, 1, 2, -1, 1]), labels, names)
    assert "no training image of 'bolt':" in note
    assert note_on_untrained_classes(torch.tensor([0, 1, 0, 2, -1, 1]), labels, names) == ()
    assert note_on_untrained_classes(torch.tensor([1] * 6), labels, names) == ()  # then the split is not used
    assert note_on_untrained_classes(None, labels, names) == ()
