"""Time of frames."""

from fractions import Fraction

import numpy as np
import pytest

from pipeline.timebase import due, nearest, seconds


def test_seconds_of_ntsc_are_exact_to_the_microsecond() -> None:
    assert seconds(1001 * 30, Fraction(1, 30000)) == 1.001


@pytest.mark.parametrize(
    ("rate", "period_s", "expected"),
    [
        (30, 0.0, [0, 1, 2, 3, 4, 5, 6]),  # no period: every frame
        (30, 0.1, [0, 3, 6]),  # every third
        (10, 0.1, [0, 1, 2, 3, 4, 5, 6]),  # the source's own rate
        (5, 0.1, [0, 1, 2, 3, 4, 5, 6]),  # a slower source gives what it has
        (Fraction(30000, 1001), 0.2, [0, 6]),  # 29.97 per second
    ],
)
def test_due(rate: float, period_s: float, expected: list[int]) -> None:
    times = [round(float(k / Fraction(rate)), 6) for k in range(7)]
    found = [k for k in range(7) if due(times[k], times[k - 1] if k else None, period_s)]
    assert found == expected


@pytest.mark.parametrize(
    ("times", "wanted", "expected"),
    [
        ([0.0], [0.0, 9.0], [0, 0]),  # one frame serves all
        ([0.0, 1.0, 2.0], [0.4, 0.6, 2.5], [0, 1, 2]),  # the nearer one; after the end, the last
        ([0.0, 1.0], [0.5], [0]),  # as near: the earlier
        ([0.0, 0.1, 5.0], [2.0, 3.0], [1, 2]),  # variable rate
    ],
)
def test_nearest(times: list[float], wanted: list[float], expected: list[int]) -> None:
    assert nearest(np.array(times), np.array(wanted)).tolist() == expected
