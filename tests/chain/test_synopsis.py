"""What is gathered of a video's windows for the report."""

import pandas as pd
import pytest

from pipeline.chain.synopsis import _window_s

FRAMES = pd.DataFrame({"frame": range(10), "time_s": [k / 10 for k in range(10)]})


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ([], 0.0),  # none
        ([(0, 3, True)], 0.0),  # filled ones only
        ([(0, 6, False)], 0.5),  # one: from its first to its last frame
        ([(0, 3, True), (0, 6, False), (2, 8, False)], 0.5),  # those that were filled do not count
    ],
)
def test_how_long_a_whole_window_is(windows: list[tuple[int, int, bool]], expected: float) -> None:
    scores = pd.DataFrame(windows, columns=["start_frame", "stop_frame", "repeated"])
    assert _window_s(scores.astype({"repeated": bool}), FRAMES) == pytest.approx(expected)
