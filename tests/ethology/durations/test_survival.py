import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from pipeline.ethology.durations.survival import quantile_limits, survivor
from pipeline.ethology.statistics import expanded_tail
from pipeline.ethology.units import Draws
from tests.ethology.made import statistics

# remission times in weeks of 21 patients on 6-MP (Freireich et al. 1963), the textbook example of the estimate: Klein
# and Moeschberger (2003), "Survival Analysis", table 4.1A gives S(6) = 0.857 ... S(23) = 0.448, median 23
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [True] * 9 + [False] * 12


def test_the_textbook_example():
    curve = survivor(np.array(WEEKS, dtype=float), np.array(RELAPSED))
    assert curve.time_s.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.share.tolist() == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)
    assert curve.quantile(0.5) == 23
    assert curve.quantile(0.25) == 13
    assert np.isnan(curve.quantile(0.75))


@pytest.mark.parametrize("seed", range(5))
def test_like_statsmodels(seed):
    rng = np.random.default_rng(seed)
    time = np.round(rng.exponential(10, 60), 1) + 0.1  # with ties
    ended = rng.random(60) < 0.7
    curve, other = survivor(time, ended), SurvfuncRight(time, ended)
    at = other.n_events > 0
    assert curve.time_s.tolist() == other.surv_times[at].tolist()
    assert curve.share == pytest.approx(other.surv_prob[at], abs=1e-12)
    for part in (0.21, 0.37, 0.503):  # no level step at these
        assert curve.quantile(part) == pytest.approx(other.quantile(part), nan_ok=True)


@pytest.mark.parametrize(
    ("time", "ended", "median"),
    [
        ([], [], None),  # empty
        ([4], [1], 4),  # one
        ([4], [0], None),  # one that was cut
        ([1, 2, 3, 4], [1, 1, 1, 1], 2.5),  # without censoring: the ordinary median
        ([1, 2, 3], [1, 1, 1], 2),
        ([1, 2, 9, 9], [1, 1, 0, 0], 2),  # level at a half until the end of the record
        ([1, 9, 9], [1, 0, 0], None),  # two of three outlast the record
        ([2, 2, 5], [1, 0, 1], 5),  # cut at 2 lasted longer than what ended at 2
    ],
)
def test_medians_by_hand(time, ended, median):
    found = survivor(np.array(time, dtype=float), np.array(ended, dtype=bool)).quantile(0.5)
    assert np.isnan(found) if median is None else found == median


def test_the_curve_is_told_until_one_stands_for_too_many():
    # each of ten stands for a tenth; after six were cut at 3 the one that ends at 5 stands for S(3) / 2 = 0.4
    time, ended = np.array([1.0, 2, *[3] * 6, 5, 9]), np.array([True, True, *[False] * 6, True, False])
    assert survivor(time, ended).share.tolist() == pytest.approx([0.9, 0.8, 0.4])
    assert survivor(time, ended, 0.4).time_s.tolist() == [1, 2, 5]
    few = survivor(time, ended, 0.39)
    assert (few.time_s.tolist(), few.quantile(0.2)) == ([1, 2], 2)
    assert np.isnan(few.quantile(0.5))
    whole = np.arange(5.0), np.ones(5, dtype=bool)  # without censoring nothing is left out
    assert survivor(*whole, 0.2).time_s.tolist() == whole[0].tolist()


def draws(leaves, weights):
    return Draws(np.arange(leaves), np.asarray(weights, dtype=float), leaves, "")


def test_resampled_medians_are_those_of_the_repeated_times():
    rng = np.random.default_rng(1)
    time, ended, row = rng.exponential(9, 90).round(1), rng.random(90) < 0.8, rng.integers(0, 8, 90)
    weights = rng.multinomial(8, np.full(8, 1 / 8), size=300)
    low, high = quantile_limits(time, ended, row, draws(8, weights), 0.5, 0.9)
    medians = []
    for weight in weights:
        times = weight[row]
        medians.append(survivor(np.repeat(time, times), np.repeat(ended, times)).quantile(0.5))
    tail = expanded_tail(8, 0.9)
    expected = np.quantile(np.nan_to_num(medians, nan=np.inf), [tail, 1 - tail], method="inverted_cdf")
    assert [low, high] == expected.tolist()


def test_a_limit_beyond_the_record_is_open():
    time, ended = np.array([1.0, 2, 3, 9, 9, 9]), np.array([True] * 3 + [False] * 3)
    weights = np.random.default_rng(0).multinomial(6, np.full(6, 1 / 6), size=200)
    low, high = quantile_limits(time, ended, np.arange(6), draws(6, weights), 0.5, 0.95)
    assert low == 1
    assert np.isnan(high)


def test_many_distinct_times_change_a_limit_by_less_than_a_rank_in_a_hundred():
    rng = np.random.default_rng(2)
    time, row = rng.exponential(10, 4000), rng.integers(0, 10, 4000)
    weights = rng.multinomial(10, np.full(10, 0.1), size=200)
    low, high = quantile_limits(time, np.ones(4000, dtype=bool), row, draws(10, weights), 0.5, 0.95)
    exact = [np.median(np.repeat(time, weight[row])) for weight in weights]
    rank = np.searchsorted(np.sort(time), [low, high, min(exact), max(exact)]) / 4000
    assert rank[2] - 0.01 <= rank[0] <= rank[1] <= rank[3] + 0.01
    assert rank[0] < 0.5 < rank[1]


def test_without_resamples_there_are_no_limits():
    none = Draws(np.arange(2), np.zeros((0, 0)), 2, "no interval")
    found = quantile_limits(np.ones(2), np.ones(2, dtype=bool), np.arange(2), none, 0.5, statistics().confidence)
    assert np.isnan(found).all()
