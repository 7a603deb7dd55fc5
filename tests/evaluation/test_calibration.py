"""Probabilities that mean what they say, and where it is better to say nothing."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit, softmax

from pipeline.evaluation.calibration import (
    apart,
    calibrated,
    calibration_error,
    log_loss,
    own_thresholds,
    reliability,
    temperature,
    thresholds,
    told,
)
from pipeline.evaluation.outcomes import Outcomes


def test_log_loss_by_hand() -> None:
    logits = np.log([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]])
    assert log_loss(logits, np.array([0, 1])) == pytest.approx(-(np.log(0.5) + np.log(0.8)) / 2)


@pytest.mark.parametrize("factor", [0.5, 1.0, 4.0])
def test_logits_that_were_scaled_are_scaled_back(factor: float) -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, (20_000, 4))
    targets = np.array([rng.choice(4, p=p) for p in softmax(honest, axis=1)])
    assert temperature(honest * factor, targets) == pytest.approx(factor, rel=0.05)


def made(rows: int = 4000, sharpen: float = 3.0, exclusive: bool = True) -> Outcomes:
    """Clips whose given probabilities are surer of themselves than they should be."""
    rng = np.random.default_rng(1)
    if exclusive:
        honest = softmax(rng.normal(0, 1.5, (rows, 3)), axis=1)
        truth = np.eye(3, dtype=bool)[[rng.choice(3, p=p) for p in honest]]
        given = softmax(np.log(honest) * sharpen, axis=1)
    else:
        honest = expit(rng.normal(-1, 1.5, (rows, 3)))
        truth = rng.random((rows, 3)) < honest
        given = expit(logit(honest) * sharpen + 1)
    return Outcomes(("A", "B", "C"), given, truth, np.arange(rows).astype(object))


@pytest.mark.parametrize("exclusive", [True, False])
def test_what_is_too_sure_becomes_honest(exclusive: bool) -> None:
    given = made(exclusive=exclusive)
    learnt = calibrated(given)
    assert learnt.exclusive is exclusive
    assert learnt.slope == pytest.approx(np.full(3, 1 / 3), rel=0.1)
    if exclusive:
        honest = replace(given, probabilities=learnt(given.probabilities))
        assert calibration_error(reliability(given)) > 0.1
        assert calibration_error(reliability(honest)) < 0.03
    else:
        assert learnt.offset == pytest.approx(np.full(3, -1 / 3), abs=0.1)


def test_each_part_is_calibrated_by_the_others() -> None:
    honest, sharp = made(sharpen=1.0), made(sharpen=3.0)
    both = np.concatenate([honest.probabilities, sharp.probabilities])
    given = Outcomes(honest.behaviours, both, np.tile(honest.truth, (2, 1)), np.arange(8000).astype(object))
    part = np.repeat([0, 1], 4000)
    learnt, before = np.log(apart(given, part)), np.log(both)
    slope = (learnt[:, 0] - learnt[:, 1]) / (before[:, 0] - before[:, 1])
    assert np.median(slope[part == 0]) == pytest.approx(1 / 3, rel=0.1)  # as if it were as sharp as the other
    assert np.median(slope[part == 1]) == pytest.approx(1.0, rel=0.1)
    alone = apart(honest, np.zeros(4000, dtype=np.int64))  # nobody else is there
    np.testing.assert_array_equal(alone, calibrated(honest)(honest.probabilities))


def test_a_behaviour_of_one_part_is_calibrated_by_all() -> None:
    given, part = made(exclusive=False), np.arange(4000) % 2
    given.truth[part == 0, 2] = False
    found, whole = apart(given, part), calibrated(given)(given.probabilities)
    np.testing.assert_array_equal(found[part == 1, 2], whole[part == 1, 2])
    assert found[part == 1, 0] == pytest.approx(
        calibrated(given.part(part == 0))(given.probabilities[part == 1])[:, 0], abs=1e-12
    )


def test_calibration_error_by_hand() -> None:
    p = np.array([[0.95, 0.05], [0.95, 0.05], [0.6, 0.4], [0.6, 0.4]])
    truth = np.array([[1, 0], [0, 1], [1, 0], [1, 0]], dtype=bool)
    bins = reliability(Outcomes(("A", "B"), p, truth, np.arange(4).astype(object)))
    assert bins[bins["clips"] > 0][["clips", "confidence", "accuracy"]].to_numpy() == pytest.approx(
        np.array([[2, 0.6, 1.0], [2, 0.95, 0.5]])
    )
    assert calibration_error(bins) == pytest.approx((2 * 0.4 + 2 * 0.45) / 4)


def test_thresholds_keep_what_is_true_often_enough() -> None:
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4], [0.2, 0.8]])
    truth = np.array([[1, 0], [1, 0], [0, 1], [1, 0], [1, 0]], dtype=bool)
    some = Outcomes(("A", "B"), p, truth, np.arange(5).astype(object))
    assert thresholds(some, 0.9).tolist() == [0.8, np.inf]  # B is never true where it is the likeliest
    assert thresholds(some, 0.7).tolist() == [0.6, np.inf]  # three of four
    assert told(some, thresholds(some, 0.9)).tolist() == [True, True, False, False, False]


def test_behaviours_by_themselves_have_thresholds_of_their_own() -> None:
    p = np.array([[0.9, 0.8], [0.8, 0.7], [0.7, 0.6], [0.6, 0.9]])
    truth = np.array([[1, 1], [1, 1], [0, 0], [1, 1]], dtype=bool)
    some = Outcomes(("A", "B"), p, truth, np.arange(4).astype(object))
    assert own_thresholds(some, 0.9).tolist() == [0.8, 0.7]  # B too where A is likelier
    assert own_thresholds(some, 0.7).tolist() == [0.6, 0.6]
