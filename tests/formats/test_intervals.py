"""Labelled intervals from spreadsheets, BORIS and CVAT: what they mean, and what is said of those that are broken."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.errors import TableError, UsageError
from pipeline.formats.read_intervals import read_intervals
from tests.formats.labels import real, write

PLAIN = "video,track,start_s,stop_s,behaviour\n"
TABULAR = "Observation id\tTime offset (s)\tFPS\tSubject\tBehavior\tModifier #1\tBehavior type\tTime\t"
TABULAR += "Media file name\tImage index\n"
AGGREGATED = "Observation id\tMedia file\tFPS\tSubject\tBehavior\tModifiers\tBehavior type\tStart (s)\tStop (s)\n"


def intervals(data: pd.DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in data[["video", "subject", "behaviour", "start_s", "stop_s"]].to_numpy().tolist()]


def read(path: Path, text: str) -> list[tuple[Any, ...]]:
    return intervals(read_intervals([write(path, text)]))


def test_a_spreadsheet(tmp_path: Path) -> None:
    text = PLAIN + "a.mp4,3,1.5,4,Graze\na.mp4,Tumaini,4,,Snort\n"
    data = read_intervals([write(tmp_path / "labels.csv", text)])
    assert intervals(data) == [("a.mp4", "3", "Graze", 1.5, 4.0), ("a.mp4", "Tumaini", "Snort", 4.0, 4.0)]
    assert data["place"].tolist() == ["labels.csv, line 2", "labels.csv, line 3"]
    assert (data["start_frame"] == -1).all()
    assert data["fps"].isna().all()
    stated = read_intervals([write(tmp_path / "rate.csv", "track,start_s,stop_s,behaviour,fps\n1,0,1,Walk,29.97\n")])
    assert stated["fps"].tolist() == [29.97]
    assert read(tmp_path / "one.csv", "start_s;stop_s;behaviour;track\n0;1;NA;1\n") == [("", "1", "NA", 0.0, 1.0)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", r"it is empty"),
        (PLAIN, r"labels.csv: no labelled interval in it"),
        (
            "begin,Stop,what\n0,1,b\n",
            r"labels.csv: missing columns start_s, behaviour, track \(there are: begin, Stop, what\); and video, where "
            "the run has several$",
        ),
        ("video,start,stop,behaviour\na,0,1,b\n", r"csv: missing columns track \(there are: video, start, stop, behav"),
        (
            "track,start,start_s,stop,behaviour\n1,0,0,1,b\n",
            r"csv: columns that mean the same: start_s is there twice \(there are: track, start, start_s, stop, behav",
        ),
        (PLAIN + "a,1,0,1:5,Walk\n", r"line 2: stop_s must be a number, got '1:5'"),
        (
            PLAIN + "a,1,0,1,Walk\na,1,2,,Walk\n",  # a state: it has a stop elsewhere
            r"csv: line 3: no stop_s, and 'Walk' has one in other lines; events have none in any, or a column kind "
            "that says event$",
        ),
        (
            "track,start_s,stop_s,behaviour,kind\n1,0,,Snort,event\n1,2,,Walk,state\n",
            r"csv: line 3: no stop_s, and 'state' is no kind of event$",
        ),
        (PLAIN + "a,1,0,x,Walk\n", r"line 2: stop_s must be a number, got 'x'"),
        (
            PLAIN + "a,1,3,2,Walk\na,1,-1,2,\n",
            r"line 2: stops at 2 before it starts at 3; line 3: no behaviour; line 3:",
        ),
        (PLAIN + "a,1,0\n", r"line 2: 3 fields, expected 5"),
    ],
)
def test_a_broken_spreadsheet(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        read(tmp_path / "labels.csv", text)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("video,track,start_s,stop_s,behaviour\na,1,0:59.5,1:05,b\n", [(59.5, 65.0)]),  # minutes and seconds
        ("video,track,start_s,stop_s,behaviour\na,1,00:01:05,1:00:00.25,b\n", [(65.0, 3600.25)]),  # hours too
        ("Video,Track,Start,Stop,Behavior\na,1,0,1,b\n", [(0.0, 1.0)]),
        ("VIDEO,TRACK,START_S,END,BEHAVIOUR\na,1,0,1,b\n", [(0.0, 1.0)]),
        ("video;track;start_s;stop_s;behaviour\na;1;0,0;1,25;b\na;1;1,25;0:02,5;b\n", [(0.0, 1.25), (1.25, 2.5)]),
        ("video\ttrack\tstart_s\tstop_s\tbehaviour\na\t1\t0,0\t1,25\tb\n", [(0.0, 1.25)]),
    ],
)
def test_spreadsheets_as_they_are_written_elsewhere(
    tmp_path: Path, text: str, times: list[tuple[float, float]]
) -> None:
    assert read(tmp_path / "labels.csv", text) == [("a", "1", "b", *of) for of in times]


def test_events_of_a_spreadsheet(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = "1,0,1,Walk,State\n1,3,,Walk,Event\n1,2,,Snort,point\n"  # a word may be both where the file says so
    found = read(tmp_path / "kind.csv", "track,start_s,stop_s,behaviour,kind\n" + rows)
    assert [row[2:] for row in found] == [("Walk", 0.0, 1.0), ("Walk", 3.0, 3.0), ("Snort", 2.0, 2.0)]
    assert not caplog.messages
    read(tmp_path / "labels.csv", PLAIN + "a,1,0,1,Walk\na,1,2,,Snort\na,1,3,,Snort\n")
    assert caplog.messages == [f"{tmp_path / 'labels.csv'}: no line of Snort has a stop_s: they are taken for events"]


def test_rows_that_cannot_be_are_kept_where_asked(tmp_path: Path) -> None:
    rows = "a,1,0,1,Walk\na,1,x,1,\na,1,3,2,Walk\n"
    data = read_intervals([write(tmp_path / "labels.csv", PLAIN + rows)], faulty=True)
    assert data["fault"].tolist() == [
        "",
        "no behaviour; start_s must be a number, got 'x'",
        "stops at 2 before it starts at 3",
    ]
    assert data["start_s"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_what_is_no_text_in_utf_8(tmp_path: Path, encoding: str) -> None:
    fault = r"csv: not UTF-8 text \(byte 0x.* at position .*\); save it as UTF-8 \(in Excel: 'CSV UTF-8'\)$"
    with pytest.raises(TableError, match=fault):
        read_intervals([write(tmp_path / "labels.csv", (PLAIN + "a,1,0,1,Äsen\n").encode(encoding))])


def event(kind: str, time: object, code: str = "Walk", index: object = "", **more: str) -> str:
    given = {"id": "one", "offset": "0.0", "subject": "7", "modifier": "", "video": "/home/me/a.mp4"} | more
    fields = [given["id"], given["offset"], "25", given["subject"], code, given["modifier"], kind]
    return "\t".join([*fields, str(time), given["video"], str(index)]) + "\n"


def test_starts_and_stops_of_boris_are_paired(tmp_path: Path) -> None:
    text = TABULAR + event("START", 1) + event("POINT", 2, "Snort", subject="No focal subject")
    text += event("START", 2.5, modifier="fast") + event("STOP", 3) + event("STOP", 4.25, modifier="fast")
    found = [
        ("/home/me/a.mp4", "7", "Walk", 1.0, 3.0),
        ("/home/me/a.mp4", "", "Snort", 2.0, 2.0),
        ("/home/me/a.mp4", "7", "Walk", 2.5, 4.25),
    ]
    assert read(tmp_path / "boris.tsv", text) == found
    assert read(tmp_path / "boris.csv", text.replace("\t", ",")) == found
    assert set(read_intervals([tmp_path / "boris.csv"])["fps"]) == {25.0}


def test_several_videos_of_an_observation_need_the_frame(tmp_path: Path) -> None:
    text = TABULAR + event("START", 1, index=25) + event("STOP", 2, index=50)
    second = event("START", 181, index=25, video="b.mp4") + event("STOP", 183, index=75, video="b.mp4")
    found = [("/home/me/a.mp4", "7", "Walk", 1.0, 2.0), ("b.mp4", "7", "Walk", 1.0, 3.0)]
    assert read(tmp_path / "boris.tsv", text + second) == found
    assert read(tmp_path / "late.tsv", TABULAR + event("POINT", 60, index=50, offset="58")) == [
        ("/home/me/a.mp4", "7", "Walk", 2.0, 2.0)
    ]
    with pytest.raises(TableError, match=r"line 2: 'one' has several videos or a time offset, and no image index"):
        read(tmp_path / "boris.tsv", TABULAR + event("POINT", 1) + event("POINT", 181, video="b.mp4"))
    over = event("START", 179, index=4475) + event("STOP", 183, index=75, video="b.mp4")
    with pytest.raises(TableError, match=r"line 2: goes on into another video"):
        read(tmp_path / "boris.tsv", TABULAR + over)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (TABULAR + event("START", 1), "line 2: starts and never stops"),
        (TABULAR + event("STOP", 1), "line 2: stops without having started"),
        (TABULAR + event("START", 1) + event("START", 2) + event("STOP", 3), "line 3: starts again, after line 2"),
        (TABULAR + event("BEGIN", 1), "line 2: 'BEGIN' is neither START, STOP nor POINT"),
        (TABULAR + event("POINT", "soon"), "line 2: time must be a number, got 'soon'"),
        (
            "Observation id\tone\n\n" + TABULAR + "one\ttwo\n" + event("POINT", 1) + "1\t2\t3\n",
            "boris.tsv: line 4: 2 fields, expected 10; line 6: 3 fields, expected 10$",
        ),
        (TABULAR.replace("FPS", "Subject"), "boris.tsv: columns named twice: Subject$"),
        (TABULAR + event("POINT", 1, '"Walk' + "x" * 140_000), r"boris.tsv: line 2: field larger than field limit"),
        (TABULAR, "no labelled interval in it"),
        ("Observation id\tone\n\nPlayer\ta.mp4\n", "no header of BORIS's events"),
        ("Observation id\tSubject\tBehavior\tTime\n", "it needs Time and Behavior type, or Start"),
    ],
)
def test_broken_exports_of_boris(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        read(tmp_path / "boris.tsv", text)


def test_what_parts_no_lines_may_stand_in_a_comment_of_boris(tmp_path: Path) -> None:
    head = TABULAR.replace("Image index", "Comment\tComment")  # nobody reads it: it may be there twice
    text = head + event("POINT", 1, index="far\u2028left\x85right\x0bup\tx") + event("POINT", 2, index="\t")
    assert [row[3] for row in read(tmp_path / "boris.tsv", text)] == [1.0, 2.0]


def test_faults_of_several_files_at_once(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{name}.tsv", TABULAR + event("BEGIN", 1)) for name in "abcdefg"]
    files[1] = write(tmp_path / "good.csv", PLAIN + "a.mp4,3,1.5,4,Graze\n")
    with pytest.raises(TableError) as raised:
        read_intervals(files)
    first, *others = str(raised.value).split("; ")
    assert first == f"{tmp_path / 'a.tsv'}: line 2: 'BEGIN' is neither START, STOP nor POINT"
    assert [text.partition(":")[0][-5:] for text in others] == ["c.tsv", "d.tsv", "e.tsv", "f.tsv", " more"]


def test_aggregated_events_of_boris(tmp_path: Path) -> None:
    text = AGGREGATED + "one\ta.mp4\t25\t3\tWalk\t\tSTATE\t1.800\t8.125\none\ta.mp4\t25\t3\tSnort\t\tPOINT\t9\t9\n"
    assert read(tmp_path / "boris.tsv", text) == [("a.mp4", "3", "Walk", 1.8, 8.125), ("a.mp4", "3", "Snort", 9.0, 9.0)]


def project(*events: list[Any], **observation: Any) -> str:
    info = {"length": {"C:\\herd\\a.mp4": 10.0}, "fps": {"C:\\herd\\a.mp4": 25.0, "b.mp4": None}}
    media = {"file": {"1": ["C:\\herd\\a.mp4", "b.mp4"]}, "media_info": info}
    one = {"type": "MEDIA", "events": [*events], **media, **observation}
    codes = {"0": {"code": "Walk", "type": "State event"}, "1": {"code": "Snort", "type": "Point event"}}
    return json.dumps({"behaviors_conf": codes, "observations": {"one": one, "live": {"type": "LIVE", "events": []}}})


def test_a_project_of_boris(tmp_path: Path) -> None:
    text = project([8.0, "3", "Walk", "", ""], [12.5, "3", "Walk", "", ""], [11.0, "", "Snort", "", ""])
    data = read_intervals([write(tmp_path / "herd.boris", text)])
    assert intervals(data) == [
        ("b.mp4", "", "Snort", 1.0, 1.0),
        ("C:\\herd\\a.mp4", "3", "Walk", 8.0, 10.0),  # it goes on into the next video
        ("b.mp4", "3", "Walk", 0.0, 2.5),
    ]
    assert data["place"][1] == "herd.boris, observation 'one', event 1 at 8 s"
    assert data["fps"].fillna(0).tolist() == [0, 25, 0]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "not JSON"),
        ("[]", "no project of BORIS: it holds no observations and no behaviors_conf"),
        (project(), "no labelled interval"),
        (project([1.0, "3", "Walk", "", ""]), "event 1 at 1 s: 'Walk' of 3 starts and never stops"),
        (project([1.0, "3", "Fly", "", ""]), "event 1 at 1 s: 'Fly' is no behaviour of the project"),
        (project([1.0, "3"]), "not as BORIS writes it"),
        (project([1.0, "", "Snort", ""], media_info={}), r"'one': the length of C:\\herd\\a.mp4 is not in the project"),
    ],
)
def test_broken_projects(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        read(tmp_path / "herd.boris", text)


def test_borises_own_files() -> None:
    folder = real() / "boris"
    tabular = [intervals(read_intervals([folder / f"test_export_events_tabular.{kind}"])) for kind in ("tsv", "csv")]
    told = read_intervals([folder / "test.boris"])
    assert set(told["fps"]) == {25.0} == set(read_intervals([folder / "test_export_events_tabular.tsv"])["fps"])
    project = told[told["place"].str.contains("'observation #1'") & (told["behaviour"] == "s")]
    for found in (*tabular, intervals(project)):  # what BORIS's own tests expect of this observation
        lasts = pd.Series([stop - start for *_, start, stop in found])
        who = pd.Series([subject for _, subject, *_ in found])
        assert lasts[who == "subject1"].sum() == pytest.approx(16.875)
        assert lasts[who == "subject2"].sum() == pytest.approx(7.675)
        assert {name for name, *_ in found} == {"video_test_25fps_360s.mp4"}
    second = told[told["place"].str.contains("'observation #2'")]
    assert {*second["video"]} == {"video_test_25fps_180s.mp4", "video_test_25fps_360s.mp4"}
    late = second[second["video"] == "video_test_25fps_360s.mp4"]["start_s"].min()
    assert late == pytest.approx(227.765 - 179.96)  # its export has observation time
    with pytest.raises(TableError, match="give the project"):
        read_intervals([folder / "test_export_aggregated_events_test_full_1.tsv"])


def points(frame: int, behaviour: str = "Walk", outside: int = 0) -> str:
    label = f'<attribute name="Behavior">{behaviour}</attribute>'
    return f'<points frame="{frame}" outside="{outside}" keyframe="1" points="200,150">{label}</points>'


def mini_scene(folder: Path, *shapes: str, shown: list[int] | None = None, stem: str = "3") -> Path:
    """A folder as kabr-tools makes it: mini-scene 3 shows frames 7, 8, 20, 21 and 22 of the video."""
    frames = [-1] * 30
    for number, frame in enumerate([7, 8, 20, 21, 22]):
        frames[frame] = number
    told = {"original": "tests/DJI_0068.mp4", "tracks": {"main": list(range(30)), "3": shown or frames}, "colors": {}}
    write(folder / "metadata" / "DJI_0068_metadata.json", json.dumps(told))
    write(folder / "actions" / "4.xml", "")  # as kabr-tools makes it: not labelled yet
    told["tracks"] |= {"4": frames}
    write(folder / "metadata" / "DJI_0068_metadata.json", json.dumps(told))
    track = f'<track id="0" label="Zebra">{"".join(shapes)}</track>' if shapes else ""
    write(folder / "actions" / f"{stem}.xml", f"<annotations><version>1.1</version>{track}</annotations>")
    return folder


def frames(folder: Path) -> list[tuple[Any, ...]]:
    data = read_intervals([folder])
    assert set(data["video"]) == {"tests/DJI_0068.mp4"}
    assert data["start_s"].isna().all()
    return [tuple(row) for row in data[["subject", "behaviour", "start_frame", "stop_frame"]].to_numpy().tolist()]


def test_labels_on_mini_scenes_are_of_the_source_frames_and_never_go_over_a_gap(tmp_path: Path) -> None:
    scene = mini_scene(tmp_path / "a", points(0), points(1), points(3, "Graze"), points(4, "Graze", outside=1))
    found = [("3", "Walk", 7, 9), ("3", "Walk", 20, 21), ("3", "Graze", 21, 22)]
    assert frames(scene) == found
    assert frames(tmp_path) == found  # a folder of such folders
    assert frames(mini_scene(tmp_path / "b", points(2, "Head Up"))) == [("3", "Head Up", 20, 23)]


def test_folders_without_a_label_yet_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kit = tmp_path / "kit"
    mini_scene(kit / "a", points(0, "Walk"))
    for name, shapes in (("b", ()), ("c", (points(2, ""),))):  # a task exported as it was made; a shape without a word
        mini_scene(kit / name, *shapes)
    (kit / "d" / "actions").mkdir(parents=True)  # not looked at yet
    assert [row[:2] for row in frames(kit)] == [("3", "Walk"), ("3", "Walk")]
    assert caplog.messages == [f"{kit}: 3 of 4 folders of mini-scenes have no label yet"]
    assert read_intervals([kit])["place"].tolist()[0] == "kit, a/actions/3.xml, mini-scene frame 0"
    (kit / "a" / "actions" / "3.xml").write_text("")
    with pytest.raises(TableError, match=r"kit: no labelled behaviour in actions/\*.xml$"):
        read_intervals([kit])


def test_faults_of_all_mini_scenes_at_once(tmp_path: Path) -> None:
    for name in "ab":
        mini_scene(tmp_path / name, points(5))
    write(tmp_path / "b" / "actions" / "4.xml", "<annotations")
    faults = [r"a/actions/3.xml: frame 5: the mini", "b/actions/3.xml: frame 5: the mini", "b/actions/4.xml: not well-"]
    with pytest.raises(TableError, match=".*; .*".join(faults)):
        read_intervals([tmp_path])


@pytest.mark.parametrize(
    ("scene", "fault"),
    [
        ({"shapes": [points(5)]}, r"3.xml: frame 5: the mini-scene has only the frames 0 to 4"),
        ({"shapes": [points(1), points(1)]}, r"frame 1: two shapes in this frame"),
        ({"shapes": [points(1)], "stem": "9"}, r"9.xml: no mini-scene 9; there are main, 3, 4"),
        ({"shapes": []}, r"no labelled behaviour in actions/\*.xml"),
    ],
)
def test_broken_labels_on_mini_scenes(tmp_path: Path, scene: dict[str, Any], fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        frames(mini_scene(tmp_path, *scene.pop("shapes"), **scene))


def test_mini_scenes_without_their_metadata(tmp_path: Path) -> None:
    scene = mini_scene(tmp_path, points(0))
    meta = scene / "metadata" / "DJI_0068_metadata.json"
    meta.write_text("[1]")
    with pytest.raises(TableError, match="not metadata of kabr-tools"):
        read_intervals([scene])
    meta.unlink()
    with pytest.raises(TableError, match=r"expected one metadata/.*, which maps mini-scenes to the video; there are 0"):
        read_intervals([scene])


def test_what_are_no_labels(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no labels given"):
        read_intervals([])
    with pytest.raises(TableError, match="no folder of labelled mini-scenes"):
        read_intervals([tmp_path])
    with pytest.raises(TableError, match="labels of CVAT are read from the folder of mini-scenes"):
        read(tmp_path / "3.xml", "<annotations/>")
    with pytest.raises(TableError, match=r"cannot read .*none.csv"):
        read_intervals([tmp_path / "none.csv"])
