import numpy as np
import pandas as pd
import pytest

from pipeline.ethology.society.pair_tables import SCANS
from pipeline.ethology.society.periods import begun, sampled
from pipeline.ethology.society.subgroups import groups
from tests.ethology.society.made import observed, placed, settings


def looks(video, seconds, lost=(), **changed):
    """Of one animal that stands, in a video of so many frames, one a second; not there in those ``lost``."""
    path = [None if second in lost else (500.0, 500.0) for second in range(seconds)]
    return groups(placed({1: path}, video=video), settings(**changed)).looks


def found(videos, clocks=None, **changed):
    """Video, period and time of each look that counts."""
    changed = {"period_s": 4.0} | changed
    every = pd.concat([looks(*video, **changed) for video in videos], ignore_index=True)
    table = sampled(every, clocks or {}, settings(**changed))
    return table[["video", "period", "time_s"]].to_numpy().tolist()


@pytest.mark.parametrize(
    ("videos", "clocks", "expected"),
    [
        ([("a", 0)], {}, []),
        ([("a", 3)], {}, []),  # shorter than a period
        ([("a", 4)], {}, [["a", 0, 0]]),
        ([("a", 11)], {}, [["a", 0, 0], ["a", 1, 4]]),  # the third is cut short
        ([("a", 12, [4])], {}, [["a", 0, 0], ["a", 1, 5]]),  # 8 s is too near to the late look at 5 s
        ([("a", 5), ("b", 5)], {}, [["a", 0, 0], ["b", 0, 0]]),  # each on its own clock
        ([("a", 3), ("b", 3), ("c", 3)], {}, []),
        # clips of 3 s at 0, 3, 6, 9 and 12 s: looks at 0, 6 and, as the last ends at 15 s, no third
        ([(name, 3) for name in "abcde"], dict(zip("abcde", range(0, 15, 3), strict=True)), [["a", 0, 0], ["c", 2, 0]]),
        # at 0, 5 and 10 s: 5 follows on 0; a look of 10 s would end after the footage
        ([("a", 3), ("b", 3), ("c", 3)], {"a": 0, "b": 5, "c": 10}, [["a", 0, 0], ["b", 1, 0]]),
        # a pause of an hour
        ([("a", 5), ("b", 5)], {"a": 0, "b": 3600}, [["a", 0, 0], ["a", 1, 4], ["b", 3, 0]]),
        # two cameras at once: each adds its looks to the period
        ([("a", 9), ("b", 9)], {"a": 0, "b": 1}, [["a", 0, 0], ["a", 1, 4], ["b", 1, 4]]),
        # one video of the session has no clock
        ([("a", 5), ("b", 5)], {"a": 0}, [["a", 0, 0], ["b", 0, 0]]),
    ],
)
def test_periods_that_count(videos, clocks, expected):
    assert found(videos, clocks) == expected


def test_the_clock_is_named():
    table = sampled(pd.concat([looks("a", 5), looks("b", 5)]), {"a": 0.0}, settings())
    assert table["clock"].unique().tolist() == ["", "b"]
    assert sampled(SCANS.empty(), {}, settings()).equals(SCANS.empty())


def test_sessions_have_clocks_of_their_own():
    assert found([("s/a", 5), ("t/b", 5)], {"s/a": 0, "t/b": 1}) == [["s/a", 0, 0], ["t/b", 0, 0]]


def test_ten_minutes_at_an_odd_frame_rate_are_ten_periods():
    times = np.arange(17_982) * 1001 / 30_000  # 599.9994 s
    every = looks("a", 600, period_s=60.0)
    first = times[np.searchsorted(times, np.arange(0, 600, 60))]
    every = every.assign(time_s=first, began_s=0.0, ended_s=times[-1] + 1001 / 30_000)
    assert sampled(every, {}, settings(period_s=60.0))["period"].tolist() == list(range(10))


@pytest.mark.parametrize(
    ("video", "date", "time", "zone", "start_s", "moment"),
    [
        ("a.mp4", "", "", "", None, None),
        ("a.mp4", "2023-01-12", "", "", None, None),  # a day is no moment
        ("a.mp4", "", "10:31:05", "", None, None),
        ("a.mp4", "January", "10:31", "", None, None),
        ("a.mp4", "2023-01-12", "10:31:05", "", None, "2023-01-12 10:31:05"),
        ("a.mp4", "2023-01-12T10:31:05", "", "", None, "2023-01-12 10:31:05"),
        ("a.mp4", "2023-01-12", "10:31:05Z", "+03:00", None, "2023-01-12 10:31:05"),
        ("a.mp4", "2023-01-12", "10:31:05", "+03:00", None, "2023-01-12 07:31:05"),
        ("a.mp4", "2023-01-12", "10:31:05", "", 65.0, "2023-01-12 10:30:00"),  # when the span began
        ("f/DJI_20230112103105_0001_D.MP4", "", "", "", None, "2023-01-12 10:31:05"),
        ("f/DJI_20230112103105_0001_D.MP4", "2023-01-12", "11:00", "", None, "2023-01-12 11:00:00"),
        ("f/DJI_20231312103105_0001_D.MP4", "", "", "", None, None),  # no month
        ("DJI_0001.MP4", "", "", "", None, None),
    ],
)
def test_when_a_video_was_filmed(video, date, time, zone, start_s, moment):
    told = observed((video, start_s, None, "s", "yes", "")).assign(eventDate=date, eventTime=time, timezone=zone)
    expected = {} if moment is None else {video: pd.Timestamp(moment, tz="UTC").timestamp()}
    assert begun([video], told) == expected
    if not date and not time:
        assert begun([video], None) == expected
