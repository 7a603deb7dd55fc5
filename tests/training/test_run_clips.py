"""Labels joined to a run: the right stretch of the right mini-scene, and one line for labels that cannot be."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import write_table
from pipeline.errors import TableError, UsageError
from pipeline.formats.read_intervals import read_intervals
from pipeline.label_videos import asked
from pipeline.recognizers.folder import read_card
from pipeline.tables import FRAMES, TRACKS
from pipeline.training.run_clips import clips_of_run
from pipeline.types import Video
from tests.formats.labels import write
from tests.shapes import draw_clip
from tests.training.test_train import TINY

RATE = 10  # frames a second of the made run
MINI = {
    "width_px": 400,
    "height_px": 300,
    "margin": 0.15,
    "enlarge": False,
    "smooth_s": 0.5,
    "zoom_s": 2.0,
    "max_jump_s": 1.0,
    "layout": "ethopipe",
}


def made_run(out: Path, videos: dict[str, dict[int, list[range]]]) -> Path:
    """A run without pictures: 10 s of each video at 10 frames/s, and the frames in which each track was seen."""
    for key, tracks in videos.items():
        folder = out / "videos" / key
        index = np.arange(100)
        frames = pd.DataFrame({"frame": index, "time_s": index / RATE, "duration_s": 1 / RATE, "fault": ""})
        write_table(folder / "frames.parquet", FRAMES.cast(frames), FRAMES)
        write(folder / "video.json", json.dumps({"rate": "81/8"}))  # its last frame is held less long
        rows = [(track, f) for track, runs in tracks.items() for run in runs for f in run]
        seen = pd.DataFrame(rows, columns=["track", "frame"]).assign(
            x1=10, y1=10, x2=50, y2=40, score=0.9, species="zebra", observed=True
        )
        write_table(folder / "tracks.parquet", TRACKS.cast(seen.assign(time_s=seen["frame"] / RATE)), TRACKS)
        for track, runs in tracks.items():
            for number in range(len(runs)):
                write(folder / "scenes" / (f"{track}.mp4" if number == 0 else f"{track}.{number + 1}.mp4"), "pixels")
    told = {"videos": {key: {"path": f"/footage/{key}"} for key in videos}, "settings": {"miniscene": MINI}}
    write(out / "run.json", json.dumps(told))
    return out


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """``a.mp4`` with track 1 all the time and track 2 with a gap from 3 s to 6 s; ``b/c.mp4`` with track 1."""
    tracks = {1: [range(100)], 2: [range(30), range(60, 100)]}
    return made_run(tmp_path / "run", {"a.mp4": tracks, "b/c.mp4": {1: [range(20, 100)]}})


def clips(run: Path, *rows: str, **old2new: str) -> list[tuple[Any, ...]]:
    text = "video,track,start_s,stop_s,behaviour\n" + "".join(f"{row}\n" for row in rows)
    found = clips_of_run(run, read_intervals([write(run.parent / "labels.csv", text)], faulty=True), old2new).rows
    return [tuple(row) for row in found[["path", "behaviour", "group", "start_s", "stop_s"]].to_numpy().tolist()]


def test_a_label_is_a_stretch_of_its_mini_scene(run: Path) -> None:
    assert clips(run, "a.mp4,1,2,5.5,Walk") == [("videos/a.mp4/scenes/1.mp4", "Walk", "a.mp4", 2.0, 5.5)]
    # track 1 of the other video is seen from 2 s on: its mini-scene begins there
    found = [("videos/b/c.mp4/scenes/1.mp4", "Walk", "b/c.mp4", 0.0, 3.0)]
    for name in ("b/c.mp4", "b/c", "c.mp4", "c", "/home/me/c.mp4", "D:\\herd\\c.mp4"):
        assert clips(run, f"{name},1,1,5,Walk") == found


def test_no_clip_goes_over_a_gap_and_long_ones_are_cut(run: Path) -> None:
    scenes = "videos/a.mp4/scenes/2"
    assert clips(run, "a.mp4,2,2,7,Graze") == [
        (f"{scenes}.mp4", "Graze", "a.mp4", 2.0, 3.0),
        (f"{scenes}.2.mp4", "Graze", "a.mp4", 0.0, 1.0),
    ]
    assert [row[3:] for row in clips(run, "a.mp4,1,0,10,Graze")] == [
        (0.0, 3.333333),
        (3.333333, 6.666667),
        (6.666667, 10.0),
    ]
    assert clips(run, "a.mp4,2,2.8,4,Walk", "a.mp4,2,0,1,Graze")[0][1] == "Graze"  # 0.2 s of Walk show nothing


def test_events_names_and_new_words(run: Path) -> None:
    assert [row[3:] for row in clips(run, "a.mp4,1,3,,Snort")] == [(2.5, 3.5)]
    rows = ["a.mp4,1,0,1,Walking", "a.mp4,1,1,2,Dusting", "a.mp4,1,1,4,Head Up"]
    assert [row[1] for row in clips(run, *rows, Walking="Walk", Dusting="")] == ["Walk", "Head Up"]
    with pytest.raises(UsageError, match="old2new leaves no label over"):
        clips(run, "a.mp4,1,0,1,Dusting", Dusting="")
    names = "video,track,individual\na.mp4,1,Tumaini\na.mp4,2,\nb/c.mp4,1,Tumaini\n"
    write(run / "tables" / "individuals.csv", names)
    assert [row[0] for row in clips(run, "a.mp4,Tumaini,0,1,Walk", "c,Tumaini,3,4,Walk")] == [
        "videos/a.mp4/scenes/1.mp4",
        "videos/b/c.mp4/scenes/1.mp4",
    ]
    assert clips(run, "c,,3,4,Walk") == clips(run, "c,1,3,4,Walk")  # there is only one animal


def test_frames_are_those_of_the_footage(run: Path) -> None:
    write(
        run.parent / "m/metadata/a_metadata.json",
        json.dumps({"original": "a.mp4", "tracks": {"2": [*range(30)] + [-1] * 30 + [*range(30, 70)]}}),
    )
    shape = '<points frame="28" outside="0"><attribute name="Behavior">Walk</attribute></points>'
    shape += '<points frame="40" outside="1"/>'
    write(run.parent / "m/actions/2.xml", f'<annotations><track id="0" label="Zebra">{shape}</track></annotations>')
    found = clips_of_run(run, read_intervals([run.parent / "m"]), {}).rows
    assert found[["path", "start_s", "stop_s"]].to_numpy().tolist() == [["videos/a.mp4/scenes/2.2.mp4", 0.0, 1.0]]


def test_where_a_clip_comes_from_and_whose_it_is(run: Path) -> None:
    write(run / "tables" / "individuals.csv", "video,track,individual\na.mp4,2,Tumaini\n")
    labels = write(
        run.parent / "labels.csv",
        "video,track,start_s,stop_s,behaviour\na.mp4,2,6.5,8,Walk\nb/c.mp4,1,3,4,Walk\nb/c.mp4,1,6,7,Walk\n",
    )
    named = ["group", "session", "individual", "species", "video", "start_s", "video_start_s", "video_stop_s"]

    def rows() -> list[list[Any]]:
        found = clips_of_run(run, read_intervals([labels]), {}).rows[named].to_numpy().tolist()
        return [list(row) for row in found]

    assert rows() == [  # track 2 is seen again from 6 s on: its second mini-scene begins there
        ["a.mp4", "all", "Tumaini", "zebra", "a.mp4", 0.5, 6.5, 8.0],
        ["b/c.mp4", "b", "", "zebra", "b/c.mp4", 1.0, 3.0, 4.0],
        ["b/c.mp4", "b", "", "zebra", "b/c.mp4", 4.0, 6.0, 7.0],
    ]
    spans = "video,start_s,stop_s,session,species\na.mp4,,,dawn,\nb/c.mp4,0,5,dawn,ass\nb/c.mp4,5,,noon,\n"
    told = json.loads((run / "run.json").read_text())
    told["settings"]["observations"] = str(write(run.parent / "observations.csv", spans))
    write(run / "run.json", json.dumps(told))
    assert [row[1:4] for row in rows()] == [["dawn", "Tumaini", "zebra"], ["dawn", "", "ass"], ["noon", "", "zebra"]]


def test_observations_are_those_of_the_run_wherever_one_is(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = json.loads((run / "run.json").read_text())
    told["settings"]["observations"] = "spans.csv"
    told["given"] = {
        "observations": str(write(run.parent / "spans.csv", "video,start_s,stop_s,session\na.mp4,,,dawn\n"))
    }
    write(run / "run.json", json.dumps(told))
    (tmp_path / "elsewhere").mkdir()
    write(tmp_path / "elsewhere" / "spans.csv", "video,start_s,stop_s,session\na.mp4,,,other\n")
    monkeypatch.chdir(tmp_path / "elsewhere")
    labels = write(tmp_path / "labels.csv", "video,track,start_s,stop_s,behaviour\na.mp4,1,0,1,Walk\n")
    assert clips_of_run(run, read_intervals([labels]), {}).rows["session"].tolist() == ["dawn"]


def test_observations_that_are_gone(run: Path, caplog: pytest.LogCaptureFixture) -> None:
    told = json.loads((run / "run.json").read_text())
    told["settings"]["observations"] = "gone.csv"
    write(run / "run.json", json.dumps(told))
    assert len(clips(run, "a.mp4,1,0,1,Walk")) == 1
    assert "are no longer in gone.csv: its sessions are not known" in caplog.text


@pytest.mark.parametrize(
    ("rates", "fault"),
    [
        (["10", ""], ""),
        (["10", "10.01"], ""),  # as 29.97 is written as 30
        (["10.125", "10"], ""),  # as the file announces it
        (["0", ""], ""),  # nobody knows
        (["10", "12.5"], r"line 3: states 12.5 frames/s, but a.mp4 has 10; label the video that was run, or mend the"),
        (
            ["25", "25"],
            r"^labels: labels.csv, line 2: states 25 frames/s, but a.mp4 has 10; .* mend the rate$",
        ),  # once
    ],
)
def test_labels_of_another_frame_rate(run: Path, rates: list[str], fault: str) -> None:
    rows = [f"a.mp4,1,{k},{k + 1},Walk,{rate}\n" for k, rate in enumerate(rates)]
    labels = write(run.parent / "labels.csv", "video,track,start_s,stop_s,behaviour,fps\n" + "".join(rows))
    if not fault:
        assert len(clips_of_run(run, read_intervals([labels]), {})) == 2
        return
    with pytest.raises(TableError, match=fault):
        clips_of_run(run, read_intervals([labels]), {})


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (["a.mp4,3,0,1,Walk"], r"labels.csv, line 2: no track or animal '3': a.mp4 has the tracks 1, 2; name animals"),
        (["a.mp4,,0,1,Walk"], "line 2: nobody is named, and a.mp4 has the tracks 1, 2"),
        (["a.mp4,1,9,11,Walk"], r"line 2: 9 to 11 s is past the end of a.mp4 \(10 s\)"),
        (["a.mp4,2,3.5,5,Walk"], "line 2: 2 is not followed from 3.5 to 5 s"),
        (
            ["a.mp4,1,0,5,Walk", "a.mp4,1,4,6,Graze"],
            r"line 3: 'Graze' of track 1 begins at 4 s, before 'Walk' has ended \(5 s\); leave one of them out",
        ),
        (["a.mp4,9,0,1,Walk", "c,9,0,1,Walk"], "line 2: no track .*; labels.csv, line 3: no track"),  # all at once
        (  # those that cannot be read among those that do not fit, in order of line
            [
                "a.mp4,1,9,11,Walk",
                "a.mp4,1,8,7,Walk",
                "c,9,0,1,Walk",
                "a.mp4,1,x,2,Walk",
                "a.mp4,2,3,4,",
                "c,1,3,,Walk",
            ],
            r"^labels: labels.csv, line 2: 9 to 11 s is past the end of a.mp4 \(10 s\); labels.csv, line 3: stops at 7 "
            r"before it starts at 8; labels.csv, line 4: no track or animal '9': b/c.mp4 has the tracks 1; name "
            r"animals in the run's individuals.csv; labels.csv, line 5: start_s must be a number, got 'x'; labels.csv, "
            r"line 6: no behaviour; and 1 more$",
        ),
        (["a.mp4,1,x,2,Walk"], r"^labels: labels.csv, line 2: start_s must be a number, got 'x'$"),
        (["z.mp4,1,x,2,Walk", "z.mp4,1,0,2,Walk"], r"^labels: labels.csv, line 2: start_s must be a number, got 'x'$"),
    ],
)
def test_labels_that_cannot_be(run: Path, rows: list[str], fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        clips(run, *rows)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["a.mp4,2,0,3.4,Walk"], []),  # 0.4 s are rounding
        (
            ["b/c.mp4,1,0,9,Walk"],
            ["labels.csv, line 2: track 1 is followed from 2 to 10 s; 2 s of the label are left out"],
        ),
        (
            ["b/c.mp4,1,1,9,Walk", "a.mp4,1,0,9,Walk", "a.mp4,2,2,8,Walk"],  # the first by line; one over a gap
            [
                "labels.csv, line 2: track 1 is followed from 2 to 10 s; 1 s of the label are left out; "
                "so are 3 s of 1 more"
            ],
        ),
        (
            ["a.mp4,2,2,8,Walk"],
            ["labels.csv, line 2: track 2 is followed from 0 to 3, 6 to 10 s; 3 s of the label are left out"],
        ),
    ],
)
def test_labels_where_nobody_is_followed(
    run: Path, rows: list[str], said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert clips(run, *rows)
    assert caplog.messages == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("z.mp4", "z.mp4"),
        ("b/C.MP4", "b/C.MP4 (did you mean b/c.mp4?)"),
        ("herds.mp4", "herds.mp4 (did you mean herd 1/herd.mp4?)"),
        ("D:\\x\\Herd.mov", "D:\\x\\Herd.mov (did you mean herd 1/herd.mp4?)"),
        ("DJI_0086.MP4", "DJI_0086.MP4"),  # another number is another video
        ("dji 0068.mp4", "dji 0068.mp4 (did you mean DJI_0068.MP4?)"),
        (".", "."),
    ],
)
def test_the_video_that_was_meant(name: str, said: str) -> None:
    keys = ["b/c.mp4", "herd%201/herd.mp4", "DJI_0068.MP4", "DJI_0069.MP4"]
    assert asked(name, {key: Video(key, Path("/footage") / unquote(key)) for key in keys}) == said


def test_labels_of_other_videos(run: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert len(clips(run, "a.mp4,1,0,1,Walk", "z.mp4,1,0,1,Walk")) == 1
    assert "labels of videos that" in caplog.text
    assert "are left out: z.mp4" in caplog.text
    assert len(clips(run, "a.mp4,1,0,1,Walk", "A.MP4,1,0,1,Walk")) == 1
    assert caplog.messages[-1] == f"labels of videos that {run} does not have are left out: A.MP4 (did you mean a.mp4?)"
    with pytest.raises(
        UsageError, match=r"none of the labels is about a video of .*: they speak of z.mp4, the run of a"
    ):
        clips(run, "z.mp4,1,0,1,Walk")
    twice = made_run(run.parent / "two", {"d1/a.mp4": {1: [range(9)]}, "d2/a.mp4": {1: [range(9)]}})
    with pytest.raises(UsageError, match=r"labels of video 'a.mp4' may mean d1/a.mp4, d2/a.mp4; name the video by"):
        clips(twice, "a.mp4,1,0,1,Walk")
    for name in ("d2/a.mp4", "/footage/d2/a.mp4", "C:\\footage\\d2\\a.mp4"):  # the folder tells which
        assert clips(twice, f"{name},1,0,0.5,Walk")[0][2] == "d2/a.mp4"


def test_labels_of_mini_scenes_count_from_their_own_start(run: Path) -> None:
    table = [  # path, subject -> the clip
        ("videos/a.mp4/scenes/2.2.mp4,", ("videos/a.mp4/scenes/2.2.mp4", "Walk", "a.mp4", 0.0, 1.0)),
        ("/home/me/exports/herd/scenes/a.mp4/2.2.mp4,2", ("videos/a.mp4/scenes/2.2.mp4", "Walk", "a.mp4", 0.0, 1.0)),
        ("a.mp4\\scenes\\kabr_a\\2.2.mp4,2", ("videos/a.mp4/scenes/2.2.mp4", "Walk", "a.mp4", 0.0, 1.0)),
        ("D:\\scenes\\b\\c.mp4\\1.mp4,", ("videos/b/c.mp4/scenes/1.mp4", "Walk", "b/c.mp4", 0.0, 1.0)),
        ("scenes/a.mp4/2.2.mp4,1", ("videos/a.mp4/scenes/1.mp4", "Walk", "a.mp4", 6.0, 7.0)),  # another animal in it
    ]
    for named, clip in table:
        assert clips(run, f"{named},0,1,Walk") == [clip], named
    with pytest.raises(TableError, match=r"line 2: a.mp4 has no mini-scene 2.9"):
        clips(run, "scenes/a.mp4/2.9.mp4,,0,1,Walk")
    with pytest.raises(TableError, match=r"line 2: 12 to 13 s is past the end of a.mp4 \(10 s\)"):
        clips(run, "scenes/a.mp4/2.2.mp4,,6,7,Walk")


def test_videos_in_folders_that_the_run_does_not_know(run: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert clips(run, "herd/a.mp4,1,0,1,Walk")[0][2] == "a.mp4"  # one: taken, and said
    assert "labels of herd/a.mp4 are taken for those of /footage/a.mp4" in caplog.text
    with pytest.raises(UsageError, match=r"labels of x/a.mp4, y/a.mp4 may all mean a.mp4; give the labels of that one"):
        clips(run, "x/a.mp4,1,0,1,Walk", "y/a.mp4,1,0,1,Walk")
    caplog.clear()
    assert len(clips(run, "footage/a.mp4,1,0,1,Walk", "/x/a.mp4,1,1,2,Walk")) == 2  # whole paths are of other computers
    assert not caplog.text


def test_several_behaviours_at_once(run: Path) -> None:
    rows = ["a.mp4,1,0,1,Walking|Head Up", "a.mp4,1,1,2,Dusting|Walking"]
    assert [row[1] for row in clips(run, *rows, Walking="Walk", Dusting="")] == ["Head Up|Walk", "Walk"]


def test_labels_too_short_to_show_anything(run: Path) -> None:
    with pytest.raises(UsageError, match=r"none of the labels shows an animal of .* for 0.3 s or more"):
        clips(run, "a.mp4,1,1,1.2,Walk")


def test_what_is_no_run_or_has_no_mini_scenes(run: Path, tmp_path: Path) -> None:
    (run / "videos/a.mp4/scenes/1.mp4").unlink()
    with pytest.raises(
        UsageError, match=r"lacks 1 of the labelled mini-scenes, as videos/a.mp4/scenes/1.mp4; run it again"
    ):
        clips(run, "a.mp4,1,0,1,Walk")
    with pytest.raises(UsageError, match="is no run of ethopipe"):
        clips(write(tmp_path / "x" / "y", "").parent, "a.mp4,1,0,1,Walk")


@pytest.mark.usefixtures("tables_alone")
def test_from_footage_and_labels_to_a_recognizer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(2):
        draw_clip(tmp_path / "footage" / f"v{number}.mp4", seed=number, duration_s=4.0, animals=1)
    words = ["detector=motion", "recognizer=kinematic", "overlay=false", "scenes=true"]
    assert cli.main(["run", str(tmp_path / "footage"), *words, f"out={tmp_path / 'run'}"]) == 0
    tracks = pd.read_csv(tmp_path / "run" / "tables" / "individuals.csv")
    rows = [
        f"{row.video},{row.track},{row.start_s},{row.start_s + 1.5},early\n"
        f"{row.video},{row.track},{row.start_s + 1.5},{row.stop_s},late\n"
        for row in tracks.itertuples()
    ]
    labels = write(tmp_path / "labels.csv", "video,track,start_s,stop_s,behaviour\n" + "".join(rows))
    given = [f"data={tmp_path / 'run'}", f"labels={labels}", f"out={tmp_path / 'mine'}", "split.held_out=0.5"]
    assert cli.main(["train", *TINY, *given]) == 0
    assert "of 1 group to learn from" in capsys.readouterr().err
    card = read_card(tmp_path / "mine")
    assert card.behaviours == ("early", "late")
    assert not card.close  # as the run made its mini-scenes
    assert cli.main(["train", *TINY, *given[:1], "labels=[none.csv,more.csv]", "out=other"]) == 1
    assert "cannot read none.csv" in capsys.readouterr().err
