"""The temperature of probabilities."""

import numpy as np
import pytest
from scipy.special import softmax

from pipeline.training.calibrate import log_loss, temperature, tempered


def test_log_loss_by_hand() -> None:
    logits = np.log([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]])
    assert log_loss(logits, np.array([0, 1])) == pytest.approx(-(np.log(0.5) + np.log(0.8)) / 2)


@pytest.mark.parametrize("factor", [0.5, 1.0, 4.0])
def test_logits_that_were_scaled_are_scaled_back(factor: float) -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, (20_000, 4))
    targets = np.array([rng.choice(4, p=p) for p in softmax(honest, axis=1)])
    assert temperature(honest * factor, targets) == pytest.approx(factor, rel=0.05)


def test_the_head_is_divided() -> None:
    import torch

    model = torch.nn.Module()
    model.classifier = torch.nn.Linear(3, 2)
    rest = torch.ones(1, 3)
    before = model.classifier(rest)
    after = tempered(model, 2.0).classifier(rest)
    torch.testing.assert_close(after, before / 2, rtol=1e-3, atol=1e-4)
