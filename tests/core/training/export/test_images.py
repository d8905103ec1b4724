"""The images of a printed script: read from the archives and formats that the app reads, or made as it makes them."""

import dataclasses
import io
import runpy
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.datasets import BUILT_IN, REMOTE, load
from core.datasets.remote.repack import CIFAR_RECORD, cifar_pets
from core.training.batches import split_of
from core.training.export import script
from tests import prepared_python
from tests.core.datasets.containers.archives import raw_zip, tarred, zipped
from tests.core.training.export.running import BASE, played, ran, same


@pytest.fixture
def archive(tmp_path):
    """Files of many kinds in class folders: CMYK, grey, transparent, 16 bits, turned, large."""
    generator, path = np.random.default_rng(0), tmp_path / "mine.zip"

    def noise(*shape):
        return generator.integers(0, 256, shape, dtype=np.uint8)

    turned = Image.Exif()
    turned[0x0112] = 6
    kinds = [
        (Image.fromarray(noise(40, 60, 3)), "jpeg", {"quality": 90}),
        (Image.fromarray(noise(300, 200, 3)), "jpeg", {"quality": 80}),
        (Image.fromarray(noise(50, 30, 4), "CMYK"), "jpeg", {}),
        (Image.fromarray(noise(33, 44)), "png", {}),
        (Image.fromarray(noise(33, 44, 4), "RGBA"), "png", {}),
        (Image.fromarray(noise(20, 30, 2).view(np.uint16)[..., 0]), "png", {}),
        (Image.fromarray(noise(40, 60, 3)), "jpeg", {"exif": turned}),
        (Image.fromarray(noise(25, 25, 3)).convert("P"), "gif", {}),
    ]
    with zipfile.ZipFile(path, "w") as file:
        for place, (image, kind, how) in enumerate(kinds * 3):
            content = io.BytesIO()
            image.save(content, kind, **how)
            name = "cat" if place % 2 else "it's a dog"
            file.writestr(f"pets/{name}/{place}.{kind}", content.getvalue())
        file.writestr("pets/cat/broken.jpg", b"<html>")
    return path


def test_the_script_for_ones_own_pictures_does_without_us(archive, tmp_path):
    data = load(archive, 24)
    assert len(data.refused) == 1
    text = script(BASE, data, "", 'My """pets"""')
    assert same(ran(text, tmp_path, archive), played(BASE, data))
    with zipfile.ZipFile(archive) as file:
        file.extractall(tmp_path / "folder")
    names = runpy.run_path(str(tmp_path / "run.py"), run_name="read")
    read = zip(names["load_images"](tmp_path / "folder"), names["load_images"](archive), strict=True)
    assert all(torch.equal(one, other) for one, other in read)


def jpeg_2000_and_12_bits() -> dict[str, bytes]:
    generator, files = np.random.default_rng(1), {}
    for place in range(8):
        content = io.BytesIO()
        if place % 2:
            pixels = generator.integers(0, 256, (150, 180, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(content, "JPEG2000")
        else:
            Image.fromarray(generator.integers(0, 4096, (30, 40)).astype(np.uint16)).save(content, "TIFF")
        files[f"{'猫狗'[place // 4]}/{place}.img"] = content.getvalue()
    return files


def some_of(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    """The files of one class."""
    return {path: data for path, data in files.items() if path.startswith(name)}


@pytest.mark.parametrize(
    "pack",
    [
        lambda files: tarred(files, "w:gz"),
        lambda files: raw_zip({name.encode("gbk"): data for name, data in files.items()}),
        lambda files: raw_zip({f"/pets/{name}".encode(): data for name, data in files.items()}),
        lambda files: zipped({"train.zip": zipped(files)}),
        lambda files: zipped(
            {"a/猫.tar.gz": tarred(some_of(files, "猫"), "w:gz"), "狗.zip": zipped(some_of(files, "狗"))}
        ),
    ],
    ids=["tar.gz", "names in GBK", "absolute names", "ZIP in a ZIP", "an archive for each class"],
)
def test_the_script_reads_the_archives_and_formats_that_we_read(pack, tmp_path):
    path = tmp_path / "mine.zip"
    path.write_bytes(pack(jpeg_2000_and_12_bits()))
    data = load(path, 24)
    (tmp_path / "run.py").write_text(script(BASE, data, "", "mine"), encoding="utf-8")
    images, labels, more_images, more_labels = runpy.run_path(str(tmp_path / "run.py"))["load_images"](path)
    train, val, _ = split_of(BASE, data)
    assert torch.equal(torch.cat([images, more_images]), data.images[torch.cat([train, val])])
    assert torch.equal(torch.cat([labels, more_labels]), data.labels[torch.cat([train, val])])


def test_the_script_leaves_nothing_that_it_unpacked(tmp_path):
    path = tmp_path / "mine.zip"
    path.write_bytes(zipped({"inner.tar": tarred(jpeg_2000_and_12_bits(), "w")}))
    text = script(BASE, load(path, 24), "", "mine") + "    print(*os.listdir(UNPACKED.name), UNPACKED.name)\n"
    (tmp_path / "run.py").write_text(text, encoding="utf-8")
    done = prepared_python.run(["run.py", str(path)], tmp_path)
    assert done.returncode == 0, done.stderr
    *unpacked, folder = done.stdout.splitlines()[-1].split()
    assert unpacked
    assert not Path(folder).exists()


def test_the_script_says_what_to_do_with_an_archive_it_cannot_read(tmp_path):
    path = tmp_path / "mine.zip"
    path.write_bytes(zipped(jpeg_2000_and_12_bits()))
    (tmp_path / "run.py").write_text(script(BASE, load(path, 24), "", "mine"), encoding="utf-8")
    path.write_bytes(zipped({"inner.zip": zipped({"deeper.zip": zipped(jpeg_2000_and_12_bits()), "x.zip": b"none"})}))
    with pytest.raises(SystemExit, match="unpack it, archives inside it too, and name the folder instead"):
        runpy.run_path(str(tmp_path / "run.py"))["load_images"](path)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_script_makes_the_built_in_images_itself_and_splits_them_as_here(name, tmp_path):
    data, config = load(name, 16, limit=40), dataclasses.replace(BASE, test_share=0.2, split_seed=7)
    (tmp_path / "run.py").write_text(script(config, data, name, name), encoding="utf-8")
    names = runpy.run_path(str(tmp_path / "run.py"), run_name="read")
    train, val, _ = split_of(config, data)
    expected = data.images[train], data.labels[train], data.images[val], data.labels[val]
    assert all(torch.equal(one, other) for one, other in zip(names["load_images"](), expected, strict=True))


def test_a_script_for_a_downloaded_set_starts_from_the_published_archive(tmp_path):
    generator, published = np.random.default_rng(0), tmp_path / "cifar-10-binary.tar.gz"
    records = generator.integers(0, 256, (60, CIFAR_RECORD), dtype=np.uint8)
    records[:, 0] = np.arange(60) % 10
    with tarfile.open(published, "w:gz") as archive:
        member = tarfile.TarInfo("cifar-10-batches-bin/data_batch_1.bin")
        member.size = records.nbytes
        archive.addfile(member, io.BytesIO(records.tobytes()))
    cifar_pets(published, tmp_path / "here.zip", lambda: None)
    data = load(tmp_path / "here.zip", 16)
    text = script(BASE, data, "cifar10_pets", "CIFAR")
    assert REMOTE["cifar10_pets"].url in text
    assert same(ran(text, tmp_path, published), played(BASE, data))
