"""kabr-tools' own tables, with what kabr-tools gets wrong put right, and Darwin Core."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline import cli
from pipeline.export.darwin import EVENTS, OCCURRENCES
from pipeline.formats.read_intervals import read_intervals
from pipeline.formats.scores import KABR, read_scores
from tests.export.made import finished_run, observed
from tests.formats.labels import real, write

TRACKS = {"a.mp4": {1: [range(100)], 2: [range(50)]}, "b/c.mp4": {1: [range(20, 100)]}}
BOUTS = {
    "a.mp4": [
        (1, "Walk", 0, 40, 0.9), (1, "unknown", 40, 50, 0.5), (1, "Graze", 50, 80, 0.8), (1, "Lie", 80, 100, 0.8),
        (2, "Head Up", 0, 30, 0.7), (2, "not visible", 30, 50, 0.0),
    ],
    "b/c.mp4": [(1, "Trot", 20, 100, 0.95)],
}  # fmt: skip
WORDS = ("Walk", "Graze", "Head Up", "Trot", "Lie")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return finished_run(tmp_path / "run", TRACKS, BOUTS, {("a.mp4", 1): "Tumaini"}, words=WORDS)


def export(run: Path, kind: str) -> Path:
    assert cli.main(["export", str(run), f"format={kind}", f"out={run.parent / kind}"]) == 0
    return run.parent / kind / kind


def test_predictions_read_back_as_the_bouts(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = export(run, "kabr_predictions") / "annotation_data.csv"
    lines = path.read_text().splitlines()
    theirs = (real() / "kabr_fixture" / "DJI_0068.csv").read_text().splitlines()
    assert lines[0] == theirs[0] == "video track frame label"
    assert {line.count(" ") for line in lines} == {line.count(" ") for line in theirs}
    back = read_scores(path)
    told = back[[f"p_{name}" for name in KABR]].to_numpy().argmax(axis=1)
    rows = zip(back["video"], back["track"], back["start_frame"], np.array(KABR)[told], strict=True)
    stems = {"a.mp4": "a", "b/c.mp4": "c"}
    assert [tuple(row) for row in rows] == [
        (stems[key], track, frame, "Occluded" if name == "not visible" else name)
        for key, of in BOUTS.items() for track, name, first, stop, _ in of if name not in ("unknown", "Lie")
        for frame in range(first, stop)
    ]  # fmt: skip
    said = capsys.readouterr().err
    assert "warning  kabr_predictions: KABR has no number for Lie: 20 frames left out" in said
    assert "warning  kabr_predictions: 10 frames that were not recognized left out" in said


def test_predictions_are_labels_too(run: Path) -> None:
    back = read_intervals([export(run, "kabr_predictions") / "annotation_data.csv"])
    kept = ["video", "subject", "behaviour", "start_frame", "stop_frame"]
    assert back.sort_values(kept[:2] + kept[3:], kind="stable")[kept].to_numpy().tolist() == [
        ["a", "1", "Walk", 0, 40], ["a", "1", "Graze", 50, 80], ["a", "2", "Head Up", 0, 30],
        ["a", "2", "Occluded", 30, 50], ["c", "1", "Trot", 20, 100],
    ]  # fmt: skip


def test_videos_of_one_name_keep_their_folders(tmp_path: Path) -> None:
    bouts = {key: [(1, "Walk", 0, 2, 0.9)] for key in ("L%C3%B6we%201/c.mp4", "b/c.mp4")}
    run = finished_run(tmp_path / "run", {key: {1: [range(2)]} for key in bouts}, bouts)
    back = read_scores(export(run, "kabr_predictions") / "annotation_data.csv")
    assert back["video"].tolist() == ["Löwe 1/c"] * 2 + ["b/c"] * 2  # the space is quoted


def test_time_budgets_are_of_visible_time(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = export(run, "kabr_time_budgets") / "time_budgets.csv"
    theirs = (real() / "published" / "time_budgets.csv").read_text().splitlines()[0]
    assert path.read_text().splitlines()[0] == theirs
    rows = pd.read_csv(path)
    assert rows["mini_scene_id"].tolist() == ["a_1", "a_2", "c_1"]
    assert rows[["Walk", "Head Up", "Graze", "Other", "Interval (sec)"]].to_numpy() == pytest.approx(
        np.array([[4 / 9, 0, 3 / 9, 2 / 9, 9.0], [0, 1, 0, 0, 3.0], [0, 0, 0, 1, 8.0]])
    )
    assert rows["Count of Individuals"].tolist() == [2, 2, 1]
    assert rows["Species"].tolist() == ["zebra"] * 3
    assert rows["Habit"].isna().all()
    assert "KABR has no number for Lie: counted as Other" in capsys.readouterr().err


OBSERVED = """video,session,site,use,eventDate,eventTime,decimalLatitude,decimalLongitude,habitat
a.mp4,s1,"Mpala, north",yes,2023-01-12,10:31:05+03:00,0.29,36.9,open
b/c.mp4,s1,"Mpala, north",yes,2023-01-12,11:00:00+03:00,0.29,36.9,closed
"""


def test_darwin_core_has_what_the_observer_knows(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bouts = pd.read_csv(run / "tables" / "bouts.csv")
    bouts.assign(session="s1", species=bouts["video"].map({"a.mp4": "Equus grevyi", "b/c.mp4": "zebra"})).to_csv(
        run / "tables" / "bouts.csv", index=False
    )
    names = run / "tables" / "individuals.csv"
    pd.read_csv(names, keep_default_na=False).assign(sex=["female", "", ""]).to_csv(names, index=False)
    observed(run, OBSERVED)
    folder = export(run, "darwin_core")
    assert "warning" not in capsys.readouterr().err
    events = pd.read_csv(folder / "event.csv", keep_default_na=False, dtype="str")
    assert events.columns.tolist() == list(EVENTS)
    shown = ["eventID", "parentEventID", "eventDate", "eventTime", "locality", "decimalLatitude", "habitat"]
    assert events[shown].to_numpy().tolist() == [
        ["run:s1", "", "2023-01-12", "", "Mpala, north", "0.29", ""],  # what its videos disagree in stays empty
        ["run:s1:a.mp4", "run:s1", "2023-01-12", "10:31:05+03:00", "Mpala, north", "0.29", "open"],
        ["run:s1:b/c.mp4", "run:s1", "2023-01-12", "11:00:00+03:00", "Mpala, north", "0.29", "closed"],
    ]
    rows = pd.read_csv(folder / "occurrence.csv", keep_default_na=False, dtype="str")
    assert rows.columns.tolist() == list(OCCURRENCES)
    shown = ["occurrenceID", "scientificName", "vernacularName", "organismID", "sex", "behavior"]
    assert rows[shown].to_numpy().tolist() == [
        ["run:s1:a.mp4:Tumaini", "Equus grevyi", "", "Tumaini", "female", "Walk | Graze | Lie"],
        ["run:s1:a.mp4:2", "Equus grevyi", "", "", "", "Head Up"],
        ["run:s1:b/c.mp4:1", "", "zebra", "", "", "Trot"],
    ]
    assert set(rows["eventID"]) <= set(events["eventID"])
    assert rows["occurrenceID"].is_unique


PARTLY = """video,session,use,start_s,stop_s,eventDate,decimalLatitude,decimalLongitude
a.mp4,s1,yes,0,4,2023-01-12,0.29,36.9
a.mp4,s2,yes,4,9,2023-01-12,0.29,36.9
b/c.mp4,s3,no,0,2,2023-01-13,,
"""


def test_an_event_is_as_long_as_what_counts_of_it(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    observed(run, PARTLY)
    bouts = pd.read_csv(run / "tables" / "bouts.csv")
    sessions = bouts["video"].map({"b/c.mp4": "s3"}).fillna(bouts["start_s"].map(lambda at: "s1" if at < 4 else "s2"))
    bouts.assign(session=sessions).to_csv(run / "tables" / "bouts.csv", index=False)
    events = pd.read_csv(export(run, "darwin_core") / "event.csv", keep_default_na=False, dtype="str")
    rows = events[events["eventType"] == "Video"]
    assert rows[["eventID", "eventDate", "sampleSizeValue"]].to_numpy().tolist() == [
        ["run:s1:a.mp4", "2023-01-12", "4.0"], ["run:s2:a.mp4", "2023-01-12", "5.0"],
        ["run:s3:b/c.mp4", "2023-01-13", "8.0"],  # of which only what does not count is told, and when that was
    ]  # fmt: skip
    said = capsys.readouterr().err
    assert "eventDate" not in said
    assert "observations.csv gives no decimalLatitude, decimalLongitude of 1 video: left empty" in said


def test_an_animal_that_was_never_in_sight_did_not_occur(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tracks = {"a.mp4": {track: [range(9)] for track in (1, 2)}}
    bouts = {"a.mp4": [(1, "unknown", 0, 9, 0.0), (2, "not visible", 0, 9, 0.0)]}
    run = finished_run(tmp_path / "run", tracks, bouts)
    rows = pd.read_csv(export(run, "darwin_core") / "occurrence.csv", keep_default_na=False)
    assert rows[["occurrenceID", "behavior"]].to_numpy().tolist() == [["run:a.mp4:a.mp4:1", ""]]  # it was seen
    assert "darwin_core: 1 animal never in sight left out" in capsys.readouterr().err


def test_darwin_core_without_observations_is_empty_where_nobody_knows(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = pd.read_csv(export(run, "darwin_core") / "event.csv", keep_default_na=False, dtype="str")
    assert set(events["eventDate"]) == set(events["decimalLatitude"]) == {""}
    said = capsys.readouterr().err
    assert "observations.csv gives no eventDate of 2 videos: left empty" in said
    assert "observations.csv gives no decimalLatitude, decimalLongitude of 2 videos: left empty" in said
    write(
        run / "run.json", (run / "run.json").read_text().replace('"settings": {', '"settings": {"observations": "x", ')
    )
    (run.parent / "darwin_core").rename(run.parent / "before")
    export(run, "darwin_core")
    assert "x is no longer there: no dates, no places" in capsys.readouterr().err
