"""Airdata's flight logs: the recording that is the video, in metres, whatever the account's units."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import TableError
from pipeline.formats.airdata import is_airdata, read_airdata
from pipeline.formats.dji_srt import TELEMETRY

FEET = (
    "time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(feet),altitude_above_seaLevel(feet),"
    "speed(mph), compass_heading(degrees), pitch(degrees),isVideo,gimbal_heading(degrees),gimbal_pitch(degrees),message"
)
METRES = FEET.replace("feet", "meters").replace("mph", "m/s")


def flight(
    path: Path, *films: Sequence[float], header: str = FEET, by: float = 1 / 0.3048, gimbal: float = 350.0
) -> Path:
    """A log of a minute, 10 lines a second; recordings from ``films[k][0]`` s to before ``films[k][1]`` s.

    A drone that rises by 1 m/s over a place 1,700 m high, heads for 340 degrees, and looks there, ever steeper.
    """
    lines = [header]
    for k in range(600):
        on = any(start <= k / 10 < stop for start, stop in films)
        height = [f"{k / 10 * by:.6f}", f"{(1700 + k / 10) * by:.6f}"]
        lines.append(
            f"{100 * k},2023-01-12 10:00:{k // 10:02d},-0.3,36.9,{','.join(height)},0,340,-12.5,{on:d},{gimbal},"
            f"{-k / 10},hovers{', and beeps' * (k == 5)}"
        )
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(("header", "by"), [(FEET, 1 / 0.3048), (METRES, 1.0)])
def test_the_recording_that_lasts_as_long_is_the_videos(tmp_path: Path, header: str, by: float) -> None:
    path = flight(tmp_path / "DJI_0001.csv", (5, 15), (20, 50), header=header, by=by)
    assert is_airdata(path)
    found = read_airdata(path, 30.5)
    assert list(found.columns) == TELEMETRY.names
    assert found["time_s"].iloc[[0, -1]].tolist() == [0, 29.9]
    assert found["rel_altitude_m"].iloc[[0, 100]].tolist() == [20, 30]  # metres above the take-off
    assert found["abs_altitude_m"].iloc[0] == 1720
    assert found["gimbal_pitch_deg"].iloc[0] == -20  # of the camera, not of the drone
    assert found["gimbal_yaw_deg"].unique().tolist() == [-10]
    assert found[["latitude_deg", "longitude_deg"]].iloc[0].tolist() == [-0.3, 36.9]
    assert found[["gimbal_roll_deg", "focal_mm"]].isna().all(axis=None)


def test_a_gimbal_that_does_not_know_north_is_not_believed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = flight(tmp_path / "flight.csv", (5, 15), gimbal=175.0)
    assert read_airdata(path, 10.0)["gimbal_yaw_deg"].unique().tolist() == [-20]
    assert "the gimbal's heading is 165 degrees from the drone's, which is taken for the camera's" in caplog.text


@pytest.mark.parametrize(
    ("films", "line"),
    [
        ([], "the video lasts 10.0 s, and none of the recordings in the log do within 2 s (isVideo = 1 for none s)"),
        (
            [(5, 25)],
            "and none of the recordings in the log do within 2 s (isVideo = 1 for 19.9 s); leave in a copy",
        ),  # film in two files
        (
            [(5, 15), (20, 31)],
            "and 2 of the recordings in the log do within 2 s (isVideo = 1 for 9.9, 10.9 s)",
        ),
        (
            [(k, k + 1) for k in range(0, 40, 2)],
            "(isVideo = 1 for 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9 and 12 more s)",
        ),
    ],
)
def test_which_recording_it_is_is_not_guessed(tmp_path: Path, films: list[tuple[int, int]], line: str) -> None:
    with pytest.raises(TableError) as caught:
        read_airdata(flight(tmp_path / "flight.csv", *films), 10.0)
    assert line in str(caught.value)


def test_what_is_broken_is_saved_as_far_as_it_goes(tmp_path: Path) -> None:
    path = flight(tmp_path / "flight.csv", (0, 60))
    text = path.read_text().replace("-0.3,36.9", "0,0", 20)  # no fix yet
    path.write_bytes(b"\xef\xbb\xbf" + text[:-60].encode() + b"\xff\0")
    found = read_airdata(path, 60.0)
    assert len(found) == 599  # the last line is cut off
    assert np.flatnonzero(found["latitude_deg"].isna()).tolist() == list(range(20))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "no column time(millisecond) or isVideo; is it an Airdata log"),
        ("time(millisecond),latitude\n0,1\n", "no column time(millisecond) or isVideo"),
        (
            FEET.replace("takeoff(feet)", "takeoff(yards)"),
            "height_above_takeoff is in yards, which is none of degrees, ",
        ),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, line: str) -> None:
    path = tmp_path / "flight.csv"
    path.write_text(text)
    with pytest.raises(TableError) as caught:
        read_airdata(path, 10.0)
    assert line in str(caught.value)


@pytest.mark.real
def test_a_real_flight(real: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An Air 2S: one recording of 39 s, in which it rises to 119 m."""
    found = read_airdata(real / "telemetry" / "airdata_air2s.csv", 39.4)
    assert len(found) == 394
    assert found["rel_altitude_m"].agg(["min", "max"]).tolist() == [8.7, 119.0]
    assert found["gimbal_pitch_deg"].unique().tolist() == [-0.8]
    assert found["gimbal_yaw_deg"].between(-127, -125).all()  # as the compass; the gimbal says 69
    assert "165 degrees from the drone's" in caplog.text
