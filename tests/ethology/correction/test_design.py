"""Estimates of stratified samples against the worked examples of their authors, and against statsmodels."""

import numpy as np
import pytest
from scipy.stats import t as tdist
from scipy.stats import ttest_ind
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from pipeline.ethology.correction.design import Design, collapsed

# Olofsson et al. 2014, table 8: rows the map (deforestation, gain, stable forest, stable non-forest), columns reference
OLOFSSON = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]])
HECTARES = np.array([200_000.0, 150_000, 3_200_000, 6_450_000])

# Stehman 2014, table 2: four strata of ten units each, what the map says and what is true
SIZES = np.array([40_000.0, 30_000, 20_000, 10_000])
STRATUM = np.repeat(np.arange(4), 10)
MAP = np.array(["ABCD".index(letter) for letter in "AAAAAAABBBABBBBBBBBBBBCCCCCCBBDDDDDDDDDD"])
TRUE = np.array(["ABCD".index(letter) for letter in "AAAAACBABCABBBBBAABBCCCCCDDBBADDDDDDDCCB"])


def onehot(codes, kinds=4):
    return np.eye(kinds)[codes]


def cells(counts):
    """The rows and columns of single units."""
    rows, columns = np.indices(counts.shape)
    return np.repeat(rows.ravel(), counts.ravel()), np.repeat(columns.ravel(), counts.ravel())


def test_olofssons_example():
    told, true = cells(OLOFSSON)
    design = Design(told, HECTARES)
    right = onehot(told) * onehot(true)
    accuracy, error, _ = design.ratios(right.sum(axis=1, keepdims=True), np.ones((len(told), 1)))
    assert (accuracy[0], 1.96 * error[0]) == (pytest.approx(0.947, abs=5e-4), pytest.approx(0.018, abs=5e-4))
    users, error, _ = design.ratios(right, onehot(told))
    assert users == pytest.approx([0.88, 0.73, 0.93, 0.96], abs=5e-3)
    assert 1.96 * error == pytest.approx([0.07, 0.10, 0.04, 0.02], abs=5e-3)
    producers, error, _ = design.ratios(right, onehot(true))
    assert producers[0] == pytest.approx(0.75, abs=5e-3)
    assert 1.96 * error[0] == pytest.approx(0.21, abs=5e-3)
    area, error, _ = design.ratios(onehot(true), np.ones((len(told), 4)))
    hectares = HECTARES.sum()
    assert (area[0] * hectares, 1.96 * error[0] * hectares) == (
        pytest.approx(235_086, abs=1),
        pytest.approx(68_418, abs=1),
    )


def test_stehmans_example_of_strata_that_are_not_the_maps_classes():
    design = Design(STRATUM, SIZES)
    right, one = onehot(MAP) * onehot(TRUE), np.ones((40, 4))
    area, error, _ = design.ratios(onehot(TRUE), one)
    assert area[[0, 2]].tolist() == pytest.approx([0.35, 0.20])
    assert error[[0, 2]].tolist() == pytest.approx([0.082, 0.064], abs=5e-4)
    accuracy, error, _ = design.ratios(right.sum(axis=1, keepdims=True), one[:, :1])
    assert (accuracy[0], error[0]) == (pytest.approx(0.63), pytest.approx(0.085, abs=5e-4))
    users, error, _ = design.ratios(right, onehot(MAP))
    assert users == pytest.approx([0.7419355, 0.5744681, 0.5, 0.7])
    assert error == pytest.approx([0.1645627, 0.1248023, 0.2151657, 0.1527525])
    producers, error, _ = design.ratios(right, onehot(TRUE))
    assert producers == pytest.approx([0.6571429, 0.7941176, 0.3, 0.6363636])
    assert error == pytest.approx([0.1477318, 0.1165671, 0.1504438, 0.1623242])
    both, _, _ = design.ratios((onehot(MAP)[:, [1]] * onehot(TRUE)[:, [2]]), one[:, :1])
    assert both[0] == pytest.approx(0.08)


def test_degrees_of_freedom_are_those_of_welch_and_satterthwaite():
    """A total of two strata varies as the difference of their means does; a third in which nothing varies adds none."""
    rng = np.random.default_rng(3)
    first, second, size = rng.normal(0, 3, 6), rng.normal(0, 1, 14), np.array([30.0, 50.0, 20.0])
    theirs = ttest_ind(size[0] * first, size[1] * second, equal_var=False)
    design = Design(np.repeat([0, 1, 2], [6, 14, 25]), size)
    variance, freedom = design.variance(np.concatenate([first, second, np.zeros(25)])[:, None])
    assert freedom[0] == pytest.approx(theirs.df)
    low, high = theirs.confidence_interval()
    assert 2 * tdist.ppf(0.975, freedom[0]) * np.sqrt(variance[0]) == pytest.approx(high - low)
    assert Design(np.zeros(6, dtype=int), size[:1]).variance(first[:, None])[1] == pytest.approx([5])


def test_a_precision_rests_on_the_windows_told_so_alone():
    told = np.repeat([0, 1], [4, 60])
    true = np.where(np.arange(64) % 4 == 0, 1 - told, told)
    right, design = onehot(told, 2) * onehot(true, 2), Design(told, np.array([100.0, 5000.0]))
    value, error, freedom = design.ratios(right, onehot(told, 2))
    assert value.tolist() == [0.75, 0.75]
    assert freedom == pytest.approx([3, 59])
    assert error**2 == pytest.approx([0.1875 / 3, 0.1875 / 59])


def test_kappa_of_one_stratum_is_that_of_statsmodels():
    first, second = cells(np.array([[20, 5, 1], [3, 30, 6], [0, 4, 12]]))
    design = Design(np.zeros(len(first), dtype=int), np.array([500.0]))
    value, error, _ = design.kappa(first, second, 3)
    theirs = cohens_kappa(np.array([[20, 5, 1], [3, 30, 6], [0, 4, 12]]))
    assert value == pytest.approx(theirs.kappa)
    assert error**2 == pytest.approx(theirs.var_kappa * 81 / 80)  # n - 1 where they have n


def test_kappa_is_weighted_and_leaves_out_what_nobody_says():
    design = Design(STRATUM, SIZES)
    wanted = cohen_kappa_score(MAP, TRUE, sample_weight=design.weight)
    assert design.kappa(MAP, TRUE, 4)[0] == pytest.approx(wanted)
    said = np.where(np.arange(40) % 7 == 0, -1, TRUE)
    kept = said >= 0
    wanted = cohen_kappa_score(MAP[kept], TRUE[kept], sample_weight=design.weight[kept])
    assert design.kappa(MAP, said, 4)[0] == pytest.approx(wanted)
    assert np.isnan(design.kappa(np.zeros(40, dtype=int), np.zeros(40, dtype=int), 4)).all()
    assert np.isnan(design.kappa(np.full(40, -1), TRUE, 4)).all()


def test_errors_are_those_of_drawing_again_and_again():
    rng = np.random.default_rng(1)
    sizes = np.array([4000, 1500, 500])
    told = np.repeat(np.arange(3), sizes)
    true = np.where(rng.random(6000) < 0.8, told, rng.integers(0, 3, 6000))
    shares, kappas, errors = [], [], []
    for _ in range(600):
        drawn = np.concatenate([rng.choice(np.flatnonzero(told == k), 40) for k in range(3)])
        design = Design(told[drawn], sizes.astype(float))
        share, error, _ = design.ratios(onehot(true[drawn], 3), np.ones((120, 3)))
        kappa, of_kappa, _ = design.kappa(told[drawn], true[drawn], 3)
        shares.append(share)
        kappas.append(kappa)
        errors.append([*error, of_kappa])
    seen = [*np.std(shares, axis=0), np.std(kappas)]
    assert np.sqrt(np.mean(np.square(errors), axis=0)) == pytest.approx(seen, rel=0.1)
    assert np.mean(shares, axis=0) == pytest.approx(np.bincount(true) / 6000, abs=0.01)
    assert np.mean(kappas) == pytest.approx(cohen_kappa_score(told, true), abs=0.01)


def test_a_stratum_of_one_is_put_to_the_largest_told_alike():
    told, session = np.array([0, 0, 0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 2, 2, 0, 0])
    design, joined = collapsed(told, session, np.array([2.0, 2, 2, 5, 1, 1, 3, 3]))
    assert (joined, design.size.tolist()) == (1, [11.0, 2.0, 6.0])
    assert design.sampled.tolist() == [4.0, 2.0, 2.0]
    alone, joined = collapsed(np.array([0, 1, 1]), np.zeros(3, dtype=int), np.ones(3))
    assert (joined, alone.size.tolist()) == (0, [1.0, 2.0])  # nothing is told alike
    variance, freedom = alone.variance(np.array([[3.0, 0.0], [0.0, 1.0], [0.0, 3.0]]))
    assert variance.tolist() == [3.0, 4.0]  # 1 unit of 1 s: the spread of all three, (4 + 1 + 1) / 2; 2 s ** 2 * 2 / 2
    assert freedom.tolist() == [1.0, 1.0]
    assert np.isnan(Design(np.zeros(1, dtype=int), np.ones(1)).variance(np.ones((1, 1)))).all()


def test_limits_with_a_stratum_of_one_are_wide_enough():
    """Four classes told rightly with chances of their own, of the last one answer: the mean over 1,000 draws."""
    rng, sizes, chance = np.random.default_rng(5), np.array([4000.0, 3000, 2000, 400]), np.array([0.9, 0.8, 0.7, 0.6])
    stratum, inside = np.repeat(np.arange(4), [30, 30, 30, 1]), []
    truth = sizes @ chance / sizes.sum()
    for _ in range(1000):
        right = (rng.random(91) < chance[stratum]).astype(float)[:, None]
        value, error, freedom = Design(stratum, sizes).ratios(right, np.ones((91, 1)))
        inside.append(abs(value[0] - truth) <= tdist.ppf(0.975, freedom[0]) * error[0])
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


def test_a_design_checks_itself():
    with pytest.raises(ValueError, match="every stratum must have a sampled unit"):
        Design(np.array([0, 2]), np.ones(3))
