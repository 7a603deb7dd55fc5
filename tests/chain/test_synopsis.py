"""What is gathered of a video for the report."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.artifacts import write_table
from pipeline.chain.synopsis import _positions, _window_s, told_of
from pipeline.tables import GROUND, OBSERVATIONS, TELEMETRY
from tests.ground.made import flight, found

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


SPANS = OBSERVATIONS.cast(
    pd.DataFrame(
        [("a", "day 1", "north", "yes", "dew"), ("a", "day 1", "south", "yes", ""), ("a", "day 1", "", "no", "fog")],
        columns=["video", "session", "site", "use", "weather"],
    ).assign(start_s=0.0, stop_s=1.0, group="", species="", timezone="", reason="")
)
DAYS = pd.DataFrame({"session": ["day 1", "day 2"], "moon": ["new", "full"]})


@pytest.mark.parametrize(
    ("key", "observations", "sessions", "told"),
    [
        ("a", None, None, {}),  # no such file
        ("b", SPANS, None, {}),  # nothing of this video
        ("a", SPANS, None, {"session": "day 1", "site": "north, south", "weather": "dew"}),  # of spans in use
        ("a", SPANS, DAYS, {"session": "day 1", "site": "north, south", "weather": "dew", "moon": "new"}),
    ],
)
def test_what_the_users_files_say_of_a_video(key, observations, sessions, told) -> None:
    assert told_of(key, observations, sessions) == told


def test_places_are_gathered_where_there_are_any(tmp_path: Path) -> None:
    write_table(tmp_path / "telemetry.parquet", flight(4), TELEMETRY)
    assert _positions(tmp_path) is None  # too little was told for any
    write_table(tmp_path / "ground.parquet", found([(0, 1.0, 1.5)]), GROUND)
    told = _positions(tmp_path)
    assert told is not None
    assert (told.boxes, told.placed, told.median_m) == (1, 1, 1.5)
