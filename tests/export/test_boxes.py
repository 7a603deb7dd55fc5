"""Boxes and behaviours for programs that look at pictures: what can be read back is what the run holds."""

import csv
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import read_table, write_table
from pipeline.errors import TableError
from pipeline.formats.coco import read_coco
from pipeline.formats.cvat import read_cvat
from pipeline.formats.cvat_behaviour import find_scenes
from pipeline.formats.mot import read_mot
from pipeline.formats.read import Format, format_of
from pipeline.formats.read_intervals import read_intervals
from pipeline.formats.via import read_via
from pipeline.formats.via_write import HEADER
from pipeline.labelled import joined
from pipeline.tables import BOX, FRAMES, SPECIES, TRACKS
from pipeline.types import Video
from tests.export.made import STATE, finished_run

TRACKED = {"L%C3%B6we.mp4": {1: [range(100)], 2: [range(30), range(60, 90)]}, "b/c.mp4": {1: [range(20, 100)]}}
BOUTS = {
    "L%C3%B6we.mp4": [
        (1, "Walk", 0, 40, 0.9), (1, 'Trab "x"', 40, 100, 0.8), (2, "Walk", 0, 30, 0.7), (2, "unknown", 60, 90, 0.7),
    ],
    "b/c.mp4": [(1, "Walk", 20, 100, 0.95)],
}  # fmt: skip
BOXES_OF = ["frame", "track", *BOX, "score", "species"]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    run = finished_run(tmp_path / "run", TRACKED, BOUTS, words=("Walk", 'Trab "x"'))
    for key in TRACKED:  # no two boxes are the same
        path = run / "videos" / key / "tracks.parquet"
        rows = read_table(path, TRACKS)
        moved = {name: rows[name] + rows["frame"] * 1.25 + rows["track"] * 7 for name in BOX}
        write_table(path, rows.assign(**moved, score=0.5 + rows["frame"] / 1000, species="zebra & <co>"), TRACKS)
    return run


def export(run: Path, kind: str) -> Path:
    assert cli.main(["export", str(run), f"format={kind}", f"out={run.parent / kind}"]) == 0
    return run.parent / kind / kind


def tracks(run: Path, key: str, *columns: str) -> pd.DataFrame:
    rows = read_table(run / "videos" / key / "tracks.parquet", TRACKS).sort_values(["frame", "track"])
    return rows[list(columns)].reset_index(drop=True)


READERS = {
    "mot": (".txt", lambda path, video: read_mot(path), ["species"]),
    "coco": (".json", read_coco, []),
    "via": (".csv", lambda path, video: read_via(path), ["species"]),
    "cvat_tracks": (".xml", lambda path, video: read_cvat(path), ["score"]),
}


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("key", TRACKED)
def test_boxes_read_back_as_the_tracks(run: Path, kind: str, key: str) -> None:
    suffix, read, lost = READERS[kind]
    columns = [name for name in BOXES_OF if name not in lost]  # what the format has no place for
    folder = export(run, kind)
    path = folder / key.replace(".mp4", suffix)
    back = read(path, Video(key, Path("/footage") / key)).rename(columns={"given_id": "track"})
    back = back.sort_values(["frame", "track"])[columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(back.round(6), tracks(run, key, *columns), check_dtype=False)
    assert len(list(folder.rglob("*.*"))) == len(TRACKED)


def test_boxes_are_called_as_the_run_calls_the_animal(run: Path) -> None:
    told = {"track": [1, 2], "species": ["oryx", "zebra"], "detected": "zebra", "recognized": "oryx"}
    rows = pd.DataFrame(told | {"probability": 0.9, "source": ["recognizer", "detector"]})
    write_table(run / "videos" / "L%C3%B6we.mp4" / "species.parquet", rows, SPECIES)
    back = read_cvat(export(run, "cvat_tracks") / "L%C3%B6we.xml")
    assert back.groupby("given_id")["species"].unique().map(list).to_dict() == {1: ["oryx"], 2: ["zebra"]}


def test_evaluate_finds_no_difference_between_two_of_them(run: Path) -> None:
    found, truth = export(run, "mot"), export(run, "cvat_tracks")
    words = [f"tracks={found / 'b' / 'c.txt'}", f"truth={truth / 'b' / 'c.xml'}", f"out={run.parent / 'judged'}"]
    assert cli.main(["evaluate", *words]) == 0
    told = json.loads((run.parent / "judged" / "evaluation.json").read_text())
    assert {told["tracking"]["figures"][name]["value"] for name in ("hota", "mota", "idf1")} == {1.0}


def test_coco_says_how_fast_and_long_the_video_is(run: Path) -> None:
    told = json.loads((export(run, "coco") / "b" / "c.json").read_text(encoding="utf-8"))
    assert told["videos"] == [{"id": 1, "name": "b/c.mp4", "width": 1920, "height": 1080, "fps": 10.0, "frames": 100}]
    assert len(told["images"]) == 100


def test_via_is_read_by_the_rules_of_movement(run: Path) -> None:
    """Its header, the number behind the last zeros of the file's name as frame, a rectangle, a track (movement 0.x)."""
    with (export(run, "via") / "b" / "c.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["filename", "file_size", "file_attributes", "region_count", "region_id",
                             "region_shape_attributes", "region_attributes"]  # fmt: skip
    back = []
    for row in rows:
        number = re.search(r"(0\d*)\.\w+$", row["filename"])
        shape, told = json.loads(row["region_shape_attributes"]), json.loads(row["region_attributes"])
        assert number is not None
        assert (shape["name"], row["file_attributes"], row["region_count"]) == ("rect", "{}", "1")
        corners = shape["x"], shape["y"], shape["x"] + shape["width"], shape["y"] + shape["height"]
        back.append((int(number[1]), told["track"], *corners, told["confidence"]))
    known = tracks(run, "b/c.mp4", "frame", "track", *BOX, "score")
    np.testing.assert_allclose(np.array(back), known.to_numpy(), atol=1e-9)


@pytest.mark.parametrize(
    ("shape", "told", "fault"),
    [
        ('{"name": "circle", "cx": 1}', '{"track": 1}', "line 2: no rectangle with its attributes"),
        ('{"x": 1, "y": 1, "width": "a", "height": 2}', "{}", "line 2: width must be a number, got 'a'"),
        ("", "{}", "line 2: no rectangle with its attributes"),
    ],
)
def test_what_is_no_via(tmp_path: Path, shape: str, told: str, fault: str) -> None:
    with (tmp_path / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, ("v_0001.png", 0, "{}", 1, 0, shape, told)])
    assert format_of(tmp_path / "t.csv") is Format.via
    with pytest.raises(TableError, match=re.escape(fault)):
        read_via(tmp_path / "t.csv")


def test_a_time_lapse_has_every_second_of_a_frame(run: Path) -> None:
    path = run / "videos" / "b" / "c.mp4" / "frames.parquet"
    slow = read_table(path, FRAMES)
    write_table(path, slow.assign(time_s=slow["frame"] * 2.0, duration_s=2.0), FRAMES)
    rows = [line.split(",") for line in (export(run, "ava") / "ava.csv").read_text(encoding="utf-8").splitlines()]
    seconds = [int(row[1]) for row in rows if row[0].endswith("c")]
    assert seconds == list(range(40, 199))


def test_ava_has_an_animal_once_a_second(run: Path) -> None:
    folder = export(run, "ava")
    rows = [line.split(",") for line in (folder / "ava.csv").read_text(encoding="utf-8").splitlines()]
    told = [(row[0], int(row[1]), int(row[6]), int(row[7])) for row in rows]
    ours = "L%C3%B6we"
    assert told == [
        *((ours, second, label, track) for second in range(10)
          for track, label in ((1, 1 if second < 4 else 2), (2, 1)) if track == 1 or second < 3),
        *(("b/c", second, 1, 1) for second in range(2, 10)),  # and nobody from 0 to 2 s
    ]  # fmt: skip
    first = tracks(run, "L%C3%B6we.mp4", *BOX).iloc[0] / [1920, 1080, 1920, 1080]
    assert [float(value) for value in rows[0][2:6]] == pytest.approx(first.tolist(), abs=5e-4)
    assert (folder / "behaviours.pbtxt").read_text(encoding="utf-8") == (
        'item {\n  name: "Walk"\n  id: 1\n}\nitem {\n  name: "Trab \\"x\\""\n  id: 2\n}\n'
    )


def test_ava_comes_back(run: Path) -> None:
    folder = export(run, "ava")
    lines = [line.split(",") for line in (folder / "ava.csv").read_text(encoding="utf-8").splitlines()]
    names = {"1": "Walk", "2": 'Trab "x"'}
    told = [(unquote(row[0]), row[7], names[row[6]], int(row[1])) for row in lines]
    back = read_intervals([folder / "ava.csv"])
    seconds = [
        (row.video, row.subject, row.behaviour, second)
        for row in back.itertuples()
        for second in range(int(row.start_s), int(row.stop_s))
    ]
    assert sorted(seconds) == sorted(told)
    assert len(back) == 4
    assert set(back["place"]) == {f"ava.csv, line {line}" for line in (1, 2, 8, 14)}


@pytest.mark.parametrize(
    ("rows", "names", "fault"),
    [
        (
            "a,1,0,0,1,1,3,1\n",
            'label { name: "Walk" label_id: 1 }',
            "line 1: behaviour 3 is not in list.pbtxt",
        ),
        (
            "a,1.5,0,0,1,1,1,1\n",
            'item { name: "Walk" id: 1 }',
            "the second must be a whole number from 0, got 1.5",
        ),
        ("a,1,0,0,1,1,1,1\n", "Walk", "list.pbtxt: expected a list of behaviours, each as item"),
    ],
)
def test_what_is_no_ava(tmp_path: Path, rows: str, names: str, fault: str) -> None:
    (tmp_path / "a.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "list.pbtxt").write_text(names, encoding="utf-8")
    with pytest.raises(TableError, match=re.escape(fault)):
        read_intervals([tmp_path / "a.csv"])


def read_back(run: Path, folder: Path) -> list[tuple[Any, ...]]:
    found = joined(run, read_intervals([folder]), {})
    return [(shown.video.key, *row) for shown, rows in found for row in rows.itertuples(index=False, name=None)]


def test_behaviours_on_mini_scenes_read_back_as_the_bouts(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / "videos/b/c.mp4/scenes/1.mp4").unlink()
    folder = export(run, "cvat_behaviours")
    known = [
        (key, track, name, start / 10, stop / 10)
        for key in sorted(BOUTS) for track, name, start, stop, _ in BOUTS[key] if name != "unknown"
    ]  # fmt: skip
    assert read_back(run, folder) == known
    # side by side, as kabr-tools' cvat2slowfast looks for them: <scenes>/<parents and stem>/actions
    assert sorted(path.name for path in folder.iterdir()) == ["footage_L%C3%B6we", "footage_b_c"]
    assert [path.parent for path in find_scenes(folder)] == [folder, folder]
    assert (folder / "footage_L%C3%B6we" / "2.2.mp4").is_file()
    assert "warning  cvat_behaviours: 1 mini-scene without a video" in capsys.readouterr().err


def test_mini_scenes_of_two_videos_never_share_a_folder(tmp_path: Path) -> None:
    tracks = {key: {1: [range(9)]} for key in ("x/a/b/c.mp4", "y/a/b/C.mp4")}
    run = finished_run(tmp_path / "run", tracks, {key: [(1, "Walk", 0, 9, 0.9)] for key in tracks})
    assert sorted(path.name for path in export(run, "cvat_behaviours").iterdir()) == ["a_b_C_2", "a_b_c"]


def test_videos_of_one_stem_have_a_file_each(tmp_path: Path) -> None:
    keys = ("a.MOV", "a.mp4", "b.mp4")
    run = finished_run(tmp_path / "run", {key: {1: [range(9)]} for key in keys}, {key: [] for key in keys})
    assert sorted(path.name for path in export(run, "mot").iterdir()) == ["a.MOV.txt", "a.mp4.txt", "b.txt"]


def test_a_name_with_a_comma_is_one_column_of_ava(tmp_path: Path) -> None:
    key = "a, b.mp4"
    run = finished_run(tmp_path / "run", {key: {1: [range(9)]}}, {key: [(1, "Walk", 0, 9, 0.9)]})
    folder = export(run, "ava")
    rows = list(csv.reader((folder / "ava.csv").read_text().splitlines()))
    assert {len(row) for row in rows} == {8}
    assert set(read_intervals([folder / "ava.csv"])["video"]) == {unquote(rows[0][0])}


def test_what_ava_cannot_tell_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = finished_run(tmp_path / "run", {"a.mp4": {1: [range(15)]}}, {"a.mp4": [(1, "Walk", 0, 15, 0.9)]})
    bouts = pd.read_csv(run / "tables" / "bouts.csv")
    short = bouts.assign(set="head", behaviour="Walk", start_frame=2, stop_frame=8, start_s=0.2, stop_s=0.8)
    pd.concat([bouts, short]).to_csv(run / "tables" / "bouts.csv", index=False)
    export(run, "ava")
    assert "warning  ava: 1 event or bout between two seconds left out" in capsys.readouterr().err


def test_two_sets_are_two_rows_of_ava(tmp_path: Path) -> None:
    look = {**STATE, "name": "Look", "set": "head"}
    run = finished_run(tmp_path / "run", {"a.mp4": {1: [range(15)]}}, {"a.mp4": [(1, "Walk", 0, 15, 0.9)]},
                       ethogram={"behaviours": [{**STATE, "name": "Walk"}, look], "relabel": {}},
                       words=("Walk", "Look"))  # fmt: skip
    bouts = pd.read_csv(run / "tables" / "bouts.csv")
    late = bouts.assign(set="head", behaviour="Look", start_frame=5, start_s=0.5)
    pd.concat([bouts, late]).to_csv(run / "tables" / "bouts.csv", index=False)
    rows = [line.split(",") for line in (export(run, "ava") / "ava.csv").read_text().splitlines()]
    assert [(row[1], row[6]) for row in rows] == [("0", "1"), ("1", "1"), ("1", "2")]
