"""Krippendorff's alphas: against the package of that name, and his own worked example of unitising."""

import krippendorff
import numpy as np
import pytest

from pipeline.ethology.agreement.alpha import alpha, coincidences
from pipeline.ethology.agreement.unitising import Bouts, end_to_end, on_one_axis, unitising_alpha


@pytest.mark.parametrize(("seed", "coders", "behaviours", "lost"), [(0, 2, 3, 0.0), (1, 3, 4, 0.2), (2, 5, 6, 0.5)])
def test_alpha_is_the_packages(seed: int, coders: int, behaviours: int, lost: float) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, behaviours, 300)
    codes = np.where(rng.random((coders, 300)) < 0.7, truth, rng.integers(0, behaviours, (coders, 300)))
    codes[rng.random(codes.shape) < lost] = -1
    codes[0, :5] = -2  # not watched is as little as not coded
    wanted = krippendorff.alpha(np.where(codes >= 0, codes, np.nan), level_of_measurement="nominal")
    assert alpha(coincidences(codes, behaviours)) == pytest.approx(wanted, abs=1e-12)


def test_krippendorffs_own_example_of_four_coders_with_missing_values() -> None:
    """Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section C: nominal alpha 0.743."""
    said = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ]
    codes = np.array([[int(one) - 1 if one != "." else -1 for one in row.split()] for row in said])
    assert alpha(coincidences(codes, 5)) == pytest.approx(0.743, abs=5e-4)


@pytest.mark.parametrize("codes", [[[0, 0], [0, 0]], [[0, -1], [-1, 0]], [[], []]])  # one thing, no pair, nothing
def test_alpha_is_not_defined(codes: list[list[int]]) -> None:
    assert np.isnan(alpha(coincidences(np.array(codes, dtype=np.int64), 2)))


C, K = 0, 1
EXAMPLE = {  # beginning and length, of two coders, on a continuum from 150 to 450
    (0, C): [(225, 70), (370, 30)],
    (1, C): [(220, 80), (355, 20), (400, 20)],
    (0, K): [(180, 60), (300, 50)],
    (1, K): [(180, 60), (300, 50)],
}


def bouts(units: dict[tuple[int, int], list[tuple[int, int]]], start: int, stop: int) -> Bouts:
    rows = [(*who, at - start, at + long - start) for who, own in units.items() for at, long in own]
    return Bouts(np.array(rows).reshape(-1, 4), np.array([0, stop - start]))


def test_krippendorffs_own_example_of_unitising() -> None:
    """Krippendorff 2004, "Content Analysis", 2nd ed., pp. 254-256: observed .0144 and 0, expected .0532 and .0490."""
    both, by_one = unitising_alpha(bouts(EXAMPLE, 150, 450), [C, K])
    assert both == pytest.approx(1 - 0.0144 / (0.0532 + 0.0490), abs=5e-4)
    assert by_one == pytest.approx([1 - 0.0144 / 0.0532, 1.0], abs=2e-3)


@pytest.mark.parametrize(
    ("first", "second", "distance"),  # beginning and length, as Krippendorff 2004 draws them
    [((5, 6), (4, 2), 26), ((5, 6), (5, 2), 16), ((5, 6), (6, 2), 10), ((5, 6), (7, 2), 8), ((5, 6), (5, 6), 0)],
)
def test_distances(first: tuple[int, int], second: tuple[int, int], distance: int) -> None:
    from pipeline.ethology.agreement.unitising import _observed

    pair = [(np.array([at]), np.array([at + long])) for at, long in (first, second)]
    assert _observed(*pair) == distance


def test_stretches_lie_end_to_end_and_nothing_goes_over_their_borders() -> None:
    first = [np.array([0, 0, 1]), np.array([0, 0, 1])]
    axis = on_one_axis([(first[0], first[1]), (np.array([1, 1]), np.array([1, 0]))])
    assert axis.borders.tolist() == [0, 3, 5]
    assert axis.rows.tolist() == [
        [0, 0, 0, 2], [0, 1, 2, 3], [1, 0, 0, 2], [1, 1, 2, 3], [0, 1, 3, 5], [1, 1, 3, 4], [1, 0, 4, 5],
    ]  # fmt: skip
    again = end_to_end([on_one_axis([(first[0], first[1])]), on_one_axis([(np.array([1, 1]), np.array([1, 0]))])])
    assert again.rows.tolist() == axis.rows.tolist()
    assert again.borders.tolist() == axis.borders.tolist()


def test_nobody_has_the_code() -> None:
    both, by_one = unitising_alpha(end_to_end([]), [0])
    assert np.isnan(both)
    assert np.isnan(by_one).all()
