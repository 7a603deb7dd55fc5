"""Telemetry beside a video, and how the camera stood in every frame by it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.formats.dji_srt import TELEMETRY
from pipeline.ground.log import logs_beside, records_of, unplaceable
from pipeline.ground.poses import at_times, poses
from pipeline.simulate import record

FRAMES = record.frames(np.arange(61) / 30)
NAN = np.nan


def log(**columns: object) -> dict[str, pd.DataFrame]:
    """Subtitles of a hovering drone, one a second."""
    return {"DJI subtitles": records(**columns)}


def records(**columns: object) -> pd.DataFrame:
    """Its records."""
    none = dict.fromkeys(TELEMETRY.names, NAN) | {"record": 1, "counter": -1, "clock": ""}
    told = {"time_s": [0.0, 1.0, 2.0], "latitude_deg": 0.5, "longitude_deg": 37.0, "rel_altitude_m": [20.0, 20.0, 30.0]}
    told |= {"gimbal_pitch_deg": -45.0, "gimbal_yaw_deg": [-170.0, 170.0, 180.0], "focal_mm": 24.0}
    return TELEMETRY.cast(pd.DataFrame(none | told | columns))


@pytest.mark.parametrize(
    ("values", "turns", "expected"),
    [
        ([NAN, NAN, NAN], False, [NAN] * 7),  # nothing is told
        ([5.0, NAN, NAN], False, [NAN, 5, 5, 5, NAN, NAN, NAN]),  # once: held for as long as allowed
        ([0.0, 10.0, 20.0], False, [NAN, 0, 0, 5, 20, 20, NAN]),  # half-way, and held at the ends
        ([350.0, 10.0, 30.0], True, [NAN, -10, -10, 0, 30, 30, NAN]),  # the short way round
        ([-170.0, 170.0, 150.0], True, [NAN, -170, -170, -180, 150, 150, NAN]),
    ],
)
def test_values_between_records(values: list[float], turns: bool, expected: list[float]) -> None:
    at = np.array([-1.1, -1.0, 0.0, 0.5, 2.5, 3.0, 3.1])
    found = at_times(np.array([0.0, 1.0, 2.0]), np.array(values), at, 1.0, turns)
    assert found == pytest.approx(np.array(expected), nan_ok=True)


def test_a_row_a_frame(configured: Callable[..., Any]) -> None:
    told = poses(log(zoom=2.0), FRAMES, 1920, configured("ground"))
    assert told["frame"].tolist() == list(range(61))
    assert told["heading_deg"].iloc[[0, 15, 30, 60]].tolist() == [190, 180, 170, 180]
    assert told["height_m"].iloc[[0, 30, 45, 60]].tolist() == [20, 20, 25, 30]
    assert told["focal_px"].unique().tolist() == [24 * 2 * 1920 / 36]
    assert told["roll_deg"].isna().all()
    assert (told[["stated", "files"]] == ["", "DJI subtitles"]).all(axis=None)


def test_each_value_is_of_the_first_file_that_tells_it(configured: Callable[..., Any]) -> None:
    subtitles, flight = (
        records(gimbal_pitch_deg=NAN),
        records(gimbal_pitch_deg=-30.0, rel_altitude_m=99.0, focal_mm=NAN),
    )
    told = poses({"DJI subtitles": subtitles, "Airdata flight log": flight}, FRAMES, 1920, configured("ground"))
    assert told[["pitch_deg", "height_m", "focal_35mm"]].iloc[0].tolist() == [-30, 20, 24]
    assert told["files"].unique().tolist() == ["DJI subtitles, Airdata flight log"]


def test_what_is_stated_goes_before_what_is_told(
    configured: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    settings = configured("ground", pitch_deg=-60, height_m=35, focal_35mm=48, heading_deg=-10)
    told = poses(log(), FRAMES, 1920, settings)
    names = ["pitch_deg", "height_m", "focal_35mm", "heading_deg", "focal_px", "stated"]
    assert told[names].iloc[-1].tolist() == [-60, 35, 48, 350, 2560, "pitch_deg, height_m, focal_35mm, heading_deg"]
    assert poses({}, FRAMES, 1920, settings)["pitch_deg"].eq(-60).all()  # without any telemetry
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("lost", "line"),
    [
        (["gimbal_pitch_deg"], "does not tell pitch_deg; state: ground.pitch_deg=-30"),
        (["focal_mm", "rel_altitude_m"], "height_m, focal_35mm; state: ground.height_m=40 ground.focal_35mm=24"),
        (["gimbal_yaw_deg"], "without latitude and longitude: the telemetry does not tell heading_deg; state the"),
        (["latitude_deg"], "counted from the drone: the telemetry does not tell where it was"),
        ([], ""),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    configured: Callable[..., Any], caplog: pytest.LogCaptureFixture, lost: list[str], line: str
) -> None:
    poses(log(**dict.fromkeys(lost, NAN)), FRAMES, 1920, configured("ground"))
    assert len(caplog.messages) == (1 if line else 0)
    assert line in caplog.text


def test_a_lens_own_focal_length_is_none_of_35_mm_film(configured: Callable[..., Any]) -> None:
    assert poses(log(focal_mm=8.8), FRAMES, 1920, configured("ground"))["focal_px"].isna().all()


def test_of_joined_files_only_the_first_counts(configured: Callable[..., Any]) -> None:
    joined = pd.concat([records(), records(rel_altitude_m=99.0, time_s=[0.0, 2.0, 9.0])], ignore_index=True)
    assert poses({"DJI subtitles": joined}, FRAMES, 1920, configured("ground"))["height_m"].max() == 30


@pytest.mark.parametrize("changes", [{"pitch_deg": 91}, {"height_m": 0}, {"max_error_m": 0}, {"focal_error": 1.0}])
def test_settings_that_cannot_be(configured: Callable[..., Any], changes: dict[str, float]) -> None:
    name = next(iter(changes))
    with pytest.raises(Exception, match=f"{name} must be .*, got {changes[name]}"):
        configured("ground", **changes)


def test_the_files_beside_a_video(
    configured: Callable[..., Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    video, settings = tmp_path / "DJI_0001.MP4", configured("ground")
    assert logs_beside(video) == []
    assert records_of(video, settings, 1.0) == {}
    assert unplaceable(video, settings)
    assert not unplaceable(video, configured("ground", pitch_deg=-45, height_m=40, focal_35mm=24))
    (tmp_path / "DJI_0001.srt").write_text("")
    assert logs_beside(video) == [tmp_path / "DJI_0001.srt"]
    assert records_of(video, settings, 1.0) == {}  # what lies there by chance stops nothing
    assert "no places on the ground by this file: " in caplog.text
    assert "DJI_0001.srt: the file is empty; copy it again" in caplog.text
    (tmp_path / "DJI_0001.SRT").write_text("1\n00:00:00,000 --> 00:00:01,000\n[rel_alt: 40.0 abs_alt: 1740.0]\n")
    caplog.clear()
    assert records_of(video, settings, 1.0)["DJI subtitles"]["rel_altitude_m"].tolist() == [40]
    assert not caplog.text
    assert len(records_of(video, settings, 20.0)["DJI subtitles"]) == 1
    assert "DJI_0001.SRT ends at 1.0 s, the video at 20.0 s: is it of another video" in caplog.text


def test_a_flight_log_lies_beside_a_video_or_is_named(configured: Callable[..., Any], tmp_path: Path) -> None:
    video, flight = tmp_path / "DJI_0001.MP4", tmp_path / "flight.csv"
    (tmp_path / "DJI_0001.csv").write_text("Observation id,Time\n")
    assert logs_beside(video) == []  # somebody's labels
    flight.write_text("time(millisecond),isVideo,gimbal_pitch(degrees)\n0,1,-30\n2000,1,-30\n")
    named = configured("ground", telemetry=str(flight))
    assert not unplaceable(video, named)
    (tmp_path / "DJI_0001.SRT").write_text("1\n00:00:00,000 --> 00:00:01,000\n[rel_alt: 40.0 abs_alt: 1740.0]\n")
    assert list(records_of(video, named, 2.0)) == ["DJI subtitles", "Airdata flight log"]
    (tmp_path / "DJI_0001.csv").write_text(flight.read_text())
    assert [path.name for path in logs_beside(video)] == ["DJI_0001.SRT", "DJI_0001.csv"]
    for wrong in (tmp_path / "none.csv", video):
        with pytest.raises(
            Exception, match=f"telemetry must be a file, an SRT of DJI's or a CSV .*, got .*{wrong.name}"
        ):
            configured("ground", telemetry=str(wrong))


@pytest.mark.real
def test_real_telemetry_is_read_without_a_fault(real: Path, tmp_path: Path, configured: Callable[..., Any]) -> None:
    stated = configured("ground", pitch_deg=-45, heading_deg=10, height_m=40, focal_35mm=24)
    for path in sorted((real / "telemetry").glob("*.[Ss][Rr][Tt]")):
        shutil.copy(path, tmp_path / "film.SRT")
        found = records_of(tmp_path / "film.MP4", stated, 2.0)
        told = poses(found, FRAMES, 1920, configured("ground"))
        assert len(told) == len(FRAMES)
        known = any(rows["latitude_deg"].notna().any() for rows in found.values())
        late = path.name == "mix_p4rtk_mavic2pro.srt"  # begins at a quarter of an hour
        assert poses(found, FRAMES, 1920, stated)["lat"].notna().any() == (known and not late), path.name
