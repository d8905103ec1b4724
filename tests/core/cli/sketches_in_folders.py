"""Images of two things as a person has them: PNG files, a folder for each class."""

from pathlib import Path

from PIL import Image

from core.datasets import load


def sketches_in_folders(folder: Path, count: int, size: int) -> Path:
    """Write `count` sketches of size x size pixels, half of each class. Returns the folder."""
    pictures = load("sketches", size, limit=count)
    for number, (pixels, label) in enumerate(zip(pictures.images, pictures.labels, strict=True)):
        path = folder / pictures.classes[int(label)] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.permute(1, 2, 0).numpy()).save(path)
    return folder
