"""The printed script, run as a program of its own, ends with the weights of the run, bit for bit."""

import contextlib
import dataclasses
import runpy

import pytest
import torch
from torch import nn

from core.augmentation import AUGMENTATIONS, Augment
from core.datasets import load
from core.errors import PlaygroundError
from core.optim.schedules import factor_of, trainable_schedules
from core.training import TrainConfig, Trainer, seeding
from core.training.export import augmenting, modules, script
from core.training.export.source_extraction import ScriptSource
from core.training.recipe.architecture_options import NORMS, STARTS
from core.training.recipe.networks import NETWORKS, build_network
from tests import prepared_python
from tests.core.augmentation.strengths import for_every_augmentation
from tests.core.training.export.running import BASE, played, ran, same

MANY = dataclasses.replace(
    BASE,
    **{"clip": 1.0, "ema": 0.9, "accumulate": 3, "label_smoothing": 0.1, "mixup": 0.4, "cutmix": 1.0, "crop": 0.5},
    **{"brightness": 0.2, "erase": 0.3, "test_flip": True, "first_size": 0.5, "schedule": "exponential"},
    **{"optimizer": "AdamW", "test_share": 0.1, "dropout": "DropBlock", "activation": "Maxout", "seed": 3},
)
STOPS = dataclasses.replace(
    BASE, patience=1, epochs=6, learning_rate=0.3, precision="bf16", norm="Group", initialization="Kaiming normal"
)
FROZEN = dataclasses.replace(BASE, network="EfficientNet-Lite0, frozen", ema=0.9)
TUNED = dataclasses.replace(BASE, network="EfficientNet-Lite0, fine-tuned", optimizer="AdamW", learning_rate=0.001)
STRENGTHS = for_every_augmentation({
    **{"flip": True, "vertical_flip": True, "shift": 0.1, "crop": 0.5, "rotation": 30, "brightness": 0.3},
    **{"contrast": 0.3, "saturation": 0.3, "hue": 0.1, "grey": 0.3, "blur": 1.0, "noise": 0.1, "erase": 0.5},
    **{"mixup": 0.4, "cutmix": 1.0},
})  # fmt: skip


@pytest.fixture(scope="module")
def sketches():
    return load("sketches", 32, limit=60)


@pytest.mark.parametrize("config", [MANY, STOPS, FROZEN, TUNED], ids=["many options", "stops", "frozen", "tuned"])
def test_a_script_ends_with_the_weights_of_its_run(config, sketches, tmp_path):
    text = script(config, sketches, "sketches", "Sketches")
    assert same(ran(text, tmp_path), played(config, sketches))


@pytest.mark.parametrize("arguments", [(), ("nowhere",), ("one", "two")])
@pytest.mark.parametrize("name", ["", "cifar10_pets"])
def test_a_script_without_its_images_ends_with_a_sentence(name, arguments, sketches, tmp_path):
    (tmp_path / "run.py").write_text(script(BASE, sketches, name, "Mine"), encoding="utf-8")
    done = prepared_python.run(["run.py", *arguments], tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("usage: python run.py ")
    assert "Traceback" not in done.stderr


def test_a_script_says_and_sets_the_number_of_threads(sketches):
    for threads, said in ((1, "with 1 thread\n"), (4, "with 4 threads\n")):
        text = script(BASE, sketches, "sketches", "Sketches", threads=threads)
        assert said in text
        assert f"THREADS = {threads}\ntorch.set_num_threads(THREADS)\n" in text
    assert "THREADS" not in script(BASE, sketches, "sketches", "Sketches", "cuda:0", threads=4)


def test_a_script_of_a_run_that_diverges_stops_where_the_run_does(sketches, tmp_path, capsys):
    config = dataclasses.replace(BASE, epochs=4, learning_rate=1e30, norm="None", patience=1, schedule="Constant")
    trainer = Trainer(config, sketches)
    *_, done = trainer.run()
    assert done.reason == "diverged"
    assert same_or_nan(ran(script(config, sketches, "sketches", "Sketches"), tmp_path), trainer.predictor)
    with contextlib.chdir(tmp_path):
        runpy.run_path("run.py", run_name="__main__")
    assert f"NaN or infinite after {done.step} steps" in capsys.readouterr().out


def same_or_nan(weights, model):
    return all(
        torch.equal(value.nan_to_num(), model.state_dict()[name].nan_to_num()) for name, value in weights.items()
    )


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_each_change_is_written_as_it_is_made(name, sketches):
    config = TrainConfig(seed=3, **{**{"flip": False, "shift": 0.0}, name: STRENGTHS[name]})
    source = ScriptSource()
    body = augmenting.augmentation_source(config, source)
    head = "from __future__ import annotations\nimport torch\nfrom torch.nn import functional as F\n"
    source = "\n".join([head, *source.imports, "SEED, CLASSES = 3, ('cat', 'dog')", source.text(), body])
    names = {"__name__": "written"}
    exec(compile(source, "written", "exec"), names)
    index = torch.tensor([3, 9, 27, 1, 50, 8, 11])
    found = names["augmented"](sketches.images, sketches.labels, index, 7)
    expected = Augment(config, 2)(sketches.images, index, sketches.labels, 3, 7)
    assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


def rebuilt(model, order, seed):
    source = ScriptSource()
    lines = modules.network_source(model, source, order)
    head = (
        "from __future__ import annotations\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F"
    )
    source = "\n".join([head, *source.imports, source.text(), f"def network():\n{lines}"])
    return modules.rebuild(source, lambda: torch.manual_seed(seed))


STYLES = [
    *({"norm": name} for name in NORMS),
    *({"activation": name} for name in ("PReLU", "SiLU (Swish)", "Maxout", "GELU")),
    *({"dropout": name} for name in ("Dropout", "SpatialDropout", "Disout", "DropConnect", "StochasticDepth")),
]


@pytest.mark.parametrize("style", STYLES, ids=lambda style: next(iter(style.values())))
def test_a_network_of_any_style_is_written_as_it_is_built(style):
    with seeding.seeded_globally(5, seeding.Purpose.INITIALIZATION), modules.creation_order() as order:
        model = build_network(BASE.network, 3, 32, dataclasses.replace(BASE, **style))
    with seeding.seeded_globally(0, seeding.Purpose.INITIALIZATION):
        again = rebuilt(model, order, seeding.seed_of(5, seeding.Purpose.INITIALIZATION))
        assert modules.same_weights(model, again)
        x, answers = torch.randn(2, 3, 32, 32), []
        for one in (model, again):
            torch.manual_seed(1)
            answers.append(one.train()(x))
        assert torch.equal(*answers)


@pytest.mark.parametrize(
    "network",
    [*NETWORKS, "squeezenet1_1", "nn.Sequential(nn.Conv2d(3, 4, 3, padding='same'), nn.Flatten(), nn.Linear(4096, 2))"],
)
def test_every_network_has_a_script(network, sketches):
    text = script(dataclasses.replace(BASE, network=network), sketches, "sketches", "Sketches")
    compile(text, "run.py", "exec")
    assert "core.training" not in text


@pytest.mark.parametrize("start", STARTS)
def test_every_initialization_has_a_script(start, sketches):
    compile(script(dataclasses.replace(BASE, initialization=start), sketches, "sketches", "x"), "run.py", "exec")


@pytest.mark.parametrize("schedule", trainable_schedules())
def test_every_schedule_is_written_as_it_is(schedule):
    source, names = ScriptSource(), {}
    source.take_as("factor", factor_of(schedule))
    exec("\n".join(["from __future__ import annotations", *source.imports, source.text()]), names)
    assert [names["factor"](t / 20) for t in range(21)] == [factor_of(schedule)(t / 20) for t in range(21)]


def test_a_layer_cannot_smuggle_lines_into_a_script():
    for words in ("__import__('os')", "True), print(1", "x"):
        with pytest.raises(PlaygroundError, match="Dropout of this network cannot be written"):
            modules.network_source(nn.Sequential(nn.Dropout(0.5, inplace=words)), ScriptSource())


def test_a_title_cannot_end_the_docstring(sketches):
    text = script(BASE, sketches, "sketches", '"""\nimport os')
    assert "import os\n" not in text.split("from __future__")[0]
    compile(text, "run.py", "exec")


OWN_CLASS = """
class Block(nn.Module):
    def __init__(self, wide):
        super().__init__()
        self.conv = nn.Conv2d(wide, wide, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(wide)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)) + x)


class Net(nn.Module):
    def __init__(self, classes=2, depth=2):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.blocks = nn.Sequential(*[Block(8) for _ in range(depth)])
        self.head = nn.Linear(8, classes)

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)).mean((2, 3)))


net = Net(depth=1)
data = load_pictures("somewhere")
"""


def test_a_pasted_class_trains_and_its_script_ends_with_the_same_weights(sketches, tmp_path):
    config = TrainConfig(network=OWN_CLASS, epochs=1, batch_size=20)
    text = script(config, sketches, "sketches", "Sketches")
    assert "load_pictures" not in text
    assert same(ran(text, tmp_path), played(config, sketches))
