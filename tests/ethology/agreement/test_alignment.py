"""Alignment: by hand, and against the whole table of Needleman and Wunsch."""

from itertools import product

import numpy as np
import pytest

from pipeline.boxes import FloatArray
from pipeline.ethology.agreement.alignment import (
    Sequence,
    aligned,
    alignment_kappa,
    fitted,
    linked_tally,
    positive_agreement,
)

LETTERS = "ABC"


def events(word: str) -> Sequence:
    """``A0 B2.5``: codes and times."""
    told = [(LETTERS.index(one[0]), float(one[1:])) for one in word.split()]
    time = np.array([time for _, time in told], dtype=np.float64)
    return Sequence(time, time, np.array([code for code, _ in told], dtype=np.int64))


def whole_table(first: Sequence, second: Sequence, link_s: float) -> tuple[float, float]:
    """Cost of the best alignment and its differences in onset, cell by cell."""
    best = {(-1, -1): (0.0, 0.0)}
    for i, j in product(range(-1, len(first)), range(-1, len(second))):
        ways = [best[i, j]] if (i, j) in best else []
        if i >= 0:
            ways.append((best[i - 1, j][0] + 1, best[i - 1, j][1]))
        if j >= 0:
            ways.append((best[i, j - 1][0] + 1, best[i, j - 1][1]))
        if i >= 0 and j >= 0 and (apart := abs(first.start_s[i] - second.start_s[j])) <= link_s + 1e-9:
            cost, far = best[i - 1, j - 1]
            ways.append((cost + (first.code[i] != second.code[j]), far + apart))
        best[i, j] = min(ways)
    return best[len(first) - 1, len(second) - 1]


def cost(first: Sequence, second: Sequence, links: np.ndarray) -> tuple[float, float]:
    wrong = int((first.code[links[:, 0]] != second.code[links[:, 1]]).sum())
    alone = len(first) + len(second) - 2 * len(links)
    return wrong + alone, float(np.abs(first.start_s[links[:, 0]] - second.start_s[links[:, 1]]).sum())


@pytest.mark.parametrize("seed", range(40))
def test_the_best_of_the_whole_table_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = (
        Sequence(time := np.sort(rng.uniform(0, 12, rng.integers(0, 14))), time, rng.integers(0, 3, len(time)))
        for _ in "ab"
    )
    links = aligned(first, second, 1.5, 0.5)
    assert (np.diff(links, axis=0) > 0).all()  # no link crosses another
    assert cost(first, second, links) == pytest.approx(whole_table(first, second, 1.5))


@pytest.mark.parametrize(
    ("first", "second", "links"),
    [
        ("", "", []),  # nothing
        ("A1", "", []),  # one
        ("A1", "A2", [[0, 0]]),  # alike, near
        ("A1", "A4", []),  # too far apart
        ("A1", "B1", [[0, 0]]),  # a substitution is preferred to an omission and a commission
        ("A1 B2 C3", "A1 C3", [[0, 0], [2, 1]]),  # an omission
        ("A1 B1.5", "B1 A1.5", [[0, 0], [1, 1]]),  # links do not cross: two substitutions cost as one match
        ("A1 A2", "A1.9", [[1, 0]]),  # of two equally good links the nearer
    ],
)
def test_links_by_hand(first: str, second: str, links: list[list[int]]) -> None:
    assert aligned(events(first), events(second), 2.0, 0.5).tolist() == links


def test_bouts_are_linked_by_onset_or_by_the_time_that_they_share() -> None:
    bout = Sequence(np.array([0.0]), np.array([100.0]), np.array([0]))
    late = Sequence(np.array([10.0]), np.array([100.0]), np.array([0]))
    short = Sequence(np.array([10.0]), np.array([50.0]), np.array([0]))
    assert len(aligned(bout, late, 2.0, 0.5)) == 1  # 90 of 100 s are shared
    assert len(aligned(bout, short, 2.0, 0.5)) == 0  # 40 of 100 s
    assert len(aligned(bout, short, 10.0, 0.5)) == 1


def test_tally_by_hand() -> None:
    first, second = events("A1 B4 A8 C12"), events("A1.5 C4 A8.5 A20")
    table = linked_tally(first, second, aligned(first, second, 2.0, 0.5), 3)
    #        A  B  C  not linked
    assert table.tolist() == [[2, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]]
    assert positive_agreement(table) == pytest.approx([2 * 2 / 5, 0, 0])


def test_what_chance_gives_has_the_margins_and_an_empty_corner() -> None:
    table = np.array([[20.0, 3, 2], [4, 15, 3], [1, 2, 0]])
    expected = fitted(table)
    assert expected.sum(axis=0) == pytest.approx(table.sum(axis=0))
    assert expected.sum(axis=1) == pytest.approx(table.sum(axis=1))
    assert expected[-1, -1] == 0
    odds = expected[:-1, :-1]
    assert odds[0, 0] * odds[1, 1] == pytest.approx(odds[0, 1] * odds[1, 0])  # quasi-independence
    # By hand from the fit: kappa is what agreement goes beyond it.
    chance = np.trace(expected) / table.sum()
    assert alignment_kappa(table) == pytest.approx((35 / 50 - chance) / (1 - chance))


def test_without_omissions_it_is_cohens_kappa() -> None:
    table = np.zeros((3, 3))
    table[:2, :2] = [[40, 10], [20, 30]]
    assert alignment_kappa(table) == pytest.approx(0.4)


@pytest.mark.parametrize("table", [[[0, 0, 0]] * 3, [[5, 0, 1], [0, 0, 0], [2, 0, 0]]])  # nothing; one code only
def test_kappa_is_not_defined_of_fewer_than_two_codes(table: list[list[float]]) -> None:
    assert np.isnan(alignment_kappa(np.array(table, dtype=np.float64)))


def test_leading_dimensions() -> None:
    rng = np.random.default_rng(0)
    tables: FloatArray = rng.integers(1, 9, (4, 3, 3)).astype(np.float64)
    tables[:, -1, -1] = 0
    assert alignment_kappa(tables) == pytest.approx([float(alignment_kappa(one)) for one in tables], abs=1e-8)
