"""The first run of somebody with few pictures of their own: what it reaches without a changed control, and how soon.

    python -m benchmarks.first_run PICTURES.zip           six layouts of 40 pictures each of two things, five draws
    python -m benchmarks.first_run PICTURES.zip --table   what each recipe reaches from so many pictures of each class

The zip holds a folder for each of two classes (PetImages/Cat, PetImages/Dog). Accuracy is that on pictures of the zip
which the set was not given; seconds are those from the files to the trained network.
"""

from __future__ import annotations

import argparse
import io
import random
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from core.datasets import ImageDataset, load, survey
from core.errors import PlaygroundError
from core.training import RECIPES, TrainConfig, Trainer
from core.training.recipe.recommendation import DEFAULT_SIZE, recommend

PICTURES, HELD_OUT, DRAWS = 40, 200, 5  # of each class
TABLE = (5, 10, 20, 40, 100, 400)
GOAL, SECONDS = 0.85, 60.0

Set = dict[str, list[bytes]]  # class -> files
Files = Iterator[tuple[str, bytes]]


def class_folders(pictures: Set) -> Files:
    for name, files in pictures.items():
        yield from ((f"{name}/{number}.jpg", file) for number, file in enumerate(files))


def given_split(pictures: Set) -> Files:
    for name, files in pictures.items():
        for number, file in enumerate(files):
            yield f"{'val' if number % 5 == 0 else 'train'}/{name}/{number}.jpg", file


def class_in_file_name(pictures: Set) -> Files:
    for name, files in pictures.items():
        yield from ((f"train/{name.lower()}.{number}.jpg", file) for number, file in enumerate(files))


def table_of_labels(pictures: Set) -> Files:
    rows = [
        (f"{name[0]}{number:04}.jpg", name, file)
        for name, files in pictures.items()
        for number, file in enumerate(files)
    ]
    yield "labels.csv", "\n".join(["file,label", *(f"{path},{name}" for path, name, _ in rows)]).encode()
    yield from ((f"images/{path}", file) for path, _, file in rows)


def zip_in_zip(pictures: Set) -> Files:
    yield "train.zip", _zipped(class_in_file_name(pictures))


def one_folder_deeper(pictures: Set) -> Files:
    yield from ((f"pets/{path}", file) for path, file in class_folders(pictures))


LAYOUTS: dict[str, Callable[[Set], Files]] = {
    "class folders": class_folders,
    "train/ and val/": given_split,
    "cat.0.jpg": class_in_file_name,
    "images/ and labels.csv": table_of_labels,
    "zip in a zip": zip_in_zip,
    "one folder deeper": one_folder_deeper,
}


def _zipped(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, file in files:
            archive.writestr(path, file)
    return buffer.getvalue()


@dataclass(frozen=True)
class Gallery:
    """Where sets are drawn from: the files of each class."""

    files: Set

    @classmethod
    def of_zip(cls, path: Path) -> Gallery:
        """The pictures in the folders of a zip that can be read."""
        names: dict[str, list[str]] = {}
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if name.lower().endswith((".jpg", ".png")) and archive.getinfo(name).file_size:
                    names.setdefault(Path(name).parent.name, []).append(name)
            count = max(TABLE) + 2 * HELD_OUT
            chosen = {
                name: random.Random(0).sample(members, min(count * 2, len(members))) for name, members in names.items()
            }
            return cls({name: [archive.read(member) for member in members] for name, members in chosen.items()})

    def draw(self, seed: int, count: int) -> tuple[Set, Set]:
        """`count` pictures of each class, and `HELD_OUT` others."""
        generator, given, others = random.Random(seed), {}, {}
        for name, files in self.files.items():
            mixed = generator.sample(files, count + HELD_OUT)
            given[name], others[name] = mixed[:count], mixed[count:]
        return given, others


def held_out(others: Set, size: int) -> ImageDataset:
    return load({name: [io.BytesIO(file) for file in files] for name, files in others.items()}, size)


def trained(config: TrainConfig, data: ImageDataset) -> Trainer:
    """A run to its end."""
    trainer = Trainer(config, data)
    for _ in trainer.run():
        pass
    return trainer


def accuracy_on(trainer: Trainer, data: ImageDataset) -> float:
    return (trainer.probabilities(data.images).argmax(1) == data.labels).float().mean().item()


def first_run(path: Path) -> tuple[Trainer, str, float]:
    """What the page does with a set when nothing is chosen: the trained network, the recipe, seconds."""
    began = time.perf_counter()
    counts = survey(path)
    chosen = recommend(sum(counts.values()), len(counts))
    trainer = trained(RECIPES[chosen.recipe].config(), load(path, chosen.size))
    return trainer, chosen.recipe, time.perf_counter() - began


def layouts(source: Gallery) -> None:
    """Print mean accuracy and seconds of each layout."""
    warm_up(source)
    for name, write in LAYOUTS.items():
        results = []
        for seed in range(DRAWS):
            given, others = source.draw(seed, PICTURES)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "pictures.zip")
                path.write_bytes(_zipped(write(given)))
                try:
                    trainer, recipe, seconds = first_run(path)
                except PlaygroundError as error:
                    print(f"{name:<26}{error}")
                    break
            results.append((accuracy_on(trainer, held_out(others, trainer.size)), seconds))
        if results:
            _print_layout(name, recipe, results)


def warm_up(source: Gallery) -> None:
    """What a process does once, reading the pre-trained weights above all, is in the first figure printed."""
    began = time.perf_counter()
    given, _ = source.draw(0, 5)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pictures.zip")
        path.write_bytes(_zipped(class_folders(given)))
        first_run(path)
    seconds = time.perf_counter() - began
    print(f"{torch.get_num_threads()} threads; the first run of the process, 5 of each: {seconds:.1f} s")


def _print_layout(name: str, recipe: str, results: list[tuple[float, float]]) -> None:
    accuracies, seconds = zip(*results, strict=True)
    each = ", ".join(f"{accuracy:.1%}" for accuracy in accuracies)
    print(
        f"{name:<26}{statistics.mean(accuracies):.1%} in {statistics.mean(seconds):.1f} s at most {max(seconds):.1f} s "
        f"({each}; {recipe}; wanted: {GOAL:.0%} in {SECONDS:.0f} s)",
        flush=True,
    )


def table(source: Gallery, keys: list[str], draws: int) -> None:
    """Print what each recipe reaches, at its own size, on photographs and on the built-in sets."""
    for key in keys:
        recipe = RECIPES.of_key(key)
        for title in ("photographs", "sketches", "digits"):
            for count in TABLE[:-1] if title == "digits" else TABLE:  # there are 180 of each digit
                size = recipe.size or DEFAULT_SIZE
                pairs = (_drawn(title, source, size, count, seed) for seed in range(draws))
                results = [_one(recipe.config(), *pair) for pair in pairs]
                _print_cell(f"{RECIPES.name_of(key)}, {title}, {count} of each", results)


def _print_cell(title: str, results: list[tuple[float, float]]) -> None:
    accuracies, seconds = zip(*results, strict=True)
    spread = f"{min(accuracies):.1%} to {max(accuracies):.1%}"
    print(f"{title}: {statistics.mean(accuracies):.1%} ({spread}) in {statistics.mean(seconds):.0f} s", flush=True)


def _drawn(title: str, source: Gallery, size: int, count: int, seed: int) -> tuple[ImageDataset, ImageDataset]:
    """A set of `count` of each class, and others of its kind to hold it against."""
    if title != "photographs":
        return _built_in(title, size, count, seed)
    given, others = source.draw(seed, count)
    return held_out(given, size), held_out(others, size)


def _one(config: TrainConfig, data: ImageDataset, others: ImageDataset) -> tuple[float, float]:
    began = time.perf_counter()
    trainer = trained(config, data)
    return accuracy_on(trainer, others), time.perf_counter() - began


def _built_in(name: str, size: int, count: int, seed: int) -> tuple[ImageDataset, ImageDataset]:
    """As many of each class, and others held out: of many classes fewer of each."""
    whole = load(name, size, limit=2 * (count + HELD_OUT) if name == "sketches" else None, seed=seed)
    generator = torch.Generator().manual_seed(seed)
    rows = [(whole.labels == label).nonzero().flatten() for label in range(len(whole.classes))]
    mixed = [row[torch.randperm(len(row), generator=generator)] for row in rows]
    last = count + 2 * HELD_OUT // len(rows)
    return _part(whole, [row[:count] for row in mixed]), _part(whole, [row[count:last] for row in mixed])


def _part(data: ImageDataset, rows: list[torch.Tensor]) -> ImageDataset:
    index = torch.cat(rows)
    paths = tuple(data.paths[i] for i in index.tolist())
    return ImageDataset(
        data.name, data.images[index], data.labels[index], data.classes, paths, torch.arange(len(index))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path, help="zip with a folder for each of two classes")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--recipes", default="probe,tune,now,then,best", help="keys, with --table")
    parser.add_argument("--draws", type=int, default=3, help="with --table")
    chosen = parser.parse_args()
    source = Gallery.of_zip(chosen.pictures)
    if chosen.table:
        table(source, chosen.recipes.split(","), chosen.draws)
    else:
        layouts(source)


if __name__ == "__main__":
    main()
