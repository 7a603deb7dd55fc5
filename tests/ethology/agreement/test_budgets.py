"""Do budgets agree: by hand, against numpy and scipy, and by how often the limits hold."""

import numpy as np
import pytest
from scipy import stats

from pipeline.ethology.agreement.agree import agree
from pipeline.ethology.agreement.budgets import compared, concordance
from tests.ethology.agreement.made import coded, settings


def test_bias_and_limits_by_hand() -> None:
    first = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    second = first + np.array([0.01, 0.03, 0.02, 0.04, 0.0, 0.02])
    row = compared(first, second, settings())
    apart = second - first
    half = stats.t.ppf(0.975, 5) * apart.std(ddof=1)
    assert row["n"] == 6
    assert row["bias"] == pytest.approx(0.02)
    low, high = stats.t.interval(0.95, 5, loc=apart.mean(), scale=stats.sem(apart))
    assert (row["bias_low"], row["bias_high"]) == pytest.approx((low, high))
    assert row["loa_high"] == pytest.approx(0.02 + 1.96 * apart.std(ddof=1))
    assert row["loa_low"] == pytest.approx(0.02 - 1.96 * apart.std(ddof=1))
    assert row["loa_high_high"] - row["loa_high"] == pytest.approx(half * np.sqrt(1 / 6 + 1.96**2 / 10))


def test_bland_and_altmans_own_figures() -> None:
    """Bland and Altman 1986, table 1, mini and large Wright meter: bias -2.1, sd 38.8, limits -79.7 and 75.5 l/min."""
    large = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    row = compared(np.array(mini, dtype=np.float64), np.array(large, dtype=np.float64), settings())
    assert row["bias"] == pytest.approx(-2.1, abs=0.05)
    # They round the sd to 38.8 and take two of them; here 1.96.
    assert (row["loa_high"] - row["bias"]) / 1.96 == pytest.approx(38.8, abs=0.05)
    assert (row["bias_low"], row["bias_high"]) == pytest.approx((-22.0, 17.8), abs=0.15)


@pytest.mark.parametrize("seed", range(3))
def test_concordance_is_correlation_times_bias_correction(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = rng.normal(0, 1, 30)
    second = 0.8 * first + rng.normal(0.3, 0.5, 30)
    ratio = first.std() / second.std()
    shift = (first.mean() - second.mean()) / np.sqrt(first.std() * second.std())
    correction = 2 / (ratio + 1 / ratio + shift**2)
    value, low, high = concordance(first, second, 0.95)
    assert value == pytest.approx(stats.pearsonr(first, second).statistic * correction)
    assert low < value < high


def test_limits_of_the_concordance_hold_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    held = []
    for _ in range(1500):  # population: means 0 and 0.5, sds 1 and 1.2, correlation 0.8
        first = rng.normal(0, 1, 40)
        second = 0.5 + 1.2 * (0.8 * first + 0.6 * rng.normal(0, 1, 40))
        _, low, high = concordance(first, second, 0.95)
        held.append(low <= 2 * 0.8 * 1.2 / (1 + 1.44 + 0.25) <= high)
    assert 0.93 <= np.mean(held) <= 0.97


@pytest.mark.parametrize(
    ("first", "second", "method"),
    [
        ([0.1] * 5, [0.2] * 5, "bias only: only 5 animals or videos (6 are needed)"),  # too few
        ([0.0] * 6, [0.0] * 6, "bias only: nobody says it of any animal"),
    ],
)
def test_too_little_for_limits(first: list[float], second: list[float], method: str) -> None:
    row = compared(np.array(first), np.array(second), settings())
    assert row["method"] == method
    assert row["bias"] == pytest.approx(second[0] - first[0])
    assert "loa_low" not in row


@pytest.mark.parametrize(("subjects", "what"), [("12345678", "tracks"), ("ABCDEFGH", "animals or videos")])
def test_fragments_do_not_count_as_animals(subjects: str, what: str) -> None:
    words = {"a": {}, "b": {}}
    for k, subject in enumerate(subjects[:6]):
        words["a"]["v", subject], words["b"]["v", subject] = "W" * (20 + k) + "G" * 60, "W" * (22 + k) + "G" * 58
    for subject in subjects[6:]:
        words["a"]["v", subject], words["b"]["v", subject] = "W", "G"
    row, every = (
        agree(coded(words), settings(min_compared_s=least))["budget_agreement"].set_index("behaviour").loc["W"]
        for least in (60.0, 0.0)
    )
    assert (row["n"], every["n"]) == (6, 8)
    assert row["bias"] == pytest.approx(0.024, abs=0.001) and row["concordance"] > 0 > every["concordance"]
    how = f"95 % limits by t, of the concordance by Fisher's z; {what} taken as independent"
    assert row["method"] == f"{how}; 2 left out, compared for under 40.75 s"
    assert every["method"] == how


def test_shares_that_do_not_vary_have_no_concordance() -> None:
    assert np.isnan(concordance(np.full(6, 0.5), np.arange(6) / 6, 0.95)).all()
    assert concordance(np.arange(6.0), np.arange(6.0), 0.95)[0] == pytest.approx(1)
