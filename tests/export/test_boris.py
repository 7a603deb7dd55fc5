"""BORIS's files of results: they read back as the bouts they came from, and have just BORIS's columns."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline import cli
from pipeline.formats.boris import read_boris
from pipeline.formats.boris_project import read_project
from tests.export.made import STATE, finished_run, observed
from tests.formats.labels import real

NAME = 'Löwin "Ätsch"\t<&\'>'
FLAT = 'Löwin "Ätsch" <&\'>'  # BORIS has no tabs in names
TRACKS = {"a.mp4": {1: [range(100)], 2: [range(30), range(60, 90)]}, "b/c.mp4": {1: [range(20, 100)]}}
BOUTS = {
    "a.mp4": [
        (1, "Walk", 0, 40, 0.9), (1, "unknown", 40, 50, 0.5), (1, "Walk", 50, 100, 0.8), (1, "snort", 30, 32, 0.6),
        (2, "Graze", 0, 30, 0.7), (2, "not visible", 60, 80, 0.7), (2, "Walk", 80, 90, 0.6),
    ],
    "b/c.mp4": [(1, "Walk", 20, 100, 0.95)],
}  # fmt: skip
ETHOGRAM = {
    "behaviours": [
        {**STATE, "name": "Walk"}, {**STATE, "name": "Graze", "definition": "head down,\nto eat"},
        {**STATE, "name": "snort", "kind": "event", "set": "event"},
    ],
    "relabel": {},
}  # fmt: skip
# video, subject, behaviour, start, stop: what the bouts above say; the stop of an event is its start
TOLD = [
    ("a.mp4", FLAT, "Walk", 0.0, 4.0), ("a.mp4", FLAT, "snort", 3.0, 3.0), ("a.mp4", FLAT, "unknown", 4.0, 5.0),
    ("a.mp4", FLAT, "Walk", 5.0, 10.0), ("a.mp4", "a.mp4#2", "Graze", 0.0, 3.0),
    ("a.mp4", "a.mp4#2", "not visible", 6.0, 8.0), ("a.mp4", "a.mp4#2", "Walk", 8.0, 9.0),
    ("b/c.mp4", FLAT, "Walk", 2.0, 10.0),
]  # fmt: skip
FILES = {"boris_events": "events.tsv", "boris_aggregated": "aggregated.tsv", "boris_project": "run.boris"}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    names = {("a.mp4", 1): NAME, ("b/c.mp4", 1): NAME}
    return finished_run(tmp_path / "run", TRACKS, BOUTS, names, ethogram=ETHOGRAM, words=("Walk", "Graze", "snort"))


def export(run: Path, kind: str) -> Path:
    assert cli.main(["export", str(run), f"format={kind}", f"out={run.parent / kind}"]) == 0
    return run.parent / kind / kind / FILES[kind]


def rows(read: pd.DataFrame) -> list[tuple[Any, ...]]:
    told = read.assign(video=read["video"].str.removeprefix("/footage/"))
    return sorted(told[["video", "subject", "behaviour", "start_s", "stop_s"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("kind", ["boris_events", "boris_aggregated"])
def test_events_read_back_as_the_bouts(run: Path, kind: str) -> None:
    read = read_boris(export(run, kind))
    assert rows(read) == sorted(TOLD)
    assert set(read["fps"]) == {10.0}


# BORIS 9.12.3, without independent variables and modifiers
TABULAR = """Observation id|Observation date|Description|Observation duration|Observation type|Source|Time offset (s)|
Media duration (s)|FPS|Subject|Behavior|Behavioral category|Behavior type|Time|Media file name|Image index|
Image file path|Comment"""
AGGREGATED = """Observation id|Observation date|Description|Observation type|Source|Time offset (s)|Coding duration|
Media duration (s)|FPS (frame/s)|Subject|Observation duration by subject by observation|Behavior|Behavioral category|
Behavior type|Start (s)|Stop (s)|Duration (s)|Media file name|Image index start|Image index stop|
Image file path start|Image file path stop|Comment start|Comment stop"""


@pytest.mark.parametrize(("kind", "columns"), [("boris_events", TABULAR), ("boris_aggregated", AGGREGATED)])
def test_the_columns_are_borises(run: Path, kind: str, columns: str) -> None:
    lines = export(run, kind).read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t") == columns.replace("\n", "").split("|")
    assert {line.count("\t") for line in lines} == {columns.count("|")}


def test_the_first_rows(run: Path) -> None:
    bouts = pd.read_csv(run / "tables" / "bouts.csv")
    begun = bouts["start_s"] == 0
    bouts.assign(censored_start=begun, censored_stop=begun).to_csv(run / "tables" / "bouts.csv", index=False)
    tabular = pd.read_csv(export(run, "boris_events"), sep="\t", keep_default_na=False, dtype="str")
    first = tabular[tabular["Subject"] == FLAT].iloc[:3]
    assert first[["Behavior", "Behavior type", "Time", "Image index", "Comment"]].to_numpy().tolist() == [
        ["Walk", "START", "0.000", "0", "start not seen"],
        ["snort", "POINT", "3.000", "30", ""],
        ["Walk", "STOP", "4.000", "40", "stop not seen"],
    ]
    told = pd.read_csv(export(run, "boris_aggregated"), sep="\t", keep_default_na=False, dtype="str")
    point, state = told[told["Behavior"] == "snort"].iloc[0], told[told["Behavior"] == "Graze"].iloc[0]
    columns = ["Behavior type", "Start (s)", "Stop (s)", "Duration (s)", "Image index start", "Image index stop"]
    assert point[columns].tolist() == ["POINT", "3.000", "3.000", "NA", "30", "30"]
    assert state[columns].tolist() == ["STATE", "0.000", "3.000", "3.000", "0", "30"]
    lasts = "Observation duration by subject by observation"
    assert (point[lasts], state[lasts]) == ("10.0", "6.0")  # of all states of the subject there
    older = (real() / "boris" / "test_export_aggregated_events_test_full_1.tsv").read_text().splitlines()
    kept = {"Media file", "Total length", "FPS", "a", "b", "c", "Modifiers"}  # renamed since, or the study's own
    assert set(older[0].split("\t")) - kept <= set(told.columns)


def test_the_project_is_the_same_with_the_time_without_a_track(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = export(run, "boris_project")
    read = rows(read_project(path))
    away = [("a.mp4", "a.mp4#2", "not followed", 3.0, 6.0), ("a.mp4", "a.mp4#2", "not followed", 9.0, 10.0),
            ("b/c.mp4", FLAT, "not followed", 0.0, 2.0)]  # fmt: skip
    assert read == sorted([*TOLD, *away])
    assert "2 videos not found, BORIS will ask for it: /footage/a.mp4" in capsys.readouterr().err
    project = json.loads(path.read_text(encoding="utf-8"))
    theirs = json.loads((real() / "boris" / "test.boris").read_text())
    assert {key: type(value) for key, value in project.items()} == {key: type(value) for key, value in theirs.items()}
    coded = {one["code"]: one for one in project["behaviors_conf"].values()}
    assert [one["name"] for one in project["subjects_conf"].values()] == [FLAT, "a.mp4#2"]
    assert coded["not visible"]["category"] == "not counted"
    assert coded["Walk"]["excluded"] == "Graze,unknown,not visible,not followed"
    assert coded["snort"]["excluded"] == ""
    assert {name: one["description"] for name, one in coded.items() if one["description"]} == {
        "Graze": "head down, to eat"
    }


def test_events_at_the_end_of_the_last_video_are_read(run: Path) -> None:
    """BORIS lets one code past the length that it knows."""
    path = export(run, "boris_project")
    project = json.loads(path.read_text(encoding="utf-8"))
    events = project["observations"]["a.mp4"]["events"]
    snort = next(event for event in events if event[2] == "snort")
    events += [[time, *snort[1:]] for time in (10.0, 10.02)]
    path.write_text(json.dumps(project))
    read = read_project(path)
    assert read.loc[read["behaviour"] == "snort", "start_s"].tolist()[-2:] == [10.0, 10.02]
    assert len(rows(read)) == len({*rows(read)}) == len(TOLD) + 3 + 2  # three of them without a track


def test_a_project_is_ascii_whatever_the_names(tmp_path: Path) -> None:
    """BORIS opens it in the encoding of its machine, which need not be UTF-8."""
    run = finished_run(tmp_path / "run", {"Löwe.mp4": {1: [range(100)]}}, {"Löwe.mp4": [(1, "Walk", 0, 100, 0.9)]})
    path = export(run, "boris_project")
    assert path.read_bytes().isascii()
    assert read_project(path)["video"].tolist() == ["/footage/Löwe.mp4"]


def test_borises_time_budget_is_ours(run: Path) -> None:
    """Its rule: duration / (observed time - duration of the excluded behaviours of the subject)."""
    project = read_project(export(run, "boris_project"))
    own = project[project["subject"] == "a.mp4#2"]
    lasts = (own["stop_s"] - own["start_s"]).groupby(own["behaviour"]).sum()
    excluded = lasts[["not visible", "not followed"]].sum()
    assert lasts["Graze"] / (10.0 - excluded) == pytest.approx(3 / 4)  # 3 s of Graze, 1 s of Walk


def test_borises_budget_of_several_videos_is_ours_for_animals_with_names(tmp_path: Path) -> None:
    """It divides by the length of all that are selected: Ama is in the first of two videos only."""
    tracks = {"a.mp4": {1: [range(100)], 2: [range(100)]}, "b.mp4": {1: [range(100)]}}
    bouts = {
        "a.mp4": [(1, "Walk", 0, 30, 0.9), (1, "Graze", 30, 100, 0.9), (2, "Walk", 0, 100, 0.9)],
        "b.mp4": [(1, "Walk", 0, 100, 0.9)],
    }
    run = finished_run(tmp_path / "run", tracks, bouts, {("a.mp4", 1): "Ama", ("b.mp4", 1): "Ben"})
    project = read_project(export(run, "boris_project"))
    lasts = (project["stop_s"] - project["start_s"]).groupby([project["subject"], project["behaviour"]]).sum()
    assert lasts["Ama", "Walk"] / (20.0 - lasts["Ama", "not followed"]) == pytest.approx(0.3)
    assert lasts["Ben", "not followed"] == 10
    assert ("a.mp4#2", "not followed") not in lasts  # a track is nobody elsewhere


OBSERVED = """video,session,site,use,start_s,stop_s,eventDate,Subject
a.mp4,s1,North,yes,0,5,2026-03-01T07:15,herd
a.mp4,s2,North,yes,5,,2026-03-01T07:15,herd
"""


@pytest.mark.parametrize("kind", FILES)
def test_what_the_observer_noted_goes_along(run: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    observed(run, OBSERVED, sessions="session,weather\ns1,dry\ns2,wet\n")
    path = export(run, kind)
    said = capsys.readouterr().err
    assert f"warning  {kind}: observations.csv gives no eventDate as 2023-01-12 of 1 video: left empty" in said
    noted = {"session": "s1, s2", "site": "North", "eventDate": "2026-03-01T07:15", "Subject": "herd",
             "weather": "dry, wet"}  # fmt: skip
    if kind == "boris_project":
        project = json.loads(path.read_text(encoding="utf-8"))
        assert [one["label"] for one in project["independent_variables"].values()] == list(noted)
        first, second = project["observations"].values()
        assert (first["date"], first["independent_variables"]) == ("2026-03-01T07:15:00", noted)
        assert (second["date"], second["independent_variables"]) == ("", dict.fromkeys(noted, ""))
        theirs = json.loads((real() / "boris" / "test.boris").read_text())["independent_variables"]["0"]
        assert project["independent_variables"]["0"].keys() == theirs.keys()
        return
    table = pd.read_csv(path, sep="\t", keep_default_na=False, dtype="str")
    place = table.columns.tolist().index("Subject")
    assert table.columns[place - 5 : place].tolist() == ["session", "site", "eventDate", "Subject_", "weather"]
    shown = table.drop_duplicates("Observation id").set_index("Observation id")
    assert shown["Observation date"].to_dict() == {"a.mp4": "2026-03-01 07:15:00", "b/c.mp4": ""}
    assert shown["weather"].to_dict() == {"a.mp4": "dry, wet", "b/c.mp4": ""}
    assert rows(read_boris(path)) == sorted(TOLD)


def test_two_sets_have_an_unknown_each(tmp_path: Path) -> None:
    head = {**STATE, "name": "Look", "set": "head"}
    ethogram = {"behaviours": [{**STATE, "name": "Walk"}, head], "relabel": {}}
    run = finished_run(tmp_path / "run", {"a.mp4": {1: [range(100)]}}, {"a.mp4": [(1, "Walk", 0, 100, 0.9)]},
                       ethogram=ethogram, words=("Walk", "Look"))  # fmt: skip
    bouts = pd.read_csv(run / "tables" / "bouts.csv")
    more = [bouts.assign(set=of, behaviour="unknown", start_s=2.0, start_frame=20) for of in ("behaviour", "head")]
    first = bouts.assign(stop_s=2.0, duration_s=2.0, stop_frame=20)
    pd.concat([first, *more, first.assign(set="head", behaviour="Look")]).to_csv(
        run / "tables" / "bouts.csv", index=False
    )
    told = [(0.0, 2.0, "Look"), (0.0, 2.0, "Walk"), (2.0, 10.0, "unknown"), (2.0, 10.0, "unknown (head)")]
    for kind in ("boris_events", "boris_aggregated"):
        read = read_boris(export(run, kind))
        assert sorted(zip(read["start_s"], read["stop_s"], read["behaviour"], strict=True)) == told
    read = read_project(export(run, "boris_project"))
    assert sorted(zip(read["start_s"], read["stop_s"], read["behaviour"], strict=True)) == told


def test_a_name_in_two_places_at_once_is_nobody(tmp_path: Path) -> None:
    tracks = {"a.mp4": {1: [range(100)], 2: [range(50)]}}
    bouts = {"a.mp4": [(1, "Walk", 0, 100, 0.9), (2, "Walk", 0, 50, 0.9)]}
    run = finished_run(tmp_path / "run", tracks, bouts, {("a.mp4", 1): "Tumaini", ("a.mp4", 2): "Tumaini"})
    assert set(read_boris(export(run, "boris_events"))["subject"]) == {"a.mp4#1", "a.mp4#2"}


def test_pictures_do_not_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = finished_run(tmp_path / "run", {"a.mp4": {1: [range(9)]}}, {"a.mp4": [(1, "Walk", 0, 9, 0.9)]})
    bouts = pd.read_csv(run / "tables" / "bouts.csv")
    still = bouts.assign(stop_s=0.0, duration_s=0.0)
    pd.concat([still.assign(track=2, subject="a.mp4#2"), bouts]).to_csv(run / "tables" / "bouts.csv", index=False)
    assert len(read_boris(export(run, "boris_events"))) == 1
    assert "warning  boris_events: 1 state of pictures that do not last left out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("bouts", "words", "fault"),
    [
        ([], ("Walk",), "no animal was followed in"),
        ([(1, "a|b", 0, 9, 0.9)], ("a|b",), "BORIS takes no comma and no | in a behaviour, as in 'a|b'; rename it"),
    ],
)
def test_what_cannot_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bouts: Any, words: tuple[str, ...], fault: str
) -> None:
    run = finished_run(tmp_path / "run", {"a.mp4": {1: [range(9)]}}, {"a.mp4": bouts}, words=words)
    assert cli.main(["export", str(run), "format=boris_events", f"out={tmp_path / 'out'}"]) == 1
    assert fault in capsys.readouterr().err
    (run / "tables" / "bouts.csv").unlink()
    assert cli.main(["export", str(run), "format=boris_events", f"out={tmp_path / 'out'}"]) == 1
    assert not (tmp_path / "out").exists()
