"""Segments by hand, as Lea et al. count them."""

import numpy as np
import pytest

from pipeline.evaluation.segments import edit_score, f1, matched, segments


def test_runs_of_equal_labels_are_segments_and_no_label_is_none() -> None:
    assert segments([]) == []
    assert segments(["W", "W", "", "G"]) == [("W", 0, 2), ("G", 3, 4)]


@pytest.mark.parametrize(
    ("found", "true", "expected"),
    [
        ("WWWWGGGG", "WWWWGGGG", [[2, 0, 0]] * 3),
        ("WWWWWWGG", "WWWWGGGG", [[2, 0, 0]] * 3),  # 4 of 6 and 2 of 4 overlap
        ("WWWWWWWG", "WWWWGGGG", [[2, 0, 0], [2, 0, 0], [1, 1, 1]]),  # G: 1 of 4
        ("WWGWGGGG", "WWWWGGGG", [[2, 2, 0]] * 3),  # cut in pieces: one piece hits, the others are false
        ("GGGGWWWW", "WWWWGGGG", [[0, 2, 2]] * 3),
        ("", "", [[0, 0, 0]] * 3),
    ],
)
def test_hits_false_alarms_and_misses(found: str, true: str, expected: list[list[int]]) -> None:
    assert matched(list(found), list(true)).tolist() == expected


def test_f1_and_edit_score_by_hand() -> None:
    assert f1(np.array([[2, 2, 0], [0, 0, 0]])).tolist() == pytest.approx([4 / 6, np.nan], nan_ok=True)
    assert edit_score(list("WWGWGG"), list("WWWGGG")) == pytest.approx(1 - 2 / 4)  # W G W G becomes W G
    assert edit_score(list("GW"), list("WG")) == pytest.approx(0.0)
    assert edit_score([], []) == 1.0
    assert edit_score([""], ["W"]) == 0.0
