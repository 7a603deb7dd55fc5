"""Against statsmodels' Poisson regression of the same log-linear models, and scipy's contingency tables."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import chi2_contingency
from statsmodels.stats.contingency_tables import Table, Table2x2

from pipeline.ethology.sequences.effects import kappa, odds_ratio, yules_q
from pipeline.ethology.sequences.expected import chance

EVENTS = np.array([[0, 30, 12, 8], [25, 0, 20, 5], [15, 18, 0, 9], [10, 4, 7, 0]])
MOMENTS = np.array([[650, 97, 16, 20], [95, 1004, 0, 2], [8, 0, 26, 4], [15, 3, 4, 6]])  # kabr-tools' notebook


def regressed(counts, repeats):
    """Expected counts, adjusted residuals, G2 and degrees of freedom by Poisson regression on rows and columns."""
    cells = (counts.sum(1) > 0)[:, None] & (counts.sum(0) > 0)[None, :]
    cells &= np.ones_like(cells) if repeats else ~np.eye(len(counts), dtype=bool)
    row, column = np.nonzero(cells)
    design = np.column_stack([(row[:, None] == np.unique(row)), (column[:, None] == np.unique(column)[1:])])
    fit = sm.GLM(counts[cells], design.astype(float), family=sm.families.Poisson()).fit(tol=1e-12)
    hat = fit.get_influence().hat_matrix_diag
    expected, residual = np.full(counts.shape, 0.0), np.full(counts.shape, np.nan)
    expected[cells] = fit.fittedvalues
    residual[cells] = (counts[cells] - fit.fittedvalues) / np.sqrt(fit.fittedvalues * (1 - hat))
    return expected, residual, fit.deviance, fit.df_resid


@pytest.mark.parametrize(
    ("counts", "repeats"),
    [
        (EVENTS, False),
        (EVENTS[:3, :3], False),  # three behaviours: one degree of freedom
        (np.array([[0, 9, 3, 0], [7, 0, 6, 0], [5, 6, 0, 0], [1, 0, 2, 0]]), False),  # one behaviour is never reached
        (
            np.array([[0, 800, 40, 2], [820, 0, 3, 1], [30, 15, 0, 2], [1, 2, 1, 0]]),
            False,
        ),  # two nearly alternate
        (EVENTS, True),
        (MOMENTS, True),
    ],
)
def test_chance_is_the_log_linear_model(counts, repeats):
    fit = chance(counts, repeats)
    expected, residual, g2, df = regressed(counts, repeats)
    assert fit.expected == pytest.approx(expected, abs=1e-6)
    assert fit.residual == pytest.approx(residual, abs=1e-5, nan_ok=True)
    assert (fit.g2, fit.df) == (pytest.approx(g2, abs=1e-6), df)


def test_independence_in_closed_form():
    fit, table = chance(MOMENTS, True), Table(MOMENTS, shift_zeros=False)
    assert fit.expected == pytest.approx(table.fittedvalues)
    assert fit.residual == pytest.approx(table.standardized_resids)
    g2 = chi2_contingency(MOMENTS, lambda_="log-likelihood", correction=False)
    assert (fit.g2, fit.df) == (pytest.approx(g2.statistic), g2.dof)


@pytest.mark.parametrize(
    ("counts", "repeats"),
    [
        (np.zeros((3, 3), int), False),  # nothing
        (np.zeros((3, 3), int), True),
        (np.array([[0, 1], [0, 0]]), False),  # one step
        (np.array([[0, 9], [8, 0]]), False),  # two behaviours can only alternate
        (np.array([[0, 5, 4], [5, 0, 0], [4, 0, 0]]), False),  # all goes through the first
        (np.array([[7, 0], [0, 0]]), True),  # one behaviour
    ],
)
def test_where_the_totals_leave_no_choice(counts, repeats):
    fit = chance(counts, repeats)
    assert fit.df == 0
    assert fit.expected == pytest.approx(counts)
    assert np.isnan(fit.residual).all()


def test_a_behaviour_that_is_in_all_steps_but_one():
    counts = np.array([[0, 5000, 4000], [4999, 0, 1], [4000, 0, 0]])  # the fit has the longest way there is
    fit = chance(counts, False)
    assert fit.expected.sum(axis=0) == pytest.approx(counts.sum(axis=0), abs=1e-3)
    assert (fit.df, fit.g2) == (1, pytest.approx(regressed(counts, False)[2], abs=0.01))


def test_residuals_are_standard_normal_by_chance():
    rng = np.random.default_rng(0)
    a, b = np.array([4, 3, 2, 1.0]), np.array([1, 2, 3, 4.0])
    share = np.outer(a, b) * ~np.eye(4, dtype=bool)
    draws = rng.multinomial(600, (share / share.sum()).ravel(), size=600).reshape(-1, 4, 4)
    residuals = np.array([chance(counts, False).residual for counts in draws])[:, ~np.eye(4, dtype=bool)]
    assert residuals.mean(axis=0) == pytest.approx(np.zeros(12), abs=0.15)
    assert residuals.std(axis=0) == pytest.approx(np.ones(12), abs=0.1)  # x - e over sqrt(e) would give 0.6 to 0.9


def test_effects_of_two_by_two():
    counts = np.array([[30, 10], [20, 40]])
    ratio = Table2x2(counts).oddsratio
    assert odds_ratio(counts)[0] == pytest.approx([ratio, 1 / ratio])
    assert yules_q(counts)[0, 0] == pytest.approx((ratio - 1) / (ratio + 1))
    # e = 40 * 50 / 100 = 20; the most is min(40, 50) = 40: (30 - 20) / (40 - 20); below chance (10 - 20) / 20
    assert kappa(counts, chance(counts, True).expected)[0] == pytest.approx([0.5, -0.5])


def test_effects_fold_the_table():
    folded = np.array([[97, 686], [1007, 160]])  # Walk before Graze, Walk before other, other before Graze, other
    assert odds_ratio(MOMENTS)[0, 1] == pytest.approx(Table2x2(folded).oddsratio)


def test_effects_that_cannot_be():
    counts = np.array([[5, 0], [0, 5]])
    assert np.isnan(odds_ratio(counts)[0, 0])  # infinite
    assert yules_q(counts).tolist() == [[1, -1], [-1, 1]]
    assert np.isnan(yules_q(np.zeros((2, 2), int))).all()
    assert kappa(counts, chance(counts, True).expected).tolist() == [[1, -1], [-1, 1]]


def test_chance_has_no_effect():
    share = np.outer([4, 3, 2, 1.0], [1, 2, 3, 4.0])
    assert yules_q(share) == pytest.approx(np.zeros((4, 4)))
    without = share * ~np.eye(4, dtype=bool)
    assert np.abs(yules_q(without)[~np.eye(4, dtype=bool)]).min() > 0.01  # why yules_q_chance stands beside it
