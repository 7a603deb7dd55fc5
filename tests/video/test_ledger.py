"""When each frame is shown, and which timestamps are odd."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.video.ledger import Ledger, gaps, variable
from tests.footage import decoded, write_video


def test_rate_and_times_are_exact(tmp_path: Path) -> None:
    made = decoded(write_video(tmp_path / "ntsc.mp4", 4, Fraction(30000, 1001)))
    assert made.info.rate == Fraction(30000, 1001)
    assert made.ledger["time_s"].tolist() == [0.0, 0.033367, 0.066733, 0.1001]


def test_one_frame(tmp_path: Path) -> None:
    made = decoded(write_video(tmp_path / "one.mp4", 1, 25))
    assert made.ledger.to_dict("records") == [{"frame": 0, "time_s": 0.0, "duration_s": 0.04, "fault": ""}]
    assert made.warnings == []


def test_variable_frame_rate_keeps_its_times(tmp_path: Path) -> None:
    times_s = [0.0, 0.1, 0.15, 0.4, 0.5, 0.6]
    made = decoded(write_video(tmp_path / "vfr.mp4", 6, times_s=times_s))
    assert made.ledger["time_s"].tolist() == times_s
    assert np.allclose(made.ledger["duration_s"][:5], [0.1, 0.05, 0.25, 0.1, 0.1])
    assert not made.ledger["fault"].any()
    assert made.warnings[0].startswith("variable frame rate: steps of 0.050 to 0.250 s, median 0.100;")


def test_gif_keeps_its_delays(tmp_path: Path) -> None:
    made = decoded(write_video(tmp_path / "slow.gif", 3, Fraction(100, 13), codec="gif", pix_fmt="rgb8"))
    assert made.ledger["duration_s"].tolist() == [0.13, 0.13, 0.13]


STEADY = [k / 10 for k in range(10)]


@pytest.mark.parametrize(
    ("times_s", "expected_s", "faults", "warning"),
    [
        (  # the same time twice: the first of the two takes no time
            [*STEADY[:4], 0.3, *STEADY[4:]],
            [*STEADY[:4], 0.3, *STEADY[4:]],
            {4: "duplicate"},
            "1 frame with the timestamp of the frame before (first: frame 4)",
        ),
        (  # two frames swapped: the late one is shown with the one before it
            [*STEADY[:4], 0.5, 0.4, *STEADY[6:]],
            [*STEADY[:4], 0.5, 0.5, *STEADY[6:]],
            {4: "gap", 5: "order"},
            "1 frame with a falling timestamp (first: frame 5)",
        ),
        (  # frames 4 and 5 are missing
            [*STEADY[:4], *STEADY[6:]],
            [*STEADY[:4], *STEADY[6:]],
            {4: "gap"},
            "1 gap where frames are missing (first: before frame 4)",
        ),
        (  # the first frame is late: time begins with it
            [t + 2 for t in STEADY],
            STEADY,
            {},
            None,
        ),
        (  # the clock starts anew after five seconds: time goes on
            [5.0 + t for t in STEADY] + STEADY,
            [*STEADY, *(0.9 + 1 / 30 + t for t in STEADY)],
            {10: "order"},
            "1 frame with a falling timestamp (first: frame 10)",
        ),
    ],
    ids=["duplicate", "order", "gap", "late", "restart"],
)
def test_odd_timestamps(
    tmp_path: Path, times_s: list[float], expected_s: list[float], faults: dict[int, str], warning: str | None
) -> None:
    made = decoded(write_video(tmp_path / "odd.mkv", len(times_s), times_s=times_s, codec="mjpeg", pix_fmt="yuvj420p"))
    assert np.allclose(made.ledger["time_s"], expected_s, atol=2e-3)
    assert {i: fault for i, fault in enumerate(made.ledger["fault"]) if fault} == faults
    assert (np.diff(made.ledger["time_s"]) >= 0).all()
    assert warning is None or warning in made.warnings


def test_an_edit_list_that_skips_the_beginning_starts_at_zero(tmp_path: Path) -> None:
    made = decoded(write_video(tmp_path / "trimmed.mp4", 6, times_s=[t - 0.2 for t in STEADY[:6]]))
    assert made.ledger["time_s"].tolist() == [0.0, 0.1, 0.2, 0.3]  # as every player shows it
    assert made.warnings == ["announced 6 frames, decoded 4"]


@pytest.mark.parametrize(
    ("times_s", "is_variable", "before"),
    [
        ([], False, []),  # empty
        ([0.0], False, []),  # one
        ([0.0, 5.0], False, []),  # two: nothing to compare the step with
        ([0.0, 0.1, 0.2, 0.3, 0.4], False, []),  # steady
        ([0.0, 0.033, 0.067, 0.1, 0.133], False, []),  # steady, stored in milliseconds
        ([0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7], False, [5]),  # one frame is missing
        ([0.0, 0.1, 0.1, 0.2, 0.3, 0.3], False, []),  # duplicates are no steps
        ([0.0, 5.0, 10.0, 15.0], False, []),  # a time lapse is steady too
        ([0.0, 0.1, 0.3, 0.4, 0.7, 1.0], True, []),  # steps of 0.1 to 0.3 s: none is missing
        ([0.0, 0.1, 0.3, 0.4, 0.6, 9.6], True, [5]),  # but nine seconds are
    ],
)
def test_gaps_and_variable_rate(times_s: list[float], is_variable: bool, before: list[int]) -> None:
    times = np.array(times_s)
    assert variable(times) is is_variable
    assert np.flatnonzero(gaps(times)).tolist() == before
    assert len(gaps(times)) == len(times)


def test_frames_without_timestamps_are_timed_by_the_rate() -> None:
    ledger = Ledger(Fraction(25))
    seen = [ledger.add(pts, Fraction(1, 1000), 40, corrupt=False) for pts in (None, None, None)]
    assert seen == [(0, 0.0), (1, 0.04), (2, 0.08)]
    assert ledger.notes() == ["3 frames without a timestamp, timed by the rate of 25"]


def test_counted_frames_ignore_the_container() -> None:
    ledger = Ledger(Fraction(30000, 1001))
    ledger.counted = True
    seen = [ledger.add(pts, Fraction(1001, 30000), 1, corrupt=False) for pts in (1, 4, 3, 5)]
    assert seen == [(0, 0.0), (1, 0.033367), (2, 0.066733), (3, 0.1001)]
    assert not ledger.table()["fault"].any()


def test_a_frame_may_have_two_faults() -> None:
    ledger = Ledger(Fraction(10))
    for pts, corrupt in ((0, False), (1, False), (2, False), (3, False), (6, True)):
        ledger.add(pts, Fraction(1, 10), 1, corrupt)
    assert ledger.table()["fault"].tolist() == ["", "", "", "", "gap corrupt"]


def test_no_frame_at_all() -> None:
    ledger = Ledger(None)
    assert (len(ledger), len(ledger.table()), ledger.stop_s, ledger.notes()) == (0, 0, 0.0, [])
