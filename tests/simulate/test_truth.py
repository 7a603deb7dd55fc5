"""The truth of a film of squares: its tables, and every format read back."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.artifacts import read_table
from pipeline.errors import TableError
from pipeline.formats.coco import read_coco
from pipeline.formats.cvat import read_cvat
from pipeline.formats.dji_srt import read_srt
from pipeline.formats.mot import read_mot
from pipeline.formats.read import read_boxes
from pipeline.geodesy import metres
from pipeline.simulate import record
from pipeline.simulate.schedule import LIE
from pipeline.simulate.truth import CAMERA, Shown, animals_table, camera_table, headless
from pipeline.simulate.truth_files import SAMPLED, read_truth, write_truth
from pipeline.tables import BOUTS, BOX, TRACKS
from pipeline.types import Video, VideoInfo
from tests.simulate.made import FRAMES, ORIGIN, SPECIES, STEP_S, filmed, shown

INFO = VideoInfo(640, 360, Fraction(10), FRAMES, "h264", "yuv420p", 0, still=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("truth")
    write_truth(filmed(), out)
    return out


@pytest.fixture(scope="module")
def animals(folder: Path) -> pd.DataFrame:
    return read_truth(folder).animals


def test_every_animal_in_the_picture_has_a_row(animals: pd.DataFrame) -> None:
    assert animals.groupby("track").size().to_dict() == {1: 20, 2: 20, 3: 5}
    assert dict(animals.drop_duplicates("track")[["track", "species"]].to_numpy()) == dict(enumerate(SPECIES, 1))


# animal (from 0), frame, what it is seen to do, what it does
DOES = [
    (0, 0, "Graze", "Graze"),
    (0, 10, "Walk", "Walk"),
    (1, 4, "Browse", "Browse"),
    (1, 5, "Occluded", "Browse"),  # a tenth of it shows
    (2, 15, "Run", "Run"),  # cut by the edge, but nothing hides it
]


@pytest.mark.parametrize(("animal", "frame", "behaviour", "scheduled"), DOES)
def test_what_it_does(animals: pd.DataFrame, animal: int, frame: int, behaviour: str, scheduled: str) -> None:
    row = animals[(animals["track"] == animal + 1) & (animals["frame"] == frame)].iloc[0]
    assert (row["behaviour"], row["scheduled"]) == (behaviour, scheduled)


def test_lying_is_told_by_its_name_beside_kabrs(tmp_path: Path) -> None:
    film = filmed()
    film.poses[0].behaviour[10:] = LIE
    write_truth(film, tmp_path)
    seen = read_truth(tmp_path).animals.query("track == 1")
    assert seen["behaviour"].tolist() == ["Graze"] * 10 + ["Lie"] * 10
    bouts = pd.read_csv(tmp_path / "truth" / "bouts.csv").query("track == 1")
    assert bouts["behaviour"].tolist() == ["Graze", "Lie"]


def test_place_speed_and_heading(animals: pd.DataFrame) -> None:
    row = animals[(animals["track"] == 2) & (animals["frame"] == 10)].iloc[0]
    assert (row["x_m"], row["y_m"], row["z_m"]) == (11.0, 5.0, 1.0)  # from 10 m, 1 s at 1 m/s
    assert row["speed_mps"] == pytest.approx(1.0)
    assert row["heading_deg"] == 0  # north
    assert row["lat"] == pytest.approx(5 / 110_574.3, abs=1e-8)  # m in a degree of latitude on the equator
    assert row["lon"] == pytest.approx(37 + 11 / 111_319.5, abs=1e-8)


def test_the_speed_is_that_of_the_moments_that_are_shown() -> None:
    """At an uneven rate a frame shows the moment nearest to it: here 0.02 s too early or too late by turns."""
    film = filmed()
    times_s = film.times_s + 0.02 * (-1.0) ** np.arange(FRAMES)
    seen = [replace(one, time_s=at) for one, at in zip(film.shown, times_s, strict=True)]
    herd = [poses.at(times_s) for poses in film.poses]
    assert animals_table(replace(film, shown=seen, poses=herd))["speed_mps"].tolist() == [1.0] * 45


def test_the_camera(folder: Path) -> None:
    camera = read_truth(folder).camera
    assert len(camera) == FRAMES
    told = camera.iloc[3][["frame", "time_s", "z_m", "elevation_m", "yaw_deg", "pitch_deg", "focal_px"]].to_dict()
    assert told == pytest.approx(
        {"frame": 3, "time_s": 0.3, "z_m": 20, "elevation_m": 20, "yaw_deg": 0, "pitch_deg": -30, "focal_px": 1000}
    )


def test_the_srt_read_back_gives_the_cameras_positions(folder: Path) -> None:
    camera, told = read_truth(folder).camera, read_srt(folder / "squares.SRT")
    assert told["time_s"].tolist() == pytest.approx([k * STEP_S for k in range(FRAMES)], abs=0.0005)
    assert told["counter"].tolist() == list(range(1, FRAMES + 1))
    x_m, y_m = metres(told["latitude_deg"].to_numpy(), told["longitude_deg"].to_numpy(), ORIGIN)
    assert np.abs(x_m - camera["x_m"]).max() < 0.01  # 7 decimals of a degree
    assert np.abs(y_m - camera["y_m"]).max() < 0.01
    assert told["rel_altitude_m"].tolist() == camera["z_m"].tolist()
    assert told["abs_altitude_m"].tolist() == camera["elevation_m"].tolist()
    assert set(told["gimbal_pitch_deg"]) == {-30.0}
    assert set(told["gimbal_yaw_deg"]) == {0.0}
    assert told["focal_mm"].iloc[0] == pytest.approx(56.25, abs=0.1)  # 1000 px of 640 px, of 36 mm
    assert told["clock"].iloc[10] == "2023-01-12 10:31:06.000000"


def expected(animals: pd.DataFrame, frames: range = range(FRAMES)) -> list[list[float]]:
    rows = animals[animals["frame"].isin(frames)].sort_values(["frame", "track"])
    return rows[["frame", "track", *BOX]].to_numpy(float).tolist()


def got(boxes: pd.DataFrame) -> list[list[float]]:
    return boxes[["frame", "given_id", *BOX]].to_numpy(float).tolist()


def test_cvat_read_back(folder: Path, animals: pd.DataFrame) -> None:
    boxes = read_cvat(folder / "squares.xml")
    assert got(boxes) == expected(animals)
    assert boxes["species"].tolist() == animals.sort_values(["frame", "track"])["species"].tolist()


def test_cvat_keeps_every_box_and_knows_the_hidden_ones(folder: Path) -> None:
    shapes = re.findall(
        r'frame="(\d+)" outside="0" occluded="(\d)" keyframe="(\d)"', (folder / "squares.xml").read_text()
    )
    assert {key for _, _, key in shapes} == {"1"}  # CVAT would interpolate over any other
    assert [int(frame) for frame, occluded, _ in shapes if occluded == "1"] == [5, 6, 7, 8, 9]  # the giraffe's


def test_motchallenge_read_back(folder: Path, animals: pd.DataFrame) -> None:
    boxes = read_mot(folder / "truth" / "gt" / "gt.txt")
    assert np.allclose(got(boxes), expected(animals), atol=0.006)
    assert boxes["species"].tolist() == animals.sort_values(["frame", "track"])["species"].tolist()
    first = (folder / "truth" / "gt" / "gt.txt").read_text().splitlines()[0]
    assert first == "1,1,101.00,101.00,40.00,40.00,1,3,1.0000"  # pixels and frames from 1; giraffe, impala, zebra


def test_coco_read_back(folder: Path, animals: pd.DataFrame) -> None:
    boxes = read_coco(folder / "truth" / "coco.json", Video("squares.mp4", folder / "squares.mp4"))
    assert got(boxes) == expected(animals, range(0, FRAMES, SAMPLED))
    content = json.loads((folder / "truth" / "coco.json").read_text())
    assert [image["file_name"] for image in content["images"]] == ["squares_000000.jpg", "squares_000010.jpg"]


def test_our_tables_read_back(folder: Path, animals: pd.DataFrame) -> None:
    video = Video("squares.mp4", folder / "squares.mp4")
    seen = animals[animals["behaviour"] != "Occluded"]  # what a perfect detector sees
    assert got(read_boxes(folder / "truth" / "tracks.parquet", video, INFO)) == expected(seen)
    assert len(read_table(folder / "truth" / "tracks.parquet", TRACKS)) == 45


def test_bouts(folder: Path) -> None:
    bouts = read_table(folder / "truth" / "bouts.csv", BOUTS)
    rows = bouts[["track", "behaviour", "start_frame", "stop_frame"]].to_numpy().tolist()
    assert rows == [
        [1, "Graze", 0, 10],
        [1, "Walk", 10, 20],
        [2, "Browse", 0, 20],  # Occluded for half a second
        [3, "not visible", 15, 20],  # a quarter of it is in the picture
    ]
    assert set(bouts["source"]) == {"truth"}


def test_without_its_head_nobody_could_tell_what_a_standing_animal_does(animals: pd.DataFrame) -> None:
    assert animals["head_inside"].equals(animals["track"] < 3)
    assert not headless(animals["scheduled"], animals["head_inside"]).any()  # the third runs: its legs tell
    cut = headless(animals["scheduled"], np.zeros(len(animals), dtype=bool))
    assert set(animals[cut]["scheduled"]) == {"Graze", "Browse"}
    assert set(animals[~cut]["scheduled"]) == {"Walk", "Run"}


ALL_ALONG = [("Browse", 0, 20)]
HIDDEN = [("Browse", 0, 5), ("not visible", 5, 10), ("Browse", 10, 20)]


@pytest.mark.parametrize(
    ("step_s", "glimpse", "noted"),
    [
        (0.2, None, ALL_ALONG),  # hidden for a second, as a run takes it for in sight
        (0.21, None, HIDDEN),
        (0.3, 7, ALL_ALONG),  # it shows between two frames and two: no stretch is long enough
        (0.3, 9, [("Browse", 0, 5), ("not visible", 5, 9), ("Browse", 9, 20)]),
    ],
)
def test_hidden_for_a_moment_it_is_in_sight(
    animals: pd.DataFrame, step_s: float, glimpse: int | None, noted: Any
) -> None:
    shows = (animals["track"] == 2) & (animals["frame"] == glimpse)
    seen = animals.assign(behaviour=animals["scheduled"].where(shows, animals["behaviour"]))
    bouts = record.true_bouts(record.record("squares.mp4", seen, record.frames(step_s * np.arange(FRAMES))))
    second = bouts[bouts["track"] == 2]
    assert list(second[["behaviour", "start_frame", "stop_frame"]].itertuples(index=False, name=None)) == noted


@pytest.mark.parametrize(("step_s", "noted"), [(0.2, ALL_ALONG), (0.21, HIDDEN)])
def test_with_its_head_out_of_the_picture_it_is_not_visible(animals: pd.DataFrame, step_s: float, noted: Any) -> None:
    out = (animals["track"] == 2) & animals["frame"].between(5, 9)
    seen = animals.assign(behaviour=animals["scheduled"], head_inside=~out)
    told = record.record("squares.mp4", seen, record.frames(step_s * np.arange(FRAMES)))
    bouts = record.true_bouts(told).query("track == 2")
    assert list(bouts[["behaviour", "start_frame", "stop_frame"]].itertuples(index=False, name=None)) == noted
    assert set(told.behaviours.query("behaviour == 'not visible' and track == 2")["reason"]) <= {"edge"}


def test_in_sight_is_what_it_is_in_a_run(configured: Callable[..., Any]) -> None:
    assert configured("visibility").max_unobserved_s == record.GLIMPSE_S


def test_frames_that_are_missing_end_a_hidden_stretch_and_other_animals_do_not(animals: pd.DataFrame) -> None:
    frames = record.frames(0.3 * np.arange(FRAMES))
    left = animals[~((animals["track"] == 2) & (animals["frame"] == 7))].sample(frac=1, random_state=0)
    told = record.behaviours(left, frames).query("track == 2").set_index("frame")["behaviour"]
    assert told[[5, 6, 8, 9]].tolist() == ["Browse"] * 4
    fewer = frames[frames["frame"] != 7]  # nor does the run know this frame
    told = record.behaviours(left[left["frame"] != 7], fewer).query("track == 2").set_index("frame")["behaviour"]
    assert told[[5, 6, 8, 9]].tolist() == ["not visible"] * 4


def test_every_column_has_a_meaning(folder: Path) -> None:
    meanings = pd.read_csv(folder / "truth" / "dictionary.csv")
    assert meanings["meaning"].notna().all()
    assert {"animals", "camera", "frames", "tracks", "bouts"} == set(meanings["table"])


def test_the_same_film_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    for path in write_truth(filmed(), tmp_path):
        assert path.read_bytes() == (folder / path.relative_to(tmp_path)).read_bytes(), path.name


def test_nobody_in_the_picture(tmp_path: Path) -> None:
    none = [Shown(k, 0.1 * k, np.zeros(0, np.int64), np.zeros((0, 4)), *3 * [np.zeros(0)]) for k in range(FRAMES)]
    write_truth(replace(filmed(), shown=none), tmp_path)
    assert len(read_truth(tmp_path).animals) == 0
    assert len(read_cvat(tmp_path / "squares.xml")) == 0


def test_a_single_frame() -> None:
    one = replace(filmed(), shown=[shown(0)], views=filmed().views[:1], poses=[_first(p) for p in filmed().poses])
    assert animals_table(one)["speed_mps"].tolist() == [0.0, 0.0]
    assert len(camera_table(one)) == 1
    assert record.frames(np.zeros(1))["duration_s"].tolist() == pytest.approx([1 / 30], abs=1e-6)


def _first(poses):
    return type(poses)(*(getattr(poses, name)[:1] for name in poses.__dataclass_fields__))


def test_a_box_without_area_is_nobody() -> None:
    film = filmed()
    flat = replace(shown(0), boxes=np.array([[100.0, 100, 100, 140], [300, 100, 350, 180]]))
    assert animals_table(replace(film, shown=[flat, *film.shown[1:]])).query("frame == 0")["track"].tolist() == [2]


def test_there_is_no_truth(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"no truth in .*: there is no folder truth; ethopipe simulate writes it"):
        read_truth(tmp_path)


# what is wrong, the error
SHOWN = [
    (lambda: replace(shown(0), visible=np.ones(3)), r"one row per animal: .* 'visible': \(3,\)"),
    (lambda: replace(shown(0), visible=np.array([0.5, 1.5])), r"visible must be in \[0, 1\], got 0.5 to 1.5"),
    (lambda: replace(filmed(), species=["impala"]), r"1 species, 3 poses; 20 views, 20 frames"),
    (lambda: replace(filmed(), shown=filmed().shown[::-1]), r"shown must be of the frames 0, 1, 2"),
    (
        lambda: replace(filmed(), poses=[_first(p) for p in filmed().poses]),
        r"poses of animal 0 must have one moment a frame \(20\)",
    ),
]


@pytest.mark.parametrize(("make", "text"), SHOWN)
def test_parts_that_disagree_are_refused(make, text) -> None:
    with pytest.raises(ValueError, match=text):
        make()


def test_the_camera_is_at_the_origin_where_it_says_so() -> None:
    camera = camera_table(filmed()).iloc[0]
    assert camera["lat"] == pytest.approx(ORIGIN.lat - 30 / 110_574.3, abs=1e-8)
    assert camera["lon"] == ORIGIN.lon
    assert [column.name for column in CAMERA.columns] == list(camera.index)
