"""Figures by hand, and that a weight is as good as repeating a clip."""

import numpy as np
import pytest

from pipeline.evaluation.metrics import average_precision, figures, ranks
from pipeline.evaluation.outcomes import Outcomes

ABC = ("A", "B", "C", "D")


def outcomes(*clips: tuple[str, list[float]], groups: str = "") -> Outcomes:
    """A word of true behaviours and probabilities of each clip."""
    truth = np.array([[name in true for name in ABC] for true, _ in clips])
    probabilities = np.array([p for _, p in clips], dtype=np.float64)
    return Outcomes(ABC, probabilities, truth, np.array(list(groups or "abcdefgh"[: len(clips)]), dtype=object))


CLIPS = outcomes(
    ("A", [0.7, 0.1, 0.1, 0.1]),
    ("A", [0.2, 0.5, 0.2, 0.1]),  # A is second: of equals the first counts
    ("B", [0.1, 0.2, 0.3, 0.4]),  # third
    ("BC", [0.1, 0.4, 0.4, 0.1]),  # two are true: for average precision only
)


def test_top_k_and_recall_are_of_clips_of_one_behaviour() -> None:
    found = figures(CLIPS, np.ones((1, 4)))
    values = {name: float(value[0]) for name, value in found.of_all.items()}
    assert values["top1"] == pytest.approx(1 / 3)
    assert values["macro_top1"] == pytest.approx((1 / 2 + 0) / 2)  # of A one of two, of B none; C never alone
    assert values["top3"] == pytest.approx(1.0)
    assert "top5" not in values  # of four behaviours
    assert found.by_behaviour["recall"][0][:2].tolist() == [0.5, 0.0]
    assert np.isnan(found.by_behaviour["recall"][0][2])
    assert found.by_behaviour["precision"][0].tolist()[:2] == [1.0, 0.0]
    assert np.isnan(found.by_behaviour["precision"][0][2])


def test_ranks_count_what_is_likelier() -> None:
    assert ranks(np.array([[0.2, 0.5, 0.2], [0.2, 0.5, 0.2]]), np.array([0, 2])).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("scores", "truth", "expected"),
    [
        ([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0], (1 + 2 / 3) / 2),
        ([0.9, 0.9, 0.7], [1, 0, 1], 0.5 * 0.5 + 0.5 * 2 / 3),  # equal scores pass together
        ([0.1, 0.2], [1, 1], 1.0),
        ([0.1, 0.2], [0, 0], np.nan),
    ],
)
def test_average_precision_by_hand(scores: list[float], truth: list[int], expected: float) -> None:
    found = average_precision(np.array(scores), np.array(truth, dtype=bool), np.ones((1, len(scores))))
    assert found[0] == pytest.approx(expected, nan_ok=True)


def test_a_weight_is_as_good_as_repeating_a_clip() -> None:
    rng = np.random.default_rng(0)
    truth = np.eye(4, dtype=bool)[rng.integers(0, 4, 20)] | (rng.random((20, 4)) < 0.1)
    some = Outcomes(ABC, rng.dirichlet(np.ones(4), 20), truth, np.arange(20).astype(object))
    times = rng.integers(0, 4, 20)
    rows = np.repeat(np.arange(20), times)
    repeated = Outcomes(ABC, some.probabilities[rows], some.truth[rows], some.group[rows])
    weighted, counted = figures(some, times[None].astype(float)), figures(repeated, np.ones((1, len(rows))))
    for name in ("top1", "macro_top3", "map"):
        assert weighted.of_all[name] == pytest.approx(counted.of_all[name])
    for name, values in weighted.by_behaviour.items():
        assert values == pytest.approx(counted.by_behaviour[name], nan_ok=True)


def test_rare_and_frequent_behaviours_apart() -> None:
    many = outcomes(*[("A", [0.7, 0.1, 0.1, 0.1])] * 2, groups="xx")
    assert {"map_tail"} == {name for name in figures(many, np.ones((1, 2))).of_all if name.startswith("map_")}
