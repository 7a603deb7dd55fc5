"""What goes out to be labelled: it reads back as it went, and it is built as the programs' own files are."""

import json
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring, parse
from zipfile import ZipFile

import pandas as pd
import pytest

from pipeline import cli
from pipeline.errors import EthopipeError
from pipeline.export.choose import _offers
from pipeline.formats.read_intervals import read_intervals
from pipeline.labelled import joined
from pipeline.training.run_clips import clips_of_run
from tests.export.made import AWAY, STATE, labelled_run
from tests.formats.labels import real, write

TRACKS = {"a.mp4": {1: [range(100)], 2: [range(30), range(60, 100)]}, "b/c.mp4": {1: [range(20, 100)]}}
BOUTS = {
    "a.mp4": [
        (1, "Walk", 0, 40, 0.9), (1, "unknown", 40, 50, 0.5), (1, "Graze", 50, 100, 0.8),
        (2, "Graze", 0, 30, 0.7), (2, "not visible", 30, 60, 0.0), (2, "Graze", 60, 80, 0.7), (2, "Walk", 80, 100, 0.6),
    ],
    "b/c.mp4": [(1, "Walk", 20, 100, 0.95)],
}  # fmt: skip
# track, behaviour, start and stop in the video: what the bouts above say
TOLD = [
    ("a.mp4", 1, "Walk", 0.0, 4.0), ("a.mp4", 1, "Graze", 5.0, 10.0), ("a.mp4", 2, "Graze", 0.0, 3.0),
    ("a.mp4", 2, "Graze", 6.0, 8.0), ("a.mp4", 2, "Walk", 8.0, 10.0), ("b/c.mp4", 1, "Walk", 2.0, 10.0),
]  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return labelled_run(tmp_path / "run", TRACKS, BOUTS)


def export(run: Path, *words: str) -> Path:
    """The folder that ``ethopipe export`` makes; its error where it makes none."""
    out = run.parent / "out"
    code = cli.main(["export", f"run={run}", f"out={out}", *words])
    assert code == 0
    return out


def read_back(run: Path, labels: Path) -> list[tuple[Any, ...]]:
    """Video, track, behaviour, start and stop of the labels, as a training takes them."""
    found = joined(run, read_intervals([labels]), {})
    return [(shown.video.key, *row) for shown, rows in found for row in rows.itertuples(index=False, name=None)]


@pytest.mark.parametrize("unit", ["scene", "video"])
@pytest.mark.parametrize("labels", ["labels.boris", "boris_events.tsv", "labels.csv"])
def test_what_was_recognized_reads_back(run: Path, unit: str, labels: str) -> None:
    assert read_back(run, export(run, f"unit={unit}") / labels) == TOLD


def test_what_was_corrected_in_cvat_reads_back_and_what_was_not_is_no_label(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenes = export(run) / "scenes"
    with pytest.raises(EthopipeError, match=r"no labelled behaviour in actions/\*.xml"):
        read_intervals([scenes])
    for path in sorted(scenes.rglob("prelabels/*.xml")):
        path.rename(path.parent.parent / "actions" / path.name)
        done = set(read_intervals([scenes])["video"])  # labelled in part
    assert len(done) == 2
    assert read_back(run, scenes) == TOLD
    assert len(clips_of_run(run, read_intervals([scenes]), {}).rows) == 8  # three of them last longer than 4 s
    assert "chosen   4 mini-scenes of 2 videos, 25 s" in capsys.readouterr().err


def test_the_folder_is_whole(run: Path) -> None:
    out = export(run)
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*.mp4") if path.is_file()) == [
        "scenes/a.mp4/1.mp4", "scenes/a.mp4/2.2.mp4", "scenes/a.mp4/2.mp4", "scenes/b/c.mp4/1.mp4",
    ]  # fmt: skip
    told = pd.read_csv(out / "chosen.csv", dtype={"scene": "str"})
    assert told[["video", "scene", "behaviour", "behaviour_s", "confidence", "margin"]].to_numpy().tolist() == [
        ["a.mp4", "1", "Graze", 5.0, 0.8, 0.6],
        ["a.mp4", "2", "Graze", 3.0, 0.7, 0.4],
        ["a.mp4", "2.2", "Graze", 2.0, 0.7, 0.4],
        ["b/c.mp4", "1", "Walk", 8.0, 0.95, 0.9],
    ]
    assert sorted(path.name for path in run.parent.iterdir()) == ["out", "run"]


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ([], ["a 1", "a 2", "a 2.2", "b/c 1"]),  # all
        # unknown is the rarest; of Graze 2 has the lowest confidence; of Walk 2.2
        (["per_behaviour=1"], ["a 1 unknown", "a 2 Graze", "a 2.2 Walk"]),
        (["per_behaviour=1", "choose=margin"], ["a 1 unknown", "a 2 Graze", "a 2.2 Walk"]),
        (["per_behaviour=9"], ["a 1 unknown", "a 2 Graze", "a 2.2 Graze", "b/c 1 Walk"]),  # none twice
        (["min_s=7"], ["a 1", "b/c 1"]),
        (["per_behaviour=1", "choose=even", "min_s=7"], ["a 1 unknown", "b/c 1 Walk"]),
    ],
)
def test_which_mini_scenes_are_chosen(run: Path, words: list[str], chosen: list[str]) -> None:
    told = pd.read_csv(export(run, *words) / "chosen.csv", dtype={"scene": "str"})
    names = told["video"].str.removesuffix(".mp4") + " " + told["scene"]
    assert (names + " " + told["behaviour"] if "per_behaviour" in " ".join(words) else names).tolist() == chosen


def test_of_several_sets_the_first_of_states_fills_a_mini_scene() -> None:
    told = [("posture", "state", "unknown", 0.0, 2.0), ("cry", "event", "unknown", 0.0, 3.0)]
    rows = [("behaviour", "state", "Walk", 0.0, 2.0), ("behaviour", "state", "unknown", 2.0, 3.0), *told]
    pieces = pd.DataFrame(rows, columns=["set", "kind", "behaviour", "start_s", "stop_s"])
    found = _offers(pieces.assign(video="a", scene="1", confidence=0.8, margin=0.5))
    assert found[["behaviour", "behaviour_s"]].to_numpy().tolist() == [["Walk", 2.0], ["unknown", 1.0]]


def test_any_are_chosen_evenly_over_the_videos_and_by_the_seed(tmp_path: Path) -> None:
    tracks = {f"{name}.mp4": {k: [range(100)] for k in range(1, 9)} for name in "ab"}
    bouts = {key: [(k, "Walk", 0, 100, 0.5 + k / 20) for k in of_video] for key, of_video in tracks.items()}
    run = labelled_run(tmp_path / "run", tracks, bouts)
    found = []
    for number, seed in enumerate([0, 0, 1]):
        words = [f"run={run}", f"out={tmp_path / str(number)}", "per_behaviour=4", "choose=even", f"seed={seed}"]
        assert cli.main(["export", *words]) == 0
        told = pd.read_csv(tmp_path / str(number) / "chosen.csv")  # every track has one mini-scene
        assert told["video"].value_counts().tolist() == [2, 2]
        found.append(told["scene"].tolist())
    assert found[0] == found[1] != found[2]


def test_nothing_is_filled_in_where_that_is_not_wanted(run: Path) -> None:
    out = export(run, "prelabel=false")
    assert not list(out.rglob("prelabels"))
    assert not (out / "boris_events.tsv").exists()
    assert (out / "labels.csv").read_text().splitlines() == [
        "video,track,start_s,stop_s,behaviour",
        "scenes/a.mp4/1.mp4,1,0.0,10.0,",
        "scenes/a.mp4/2.mp4,2,0.0,3.0,",
        "scenes/a.mp4/2.2.mp4,2,0.0,4.0,",
        "scenes/b/c.mp4/1.mp4,1,0.0,8.0,",
    ]
    with pytest.raises(EthopipeError, match=r"labels.csv: line 2: no behaviour; line 3: no behaviour"):
        read_intervals([out / "labels.csv"])
    assert all(not one["events"] for one in json.loads((out / "labels.boris").read_text())["observations"].values())


def test_a_run_without_videos_of_mini_scenes(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / "videos/a.mp4/scenes/1.mp4").unlink()
    out = export(run)
    assert "1 mini-scene without a video left out" in capsys.readouterr().err
    assert "1.mp4,1," not in (out / "labels.csv").read_text().replace("b/c.mp4/1.mp4,1,", "")
    for path in run.rglob("*.mp4"):
        if path.is_file():
            path.unlink()
    words = ["export", f"run={run}", f"out={run.parent / 'more'}"]
    assert cli.main([*words, "format=cvat"]) == 1
    assert "has no videos of its mini-scenes, as videos/a.mp4/scenes/1.mp4; run it again" in capsys.readouterr().err
    assert not (run.parent / "more").exists()
    assert cli.main([*words, "format=[boris,csv]", "unit=video"]) == 0
    assert read_back(run, run.parent / "more" / "labels.csv") == TOLD


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["format=[cvat,excel]"], "format must be one or more of cvat, boris, csv, tidy, "),
        (["format=[]"], ", got none"),
        (["unit=herd"], "herd"),
        (["per_behaviour=0"], "per_behaviour must be >= 1 or null, got 0"),
        (["min_s=-1"], "min_s must be >= 0, got -1"),
        (["min_s=nan"], "min_s must be >= 0, got nan"),
        (["more_behaviours=[unknown]"], "more_behaviours must be names other than unknown, not visible, got 'unknown'"),
        (["more_behaviours=['a|b']"], r"BORIS takes no comma and no | in a behaviour, as in 'a|b'; rename it"),
        (["min_s=99"], "lasts min_s=99 s; give a smaller min_s"),
        (["out=RUN"], "is there already, and nothing is written over; choose another out=FOLDER"),
        (["run=nowhere"], "nowhere is no run of ethopipe"),
        (["DJI_1.mp4"], "ethopipe export takes one run's folder, got 'DJI_1.mp4'"),
        (["a", "b"], "ethopipe export takes one run's folder, got 'a' and 'b'"),
    ],
)
def test_what_cannot_be(run: Path, capsys: pytest.CaptureFixture[str], words: list[str], fault: str) -> None:
    words = [word.replace("RUN", str(run)) for word in words]
    assert cli.main(["export", f"run={run}", f"out={run.parent / 'out'}", *words]) == 1
    said = capsys.readouterr().err
    assert fault in said
    assert said.count("\n") == 1
    assert not (run.parent / "out").exists()


@pytest.mark.parametrize(
    ("tracks", "bouts", "status", "words", "fault"),
    [
        ({"a.mp4": {}}, {"a.mp4": []}, "ok", [], "no animal was followed in"),
        ({"a.mp4": {}}, {}, "failed", [], "no video of"),
        ({"../a.mp4": {1: [range(9)]}}, {}, "ok", [], "names a video '../a.mp4', which leads out of its folder"),
        ({"a.mp4": {1: [range(99)]}}, {"a.mp4": []}, "ok", ["per_behaviour=1"], "nothing was recognized in"),
    ],
)
def test_runs_without_anything_to_label(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    tracks: Any,
    bouts: Any,
    status: str,
    words: list[str],
    fault: str,
) -> None:
    run = labelled_run(tmp_path / "in" / "run", tracks, bouts, status=status)
    assert cli.main(["export", f"run={run}", f"out={tmp_path / 'out'}", *words]) == 1
    assert fault in capsys.readouterr().err


def test_a_video_that_broke_off_and_one_in_which_nothing_was_recognized(tmp_path: Path) -> None:
    run = labelled_run(tmp_path / "run", {"a.mp4": {1: [range(50)]}}, {"a.mp4": []}, status="partial")
    out = export(run, "format=[cvat,csv]")
    assert (out / "labels.csv").read_text().splitlines()[1:] == ["scenes/a.mp4/1.mp4,1,0.0,5.0,"]
    assert not list(out.rglob("prelabels"))
    labels = json.loads((out / "cvat_labels.json").read_text())
    assert labels[0]["attributes"][0]["values"] == ["Walk", "Graze"]


def test_names_of_every_kind(tmp_path: Path) -> None:
    key, name = "L%C3%B6we%20%22%26%27.mp4", 'Löwin "Ätsch" <&\'>'
    ethogram = {"behaviours": [{**STATE, "name": 'Trab "müde" <&>'}, AWAY], "relabel": {"Walk": 'Trab "müde" <&>'}}
    bouts = {key: [(1, 'Trab "müde" <&>', 0, 100, 0.9)]}
    run = labelled_run(tmp_path / "rün 1", {key: {1: [range(100)]}}, bouts, ethogram, words=("Walk",))
    names = pd.DataFrame({"video": [key], "track": [1], "individual": [name]})
    (run / "tables").mkdir()
    names.to_csv(run / "tables" / "individuals.csv", index=False)
    out = export(run, "more_behaviours=['Wälzen im Staub', Occluded]")
    (out / "scenes" / key / "prelabels").rename(out / "scenes" / key / "more")
    (out / "scenes" / key / "actions").rmdir()
    (out / "scenes" / key / "more").rename(out / "scenes" / key / "actions")
    for labels in ("labels.boris", "boris_events.tsv", "labels.csv", "scenes"):
        assert read_back(run, out / labels) == [(key, 1, 'Trab "müde" <&>', 0.0, 10.0)], labels
    project = json.loads((out / "labels.boris").read_text())
    assert [one["name"] for one in project["subjects_conf"].values()] == [name]
    coded = {one["code"]: one["excluded"] for one in project["behaviors_conf"].values()}
    assert coded == {
        'Trab "müde" <&>': "Occluded,Wälzen im Staub",
        "Occluded": 'Trab "müde" <&>,Wälzen im Staub',
        "Wälzen im Staub": 'Trab "müde" <&>,Occluded',
    }


def test_events_are_points_and_names_in_two_places_are_numbers(tmp_path: Path) -> None:
    ethogram = {
        "behaviours": [{**STATE, "name": "Walk"}, {**STATE, "name": "snort", "kind": "event", "set": "event"}],
        "relabel": {},
    }
    bouts = {"a.mp4": [(1, "Walk", 0, 100, 0.9), (1, "snort", 30, 32, 0.6), (2, "Walk", 0, 50, 0.9)]}
    tracks = {"a.mp4": {1: [range(100)], 2: [range(50)]}}
    run = labelled_run(tmp_path / "run", tracks, bouts, ethogram, words=("Walk", "snort"))
    write(run / "tables" / "individuals.csv", "video,track,individual\na.mp4,1,Tumaini\na.mp4,2,Tumaini\n")
    out = export(run, "unit=video")
    project = json.loads((out / "labels.boris").read_text())
    assert project["observations"]["a.mp4"]["events"] == [
        [0.0, "1", "Walk", "", ""], [0.0, "2", "Walk", "", ""], [3.0, "1", "snort", "", ""],
        [5.0, "2", "Walk", "", ""], [10.0, "1", "Walk", "", ""],
    ]  # fmt: skip
    assert [one["type"] for one in project["behaviors_conf"].values()] == ["State event", "Point event"]
    assert [one["key"] for one in project["behaviors_conf"].values()] == ["w", "s"]
    assert project["behavioral_categories"] == ["behaviour", "event"]
    assert "a.mp4,1,3.0,,snort" in (out / "labels.csv").read_text()
    assert "snort" not in (out / "scenes/a.mp4/prelabels/1.xml").read_text().split("</meta>")[1]


def kinds(value: Any) -> Any:
    """The JSON types of a value, of a mapping by key."""
    if isinstance(value, dict):
        return {key: kinds(one) for key, one in value.items()}
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def test_the_project_is_built_as_borises_own(run: Path) -> None:
    ours = json.loads((export(run) / "labels.boris").read_text())
    theirs = json.loads((real() / "boris" / "test.boris").read_text())
    assert {key: type(value) for key, value in ours.items()} == {key: type(value) for key, value in theirs.items()}
    assert ours["project_format_version"] == theirs["project_format_version"]
    for part in ("subjects_conf", "behaviors_conf"):
        assert kinds(ours[part]["0"]) == kinds(theirs[part]["0"]), part
    watched, known = ours["observations"]["a.mp4 1"], theirs["observations"]["observation #1"]
    assert {key: type(value) for key, value in watched.items()} == {key: type(value) for key, value in known.items()}
    assert kinds(watched["file"]) == kinds(known["file"])
    assert set(watched["media_info"]) == set(known["media_info"])
    assert kinds(watched["media_info"]["offset"]) == kinds(known["media_info"]["offset"])
    for part in ("length", "fps", "hasVideo", "hasAudio"):
        mine, video = watched["media_info"][part]["scenes/a.mp4/1.mp4"], "video_test_25fps_360s.mp4"
        assert kinds(mine) == kinds(known["media_info"][part][video]), part
    assert [kinds(value) for value in watched["events"][0]] == [kinds(value) for value in known["events"][0]]


def test_the_labels_are_built_as_kabr_tools_own(run: Path) -> None:
    out = export(run)
    with ZipFile(out / "cvat_project.zip") as ours, ZipFile(real() / "kabr_fixture" / "kenya-behavior.zip") as theirs:
        assert ours.namelist() == theirs.namelist()
        mine, known = (json.loads(one.read("project.json")) for one in (ours, theirs))
    assert kinds(mine) == kinds(known)
    assert mine["labels"] == json.loads((out / "cvat_labels.json").read_text())
    assert kinds(mine["labels"][0]) == kinds(known["labels"][0])
    ours_, theirs_ = mine["labels"][0]["attributes"][0], known["labels"][0]["attributes"][0]
    assert kinds(ours_) == kinds(theirs_)
    assert {name: ours_[name] for name in ("name", "mutable", "input_type")} == {
        name: theirs_[name] for name in ("name", "mutable", "input_type")
    }


def names(node: Element, *without: str) -> list[str]:
    return [name for name in node.attrib if name not in without]


def test_the_xml_is_built_as_cvats_own(run: Path) -> None:
    corners = ("xtl", "ytl", "xbr", "ybr")
    ours = parse(export(run) / "scenes/a.mp4/prelabels/1.xml").getroot()
    for file in ("DJI_tracks_current_MINISCENE1.xml", "DJI_0068_tracks.xml"):
        theirs = parse(real() / "kabr_fixture" / file).getroot()
        assert ours.tag == theirs.tag
        mine, known = ours.find("track"), theirs.find("track")
        assert mine is not None
        assert known is not None
        assert names(mine) == names(known)
        for shape, box in zip(mine, known, strict=False):
            assert names(shape, "points") == names(box, *corners)
    meta, known_meta = ours.find("meta/task"), theirs.find("meta/task")
    assert meta is not None
    assert known_meta is not None
    order = [node.tag for node in known_meta]
    found = [node.tag for node in meta]
    assert set(found) <= set(order)
    assert found == sorted(found, key=order.index)


def test_the_shapes_of_a_mini_scene(run: Path) -> None:
    root = fromstring((export(run) / "scenes/a.mp4/prelabels/1.xml").read_text())
    shapes = root.findall("track/points")
    keys = [
        (int(one.attrib["frame"]), one.attrib["outside"], one.findtext("attribute"))
        for one in shapes
        if one.attrib["keyframe"] == "1"
    ]
    # unknown from frame 40 on: outside, and no shape until it goes on at 50
    assert keys == [(0, "0", "Walk"), (40, "1", "Walk"), (50, "0", "Graze")]
    assert len(shapes) == 91
    assert {one.attrib["points"] for one in shapes} == {"200.00,150.00"}
