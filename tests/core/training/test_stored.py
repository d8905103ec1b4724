"""What an earlier version of the app has written still opens: every name in a config, a checkpoint, predictions.

`tests/data/stored_names.json` holds every word that a stored config of commit 8fb746f can contain, and the configs of
its recipes; `tests/data/stored_runs` two of its runs.
"""

import json
from pathlib import Path

import pytest
import torch

from core.datasets import load
from core.training import TrainConfig, Trainer, load_trained, resume
from core.training.recipe.networks import on_meta, options_of
from core.training.results import read_predictions

DATA = Path(__file__).parents[2] / "data"
STORED = json.loads((DATA / "stored_names.json").read_text(encoding="utf-8"))
NAMES = [(field, name) for field, names in STORED["choices"].items() for name in names]
RUN = DATA / "stored_runs" / "own_network"


@pytest.fixture(scope="module")
def sketches():
    """The images that the stored runs were trained on."""
    return load("sketches", 16)


@pytest.mark.parametrize(("field", "name"), NAMES)
def test_every_stored_name_is_still_read(field, name):
    config = TrainConfig(**{field: name})
    assert sum(p.numel() for p in on_meta(config.network, 2, 32, options_of(config)).parameters()) > 0


@pytest.mark.parametrize("recipe", STORED["recipes"])
def test_every_stored_recipe_is_still_read_with_all_its_settings(recipe):
    stored = STORED["recipes"][recipe]
    config = TrainConfig(**stored)
    assert {name: getattr(config, name) for name, value in stored.items() if not isinstance(value, str)} == {
        name: value for name, value in stored.items() if not isinstance(value, str)
    }


def test_a_stored_network_gives_the_probabilities_that_it_gave(sketches):
    trained = load_trained(RUN / "run.pt")
    stored = torch.load(RUN / "predictions.pt", weights_only=True)
    probabilities = trained.probabilities(sketches.images[stored["index"]])
    torch.testing.assert_close(probabilities, stored["probabilities"], rtol=1e-4, atol=1e-5)
    assert (trained.classes, trained.size, trained.step) == (("cat", "dog"), 16, 6)


def test_stored_predictions_are_read_with_the_largest_loss_first(sketches):
    predictions = read_predictions(RUN / "predictions.pt", sketches.labels)
    assert len(predictions) == 200
    assert predictions[0].loss == max(one.loss for one in predictions)


def test_a_stored_checkpoint_can_be_resumed(sketches):
    config = TrainConfig(**json.loads((RUN / "order.json").read_text(encoding="utf-8"))["config"])
    trainer = Trainer(config, sketches)
    resume(trainer, RUN / "run.pt")
    assert trainer.step == 6
    loss, _ = trainer.validate()
    assert loss == pytest.approx(0.8179637145996094, rel=1e-4)
