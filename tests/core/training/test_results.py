"""What a run leaves behind is read back as it was."""

import math

import numpy as np
import pytest
import torch

from core.training import TrainConfig, TrainedModel, metrics
from core.training.batches import ImageNormalization
from core.training.results import classify, read_predictions


def test_predictions_come_hardest_first(tmp_path):
    labels = torch.tensor([0, 1, 2, 1, 0])
    probabilities = torch.tensor([[0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.05, 0.05, 0.9]])
    torch.save({"index": torch.tensor([1, 4, 2]), "probabilities": probabilities}, tmp_path / "p.pt")
    found = read_predictions(tmp_path / "p.pt", labels)
    assert [(p.index, p.label, p.predicted, p.is_correct) for p in found] == [
        (4, 0, 2, False),
        (1, 1, 1, True),
        (2, 2, 2, True),
    ]
    assert [p.true_probability for p in found] == pytest.approx([0.3, 0.8, 0.9])
    assert found[0].probability == pytest.approx(0.4)


def test_looking_at_a_picture_gives_the_networks_softmax():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 8 * 8, 3)).eval()
    normalize = ImageNormalization((100.0, 110.0, 120.0), (50.0, 60.0, 70.0))
    trained = TrainedModel(model, TrainConfig(), ("a", "b", "c"), 8, normalize, 1)
    picture = np.random.default_rng(1).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    x = (torch.from_numpy(picture).permute(2, 0, 1).float() - torch.tensor([100.0, 110, 120]).view(3, 1, 1)) / (
        torch.tensor([50.0, 60, 70]).view(3, 1, 1)
    )
    expected = model(x[None]).softmax(1)[0]
    found = classify(trained, picture)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert {name: found[name] for name in "abc"} == pytest.approx(dict(zip("abc", expected.tolist(), strict=True)))


@pytest.mark.parametrize("probability", [0.5, 0.9997, 0.123456789, 1e-9, 1.0, 0.60653])
def test_a_shown_probability_gives_the_shown_loss(probability):
    text, loss = metrics.matching_digits(probability)
    assert f"{-math.log(float(text)):.3f}" == loss
    assert "e" not in text
    assert float(loss) == pytest.approx(
        torch.nn.functional.nll_loss(torch.tensor([[probability]]).double().log(), torch.tensor([0])).item(), abs=5e-4
    )
