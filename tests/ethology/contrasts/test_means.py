"""Limits and shuffles against scipy and statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import permutation_test, ttest_ind, ttest_rel

from pipeline.ethology.contrasts.means import Halves, Ratios, arrangements, p_values, swaps

RNG = np.random.default_rng(0)
FIRST, SECOND = RNG.normal(0.3, 0.1, 7), RNG.normal(0.4, 0.2, 5)


def apart(first, second):
    """Units in one condition each."""
    values = np.full((len(first) + len(second), 2, 1), np.nan)
    values[: len(first), 0, 0], values[len(first) :, 1, 0] = first, second
    return values


def test_units_apart_have_welchs_interval():
    halves = Halves(apart(FIRST, SECOND), np.arange(12))
    low, high = halves.limits(0.95)
    theirs = ttest_ind(SECOND, FIRST, equal_var=False).confidence_interval(0.95)
    assert (low[0], high[0]) == pytest.approx((theirs.low, theirs.high))


def test_units_in_both_have_the_paired_interval():
    values = np.stack([FIRST, FIRST + RNG.normal(0.1, 0.05, 7)], axis=1)[..., None]
    low, high = Halves(values, np.arange(7)).limits(0.9)
    theirs = ttest_rel(values[:, 1, 0], values[:, 0, 0]).confidence_interval(0.9)
    assert (low[0], high[0]) == pytest.approx((theirs.low, theirs.high))


def test_units_of_one_replicate_are_no_replicates():
    # least squares on the condition with a sandwich by cluster; with as many clusters a condition their factors agree
    first, second = RNG.normal(0, 1, (2, 30))
    cluster = np.repeat(np.arange(20), 3)
    first, second = first + np.repeat(RNG.normal(0, 2, 10), 3), second + np.repeat(RNG.normal(0, 2, 10), 3)
    halves = Halves(apart(first, second), cluster)
    low, high = halves.limits(0.95)
    condition = np.repeat([0.0, 1.0], 30)
    fitted = sm.OLS(np.concatenate([first, second]), sm.add_constant(condition)).fit()
    robust = fitted.get_robustcov_results("cluster", groups=cluster, use_correction=False)
    assert halves.means[1, 0] - halves.means[0, 0] == pytest.approx(robust.params[1])
    width = ((high - low)[0] / 2) / 2.1009  # t with 18 degrees of freedom: as variable in both, nearly
    assert width == pytest.approx(robust.bse[1] * np.sqrt(10 / 9), rel=0.02)


def test_all_shuffles_are_scipys_exact_test():
    there = np.isfinite(apart(FIRST, SECOND)[..., 0])
    halves = Halves(apart(FIRST, SECOND), np.arange(12))
    swapped, whole = swaps(there, 1000, 0)
    assert (whole, len(swapped), arrangements(there)) == (True, 792, 792)
    found = p_values(halves.means[1] - halves.means[0], halves.shuffled(swapped), whole)
    theirs = permutation_test((FIRST, SECOND), lambda a, b: abs(a.mean() - b.mean()), alternative="greater")
    assert found[0] == pytest.approx(theirs.pvalue)


def test_all_swaps_are_scipys_exact_test_of_pairs():
    values = np.stack([FIRST, FIRST + RNG.normal(0.05, 0.1, 7)], axis=1)[..., None]
    halves = Halves(values, np.arange(7))
    swapped, whole = swaps(np.ones((7, 2), dtype=bool), 999, 0)
    assert (whole, len(swapped)) == (True, 128)
    found = p_values(halves.means[1] - halves.means[0], halves.shuffled(swapped), whole)
    theirs = permutation_test(
        (values[:, 0, 0], values[:, 1, 0]),
        lambda a, b: abs(a.mean() - b.mean()),
        permutation_type="samples",
        alternative="greater",
    )
    assert found[0] == pytest.approx(theirs.pvalue)


def test_shuffles_that_are_drawn_agree_with_all_of_them():
    there = np.isfinite(apart(FIRST, SECOND)[..., 0])
    halves = Halves(apart(FIRST, SECOND), np.arange(12))
    seen = halves.means[1] - halves.means[0]
    exact = p_values(seen, halves.shuffled(swaps(there, 1000, 0)[0]), whole=True)
    swapped, whole = swaps(there, 700, 0)
    assert not whole
    assert p_values(seen, halves.shuffled(swapped), whole)[0] == pytest.approx(exact[0], abs=0.05)
    labels = there[:, 1] ^ swapped
    assert (labels.sum(axis=1) == 5).all()  # as many units in each condition


def test_ratios_of_conditions_that_do_not_differ_are_seldom_found_to():
    # 200 studies of eight units each, which differ; the second condition is watched for a fifth of the time
    rng, held, found = np.random.default_rng(0), [], []
    there = np.repeat(np.eye(2, dtype=bool), 8, axis=0)
    swapped, _ = swaps(there, 199, 0)
    watched = np.where(there, [500.0, 100.0], np.nan)[..., None]
    for _ in range(200):
        length = rng.gamma(9, 1, (16, 1, 1))
        starts = rng.poisson(np.nan_to_num(watched) / 3 / length)
        time = rng.gamma(np.maximum(starts, 1e-9), length)
        ratios = Ratios(time / watched, starts / watched, np.arange(16))
        low, high = ratios.limits(0.95)
        held.append(low[0] <= 0 <= high[0])
        found.append(p_values(ratios.logs, ratios.shuffled(swapped), whole=False)[0] <= 0.05)
    assert 0.91 <= np.mean(held) <= 0.99
    assert 0.01 <= np.mean(found) <= 0.09


@pytest.mark.parametrize(("animals", "bouts"), [(8, 2), (12, 1), (20, 1)])
def test_limits_of_ratios_of_few_bouts_hold_as_often_as_they_say(animals, bouts):
    # 4,000 studies at once; animals differ, and have so many bouts each
    rng, shape = np.random.default_rng(1), (2, animals, 4000)
    length = rng.gamma(4, 1, shape)
    ends = rng.poisson(bouts * 4 / length)
    time = rng.gamma(np.maximum(ends, 1e-9), length)
    time, ends = (np.stack([both, np.full_like(both, np.nan)]) for both in (time, ends.astype(float)))
    values = [np.concatenate([one[:, 0], one[::-1, 1]], axis=1).swapaxes(0, 1) for one in (time, ends)]
    low, high = Ratios(*values, np.arange(2 * animals)).limits(0.95)
    assert np.mean((low <= 0) & (high >= 0)) >= 0.93  # by linearisation 0.90 to 0.92


def test_a_ratio_that_is_none():
    part = np.array([[[0.0, 1, 0, 1]], [[2.0, 1, 0, 3]]]).repeat(2, axis=0)  # none in one, alike, none, no whole
    whole = np.array([[[1.0, 1, 1, 0]], [[1.0, 1, 1, 1]]]).repeat(2, axis=0)
    none = np.full((4, 1, 4), np.nan)
    halves = [np.concatenate([np.where(np.arange(4)[:, None, None] < 2, values, none),
                              np.where(np.arange(4)[:, None, None] < 2, none, values)], axis=1)
              for values in (part, whole)]  # fmt: skip
    ratios = Ratios(halves[0], halves[1], np.arange(4))
    assert ratios.logs.tolist() == pytest.approx([np.inf, 0, np.nan, np.nan], nan_ok=True)
    assert np.isfinite(ratios.limits(0.95)[0]).tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        ([[1, 0]], 1),  # one
        ([[1, 0], [0, 1]], 2),
        ([[1, 1], [1, 1], [1, 1]], 8),
        ([[1, 1], [1, 0], [1, 0], [0, 1]], 6),
    ],
)
def test_arrangements_are_all_there_are(there, wanted):
    there = np.array(there, dtype=bool)
    swapped, whole = swaps(there, 99, 0)
    assert (arrangements(there), len(np.unique(swapped, axis=0)), whole) == (wanted, wanted, True)
    assert (~swapped.any(axis=1)).sum() == 1  # what was seen is one of them
