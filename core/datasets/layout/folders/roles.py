"""Folders that are named like a part of the data: train, validation, test, or images to be predicted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from core.datasets.layout.listing import TEST, TRAIN, VALIDATION
from core.datasets.layout.naming import words_of

PREDICT = "predict"
WORDS = {  # in English, then as French, German, Spanish, Portuguese, Italian, Russian, Chinese and Japanese users write
    TRAIN: (
        *("train", "training", "trn", "trainval", "entraînement", "entrainement", "apprentissage", "trainingsdaten"),
        *("entrenamiento", "treino", "treinamento", "addestramento", "обучение", "训练", "训练集", "訓練", "学習"),
    ),
    VALIDATION: (
        *("val", "valid", "validation", "validate", "dev", "validierung", "validierungsdaten", "validación"),
        *("validacion", "validação", "validacao", "validazione", "валидация", "验证", "验证集", "検証"),
    ),
    TEST: (
        *("test", "testing", "tst", "eval", "evaluation", "holdout", "testdaten", "prueba", "pruebas", "teste"),
        *("тест", "测试", "测试集", "テスト"),
    ),
    PREDICT: ("pred", "predict", "prediction", "predictions", "unlabelled", "unlabeled", "unlabel"),
}
SPLIT_OF = {word: split for split, words in WORDS.items() for word in words}
FILLERS = (
    "public",
    "private",
    "set",
    "sets",
    "data",
    "dataset",
    "images",
    "image",
    "imgs",
    "img",
    "pictures",
    "photos",
    "folder",
    "split",
)
JOINED = {word + filler: split for word, split in SPLIT_OF.items() for filler in FILLERS}  # trainset
IMAGES = {
    *("images", "image", "imgs", "img", "pictures", "pics", "photos", "jpegimages", "jpg", "jpeg", "jpgs", "png"),
    *("pngs", "raw", "original", "originals", "rgb", "frames"),
}
CONTAINERS = {*IMAGES, "data", "dataset", "datasets", "classes", "categories", "objectcategories"}
BATCHES = {
    *("part", "parts", "batch", "chunk", "fold", "shard", "split", "set", "subset", "session", "run", "group", "disk"),
    *("archive", "folder", "volume", "images", "image", "imgs", "img", "data", "dataset", "download", "upload", "dcim"),
}


class SplitRole(NamedTuple):
    """The split that a folder's name speaks of, and the words left without it: none if it says nothing else."""

    split: str
    rest: tuple[str, ...]

    @property
    def is_exact(self) -> bool:
        return not self.rest


def role_of(name: str) -> SplitRole | None:
    """
    >>> role_of("training_set"), role_of("seg_train"), role_of("TestSet2").is_exact, role_of("bus")
    (SplitRole(split='train', rest=()), SplitRole(split='train', rest=('seg',)), True, None)
    """
    words = words_of(name)
    splits = {SPLIT_OF.get(word) or JOINED.get(word) for word in words} - {None}
    if splits == {TRAIN, VALIDATION} and {"train", "val"} <= set(words):
        splits = {TRAIN}  # train_val
    if len(splits) != 1:
        return None
    rest = tuple(word for word in words if word not in SPLIT_OF and word not in JOINED and word not in FILLERS)
    (split,) = splits
    return SplitRole(str(split), rest)


def is_grid(roles: Mapping[str, SplitRole]) -> bool:
    """Whether names say split and class at once: train_cats, train_dogs, test_cats, test_dogs."""
    pairs = {(role.split, role.rest) for role in roles.values()}
    splits, rests = {split for split, _ in pairs}, {rest for _, rest in pairs}
    trained = {rest for split, rest in pairs if split == TRAIN}
    return len(splits) > 1 and () not in rests and len(trained) > 1 and len(pairs) == len(roles)


def without_role(name: str) -> str:
    """The name without its word for a split.

    >>> without_role("train_cats"), without_role("dogs-test")
    ('cats', 'dogs')
    """
    kept = [part for part in re.split(r"([\W_]+)", name) if part.lower() not in SPLIT_OF]
    return re.sub(r"^[\W_]+|[\W_]+$", "", "".join(kept))


def are_batches(names: list[str]) -> bool:
    """Whether folders are numbered parts of one set, such as part_1 and part_2: their names say nothing of classes.

    >>> are_batches(["HAM10000_images_part_1", "HAM10000_images_part_2"]), are_batches(["class 1", "class 2"])
    (True, False)
    """
    stems = {re.sub(r"[\W_]*\d+[\W_]*$", "", name) for name in names}
    if len(names) < 2 or len(stems) != 1 or not all(re.search(r"\d", name) for name in names):
        return False
    words = words_of(stems.pop())
    return bool(words) and words[-1] in BATCHES
