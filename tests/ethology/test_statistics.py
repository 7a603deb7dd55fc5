import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.ethology.statistics import ratio_limits, resampled
from tests.ethology.made import statistics


def test_sessions_are_drawn_whole():
    session = np.array([0, 0, 1, 2])
    weights = resampled(session, np.zeros(4, dtype=bool), statistics())
    assert weights.shape == (400, 4)
    assert (weights[:, 0] == weights[:, 1]).all()  # what nobody named goes with its session
    assert (weights[:, 1:].sum(axis=1) == 3).all()
    assert weights.mean(axis=0) == pytest.approx([1, 1, 1, 1], abs=0.15)


def test_named_animals_are_drawn_within_their_session():
    session, named = np.array([0, 0, 0, 1, 1]), np.array([True, True, False, True, True])
    weights = resampled(session, named, statistics())
    copies = weights[:, 2]  # the unnamed remainder of session 0 counts as often as the session
    assert (weights[:, :2].sum(axis=1) == 2 * copies).all()
    assert (weights[:, 3:].sum(axis=1) == 2 * (2 - copies)).all()
    assert (weights[:, 0] != weights[:, 1]).any()


def test_of_one_session_only_the_named_animals_are_drawn():
    weights = resampled(np.zeros(3, dtype=int), np.array([True, True, False]), statistics())
    assert (weights[:, 2] == 1).all()
    assert (weights[:, :2].sum(axis=1) == 2).all()


def test_the_same_seed_gives_the_same_draws():
    session, named = np.arange(8), np.zeros(8, dtype=bool)
    assert (resampled(session, named, statistics()) == resampled(session, named, statistics())).all()


def test_limits_without_variation_are_the_figure_itself():
    weights = resampled(np.arange(6), np.zeros(6, dtype=bool), statistics())
    whole = np.array([1.0, 2, 3, 4, 5, 6])
    low, high = ratio_limits(np.column_stack([0.25 * whole, 0.75 * whole]), whole, weights, 6, 0.95)
    assert low.tolist() == pytest.approx([0.25, 0.75])
    assert high.tolist() == pytest.approx([0.25, 0.75])


def test_limits_cover_the_true_share_about_as_often_as_they_say():
    # 300 studies of 12 sessions, 400 resamples each: 95 % +- 2.5 points of chance; plain percentiles come to about 88 %
    rng = np.random.default_rng(3)
    weights = resampled(np.arange(12), np.zeros(12, dtype=bool), statistics())
    covered = []
    for _ in range(300):
        whole = rng.uniform(50, 150, 12)
        low, high = ratio_limits((rng.beta(4, 6, 12) * whole)[:, None], whole, weights, 12, 0.95)
        covered.append(low[0] <= 0.4 <= high[0])
    assert 0.92 <= np.mean(covered) <= 0.98


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"interval_s": 0}, "interval_s must be > 0, got 0.0"),
        ({"by": ["sex", "sex"]}, "by must name columns, each once, and none of pooled, .*; got 'sex'"),
        ({"by": ["species"]}, "got 'species'"),
        ({"time_bin_s": 0}, "time_bin_s must be > 0 or null, got 0.0"),
        ({"min_units": 1}, "min_units must be >= 2, got 1"),
        ({"confidence": 1.0}, r"confidence must be in \(0, 1\), got 1.0"),
        ({"resamples": 10}, "resamples must be >= 100, got 10"),
        ({"seed": -1}, "seed must be >= 0, got -1"),
    ],
)
def test_settings_are_checked(configured, changes, text):
    with pytest.raises(UsageError, match=text):
        configured("statistics", **changes)
