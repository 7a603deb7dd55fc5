"""Clips on both sides of a split: one file under two groups, one recording under two names."""

import re
import runpy
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import read_object, write_json
from pipeline.errors import UsageError
from pipeline.recognizers.folder import read_card
from pipeline.training.copies import copies
from pipeline.training.labels import NAME, read_labels
from pipeline.training.leaks import FILE, check_leaks
from pipeline.types import Image
from tests.footage import write_video
from tests.training.clips import write_squares
from tests.training.test_train import TINY

SIDES = np.array([0, 1]), np.array([2, 3])


def scenery(seed: int) -> Image:
    """Soft hills of light that no other seed has."""
    rng = np.random.default_rng(seed)
    return cv2.resize(rng.integers(0, 255, (9, 12, 3), dtype=np.uint8), (64, 48), interpolation=cv2.INTER_CUBIC)


def again(seed: int) -> Image:
    """The same in another size, and so in another compression."""
    return cv2.resize(cv2.resize(scenery(seed), (48, 36)), (64, 48))


def folder(tmp_path: Path, pictures: list[Image], groups: str = "abcd", names: str = "wxyz") -> Path:
    for name, picture in dict(zip(names, pictures, strict=True)).items():
        write_video(tmp_path / f"{name}.mp4", [picture] * 6)
    rows = [f"{name}.mp4,Walk,{group},{k * 0.05}" for k, (name, group) in enumerate(zip(names, groups, strict=True))]
    (tmp_path / NAME).write_text("path,behaviour,group,start_s\n" + "\n".join(rows) + "\n")
    return tmp_path


def test_four_recordings_are_four(tmp_path: Path) -> None:
    check_leaks(read_labels(folder(tmp_path, [scenery(k) for k in range(4)])), *SIDES)


def test_one_file_under_two_groups(tmp_path: Path) -> None:
    labels = read_labels(folder(tmp_path, [scenery(k) for k in (0, 1, 2, 0)], names="wxyw"))
    with pytest.raises(
        UsageError, match=r"w.mp4 from 0 s \(group a\) and w.mp4 from 0.15 s \(group d\) show the same time of a video;"
    ):
        check_leaks(labels, *SIDES)


def test_one_recording_under_two_names(tmp_path: Path) -> None:
    labels = read_labels(folder(tmp_path, [scenery(0), scenery(1), again(1), scenery(3)]))
    with pytest.raises(
        UsageError, match=r"x.mp4 from 0.05 s \(group b\) and y.mp4 .* show nearly the same picture; give"
    ):
        check_leaks(labels, *SIDES)


FOUR = "path,behaviour,group,start_s,stop_s,video,video_start_s,video_stop_s\n"


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        # mini-scenes of two animals, each a file of its own, cut from the same seconds of a video
        (
            ["w.mp4,Walk,a,,,v.mp4,0,4", "x.mp4,Walk,b,,,,,", "y.mp4,Walk,c,,,v.mp4,3.5,8", "z.mp4,Walk,d,,,,,"],
            r"w.mp4 \(group a\) and y.mp4 \(group c\) show the same time of a video; give clips of one recording",
        ),
        # they only touch: still the same recording, its light and its ground
        (
            ["w.mp4,Walk,a,,,v.mp4,0,4", "x.mp4,Walk,b,,,,,", "y.mp4,Walk,c,,,v.mp4,4,8", "z.mp4,Walk,d,,,,,"],
            r"w.mp4 \(group a\) and y.mp4 \(group c\) are of one recording; give",
        ),
        # nobody knows when in the video they were
        (
            ["w.mp4,Walk,a,,,v,,", "x.mp4,Walk,b,,,,,", "y.mp4,Walk,c,,,v,,", "z.mp4,Walk,d,,,,,"],
            r"are of one recording",
        ),
        # two stretches of one file
        (
            ["w.mp4,Walk,a,0,0.1,,,", "x.mp4,Walk,b,,,,,", "w.mp4,Walk,c,0.1,0.2,,,", "z.mp4,Walk,d,,,,,"],
            r"w.mp4 from 0 s \(group a\) and w.mp4 from 0.1 s \(group c\) are of one recording",
        ),
        # one group on both sides, as an official split may have it
        (["w.mp4,Walk,a,,,,,", "x.mp4,Walk,b,,,,,", "y.mp4,Walk,a,,,,,", "z.mp4,Walk,d,,,,,"], r"are of one recording"),
    ],
)
def test_one_video_on_both_sides(tmp_path: Path, rows: list[str], text: str) -> None:
    made = folder(tmp_path, [scenery(k) for k in range(4)])
    (made / NAME).write_text(FOUR + "\n".join(rows) + "\n")
    with pytest.raises(UsageError, match=text):
        check_leaks(read_labels(made), *SIDES)


def test_an_official_split_is_only_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = folder(tmp_path, [scenery(0), scenery(1), again(0), scenery(3)], groups="abca")
    found = check_leaks(read_labels(made), *SIDES, official=True)
    assert found.counts == {"one recording": 1, "nearly the same picture": 1}  # z is of group a, y looks like w
    said = (
        "of 2 held-out clips, compared with those learnt from, 1 are of one recording; 1 show nearly the same picture"
    )
    assert str(found) == said
    assert f"{said}, as w.mp4 from 0 s (group a) and z.mp4 from 0.15 s (group a) are of one recording" in caplog.text
    clean = check_leaks(read_labels(made), np.array([1]), np.array([2]), official=True)
    assert str(clean) == "no leak was found in 1 held-out clips"


def test_the_verdict_is_kept_for_the_same_clips_and_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = read_labels(folder(tmp_path / "clips", [scenery(k) for k in range(4)]))
    found = check_leaks(labels, *SIDES, working=tmp_path)
    assert not (tmp_path / FILE).exists()  # the training keeps it, once nothing else is wrong
    write_json(tmp_path / FILE, asdict(found))
    looked = []
    monkeypatch.setattr("pipeline.training.leaks.alike", lambda *_: looked.append(1) or {})
    assert check_leaks(labels, *SIDES, working=tmp_path) == found
    assert not looked
    check_leaks(labels, SIDES[0], np.array([3]), working=tmp_path)  # another split
    changed = type(labels)(labels.folder, labels.rows.assign(species="zebra"))
    check_leaks(changed, *SIDES, working=tmp_path)
    assert len(looked) == 2


def changing(path: Path, *seeds: int) -> None:
    """A video that shows each scenery for as long as the others, 0.1 s together with the next two."""
    write_video(path, [scenery(seed) for seed in seeds], options={"g": "1"})


@pytest.mark.parametrize(
    ("second", "text"),
    [
        (["y.mp4,Walk,c,0,0.1,,,"], "w.mp4 from 0 s (group a) and y.mp4 from 0 s (group c) show the same time of a"),
        (["y.mp4,Walk,c,0.1,0.2,,,"], "w.mp4 from 0 s (group a) and y.mp4 from 0.1 s (group c) are of one recording"),
        (["y.mp4,Walk,c,0.1,0.2,v.mp4,7,8"], "(group c) are of one recording"),  # cut from a video, as they say
    ],
)
def test_a_copy_of_a_file_is_the_file(tmp_path: Path, second: list[str], text: str) -> None:
    changing(tmp_path / "w.mp4", 0, 1, 2, 3, 4, 5)
    changing(tmp_path / "x.mp4", 10, 11, 12, 13, 14, 15)
    (tmp_path / "y.mp4").write_bytes((tmp_path / "w.mp4").read_bytes())
    (tmp_path / NAME).write_text(FOUR + "\n".join(["w.mp4,Walk,a,0,0.1,,,", "x.mp4,Walk,b,,,,,", *second]) + "\n")
    with pytest.raises(UsageError, match=re.escape(text)):
        check_leaks(read_labels(tmp_path), np.array([0, 1]), np.array([2]))


def test_a_copied_folder_of_pictures(tmp_path: Path) -> None:
    for name, seeds in {"a": (0, 1), "b": (2, 3), "c": (0, 1)}.items():
        (tmp_path / name).mkdir()
        for k, seed in enumerate(seeds):
            (tmp_path / name / f"{k}.png").write_bytes(cv2.imencode(".png", scenery(seed))[1].tobytes())
    assert copies(tmp_path, ["c", "a", "b", "a"]) == {"a": "a", "b": "b", "c": "a"}


def test_one_recording_cut_elsewhere_under_another_name(tmp_path: Path) -> None:
    changing(tmp_path / "w.mp4", 0, 1, 2)
    changing(tmp_path / "x.mp4", 10, 11, 12)
    changing(tmp_path / "y.mp4", 2, 3, 4)  # it begins with the end of w: their middles have nothing in common
    (tmp_path / NAME).write_text("path,behaviour,group\nw.mp4,Walk,a\nx.mp4,Walk,b\ny.mp4,Walk,c\n")
    with pytest.raises(UsageError, match=r"w.mp4 \(group a\) and y.mp4 \(group c\) show nearly the same picture"):
        check_leaks(read_labels(tmp_path), np.array([0, 1]), np.array([2]))


def test_plain_pictures_are_like_any_other(tmp_path: Path) -> None:
    greys = [np.full((48, 64, 3), 90 + k, dtype=np.uint8) for k in range(4)]
    check_leaks(read_labels(folder(tmp_path, greys)), *SIDES)


def test_a_row_of_an_array_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_squares(tmp_path / "s")
    rows = pd.read_csv(tmp_path / "s" / NAME)
    twice = rows[rows["group"] == "scene 0"].assign(group="scene 9")
    pd.concat([rows, twice]).to_csv(tmp_path / "s" / NAME, index=False)
    words = ["train", f"data={tmp_path / 's'}", *TINY, "split.held_out=0.5"]
    codes = [cli.main([*words, f"out={tmp_path / str(seed)}", f"seed={seed}"]) for seed in range(4)]
    assert 1 in codes  # where the two groups are parted
    assert (
        "show the same time of a video; give clips of one recording one group, or set check_leaks=false"
        in capsys.readouterr().err
    )
    seed = codes.index(1)
    assert not (tmp_path / str(seed) / "training").exists()
    assert cli.main([*words, f"out={tmp_path / 'm'}", f"seed={seed}", "check_leaks=false"]) == 0
    assert not (tmp_path / "m" / "training" / FILE).exists()
    assert read_object(tmp_path / str(codes.index(0)) / "training" / FILE)["counts"] == {}


def test_the_card_says_how_an_official_split_leaks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    write_squares(tmp_path)
    rows = pd.read_csv(tmp_path / NAME)
    rows["split"] = ["val" if row >= 18 else "train" for row in range(24)]  # the last scene
    rows.loc[17, "split"] = "test"
    rows.loc[16, "group"] = "scene 3"
    rows.to_csv(tmp_path / NAME, index=False)
    words = ["train", f"data={tmp_path}", *TINY, "split.official=val", f"out={tmp_path / 'm'}"]
    assert cli.main(words) == 0
    said = "of 6 held-out clips, compared with those learnt from, 6 are of one recording"
    told = "17 of 4 groups to learn from, 6 of 1 group of the official split (val) to judge by"
    assert told in capsys.readouterr().err
    assert said in caplog.text
    trained_on = read_card(tmp_path / "m").trained_on
    assert "figures from 6 clips of 1 group of the official split (val), which also chose" in trained_on
    assert trained_on.endswith(said)


def test_both_splits_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_squares(tmp_path / "clips")
    rows = pd.read_csv(tmp_path / "clips" / NAME)
    rows["split"] = ["train" if row % 4 else "val" for row in range(24)]  # clips of each scene on both sides
    rows.to_csv(tmp_path / "clips" / NAME, index=False)
    script = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "compare_splits.py"))
    assert script["run"](str(tmp_path / "clips"), tmp_path / "out", TINY) == 0
    table = script["compared"](tmp_path / "out")
    assert table.loc["held-out clips that leak"].tolist() == [1.0, 0.0]
    assert table.loc[[name for name in table.index if name.startswith("clips ")]].sum().tolist() == [6.0, 6.0]
    assert "macro_top1" in capsys.readouterr().out
    rows["split"] = ["val", "test", "train", "train"] * 6  # judged by a quarter, with another that nobody learns from
    rows.to_csv(tmp_path / "clips" / NAME, index=False)
    words = [word for word in TINY if not word.startswith("split.")]
    assert script["run"](str(tmp_path / "clips"), tmp_path / "thirds", words) == 0
    told = [read_card(tmp_path / "thirds" / name).trained_on for name in ("official", "apart")]
    assert all(re.search(r"\b12 clips of ", one) for one in told), told
    assert script["run"](str(tmp_path / "nothing"), tmp_path / "out", TINY) == 1
    assert "no such folder" in capsys.readouterr().err
